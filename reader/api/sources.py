"""Sources, and how well each was watched."""

from typing import Final, TypedDict

from reader.api.operations import Operation, Values
from reader.api.parameters import Text, Whole
from reader.page_request import PageRequest
from storage.database.clock import utc_now
from storage.query.articles import SourceRecord
from storage.query.document_types import CoverageDocument
from storage.query.source_documents import ShownSource, coverage_of, source_of, source_page

_SOURCE: Final = Text(
    name="source", path=True, most=253, about="A source's name.", example="example.org"
)


class SourcesDocument(TypedDict):
    """Sources by name, those too that were removed and whose record was kept; `notes`, which are
    their operator's, are null. `cursor` gets those that follow, null where there are none."""

    sources: list[SourceRecord]
    cursor: str | None


def sources(asked: PageRequest, values: Values) -> SourcesDocument:
    """A page of the sources."""
    with asked.reading() as session:
        some, more = source_page(session, after=values["cursor"], limit=values["limit"])
    return {"sources": list(some), "cursor": some[-1].name if more else None}


def source(asked: PageRequest, values: Values) -> ShownSource:
    """A source with its listings."""
    with asked.reading() as session:
        return source_of(session, values["source"])


def coverage(asked: PageRequest, values: Values) -> CoverageDocument:
    """How well a source was watched, day by day."""
    with asked.reading() as session:
        return coverage_of(session, values["source"], now=utc_now(), days=values["days"])


OPERATIONS: Final = (
    Operation(
        path="/api/sources",
        name="sources",
        about="The sources, by name.",
        answer=sources,
        result=SourcesDocument,
        parameters=(
            Whole(name="limit", least=1, most=100, default=20, about="Sources of a page."),
            Text(
                name="cursor",
                least=0,
                most=253,
                default="",
                about="The `cursor` of the answer before.",
            ),
        ),
    ),
    Operation(
        path="/api/sources/{source}",
        name="source",
        about="A source, with its front page, sections, feeds and sitemaps.",
        answer=source,
        result=ShownSource,
        parameters=(_SOURCE,),
        faults=(403, 404),
    ),
    Operation(
        path="/api/sources/{source}/coverage",
        name="coverage",
        about="How well a source was watched, day by day, to today.",
        answer=coverage,
        result=CoverageDocument,
        parameters=(
            _SOURCE,
            Whole(name="days", least=1, most=366, default=7, about="How many, to today."),
        ),
        faults=(403, 404),
    ),
)
