"""Sites in the markup of twelve publishing systems, served and crawled on loopback."""
