"""What a page is: an article, or one of the things that must never become one."""
