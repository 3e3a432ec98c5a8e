"""What was learned of each site's template, and what an operator decided about it."""
