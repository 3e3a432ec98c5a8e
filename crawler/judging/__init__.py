"""What differs at a source, judged together: the publisher's edits, told from all else. Pure."""
