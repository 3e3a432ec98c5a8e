"""Questions asked of the archive. Read-only."""
