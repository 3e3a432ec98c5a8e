"""What a site's pages have in common, learned from them and taken out of their texts."""
