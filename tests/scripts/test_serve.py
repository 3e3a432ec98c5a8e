"""`permalien serve`."""

import signal
import socket
import time
import urllib.request
from pathlib import Path

import pytest

from tests.support.command import Command, permalien
from tests.support.console import Console


@pytest.fixture
def port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def _status(port: int) -> int:
    """Of the first page, once something answers."""
    deadline = time.monotonic() + 120
    while True:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=60) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            return error.code
        except OSError:
            assert time.monotonic() < deadline
            time.sleep(0.1)


def test_it_serves_until_it_is_interrupted(tmp_path: Path, port: int) -> None:
    database = f"sqlite:///{tmp_path / 'none.db'}"
    with Command("serve", "--port", str(port), database=database, cwd=tmp_path) as command:
        assert _status(port) == 503  # there is no archive yet, and it makes none
        command.send_signal(signal.SIGINT)
        done = command.wait()
    assert done.code in (0, 130)
    assert f"http://127.0.0.1:{port}/" in done.err
    assert "WARNING: nothing can be shown yet: database" in done.err
    assert "without a password" not in done.err
    assert "Traceback" not in done.err
    assert not (tmp_path / "none.db").exists()


def test_other_machines_are_warned_of_and_a_password_closes_it(tmp_path: Path, port: int) -> None:
    database = f"sqlite:///{tmp_path / 'none.db'}"
    arguments = ("serve", "--host", "0.0.0.0", "--port", str(port))
    with Command(*arguments, database=database, cwd=tmp_path) as command:
        assert _status(port) == 503
        command.send_signal(signal.SIGTERM)
        assert "without a password" in command.wait().err
    (tmp_path / "secret").write_text("open sesame\n")
    closed = (*arguments, "--password-file", "secret")
    with Command(*closed, database=database, cwd=tmp_path) as command:
        assert _status(port) == 401
        command.send_signal(signal.SIGTERM)
        assert "without a password" not in command.wait().err


def test_a_short_password_and_a_port_that_is_taken_are_refused(tmp_path: Path, port: int) -> None:
    (tmp_path / "secret").write_text("short\n")
    database = f"sqlite:///{tmp_path / 'none.db'}"
    done = permalien("serve", "--password-file", "secret", database=database, cwd=tmp_path)
    assert done.code == 2
    assert "8 characters" in done.err
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", port))
        taken.listen()
        done = permalien("serve", "--port", str(port), database=database, cwd=tmp_path)
    assert done.code == 1
    assert "Traceback" not in done.err
    assert f"port {port}" in done.err


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("--password-file", "secret"), "it is no text in UTF-8"),
        (("--public-url", "news.example.org"), "'news.example.org' is no address"),
        (("--public-url", "https://[news"), "is no address"),
        (("--trust-proxy-user", ""), "is no name of a header"),
    ],
)
def test_what_is_put_wrongly_is_told(
    console: Console, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    arguments: tuple[str, ...], why: str,
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    (tmp_path / "secret").write_bytes(b"\xff\xfe\x80 open sesame")
    done = console.run("serve", *arguments)
    assert (done.code, why in done.err) == (2, True)
