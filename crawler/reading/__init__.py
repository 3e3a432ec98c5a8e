"""Stored pages, read in worker processes with their sources' templates."""
