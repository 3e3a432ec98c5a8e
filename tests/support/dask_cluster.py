"""A Dask cluster of real processes on loopback."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

_ENV = {
    "DASK_DISTRIBUTED__COMM__TIMEOUTS__CONNECT": "60s",
    "DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "3",
    "PYTHONWARNINGS": "",
}


@dataclass
class Cluster:
    """A scheduler and its workers, each of one thread, killed at the end of its `with`."""

    address: str
    folder: Path
    scheduler: "subprocess.Popen[bytes]"
    workers: "list[subprocess.Popen[bytes]]" = field(default_factory=list)

    def add_worker(self) -> None:
        """Start one more; it is there in a while."""
        self.workers.append(
            _started(
                "dask_worker",
                self.address,
                "--nthreads=1",
                "--no-nanny",
                "--no-dashboard",
                "--host=127.0.0.1",
                "--memory-limit=0",
                folder=self.folder,
            )
        )

    def kill_worker(self) -> None:
        """The first one, at once."""
        worker = self.workers.pop(0)
        worker.send_signal(signal.SIGKILL)
        worker.wait()

    def kill_scheduler(self) -> None:
        self.scheduler.send_signal(signal.SIGKILL)
        self.scheduler.wait()


@contextmanager
def cluster(folder: Path, *, workers: int) -> Iterator[Cluster]:
    """A cluster of so many workers."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    scheduler = _started(
        "dask_scheduler", "--host=127.0.0.1", f"--port={port}", "--no-dashboard", folder=folder
    )
    made = Cluster(f"tcp://127.0.0.1:{port}", folder, scheduler)
    try:
        for _ in range(workers):
            made.add_worker()
        yield made
    finally:
        for process in (*made.workers, made.scheduler):
            process.kill()
            process.wait()


def _started(
    name: str, *arguments: str, folder: Path, env: Mapping[str, str] = os.environ
) -> "subprocess.Popen[bytes]":
    with (folder / f"{name}.log").open("ab") as log:
        return subprocess.Popen(
            [sys.executable, "-m", f"distributed.cli.{name}", *arguments],
            cwd=folder,
            env={**env, **_ENV},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
