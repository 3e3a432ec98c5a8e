"""A module a page: what it asks of the archive, and where it is."""
