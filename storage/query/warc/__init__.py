"""Stored pages as WARC files (ISO 28500:2017), with their index, alone or packed as WACZ."""
