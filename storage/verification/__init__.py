"""Verification: the archive held against itself. Each module is one kind of check; read-only."""
