"""Speed and memory of the whole crawl, beside the plain way and the limit: see crawl_speed."""
