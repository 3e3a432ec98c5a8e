"""Exports: a selection of articles or versions in a file that another person can make again."""
