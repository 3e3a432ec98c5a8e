"""What a run found, put on record and counted."""
