"""Edits, removals and returns; and the log of changes."""

from typing import Final, TypedDict

from sqlalchemy.orm import Session

from reader.api.operations import Operation, Values
from reader.api.parameters import Choice, Flag, Parameter, Text, When, Whole
from reader.faults import WrongRequest
from reader.page_request import PageRequest
from storage.database.errors import Refused
from storage.query.change_pages import change_page
from storage.query.document_types import ChangeDocument, EventDocument
from storage.query.documents import event_document
from storage.query.edits import EditKind, EventKind, Wanted
from storage.query.event_pages import EventPage, latest_events
from storage.query.event_search import events_found
from storage.query.shown import showable_events

WANTED: Final[tuple[Parameter, ...]] = (
    Text(
        name="q",
        least=0,
        most=1_000,
        default="",
        about="Only of versions that this search finds (docs/search.md); then `limit` is about "
        "right, and a page may have fewer that are found, and yet a `cursor`.",
    ),
    Text(name="source", most=253, about="Only of this source."),
    Text(name="article", most=2_000, about="Only of this article: number, address or version."),
    When(name="since", about="First seen then or later."),
    When(name="until", about="First seen before."),
    Choice(name="event", among=tuple(EventKind), many=True, about="Only these."),
    Choice(
        name="kind",
        among=tuple(EditKind),
        many=True,
        about="Only edits of this kind; of several, of all of them.",
    ),
    Flag(name="declared", about="Only edits that the publisher declared; silent ones, if false."),
)


class EventsDocument(TypedDict):
    """Events, the latest first; what may not be shown is left out. `cursor` gets those before, null
    where there are none."""

    events: list[EventDocument]
    cursor: str | None


class ChangesDocument(TypedDict):
    """Changes in the order in which they became durable, and the `position` behind them; `more`
    says whether others follow already."""

    changes: list[ChangeDocument]
    position: str
    more: bool


def event_page(asked: PageRequest, session: Session, values: Values) -> EventPage:
    """The page of events that these parameters ask for. Raises WrongRequest for a cursor that is
    none."""
    wanted = Wanted(
        source=values["source"],
        article=values["article"],
        since=values["since"],
        until=values["until"],
        events=[EventKind(it) for it in values["event"]],
        kinds=[EditKind(it) for it in values["kind"]],
        declared=values["declared"],
    )
    limit, cursor, query = values["limit"], values["cursor"], values["q"]
    try:
        if query.strip():
            return events_found(session, asked.search, query, wanted, limit=limit, cursor=cursor)
        return latest_events(session, wanted, limit=limit, cursor=cursor)
    except Refused as error:
        raise WrongRequest("%(what)s", what=str(error)) from error


def edits(asked: PageRequest, values: Values) -> EventsDocument:
    """A page of the latest events."""
    with asked.reading() as session:
        page = event_page(asked, session, values)
        events = [
            event_document(session, event, words=values["words"] and whole)
            for event, whole in showable_events(session, page.events)
        ]
    return {"events": events, "cursor": page.cursor}


def changes(asked: PageRequest, values: Values) -> ChangesDocument:
    """A page of the log of changes."""
    limit = values["limit"]
    with asked.reading() as session:
        some, position = change_page(session, values["since"], limit=limit)
    return {"changes": some, "position": position, "more": len(some) == limit}


OPERATIONS: Final = (
    Operation(
        path="/api/edits",
        name="edits",
        about="Edits, removals and returns, the latest first.",
        answer=edits,
        result=EventsDocument,
        parameters=(
            *WANTED,
            Flag(name="words", default=False, about="What was changed, sentence by sentence."),
            Whole(name="limit", least=1, most=100, default=20, about="Events of a page."),
            Text(name="cursor", most=60, about="The `cursor` of the answer before."),
        ),
        faults=(403, 404),
    ),
    Operation(
        path="/api/changes",
        name="changes",
        about="What changed in the archive, for whoever follows it.",
        answer=changes,
        result=ChangesDocument,
        parameters=(
            Text(name="since", most=2_000, about="What follows this position; all, without."),
            Whole(name="limit", least=1, most=1_000, default=100, about="Changes of a page."),
        ),
        faults=(404,),
    ),
)
