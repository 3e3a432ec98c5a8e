"""Replays: what a site served at each of many looks, crawled again in one process by a rehearsed
clock, and held against what is known of it."""
