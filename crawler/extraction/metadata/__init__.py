"""Title, authors, dates and the rest of what is said about an article."""
