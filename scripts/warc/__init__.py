"""`permalien warc`: the archive's pages as WARC and WACZ files, one module a subcommand."""
