"""`permalien sources`: the sites of the archive, one module a subcommand."""
