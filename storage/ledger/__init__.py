"""What happened: runs, checks, and the bytes that came back."""
