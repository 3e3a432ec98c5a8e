"""`permalien serve`: the archive in a browser."""

import gc
import ipaddress
import re
import socket
from pathlib import Path
from urllib.parse import urlsplit

import click

from crawler.process.printable import printable
from reader.app import create_app
from reader.settings import Settings
from storage import schema
from storage.database.archive import Archive
from storage.database.errors import ArchiveError

PORT = 8080
_LOOPBACK_NAMES = ("localhost", "127.0.0.1", "::1")
_SHORTEST = 8  # characters of a password


def _address(_context: click.Context, _option: click.Parameter, given: str | None) -> str | None:
    """An address of the web, without a slash at its end."""
    if given is None:
        return None
    try:
        parts = urlsplit(given)
        good = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        good = False
    if not good:
        raise click.BadParameter(f"{given!r} is no address, as https://news.example.org")
    return given.rstrip("/")


def _header(_context: click.Context, _option: click.Parameter, given: str | None) -> str | None:
    if given is not None and re.fullmatch(r"[0-9A-Za-z-]+", given) is None:
        raise click.BadParameter(f"{given!r} is no name of a header, as X-Remote-User")
    return given


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen at.")
@click.option("--port", type=click.IntRange(1, 65_535), default=PORT, show_default=True)
@click.option(
    "--password-file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Let in only who knows the password on the first line of this file (any user name).",
)
@click.option(
    "--trust-proxy-user",
    metavar="HEADER",
    callback=_header,
    help="Let in only requests in which a proxy names the user, in this header "
    "(X-Remote-User). Nobody else may reach this port: he could send the header himself.",
)
@click.option(
    "--public-url",
    metavar="URL",
    callback=_address,
    help="The address at which others reach the reader, where a proxy stands before it.",
)
@click.option(
    "--time-limit",
    type=click.FloatRange(0.1, 600),
    default=10.0,
    show_default=True,
    help="Seconds that a page may take.",
)
@click.option("--access-log", is_flag=True, help="Log each request, on standard output.")
@click.pass_obj
def serve(
    archive: Archive,
    *,
    host: str,
    port: int,
    password_file: Path | None,
    trust_proxy_user: str | None,
    public_url: str | None,
    time_limit: float,
    access_log: bool,
) -> None:
    """Show the archive in a browser, at http://127.0.0.1:8080/, until Ctrl-C.

    Nothing is written to the archive; a search index is kept beside it. Only this machine is
    answered, unless --host says another address: then whoever can reach that address can read
    what the archive holds, as far as `may_show` of its sources lets it be shown. What is sent is
    not encrypted: for others than a network you trust, put a proxy with TLS before it.

    \b
    permalien serve
    permalien serve --host 0.0.0.0 --password-file secret.txt
    permalien serve --trust-proxy-user X-Remote-User --public-url https://news.example.org
    """
    import uvicorn

    from reader.connections import BACKLOG, BoundedConnection

    try:
        schema.require_current(archive)
    except ArchiveError as error:
        click.echo(f"WARNING: nothing can be shown yet: {printable(str(error))}", err=True)
    closed = password_file is not None or trust_proxy_user is not None
    alone = _is_loopback(host)
    settings = Settings(
        database=archive.url.render_as_string(hide_password=False),
        hosts=_hosts(public_url) if alone else (),
        password=None if password_file is None else _password(password_file),
        user_header=trust_proxy_user,
        time_limit=time_limit,
        public_url=public_url,
    )
    listening = _listen(host, port)
    if not alone and not closed:
        click.echo(
            f"WARNING: whoever can reach {host}:{port} can read this archive, without a password. "
            "To close it: --password-file or --trust-proxy-user.",
            err=True,
        )
    name = f"[{host}]" if ":" in host else host
    click.echo(f"{archive.name} is at http://{name}:{port}/ (Ctrl-C ends it)", err=True)
    config = uvicorn.Config(
        create_app(settings),
        http=BoundedConnection,
        backlog=BACKLOG,
        log_level="info" if access_log else "warning",
        access_log=access_log,
        server_header=False,
        timeout_graceful_shutdown=3,
    )
    gc.collect()
    gc.freeze()  # what is imported stays
    uvicorn.Server(config).run(sockets=[listening])


def _listen(host: str, port: int) -> socket.socket:
    """Raises click.ClickException where that address or port can't be had."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listening = socket.socket(family, kind, protocol)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
    except OSError as error:
        why = error.strerror or str(error)
        raise click.ClickException(
            f"{host}, port {port}: {why}; try another --host or --port"
        ) from error
    return listening


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _hosts(public_url: str | None) -> tuple[str, ...]:
    named = urlsplit(public_url).hostname if public_url else None
    return (*_LOOPBACK_NAMES, named) if named else _LOOPBACK_NAMES


def _password(path: Path) -> str:
    try:
        lines = path.read_text("utf-8").splitlines()
    except UnicodeDecodeError:
        raise click.BadParameter("it is no text in UTF-8", param_hint="--password-file") from None
    if path.stat().st_mode & 0o077:
        click.echo(f"WARNING: others can read {path}; `chmod 600` closes it", err=True)
    password = lines[0].strip() if lines else ""
    if len(password) < _SHORTEST:
        raise click.BadParameter(
            f"its first line is to be a password of {_SHORTEST} characters or more",
            param_hint="--password-file",
        )
    return password
