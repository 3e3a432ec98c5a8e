"""The database: where it is, how it is reached and written to, and the version of its schema."""
