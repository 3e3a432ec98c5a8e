"""Where the archive, its payloads and its index are, and by which clock: the one place of this
package that reads the environment."""

import os
import re
from datetime import datetime
from pathlib import Path

DATABASE_URL_VARIABLE = "PERMALIEN_DATABASE_URL"
DEFAULT_DATABASE_URL = "sqlite:///permalien.db"
CACHE_VARIABLE = "PERMALIEN_CACHE"
PAYLOADS_VARIABLE = "PERMALIEN_PAYLOADS"
REDACTIONS_VARIABLE = "PERMALIEN_REDACTIONS"
REHEARSAL_VARIABLE = "PERMALIEN_REHEARSAL"

_REHEARSAL = re.compile(r"(?P<shown>\S+) at (?P<real>\S+) x(?P<speed>\d+(?:\.\d+)?)")


def database_url() -> str:
    """PERMALIEN_DATABASE_URL, or a SQLite file in the working directory."""
    return os.environ.get(DATABASE_URL_VARIABLE) or DEFAULT_DATABASE_URL


def cache_folder() -> Path:
    """PERMALIEN_CACHE, or the user's folder for what can be made anew."""
    named = os.environ.get(CACHE_VARIABLE)
    if named:
        return Path(named)
    import platformdirs

    return platformdirs.user_cache_path("permalien")


def payloads_url() -> str | None:
    """PERMALIEN_PAYLOADS: the directory or the S3-compatible store that stored pages go to, None
    where they go to the database."""
    return os.environ.get(PAYLOADS_VARIABLE) or None


def redactions_file() -> Path | None:
    """PERMALIEN_REDACTIONS: the file beside the backups that lists what was redacted, None where
    there is none."""
    named = os.environ.get(REDACTIONS_VARIABLE)
    return Path(named) if named else None


def may_use_http() -> bool:
    """AWS_ALLOW_HTTP: whether an S3-compatible store may be asked without TLS."""
    return os.environ.get("AWS_ALLOW_HTTP", "").lower() == "true"


def rehearsal() -> tuple[tuple[datetime, datetime], float] | None:
    """PERMALIEN_REHEARSAL, None where it is not set: a clock that showed one time at another, and
    how many times as fast as the system's it runs since. `2027-01-01T00:00Z at 2026-11-24T18:00Z
    x168` makes an hour of a week. Raises BadSetting.
    """
    text = os.environ.get(REHEARSAL_VARIABLE)
    if not text:
        return None
    match = _REHEARSAL.fullmatch(text.strip())
    try:
        if match is None:
            raise ValueError("put it so: 2027-01-01T00:00Z at 2026-11-24T18:00Z x168")
        shown, real = (datetime.fromisoformat(match[name]) for name in ("shown", "real"))
        if shown.tzinfo is None or real.tzinfo is None:
            raise ValueError("give both times their zones")
    except ValueError as error:
        # SQLAlchemy comes with it, for which `--help` need not wait.
        from storage.database.errors import BadSetting

        raise BadSetting(f"{REHEARSAL_VARIABLE}={text}: {error}") from error
    return (shown, real), float(match["speed"])
