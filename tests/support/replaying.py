"""pywb and wacz, as their users run them: in an environment of their own (`make .venv/.replay`)."""

import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

_PYTHON = Path(sys.prefix) / "replay" / "bin" / "python"
_PATIENCE = 120.0  # seconds: the machine may be busy with other tests
_WAYBACK = "import sys; from pywb.apps.cli import wayback; wayback(sys.argv[1:])"


def validates(wacz: Path) -> tuple[bool, str]:
    """Whether `wacz validate` takes the file, and what it says."""
    done = subprocess.run(
        [_PYTHON, "-m", "wacz.main", "validate", "-f", wacz],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    return done.returncode == 0 and "is valid" in done.stdout, done.stdout + done.stderr


class Replay:
    """A wayback machine of one collection."""

    def __init__(self, port: int) -> None:
        self._port = port

    def page(self, url: str, timestamp: str) -> tuple[int, bytes]:
        """Status and body of the capture at that time, as it was recorded."""
        safe = quote(url, safe=":/?&=%;,+@")
        asked = f"http://127.0.0.1:{self._port}/news/{timestamp}id_/{safe}"
        opener = urllib.request.build_opener(_NoRedirect)
        try:
            with opener.open(asked, timeout=_PATIENCE) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as error:
            return error.code, error.read()


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *arguments: object) -> None:
        return None


@contextmanager
def replayed(folder: Path, warcs: list[Path], index: Path) -> Iterator[Replay]:
    """pywb on loopback, with these files and our own index."""
    collection = folder / "collections" / "news"
    for name in ("archive", "indexes"):
        (collection / name).mkdir(parents=True)
    for warc in warcs:
        (collection / "archive" / warc.name).symlink_to(warc)
    (collection / "indexes" / "index.cdxj").write_bytes(index.read_bytes())
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(
            [_PYTHON, "-c", _WAYBACK, "-b", "127.0.0.1", "-p", str(port)],
            cwd=folder, stdout=log, stderr=log,
        )  # fmt: skip
        try:
            _wait(server, port, folder / "log")
            yield Replay(port)
        finally:
            server.kill()
            server.wait()


def _wait(server: "subprocess.Popen[bytes]", port: int, log: Path) -> None:
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline and server.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError(f"pywb did not start: {log.read_text(errors='replace')[-2000:]}")
