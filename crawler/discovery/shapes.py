"""What an address alone says: article, section, or no page at all.

The rules are about how publishing systems make paths, in any language, and know no publisher. An
article's address names one thing: many words, a number, a hash, or a word under a date. A
section's is a word or two. Only what publishing systems call their own listings (`tag`, `author`,
`page`) is told by name.
"""

import re
from typing import Final
from urllib.parse import urlsplit

from crawler.discovery.candidates import CandidateKind

ARTICLE_SCORE: Final = 2
"""An address with at least this `article_score` is taken for an article's."""

_FILES: Final = frozenset(
    {"aac", "apk", "atom", "avi", "avif", "bmp", "bz2", "css", "csv", "doc", "docx", "eot", "epub"}
    | {"exe", "flac", "flv", "gif", "gz", "ico", "ics", "jpeg", "jpg", "js", "json", "m3u8", "m4a"}
    | {"m4v", "mov", "mp3", "mp4", "mpeg", "mpg", "odt", "ogg", "otf", "pdf", "png", "ppt", "pptx"}
    | {"rar", "rdf", "rss", "rtf", "svg", "tar", "tif", "tiff", "ttf", "txt", "wav", "webm", "webp"}
    | {"wmv", "woff", "woff2", "xls", "xlsx", "xml", "zip"}
)
_LISTINGS: Final = frozenset(
    {
        "author",
        "authors",
        "category",
        "categories",
        "feed",
        "label",
        "page",
        "search",
        "tag",
        "tags",
    }
    | {"topic", "topics", "user", "users", "wp-admin", "wp-json"}
)
_MAX_SEGMENTS: Final = 12
_MAX_SEGMENT: Final = 360
_ESCAPES: Final = re.compile("(?:%[0-9A-F]{2})+")
_EXTENSION: Final = re.compile(r"\.([a-z0-9]{2,5})\Z", re.IGNORECASE)
_DATE: Final = re.compile(
    r"/(?:19|20)\d\d[/-]?(?:0?[1-9]|1[0-2]|[a-z]{3,9})(?:[/-]?(?:0?[1-9]|[12]\d|3[01]))?(?![0-9a-z])",
    re.IGNORECASE,
)
_LONG_NUMBER: Final = re.compile(r"\d{5,}")
_WORD_BREAK: Final = re.compile(r"[-_+,.~ ]+")
_ARTICLE_QUERY: Final = re.compile(
    r"(?:^|&)(?:(?:art|article|doc|item|news|page|post|story)?_?id|p|article|story)=\d+",
    re.IGNORECASE,
)


def kind_of_url(url: str) -> CandidateKind | None:
    """The kind of page at a normalised URL; None when it is a file and no page."""
    if is_file(url):
        return None
    return CandidateKind.ARTICLE if article_score(url) >= ARTICLE_SCORE else CandidateKind.SECTION


def is_file(url: str) -> bool:
    extension = _EXTENSION.search(urlsplit(url).path)
    return extension is not None and extension[1].lower() in _FILES


def is_view(url: str, *, of: str) -> bool:
    """Whether a normalised URL is another view of a page: it differs in its query alone.

    Not one whose query names an article, as the front page's may.
    """
    path, _, query = url.partition("?")
    return path == of.partition("?")[0] and not _ARTICLE_QUERY.search(query)


def article_score(url: str) -> int:
    """How much a normalised URL looks like an article's: from -3 to 6."""
    parts = urlsplit(url)
    path = _readable(_EXTENSION.sub("", parts.path))
    segments = [segment for segment in path.split("/") if segment]
    if _ARTICLE_QUERY.search(parts.query):
        return ARTICLE_SCORE
    if not segments or not _LISTINGS.isdisjoint(map(str.lower, segments)):
        return -3
    date = _DATE.search(path)
    if date is not None and not path[date.end() :].strip("/-_"):
        return -1 if path[date.start() :].count("/") > 1 else ARTICLE_SCORE
    score = 0 if date is None else 2
    if _LONG_NUMBER.search(path) or any(map(_is_hash, segments[-2:])):
        score += 2
    return score + max(map(_slug_score, segments[-2:]))


def _readable(path: str) -> str:
    """A path with its escapes decoded, and not more of it than rules need."""
    segments = path.split("/")[-_MAX_SEGMENTS:]
    return _ESCAPES.sub(
        lambda match: bytes.fromhex(match[0].replace("%", "")).decode("utf-8", "replace"),
        "/".join(["", *(segment[:_MAX_SEGMENT] for segment in segments if segment)]),
    )


def _slug_score(segment: str) -> int:
    """0 for a word or two, up to 2 for what reads like a headline."""
    words = [word for word in _WORD_BREAK.split(segment) if word]
    # Scripts that don't part words by spaces make slugs of few breaks, and say more by a letter.
    letters = sum(map(len, words)) + len(segment) - len(segment.encode("ascii", "ignore"))
    if len(words) >= 4 or letters >= 32:
        return 2
    return 1 if len(words) == 3 and letters >= 12 else 0


def _is_hash(segment: str) -> bool:
    """Whether a segment ends in letters and digits mixed as no word mixes them."""
    token = segment.rpartition("-")[2]
    digits = sum(map(str.isdigit, token))
    return len(token) >= 8 and token.isalnum() and digits >= 2 and digits < len(token)
