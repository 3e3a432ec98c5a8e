"""A file that is there whole or not at all.

It is written beside its place under another name, made durable, and then given its own.
"""

import fcntl
import hashlib
import os
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import IO, Protocol, Self


class Taken(Exception):
    """The file is there already, or another process is writing it."""


class Sink(Protocol):
    """Where bytes go."""

    def write(self, data: bytes, /) -> object: ...

    def flush(self) -> None: ...


class Digesting:
    """A binary stream that is written to, with what went through it."""

    def __init__(self, stream: Sink) -> None:
        self._stream = stream
        self._sha256 = hashlib.sha256()
        self.size = 0
        self.closed = False

    def write(self, data: bytes) -> int:
        self._stream.write(data)
        self._sha256.update(data)
        self.size += len(data)
        return len(data)

    def flush(self) -> None:
        self._stream.flush()

    @property
    def sha256(self) -> str:
        return self._sha256.hexdigest()


class NewFile:
    """The file at `path`, which appears at the end of the `with` block, and not if that raises.

    Raises Taken where something is there, unless `replace`; also if it came there meanwhile.
    """

    def __init__(self, path: Path, *, replace: bool = False) -> None:
        self._path = path
        self._replace = replace
        self._part = path.with_name(f".{path.name}.part")
        self._refuse()

    def __enter__(self) -> Self:
        # What a killed process left is written anew.
        descriptor = os.open(self._part, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
        self._file = os.fdopen(descriptor, "wb", buffering=2**20)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            self._file.close()
            raise Taken(f"another process is writing {self._path}") from error
        self._file.truncate(0)
        self.stream = Digesting(self._file)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            if error is None:
                self._keep()
        finally:
            self._part.unlink(missing_ok=True)
            # A full disk: what could not be written is thrown away.
            with suppress(OSError):
                self._file.close()

    @property
    def file(self) -> IO[bytes]:
        """The file itself, for whoever must seek in it; what goes there `stream` does not see."""
        return self._file

    def settle(self) -> None:
        """Make what was written durable, under its other name still."""
        self._file.flush()
        os.fsync(self._file.fileno())

    def _keep(self) -> None:
        self.settle()
        if self._replace:
            self._part.replace(self._path)
        else:
            try:
                self._path.hardlink_to(self._part)  # which does not replace what is there
            except FileExistsError:
                self._refuse()
                raise
            except OSError:  # a file system without hard links
                self._refuse()
                self._part.replace(self._path)
        folder = os.open(self._path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def _refuse(self) -> None:
        if not self._replace and os.path.lexists(self._path):
            raise Taken(f"{self._path} is there already")
