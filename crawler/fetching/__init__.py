"""When a request may be sent: politeness, and what a robots.txt allows."""
