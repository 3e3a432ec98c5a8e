"""Captures in WARC files: streamed, bounded in size, whole or not at all, the same each time."""

import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http import HTTPStatus
from importlib.metadata import version
from pathlib import Path
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage.database.archive import Archive
from storage.database.errors import Damaged, Refused
from storage.database.snapshot import snapshot
from storage.ledger.payloads import digest_of, load_payload
from storage.models import ArchiveIdentity
from storage.query.export.new_file import Digesting, NewFile, Sink
from storage.query.rights import is_open
from storage.query.warc.captures import Capture, CaptureSelection, LeftOut, captures
from storage.query.warc.cdxj import SortedLines, index_line, timestamp
from storage.query.warc.records import RecordWriter, payload_digest, warc_date
from storage.query.warc.records import Written as WrittenRecord
from storage.query.warc.wacz import WaczFile, page_lines
from storage.sidecar import SUFFIX, write_sidecar

SIZE: Final = 10**9
"""Bytes after which the next capture goes to another file; WARC's guidelines ask for a gigabyte."""

_NEVER: Final = datetime(1970, 1, 1, tzinfo=UTC)  # of a file without captures

Progress = Callable[[int, float], None]
"""Told how many captures are written, and which share of the whole is done, from 0 to 1."""

Volume = AbstractContextManager[Digesting]


@dataclass(slots=True)
class Exported:
    """What was written: files in order, captures and how many of these are revisits."""

    files: list[str] = field(default_factory=list)
    captures: int = 0
    revisits: int = 0
    size: int = 0
    left_out: LeftOut = field(default_factory=LeftOut)


def export_warc(
    archive: Archive,
    selection: CaptureSelection,
    path: Path,
    *,
    size: int = SIZE,
    replace: bool = False,
    sidecar: bool = False,
    progress: Progress = lambda done, share: None,
) -> Exported:
    """Write the captures to `path`, NAME.warc.gz, the further ones to NAME-00001.warc.gz and so on,
    and their index to NAME.cdxj; with `sidecar` what WARC can't say, of the whole archive, to
    NAME.sidecar.jsonl.gz. All of them, or none is left.

    Raises Taken where one of them is there already, unless `replace`, Damaged where stored bytes
    are not those that were fetched, Refused where a sidecar would tell of pages that may not go,
    and OSError.
    """
    stem = path.name.removesuffix(".gz").removesuffix(".warc")
    beside = path.with_name(f"{stem}.cdxj")
    with ExitStack() as files, snapshot(archive) as session:
        index = files.enter_context(NewFile(beside, replace=replace))
        aside = _sidecar(files, session, path, stem, replace=replace) if sidecar else None
        lines = files.enter_context(SortedLines(path.parent))

        @contextmanager
        def volume(name: str) -> Iterator[Digesting]:
            yield files.enter_context(NewFile(path.with_name(name), replace=replace)).stream

        names = _names(path.name, stem)
        writer = _Exporter(session, names, volume, lines.add, size, progress)
        done = writer.write(selection)
        for line in lines:
            index.stream.write(line.encode())
        done.files += [beside.name, *([] if aside is None else [aside])]
        return done


def _sidecar(files: ExitStack, session: Session, path: Path, stem: str, *, replace: bool) -> str:
    """Write the sidecar; its name."""
    if not is_open(session):
        raise Refused(
            "a sidecar tells of all that the archive holds, and the settings of some sources keep "
            "theirs from exports (--may-export): leave --sidecar out"
        )
    name = f"{stem}{SUFFIX}"
    file = files.enter_context(NewFile(path.with_name(name), replace=replace))
    write_sidecar(session, file.stream)
    return name


def export_wacz(
    archive: Archive,
    selection: CaptureSelection,
    path: Path,
    *,
    size: int = SIZE,
    replace: bool = False,
    sidecar: bool = False,
    progress: Progress = lambda done, share: None,
) -> Exported:
    """Write the captures to `path` as one WACZ. Raises as `export_warc`."""
    stem = path.name.removesuffix(".wacz")
    with (
        NewFile(path, replace=replace) as file,
        ExitStack() as files,
        SortedLines(path.parent) as lines,
        SortedLines(path.parent) as pages,
        snapshot(archive) as session,
    ):
        aside = _sidecar(files, session, path, stem, replace=replace) if sidecar else None
        package = WaczFile(file.file, f"permalien {version('permalien')}")

        def add_page(capture: Capture) -> None:
            pages.add(_page_line(capture))

        names = _names(f"{stem}.warc.gz", stem)
        writer = _Exporter(
            session, names, lambda name: package.part(f"archive/{name}"), lines.add, size, progress,
            add_page,
        )  # fmt: skip
        done = writer.write(selection)
        package.write("indexes/index.cdxj", lines)
        package.write("pages/pages.jsonl", page_lines(line.partition("\t")[2] for line in pages))
        package.finish(stem, writer.latest)
        done.size = file.file.tell()
        done.files = [path.name, *([] if aside is None else [aside])]
        return done


