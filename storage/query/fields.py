"""What a row of articles or versions holds: the columns of every export, and of the Python API.

Columns are added at the end, never renamed or removed.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Kind(StrEnum):
    """What the values of a column are. Times are UTC."""

    TEXT = "text"
    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"
    TIME = "time"
    TEXTS = "list of text"


@dataclass(frozen=True, slots=True)
class Field:
    """A column."""

    name: str
    kind: Kind
    nullable: bool
    meaning: str


VERSION_FIELDS: Final = (
    Field(
        "version_id",
        Kind.TEXT,
        False,
        "the version's permanent identifier: no merge, split, re-extraction or copy changes it",
    ),
    Field("article_id", Kind.INTEGER, False, "the article's number in this archive"),
    Field("source", Kind.TEXT, False, "the name of its source"),
    Field("url", Kind.TEXT, False, "the article's canonical address"),
    Field("version", Kind.INTEGER, False, "1, 2, 3 … in the order seen"),
    Field(
        "state",
        Kind.TEXT,
        False,
        "of the article: live, gone, not-found, soft-404, moved, to-front-page or walled",
    ),
    Field("title", Kind.TEXT, False, "the headline"),
    Field("authors", Kind.TEXTS, False, "in the order of the byline"),
    Field(
        "published_at",
        Kind.TIME,
        True,
        "by the publisher's account: the page's, or else the feed's or sitemap's",
    ),
    Field("published_offset", Kind.INTEGER, True, "minutes east of UTC that the page gave with it"),
    Field("published_precision", Kind.TEXT, True, "second, minute or day, as the page gave it"),
    Field("modified_at", Kind.TIME, True, "by the publisher's account"),
    Field("modified_offset", Kind.INTEGER, True, "as published_offset"),
    Field("modified_precision", Kind.TEXT, True, "as published_precision"),
    Field("first_seen_at", Kind.TIME, False, "when the archive first saw this version"),
    Field("last_seen_at", Kind.TIME, False, "when the archive last saw this version"),
    Field("language", Kind.TEXT, True, "BCP 47: fr, en-GB"),
    Field("primary_language", Kind.TEXT, True, "the language alone: fr of fr-CA"),
    Field("section", Kind.TEXT, True, "of the site, as the page says"),
    Field("tags", Kind.TEXTS, False, "as the page says"),
    Field("description", Kind.TEXT, True, "the page's own summary"),
    Field("paywalled", Kind.BOOLEAN, True, "by the page's own word"),
    Field("partial", Kind.BOOLEAN, False, "whether a wall cuts the text short"),
    Field("text", Kind.TEXT, False, "standfirst and body, a line a paragraph"),
    Field(
        "paragraph_kinds",
        Kind.TEXTS,
        False,
        "of each paragraph of the text: paragraph, standfirst, key-point, heading, list-item, "
        "quotation, table-row, correction, sign-off; empty where that is not known",
    ),
    Field("extractor", Kind.TEXT, False, "the extractor that read the text"),
    Field("payload_sha256", Kind.TEXT, False, "SHA-256 of the stored page, in hexadecimal"),
    Field(
        "content_sha256",
        Kind.TEXT,
        False,
        "SHA-256 of what the version said when it was recorded, which never changes",
    ),
    Field(
        "retracted_at",
        Kind.TIME,
        True,
        "when the version was found to be no edit; null: it stands",
    ),
    Field(
        "mining_reserved",
        Kind.BOOLEAN,
        True,
        "whether the page, or else its site's tdmrep.json, reserves text and data mining; null "
        "where neither says",
    ),
    Field("mining_policy", Kind.TEXT, True, "the address of the policy on mining"),
    Field(
        "robots_directives",
        Kind.TEXTS,
        False,
        "those of noindex, noarchive, nosnippet, noai and noimageai that are given to all robots",
    ),
    Field("license", Kind.TEXT, True, "the licence that the page names, mostly an address"),
    Field(
        "apart",
        Kind.TEXT,
        False,
        "what the page shows beside the text, JSON: of each its kind (headline, pull-quote, "
        "embedded-post, caption, fact-box), its text, how many paragraphs stand before it, and "
        "the address of the picture that a caption is of",
    ),
    Field(
        "live_entries",
        Kind.TEXT,
        False,
        "of a live blog's entries, JSON: how many paragraphs stand before each, and its time",
    ),
)

SOURCE_FIELDS: Final = (
    Field("name", Kind.TEXT, False, "its host, with a port that is not the scheme's own"),
    Field("url", Kind.TEXT, False, "its home page"),
    Field("enabled", Kind.BOOLEAN, False, "whether it is crawled"),
    Field("added_at", Kind.TIME, False, "when it was added to the archive"),
    Field("articles", Kind.INTEGER, False, "how many the archive has of it"),
    Field("checked_at", Kind.TIME, True, "when it last answered"),
    Field("terms", Kind.TEXT, True, "on which its publisher lets it be archived"),
    Field("notes", Kind.TEXT, True, "an operator's"),
    Field("removed_at", Kind.TIME, True, "when an operator removed it and kept its record"),
)

FETCH_FIELDS: Final = (
    Field("id", Kind.INTEGER, False, "rises with time"),
    Field("source", Kind.TEXT, False, "the name of its source"),
    Field("url", Kind.TEXT, False, "as it was asked"),
    Field("kind", Kind.TEXT, False, "page, front, section, feed, sitemap or robots"),
    Field("article_id", Kind.INTEGER, True, "the article at that address"),
    Field("fetched_at", Kind.TIME, False, "when the answer was there"),
    Field("status", Kind.INTEGER, True, "of HTTP; null where there was no answer"),
    Field("outcome", Kind.TEXT, False, "what it came to: docs/sql.md has a table"),
    Field("finding", Kind.TEXT, True, "for the article: new, edited, unchanged, removed …"),
    Field("version", Kind.INTEGER, True, "the number of the version that was seen"),
    Field("reason", Kind.TEXT, True, "why, or where a redirect led"),
    Field("payload_sha256", Kind.TEXT, True, "SHA-256 of the body, in hexadecimal"),
)

EDIT_FIELDS: Final = (
    Field("event", Kind.TEXT, False, "edit, removal or return"),
    Field("source", Kind.TEXT, False, "the name of its source"),
    Field("article_id", Kind.INTEGER, False, "the article's number in this archive"),
    Field("url", Kind.TEXT, False, "the article's canonical address"),
    Field("from_version", Kind.INTEGER, True, "the version before, or that was removed"),
    Field("to_version", Kind.INTEGER, True, "the version that came"),
    Field("from_version_id", Kind.TEXT, True, "its permanent identifier"),
    Field("to_version_id", Kind.TEXT, True, "its permanent identifier"),
    Field("not_before", Kind.TIME, True, "the last check that saw the article without it"),
    Field("not_after", Kind.TIME, False, "the first check that saw the article with it"),
    Field("kinds", Kind.TEXTS, False, "of an edit: headline, body, rewording … (docs/sql.md)"),
    Field("declared", Kind.BOOLEAN, True, "whether the publisher told of it; silent if not"),
    Field("alternating", Kind.BOOLEAN, True, "whether the page shows two wordings in turn"),
    Field(
        "words_deleted",
        Kind.INTEGER,
        True,
        "how many words were taken out, as `permalien diff` shows it",
    ),
    Field("words_inserted", Kind.INTEGER, True, "how many words were brought"),
    Field("title_before", Kind.TEXT, True, "the headline before"),
    Field("title_after", Kind.TEXT, True, "the headline after"),
    Field("confidence", Kind.NUMBER, True, "that it is right, from 0 to 1; null: no doubt"),
)

OWN_READING_FIELDS: Final = (
    Field("extractor", Kind.TEXT, False, "the function that read it, and its version"),
    Field("version_id", Kind.TEXT, False, "the permanent identifier of the version it read"),
    Field("article_id", Kind.INTEGER, False, "the article's number in this archive"),
    Field("source", Kind.TEXT, False, "the name of its source"),
    Field("url", Kind.TEXT, False, "the article's canonical address"),
    Field("version", Kind.INTEGER, False, "1, 2, 3 … in the order seen"),
    Field("title", Kind.TEXT, False, "as that extractor read it, like all that follows"),
    Field("authors", Kind.TEXTS, False, "names"),
    Field("published_at", Kind.TIME, True, "when it was published"),
    Field("modified_at", Kind.TIME, True, "when it was modified"),
    Field("language", Kind.TEXT, True, "BCP 47: fr, en-GB"),
    Field("text", Kind.TEXT, False, "the text"),
    Field("own", Kind.TEXT, False, "what else it gave, a JSON object"),
    Field("recorded_at", Kind.TIME, True, "when the reading was kept"),
)

HIT_FIELDS: Final = (
    Field("version_id", Kind.TEXT, False, "the permanent identifier of the version that matches"),
    Field("article_id", Kind.INTEGER, False, "the article's number in this archive"),
    Field("source", Kind.TEXT, False, "the name of its source"),
    Field("url", Kind.TEXT, False, "the article's canonical address"),
    Field("version", Kind.INTEGER, False, "1, 2, 3 … in the order seen"),
    Field("title", Kind.TEXT, False, "the headline"),
    Field("published_at", Kind.TIME, True, "by the publisher's account"),
    Field("first_seen_at", Kind.TIME, False, "when the archive first saw this version"),
    Field("language", Kind.TEXT, True, "BCP 47: fr, en-GB"),
    Field("snippet", Kind.TEXT, False, "the text around the first match, matches in [ ]"),
    Field("rank", Kind.NUMBER, False, "comparable within one answer alone; 0 by time"),
)
