"""What a redaction keeps away: the standing rules, and how words are found and replaced."""
