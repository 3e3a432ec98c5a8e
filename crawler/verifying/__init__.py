"""What of an archive can be made again by extraction alone, and held against what is there."""