def export_stream(
    archive: Archive, selection: CaptureSelection, stream: Sink, name: str = "permalien.warc.gz"
) -> Exported:
    """Write the captures to a stream as one WARC file, without an index."""

    @contextmanager
    def volume(_name: str) -> Iterator[Digesting]:
        yield Digesting(stream)

    with snapshot(archive) as session:
        names = _names(name, name)
        exporter = _Exporter(session, names, volume, lambda line: None, None, lambda *told: None)
        return exporter.write(selection)


def _names(first: str, stem: str) -> Iterator[str]:
    yield first
    number = 0
    while True:
        number += 1
        yield f"{stem}-{number:05}.warc.gz"


class _Exporter:
    """Writes captures to one volume after the other. `latest` is the time of the latest one."""

    def __init__(
        self,
        session: Session,
        names: Iterator[str],
        volume: Callable[[str], Volume],
        add_line: Callable[[str], None],
        size: int | None,
        progress: Progress,
        add_page: Callable[[Capture], None] = lambda capture: None,
    ) -> None:
        self._session = session
        self._archive = session.scalar(select(ArchiveIdentity.id)) or ""
        self._names = names
        self._volume = volume
        self._add_line = add_line
        self._add_page = add_page
        self._size = size
        self._progress = progress
        self._done = Exported()
        self.latest: datetime | None = None

    def write(self, selection: CaptureSelection) -> Exported:
        coming = captures(self._session, selection, self._done.left_out)
        first = next(coming, None)
        while first is not None or not self._done.files:
            first = self._write_volume(first, coming)
        self._progress(self._done.captures, 1.0)
        return self._done

    def _write_volume(
        self, first: tuple[Capture, float] | None, coming: Iterator[tuple[Capture, float]]
    ) -> tuple[Capture, float] | None:
        """Write a volume that begins with `first`; what the next one is to begin with."""
        name = next(self._names)
        self._done.files.append(name)
        with self._volume(name) as sink:
            writer = RecordWriter(sink, self._archive, name)
            at = _NEVER if first is None else first[0].fetched_at
            writer.write_info(at, _info())
            item = first
            while item is not None and (self._size is None or sink.size < self._size):
                self._write(writer, name, *item)
                item = next(coming, None)
            sink.flush()
            self._done.size += sink.size
        return item

    def _write(self, writer: RecordWriter, name: str, capture: Capture, share: float) -> None:
        body = None
        if capture.digest is not None and capture.same_as is None:
            body = load_payload(self._session, capture.digest)
            if digest_of(body) != capture.digest:
                raise Damaged(f"the bytes of payload {capture.digest.hex()}")
        written = writer.write(capture, body)
        self._done.captures += 1
        self._done.revisits += written.is_revisit
        self.latest = max(self.latest or capture.fetched_at, capture.fetched_at)
        if capture.status != HTTPStatus.NOT_MODIFIED:
            # Replay tools would show an empty page there, and not the one that stayed.
            self._add_line(_index_line(name, capture, body, written))
        if capture.title is not None:
            self._add_page(capture)
        self._progress(self._done.captures, share)


def _info() -> dict[str, str]:
    return {
        "software": f"permalien/{version('permalien')} warcio/{version('warcio')}",
        "format": "WARC File Format 1.1",
        "conformsTo": "https://iipc.github.io/warc-specifications/specifications/warc-format/"
        "warc-1.1/",
        "description": "Pages of a Permalien archive. Transfer and content encodings are undone, "
        "and named in X-Archive-Orig- headers; cookies and credentials are left empty.",
    }


def _index_line(name: str, capture: Capture, body: bytes | None, written: WrittenRecord) -> str:
    if written.is_revisit:
        mime = "warc/revisit"
    else:
        given = {key.lower(): value for key, value in capture.response.by_name().items()}
        mime = given.get("content-type", "").partition(";")[0].strip().lower() or "unk"
    digest = f"sha256:{capture.digest.hex()}" if capture.digest else payload_digest(body or b"")
    return index_line(
        capture.url,
        capture.fetched_at,
        {
            "mime": mime,
            "status": str(capture.status),
            "digest": digest,
            "length": str(written.length),
            "offset": str(written.offset),
            "filename": name,
        },
    )


def _page_line(capture: Capture) -> str:
    """A page, after what it is sorted by."""
    page = {
        "id": str(capture.fetch_id),
        "url": capture.url,
        "ts": warc_date(capture.fetched_at),
        "title": capture.title,
    }
    return f"{timestamp(capture.fetched_at)}{capture.fetch_id:020}\t{json.dumps(page)}\n"
