"""The real `permalien` command, in processes of its own, as an operator would run it."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from storage.database.settings import REHEARSAL_VARIABLE
from storage.database.writer import PATIENCE as WRITERS_PATIENCE
from tests.support.environment import environment
from tests.support.forking import ForkedProcess

PATIENCE = 180.0  # seconds: the machine may be busy with other tests
_RESOLVER = Path(__file__).parent / "resolver"
# Starting a second one would cost more than a test's few pages gain by it.
_FEW_READERS = {"READERS": 1}
_SAMPLE = 0.05  # seconds between two looks at a process's memory


@dataclass(frozen=True, slots=True)
class Done:
    """A command that ended. `code` is negative for a signal, as in subprocess."""

    code: int
    out: str
    err: str

    def json(self) -> Any:
        return json.loads(self.out)


class Command:
    """A running command at the head of a process group, killed at the end of its `with`.

    `settings` are Scrapy's settings that are
    other than an operator would have, so that a test need not wait as long; `names` are host
    names with the address that the system's resolver gives for each; `on_connect` is a statement
    for every connection to the database; `patience` is the writer's, in seconds; `rehearsal` is
    PERMALIEN_REHEARSAL, a clock that is not the system's.
    """

    def __init__(
        self,
        *arguments: str,
        database: str,
        cwd: Path,
        settings: Mapping[str, Any] | None = None,
        names: Mapping[str, str] | None = None,
        on_connect: str = "",
        patience: float = WRITERS_PATIENCE,
        rehearsal: str = "",
    ) -> None:
        program = _program(_FEW_READERS | dict(settings or {}), on_connect, patience)
        env = environment(database) | _rehearsed(rehearsal)
        self._process: ForkedProcess | subprocess.Popen[str]
        if names is None:
            self._process = ForkedProcess(program, arguments, cwd=cwd, env=env)
        else:
            # They are known from a process's first moment.
            self._process = subprocess.Popen(
                [sys.executable, "-c", program, *arguments],
                cwd=cwd,
                env=env | {"PYTHONPATH": str(_RESOLVER), "NAMES_OF_TEST": json.dumps(dict(names))},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                encoding="utf-8",
                start_new_session=True,
            )
        self.peak_memory = 0  # bytes of the largest process of the group; `measure` brings it

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.signal_group(signal.SIGKILL)
        self._process.communicate()

    @property
    def running(self) -> bool:
        return self._process.poll() is None

    def send_signal(self, number: signal.Signals) -> None:
        """To the command alone, if it still runs."""
        self._process.send_signal(number)

    def signal_group(self, number: signal.Signals) -> None:
        """To the command and all it started, as a terminal or a service manager does."""
        try:
            os.killpg(self._process.pid, number)
        except ProcessLookupError:
            return

    def wait(self, *, timeout: float = PATIENCE) -> Done:
        """Raises subprocess.TimeoutExpired."""
        out, err = self._process.communicate(timeout=timeout)
        code = self._process.returncode
        assert code is not None
        return Done(code, out, err)

    def measure(self, *, timeout: float = PATIENCE) -> Done:
        """As `wait`, and bring `peak_memory` up to date; for commands that say little."""
        deadline = time.monotonic() + timeout
        while self.running and time.monotonic() < deadline:
            self.peak_memory = max(self.peak_memory, *_peaks_of_group(self._process.pid))
            time.sleep(_SAMPLE)
        return self.wait(timeout=max(1.0, deadline - time.monotonic()))


def permalien(
    *arguments: str, database: str, cwd: Path, timeout: float = PATIENCE, **options: Any
) -> Done:
    """Run a command to its end; `options` are those of Command."""
    with Command(*arguments, database=database, cwd=cwd, **options) as command:
        return command.wait(timeout=timeout)


def _program(settings: Mapping[str, Any], on_connect: str, patience: float) -> str:
    return f"""
from sqlalchemy import Engine, event
import crawler.settings
import storage.database.writer
storage.database.writer.PATIENCE = {patience!r}
vars(crawler.settings).update({dict(settings)!r})
if {on_connect!r}:
    event.listen(Engine, "connect", lambda connection, _: connection.execute({on_connect!r}))
from scripts.main import main
main()
"""


def _rehearsed(rehearsal: str) -> dict[str, str]:
    return {REHEARSAL_VARIABLE: rehearsal} if rehearsal else {}


def _peaks_of_group(group: int) -> list[int]:
    """The peak resident memory of each process of a group (proc(5), VmHWM), in bytes."""
    peaks = [0]
    for folder in Path("/proc").iterdir():
        if folder.name.isdecimal():
            try:
                if os.getpgid(int(folder.name)) == group:
                    status = (folder / "status").read_text(encoding="ascii", errors="replace")
                    peaks += [
                        int(line.split()[1]) * 1024
                        for line in status.splitlines()
                        if line.startswith("VmHWM:")
                    ]
            except OSError:
                continue  # it has ended meanwhile
    return peaks
