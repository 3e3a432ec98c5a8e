"""A server of S3 on loopback: moto's, in the environment that pywb is in (`make .venv/.replay`)."""

import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

PATIENCE = 60.0  # seconds
_PYTHON = Path(sys.prefix) / "replay" / "bin" / "python"


@pytest.fixture(scope="module")
def s3_server() -> Iterator[str]:
    """Its URL; it has a bucket, `archive`, and the environment leads there."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    command = [str(_PYTHON), "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    with (
        subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server,
        pytest.MonkeyPatch.context() as patch,
    ):
        for name, value in {
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_REGION": "us-east-1",
            "AWS_ENDPOINT": url,
            "AWS_ALLOW_HTTP": "true",
        }.items():
            patch.setenv(name, value)
        try:
            _create_bucket(url)
            yield url
        finally:
            server.kill()


def _create_bucket(url: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while True:
        request = urllib.request.Request(f"{url}/archive", method="PUT")
        with suppress(OSError):
            urllib.request.urlopen(request).close()
            return
        if time.monotonic() > deadline:
            raise TimeoutError("moto does not answer")
        time.sleep(0.1)
