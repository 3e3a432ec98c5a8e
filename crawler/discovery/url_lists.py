"""Lists of URLs: a text file with one URL a line."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from itertools import islice
from typing import Final

from crawler.discovery.candidates import MAX_CANDIDATES, Candidate, CandidateKind
from crawler.discovery.charset import to_utf8
from storage.frontier.addresses import InvalidURL, normalize

MAX_BYTES: Final = 50 * 1024 * 1024
"""Of a longer list the front is read."""

MAX_ERRORS: Final = 1000
"""Lines that are reported; of a file that is no list at all, the first say enough."""

MAX_LINES: Final = 500_000
"""Lines of any kind that are read."""

_COMMENT: Final = re.compile(rb"(?:^|\s)#.*", re.DOTALL)
_MAX_LINE_BYTES: Final = 32 * 1024


@dataclass(frozen=True, slots=True)
class LineError:
    """A line that is no URL: its number, from 1, and what is wrong with it."""

    line: int
    message: str


@dataclass(frozen=True, slots=True)
class UrlList:
    """What a list holds: each address once, in order, and the lines that hold none."""

    candidates: tuple[Candidate, ...]
    errors: tuple[LineError, ...]


def read_url_list(body: bytes, *, content_type: str | None = None) -> UrlList:
    """The URLs of a list, each an article to be fetched.

    Blank lines count as lines and as nothing else; `#` at the start of a line or after white
    space begins a comment. Reading ends after `MAX_CANDIDATES` other lines.
    """
    found: dict[str, Candidate] = {}
    errors: list[LineError] = []
    for number, line in islice(_lines(body, content_type), MAX_CANDIDATES):
        try:
            url = normalize(line)
        except InvalidURL as error:
            if len(errors) < MAX_ERRORS:
                errors.append(LineError(number, str(error)))
            continue
        found.setdefault(url, Candidate(url, CandidateKind.ARTICLE))
    return UrlList(tuple(found.values()), tuple(errors))


def _lines(body: bytes, content_type: str | None) -> Iterator[tuple[int, str]]:
    """The lines that hold something, with their numbers."""
    text = BytesIO(to_utf8(body[:MAX_BYTES], content_type))
    for number, raw in enumerate(islice(text, MAX_LINES), start=1):
        line = _COMMENT.sub(b"", raw[:_MAX_LINE_BYTES]).strip()
        if line:
            yield number, line.decode("utf-8", "replace")
