"""A year of a site without a crawl: pages in, judged findings out, in seconds."""
