"""What came back for an address, and what it means."""
