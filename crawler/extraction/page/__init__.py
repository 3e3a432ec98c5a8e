"""From bytes to a page: decoding, blocks, and what the page declares."""
