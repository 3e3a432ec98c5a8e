"""Where the archive is: the one place of this package that reads the environment."""

import os

DATABASE_URL_VARIABLE = "PERMALIEN_DATABASE_URL"
DEFAULT_DATABASE_URL = "sqlite:///permalien.db"


def database_url() -> str:
    """PERMALIEN_DATABASE_URL, or a SQLite file in the working directory."""
    return os.environ.get(DATABASE_URL_VARIABLE) or DEFAULT_DATABASE_URL
