"""The archive in a browser: server-made pages over storage.query, read-only."""
