"""The index: where it is, what it follows and up to where, and who may write to it.

It lies beside a SQLite archive, or in the user's cache where that folder can't be written, and for
PostgreSQL. One process writes at a time; others read what was committed last. What is damaged, or
another archive's, is thrown away and made anew: it holds nothing that the archive does not.
"""

import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import tantivy
from filelock import FileLock, Timeout

from storage.database.archive import Archive
from storage.database.settings import CACHE_VARIABLE, cache_folder
from storage.search.analysis import register
from storage.search.errors import DamagedIndex, IndexUnavailable
from storage.search.fields import SCHEMA_VERSION, schema

_FOLLOWS: Final = "follows"
_ANY: Final = "position"  # the term of the one document that says what the index follows


def folder_of(archive: Archive) -> Path:
    """Where the archive's index is, or will be."""
    path = archive.url.database if archive.url.get_backend_name() == "sqlite" else None
    if path is not None:
        beside = Path(f"{Path(path).absolute()}.search")
        if os.access(beside if beside.exists() else beside.parent, os.W_OK, effective_ids=True):
            return beside
    where = str(Path(path).absolute()) if path is not None else archive.name
    return cache_folder() / "search" / hashlib.sha256(where.encode()).hexdigest()[:16]


class SearchIndex:
    """An index in `folder`, made where there is none. Raises DamagedIndex and IndexUnavailable."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._files = folder / f"v{SCHEMA_VERSION}"
        self.schema = schema()
        try:
            self._files.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise IndexUnavailable(
                f"no index can be kept in {folder}: {error.strerror}; name another folder "
                f"with {CACHE_VARIABLE}"
            ) from error
        self._lock = FileLock(folder / "lock")
        with damage_told():
            self._index = tantivy.Index(self.schema, path=str(self._files))
            self._index.config_reader("manual")
            register(self._index)
        self._stamp: tuple[int, ...] = ()
        self._kept: dict[str, Any] = {}

    @property
    def folder(self) -> Path:
        return self._folder

    def searcher(self) -> tantivy.Searcher:
        """What was committed last, and stays as it is."""
        with damage_told():
            self._reload()
            return self._index.searcher()

    def _reload(self) -> None:
        """Take in what was committed last. Tantivy opens each file of the index for that, so it is
        left alone while its list of them is the same file."""
        is_now = (self._files / "meta.json").stat()
        stamp = is_now.st_ino, is_now.st_mtime_ns, is_now.st_size
        if stamp != self._stamp:
            self._index.reload()
            self._stamp, self._kept = stamp, self._read()

    def position(self) -> str | None:
        """The position in the archive's log up to which the index follows it; None for nothing."""
        told = self._told()
        return str(told["position"]) if told else None

    def redaction(self) -> int:
        """The latest redaction when it was begun: what later ones took out may be in its files."""
        return int(self._told().get("redaction", 0))

    def _told(self) -> dict[str, Any]:
        with damage_told():
            self._reload()
        return self._kept

    def _read(self) -> dict[str, Any]:
        """What the index says of itself; nothing where it is new."""
        searcher = self._index.searcher()
        found = searcher.search(self._about(), limit=1).hits
        told: dict[str, Any] = json.loads(searcher.doc(found[0][1])[_FOLLOWS][1]) if found else {}
        return told

    @contextmanager
    def writing(self, *, wait: float, heap: int, threads: int) -> Iterator[tantivy.IndexWriter]:
        """A writer, alone at it. Raises TimeoutError where another has written for `wait` seconds
        and more. What was not committed at the end is lost."""
        try:
            self._lock.acquire(timeout=max(wait, 0))
        except Timeout as error:
            raise TimeoutError("another process brings the index up to date") from error
        except OSError as error:
            raise IndexUnavailable(f"the index in {self._folder}: {error.strerror}") from error
        try:
            with damage_told():
                self._reload()
                writer = self._index.writer(heap, threads)
            try:
                yield writer
            finally:
                # Else segments stay apart, and the writer at work, as long as anything names it.
                writer.wait_merging_threads()
        finally:
            self._lock.release()

    def commit(self, writer: tantivy.IndexWriter, position: str, redaction: int = 0) -> None:
        """Make what was written durable, that the index follows up to `position`, and that it has
        nothing of what redactions up to this one took out."""
        with damage_told():
            writer.delete_documents_by_term(_FOLLOWS, _ANY)
            document = tantivy.Document()
            document.add_text(_FOLLOWS, _ANY)
            document.add_text(_FOLLOWS, json.dumps({"position": position, "redaction": redaction}))
            writer.add_document(document)
            writer.commit()
            self._reload()

    def bytes(self) -> int:
        """How large it is."""
        return sum(path.stat().st_size for path in self._files.iterdir() if path.is_file())

    def _about(self) -> tantivy.Query:
        return tantivy.Query.term_query(self.schema, _FOLLOWS, _ANY, index_option="basic")


def discard(folder: Path) -> None:
    """Throw the index in `folder` away."""
    shutil.rmtree(folder / f"v{SCHEMA_VERSION}", ignore_errors=True)


@contextmanager
def damage_told() -> Iterator[None]:
    """DamagedIndex for what Tantivy raises, and where it panics, on files that it can't read."""
    try:
        yield
    except (ValueError, OSError, KeyError) as error:
        if isinstance(error, OSError) and error.errno in (13, 28, 30):
            raise IndexUnavailable(f"the index: {error.strerror}") from error
        raise DamagedIndex(str(error)) from error
    except BaseException as error:
        # A panic of Rust's is no Exception (https://pyo3.rs, "Error handling").
        if type(error).__name__ != "PanicException":
            raise
        raise DamagedIndex(str(error)) from error
