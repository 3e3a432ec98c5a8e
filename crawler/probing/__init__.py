"""What a URL is that a person gives, told by fetching it; nothing is archived."""
