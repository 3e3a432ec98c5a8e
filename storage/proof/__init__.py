"""Proof: what the archive held on a day, so that another person can check it without it."""
