"""Real sites' lives, packed: what each served at some looks, and which of its pages are articles.

A life is `NAME.tar.xz`: `looks.json` has the `host` and `looks`, each with `files` (path to digest)
and `articles` (paths); `blobs/DIGEST` is what was served.
"""

import json
import re
import tarfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

import feedparser

from crawler.extraction.page.wording import plain

_INDEX = re.compile(r"(?:index)?\.html?$")
_MOST_ENTRIES = 400


@dataclass(frozen=True, slots=True)
class Look:
    """Pages and feeds by path; `articles` are the paths of those that are articles."""

    files: Mapping[str, bytes]
    articles: frozenset[str]

    @property
    def pages(self) -> Mapping[str, bytes]:
        return {path: body for path, body in self.files.items() if path.endswith((".html", ".htm"))}

    @property
    def titles(self) -> dict[str, str]:
        """The titles that the feeds give to pages, by path."""
        paths = {name_of(f"/{path}"): path for path in self.pages}
        found = {}
        for path, body in self.files.items():
            if path.endswith((".xml", ".rss", ".atom")):
                for entry in feedparser.parse(body).entries[:_MOST_ENTRIES]:
                    page = paths.get(name_of(str(entry.get("link") or "")))
                    if page is not None and entry.get("title"):
                        found[page] = plain(str(entry["title"]))
        return found


@dataclass(frozen=True, slots=True)
class Life:
    name: str
    host: str
    looks: Sequence[Look]

    def url(self, path: str) -> str:
        return f"https://{self.host}/{path.removesuffix('index.html')}"


def read_lives(folder: Path) -> Iterator[Life]:
    """Each life in a folder, one at a time: they are large."""
    for pack in sorted(folder.glob("*.tar.xz")):
        with tarfile.open(pack) as archive:
            files = {
                member.name: held.read()
                for member in archive
                if (held := archive.extractfile(member)) is not None
            }
        told = json.loads(files["looks.json"])
        yield Life(
            pack.name.partition(".")[0],
            told["host"],
            [
                Look(
                    {path: files[f"blobs/{digest}"] for path, digest in look["files"].items()},
                    frozenset(look["articles"]),
                )
                for look in told["looks"]
            ],
        )


def name_of(url: str) -> str:
    """One name for /a, /a/, /a.html and /a/index.html."""
    return _INDEX.sub("", unquote(urlsplit(url).path).lstrip("/")).rstrip("/")
