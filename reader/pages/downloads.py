"""What a search finds as a file, in every format of `permalien export`."""

import os
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Final

from starlette.background import BackgroundTask
from starlette.responses import FileResponse, Response
from starlette.routing import BaseRoute, Route

from reader.faults import N_, WrongRequest
from reader.page_request import PageRequest, page
from reader.search_request import EVERYTHING, search_request
from storage.database.errors import NotFound
from storage.query.export.exporting import Format, export_stream
from storage.query.rights import hidden_sources
from storage.query.selection import Selection

MOST: Final = 10_000
"""Versions of a download; more are exported by a command."""

_TIME_LIMIT: Final = 60.0  # seconds
_FORMATS: Final = {
    "jsonl": (Format.JSONL, "application/x-ndjson"),
    "csv": (Format.CSV, "text/csv; charset=utf-8"),
    "parquet": (Format.PARQUET, "application/vnd.apache.parquet"),
    "xml": (Format.TEI, "application/tei+xml"),
}


def download(asked: PageRequest) -> Response:
    """A file, whole or not at all."""
    suffix = asked.request.path_params["format"]
    if suffix not in _FORMATS:
        raise NotFound(f"no format {suffix}: there are {', '.join(_FORMATS)}")
    format, media_type = _FORMATS[suffix]
    wanted = search_request(asked.request.query_params)
    with asked.reading() as session:
        hidden = hidden_sources(session)
    options = replace(wanted.options, without=hidden)
    if asked.search.count(wanted.whole_query, options) > MOST:
        raise WrongRequest(
            N_("A download has %(most)s versions at most: narrow the search, or run %(command)s"),
            most=f"{MOST:,}",
            command=wanted.export_command(suffix),
        )
    selection = Selection(
        search=wanted.whole_query or EVERYTHING,
        sources=options.sources,
        since=options.since,
        until=options.until,
        as_of=options.as_of,
        all_versions=wanted.every and not wanted.as_of,
    )
    handle, name = tempfile.mkstemp(prefix="permalien-", suffix=f".{suffix}")
    path = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            export_stream(asked.archive, selection, file, format, without=hidden)
    except ImportError:
        path.unlink()
        raise WrongRequest(N_("This reader can't write Parquet: pyarrow is missing.")) from None
    except BaseException:
        path.unlink()
        raise
    return FileResponse(
        path,
        media_type=media_type,
        filename=f"permalien-search.{suffix}",
        headers={"cache-control": "private, no-store"},
        background=BackgroundTask(path.unlink),
    )


ROUTES: Final[list[BaseRoute]] = [
    Route("/search/download.{format}", page(download, limit=_TIME_LIMIT))
]
