"""Payloads outside the database: in a directory, or in an S3-compatible store.

An object is named by the SHA-256 of its bytes and never changes. It is durable before the
transaction that refers to it commits; one that none refers to is an orphan (storage.orphans).
PERMALIEN_PAYLOADS alone says where the store is: nothing in the archive does.
"""

import hashlib
import os
import threading
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Final, Protocol, TypeVar
from urllib.parse import unquote, urlsplit

from storage.database.errors import BadSetting, Damaged, StoreUnavailable
from storage.database.settings import PAYLOADS_VARIABLE, payloads_url

PARALLEL: Final = 8  # objects written at a time
OWNER: Final = "archive"
"""The name of the object that has its archive's identity."""
LONGEST_OWNER: Final = 100  # bytes of it that are read

_PART: Final = ".part"

Item = TypeVar("Item")


class PayloadStore(Protocol):
    """Raises OSError where it does not answer or can't be written to."""

    def put(self, objects: Mapping[bytes, bytes]) -> None:
        """Have these durable, by digest; one that is there is written again, and is as new."""

    def get(self, digest: bytes) -> bytes | None:
        """An object's bytes, None where there is none."""

    def list(self) -> Iterator[tuple[bytes, datetime]]:
        """Every object, and when it was last written."""

    def delete(self, digests: Collection[bytes]) -> None:
        """Remove these."""

    def sweep(self, before: datetime) -> None:
        """Remove what a writing left that was killed before that time."""

    def owner(self) -> str | None:
        """Whose it is (storage.ledger.store_owner); None where that was never said."""

    def own(self, name: str, *, replace: bool) -> None:
        """Say whose it is; where that was said already, only to `replace` it."""


def payload_store() -> PayloadStore | None:
    """The store of the settings, None where payloads go to the database. Raises BadSetting."""
    url = payloads_url()
    return None if url is None else _open(url)


def put_objects(store: PayloadStore, objects: Mapping[bytes, bytes]) -> None:
    """Have these durable. Raises StoreUnavailable."""
    try:
        store.put(objects)
    except OSError as error:
        raise unavailable(error) from error


def get_object(digest: bytes) -> bytes:
    """The bytes of an object of the settings' store. Raises StoreUnavailable, BadSetting, and
    Damaged where there is none or its bytes are others."""
    store = payload_store()
    if store is None:
        raise BadSetting(
            f"stored pages of this archive are in a payload store: set {PAYLOADS_VARIABLE} to it"
        )
    try:
        data = store.get(digest)
    except OSError as error:
        raise unavailable(error) from error
    if data is None or hashlib.sha256(data).digest() != digest:
        raise Damaged(f"object {digest.hex()} of the payload store")
    return data


class Directory:
    """Objects as files, in folders by their first two digits. Each is written beside its place and
    renamed, and what it is in is made durable too."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def put(self, objects: Mapping[bytes, bytes]) -> None:
        folders = {self._path(digest).parent for digest in objects}
        new = [it for it in folders if not it.is_dir()]
        for folder in new:
            folder.mkdir(parents=True, exist_ok=True)
        in_parallel(self._write, objects.items())
        in_parallel(_sync, folders)
        if new:
            _sync(self._root)

    def get(self, digest: bytes) -> bytes | None:
        try:
            return self._path(digest).read_bytes()
        except FileNotFoundError:
            if not self._root.is_dir():
                raise  # not mounted, say: nothing is known of what it holds
            return None

    def list(self) -> Iterator[tuple[bytes, datetime]]:
        for folder in sorted(self._root.iterdir()):
            for file in sorted(folder.iterdir()) if folder.is_dir() else ():
                digest = digest_named(file.name)
                if digest is not None:
                    yield digest, datetime.fromtimestamp(file.stat().st_mtime, UTC)

    def delete(self, digests: Collection[bytes]) -> None:
        for digest in digests:
            self._path(digest).unlink(missing_ok=True)

    def sweep(self, before: datetime) -> None:
        for part in self._root.glob(f"??/.*{_PART}"):
            with suppress(FileNotFoundError):  # it has just been renamed
                if datetime.fromtimestamp(part.stat().st_mtime, UTC) < before:
                    part.unlink()

    def owner(self) -> str | None:
        try:
            with (self._root / OWNER).open("rb") as file:
                return file.read(LONGEST_OWNER).decode("ascii", "replace").strip()
        except FileNotFoundError:
            return None

    def own(self, name: str, *, replace: bool) -> None:
        self._root.mkdir(parents=True, exist_ok=True)
        with _durable(self._root / OWNER, f"{name}\n".encode()) as part:
            if replace:
                part.replace(self._root / OWNER)
            else:
                with suppress(FileExistsError):
                    (self._root / OWNER).hardlink_to(part)
        _sync(self._root)

    def _path(self, digest: bytes) -> Path:
        name = digest.hex()
        return self._root / name[:2] / name

    def _write(self, item: tuple[bytes, bytes]) -> None:
        digest, data = item
        path = self._path(digest)
        with _durable(path, data) as part:
            part.replace(path)


@contextmanager
def _durable(path: Path, data: bytes) -> Iterator[Path]:
    """A file of these bytes beside that path, to be given its name."""
    part = path.with_name(f".{path.name}.{os.getpid()}.{threading.get_ident()}{_PART}")
    try:
        with part.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        yield part
    finally:
        part.unlink(missing_ok=True)


def digest_named(name: str) -> bytes | None:
    """The digest that an object of that name has, None where it is none of ours."""
    if len(name) != 64 or name.lower() != name:
        return None
    try:
        return bytes.fromhex(name)
    except ValueError:
        return None


def in_parallel(function: Callable[[Item], object], items: Iterable[Item]) -> None:
    """Call the function with each item, some at a time; raises the first of what was raised."""
    given = list(items)
    if len(given) == 1:
        function(given[0])
        return
    with ThreadPoolExecutor(min(PARALLEL, len(given) or 1)) as pool:
        for _ in pool.map(function, given):
            pass


@lru_cache(maxsize=4)
def _open(url: str) -> PayloadStore:
    parts = urlsplit(url)
    if parts.scheme == "file" and not parts.netloc and parts.path not in ("", "/"):
        return Directory(Path(unquote(parts.path)))
    if parts.scheme == "s3" and parts.netloc:
        try:
            from storage.ledger.s3_store import S3
        except ImportError as error:
            raise BadSetting(
                f"{PAYLOADS_VARIABLE}={url}: S3 takes an extra: pip install permalien[s3]"
            ) from error
        return S3(url)
    raise BadSetting(f"{PAYLOADS_VARIABLE}={url}: put it as file:///FOLDER or s3://BUCKET/PREFIX")


def unavailable(error: OSError) -> StoreUnavailable:
    """What an error of the settings' store tells."""
    why = (error.strerror or str(error) or "no answer").splitlines()[0]
    return StoreUnavailable(
        f"payload store {payloads_url()}: {why}; check that it is there and "
        f"may be written to, and {PAYLOADS_VARIABLE}"
    )


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
