"""Full-text search: an index beside the archive that follows it, and the questions asked of it."""
