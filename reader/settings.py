"""How the reader is served."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """`database` is the archive's URL. Requests for a host that is not one of `hosts` are refused,
    unless there is none; so are, where they are set, requests without the `password` (HTTP Basic,
    whatever the user), and those that `user_header`, which a proxy sets, names no user for. A page
    may take `time_limit` seconds. `public_url` is the address at which others reach the reader,
    None where it is that which they ask."""

    database: str
    hosts: tuple[str, ...] = ()
    password: str | None = None
    user_header: str | None = None
    time_limit: float = 10.0
    public_url: str | None = None
