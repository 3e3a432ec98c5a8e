"""Redaction: words, or an article's texts and pages, taken out of everything that has them."""
