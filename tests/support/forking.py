"""Commands as forks of a process that has imported all they need: a test of many spends no second
of imports on each. All else is their own: session, folder, environment, standard files."""

import atexit
import json
import os
import selectors
import signal
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

from scrapy.settings import default_settings
from scrapy.utils.misc import load_object

from tests.support.environment import environment

ROOT = Path(__file__).parents[2]
_LARGEST = 2**16  # bytes of a request
_NUMBER = struct.Struct("i")
_IMPORTED = (
    "crawler.extensions.progress",
    "crawler.extensions.run_record",
    "crawler.middlewares.private_addresses",
    "crawler.middlewares.robots",
    "crawler.middlewares.wire_headers",
    "crawler.pipelines.archive",
    "crawler.running",
    "crawler.spiders.news",
    "email.policy",
    "encodings.idna",
    "migrations",
    "multiprocessing.popen_spawn_posix",
    "psycopg",
    "scrapy.dupefilters",
    "scrapy.logformatter",
    "scrapy.pqueues",
    "scrapy.squeues",
    "scrapy.statscollectors",
    "scripts.crawl",
    "scripts.main",
    "tldextract",
    "twisted.internet.asyncioreactor",
)
_LOADED_BY_SCRAPY = (
    default_settings.DOWNLOADER_MIDDLEWARES_BASE,
    default_settings.EXTENSIONS_BASE,
    default_settings.SPIDER_MIDDLEWARES_BASE,
)


class ForkedProcess:
    """As much of subprocess.Popen as a test needs of a process that runs a program's text."""

    def __init__(
        self, program: str, arguments: Sequence[str], *, cwd: Path, env: Mapping[str, str]
    ) -> None:
        out, theirs_out = os.pipe()
        err, theirs_err = os.pipe()
        self._status, theirs_status = os.pipe()
        self._written = {out: bytearray(), err: bytearray()}
        self._out, self._err = self._written.values()
        self._open = {out, err}
        request = {"program": program, "arguments": arguments, "cwd": str(cwd), "env": dict(env)}
        files = [theirs_out, theirs_err, theirs_status]
        socket.send_fds(_server(), [json.dumps(request).encode()], files)
        for file in files:
            os.close(file)
        self.pid = self._told()
        self.returncode: int | None = None

    def poll(self) -> int | None:
        with selectors.DefaultSelector() as selector:
            if self.returncode is None:
                selector.register(self._status, selectors.EVENT_READ)
                if selector.select(0):
                    self._end()
        return self.returncode

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def communicate(self, timeout: float | None = None) -> tuple[str, str]:
        """What it has written when it has ended, and all that it started let go of its output.

        Raises subprocess.TimeoutExpired."""
        deadline = None if timeout is None else time.monotonic() + timeout
        with selectors.DefaultSelector() as selector:
            for file in self._open:
                selector.register(file, selectors.EVENT_READ)
            if self.returncode is None:
                selector.register(self._status, selectors.EVENT_READ)
            while selector.get_map():
                left = None if deadline is None else deadline - time.monotonic()
                if left is not None and left <= 0:
                    raise subprocess.TimeoutExpired("permalien", timeout or 0.0)
                for key, _ in selector.select(left):
                    if key.fd == self._status:
                        selector.unregister(key.fd)
                        self._end()
                    elif data := os.read(key.fd, _LARGEST):
                        self._written[key.fd] += data
                    else:
                        selector.unregister(key.fd)
                        self._open.remove(key.fd)
                        os.close(key.fd)
        return self._out.decode(), self._err.decode()

    def _end(self) -> None:
        self.returncode = os.waitstatus_to_exitcode(self._told())
        os.close(self._status)

    def _told(self) -> int:
        (number,) = _NUMBER.unpack(os.read(self._status, _NUMBER.size))
        return int(number)


@cache
def _server() -> socket.socket:
    """The process that forks, one for each that runs tests; it ends with it."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    code = f"from {__name__} import serve; serve()"
    server = subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env=environment("") | {"OPENBLAS_NUM_THREADS": "1"},  # a fork has one thread alone
        stdin=theirs.fileno(),
        start_new_session=True,
    )
    theirs.close()
    atexit.register(server.wait)
    atexit.register(ours.close)
    return ours


def serve() -> None:
    """Fork a supervised process for each request that comes in by standard input."""
    for name in _IMPORTED:
        import_module(name)
    # By name, when a crawl begins; which reactor there is, is not decided before.
    for components in _LOADED_BY_SCRAPY:
        for name in components:
            load_object(name)
    for handler in default_settings.DOWNLOAD_HANDLERS_BASE.values():
        load_object(handler)
    assert "twisted.internet.reactor" not in sys.modules
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    requests = socket.socket(fileno=sys.stdin.fileno())
    while True:
        message, files, _, _ = socket.recv_fds(requests, _LARGEST, 3)
        if not message:
            return
        if os.fork() == 0:
            _supervise(json.loads(message), *files)
            return
        for file in files:
            os.close(file)


def _supervise(request: dict[str, Any], out: int, err: int, status: int) -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    if (process := os.fork()) == 0:
        os.setsid()
        os.write(status, _NUMBER.pack(os.getpid()))
        os.close(status)
        _run(request, out, err)
        return
    os.close(out)
    os.close(err)
    os.write(status, _NUMBER.pack(os.waitpid(process, 0)[1]))
    os._exit(0)


def _run(request: dict[str, Any], out: int, err: int) -> None:
    os.chdir(request["cwd"])
    os.environ.clear()
    os.environ.update(request["env"])
    nothing = os.open(os.devnull, os.O_RDONLY)
    for ours, standard in ((nothing, 0), (out, 1), (err, 2)):
        os.dup2(ours, standard)
        os.close(ours)
    sys.argv[1:] = request["arguments"]
    exec(request["program"], {"__name__": "__main__"})
