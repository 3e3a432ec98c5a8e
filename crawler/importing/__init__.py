"""WARC and WACZ files, read into the archive. Nothing is fetched from the network."""
