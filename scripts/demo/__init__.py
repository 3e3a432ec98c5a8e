"""The demonstration news site that the project carries and serves itself, on loopback."""
