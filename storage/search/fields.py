"""The fields of the index. A document is a version in one span of time (storage.search.timelines).

Whoever changes them, or how words or states are made, raises SCHEMA_VERSION: an index of another
version is left alone, and a new one is made.
"""

from typing import Final

from tantivy import Schema, SchemaBuilder

from storage.search.analysis import LANGUAGES, WORDS

SCHEMA_VERSION: Final = 4

TITLE: Final = "title"
TEXT: Final = "text"
CURRENT: Final = "current"  # a flag: the first document of an article's current version
VERSION: Final = "version"  # a flag: the first document of each version that stands
HELD: Final = "held"  # a flag: a document with a timelines.Held
DECLARED: Final = "declared"  # of an edit: the publisher told of it
SILENT: Final = "silent"  # it did not

_NUMBERS: Final = (
    "moment",  # published, or first seen where that is not known
    "seen",  # when the version was first seen
    "since",  # and the rest of a timelines.Span
    "until",
    "known",
    "until_known",
    "known_until",
    "replaced",  # of a timelines.Held, as `known` and `known_until` are in its document
    "month",  # of `moment`: months since the year 0
)


def stemmed(field: str, language: str) -> str:
    """The field of the stems of TITLE or TEXT in a language."""
    return f"{field}_{language}"


def schema() -> Schema:
    builder = SchemaBuilder()
    for field in (TITLE, TEXT):
        builder.add_text_field(field, tokenizer_name=WORDS, index_option="position")
        for language in LANGUAGES:
            name = stemmed(field, language)
            builder.add_text_field(name, tokenizer_name=language, index_option="freq")
    for field in ("author", "section"):
        builder.add_text_field(field, tokenizer_name=WORDS, index_option="position")
    for field in ("language", "state", "change"):
        builder.add_text_field(field, tokenizer_name="raw", index_option="basic", fast=True)
    builder.add_text_field("flag", tokenizer_name="raw", index_option="basic")
    # Deleting by a term finds nothing in an unsigned field (tantivy 0.27).
    builder.add_integer_field("article", indexed=True, fast=True)
    builder.add_unsigned_field("version_id", fast=True)
    builder.add_unsigned_field("source", indexed=True, fast=True)
    builder.add_unsigned_field("order", fast=True)  # storage.search.documents.order_of
    for field in _NUMBERS:
        builder.add_integer_field(field, fast=True)
    # The one document that is no version's: what the index follows, and up to where.
    builder.add_text_field("follows", stored=True, tokenizer_name="raw", index_option="basic")
    return builder.build()
