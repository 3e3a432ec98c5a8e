"""What `permalien boilerplate SOURCE --changes` shows: a source's site-wide changes, in words."""

from dataclasses import asdict

from crawler.judging.telling import Told, What
from crawler.reading.site_events import EventKind, SiteEvent, site_events
from scripts.output import echo, moment, paged, print_json
from storage.database.archive import Archive
from storage.frontier.sources import find_source

_MOST_PARTS = 20  # of a change, in plain text
_WORDS = {
    What.CAME: "came",
    What.LEARNED: "now known",
    What.LEFT_IN: "left in again",
    What.WENT: "went",
    What.REWORDED: "reworded",
    What.COUNTED: "numbers moved",
    What.TITLE: "title",
    What.ORDER: "order",
}


def show_site_changes(archive: Archive, name: str, *, as_json: bool) -> None:
    """Print the source's site-wide changes, the latest first."""
    with archive.reading() as session:
        source = find_source(session, name)
        events = site_events(session, source.id)
    if as_json:
        print_json({"source": source.name, "changes": [asdict(it) for it in events]})
    elif not events:
        echo(f"No site-wide change of {source.name} is on record.")
    else:
        with paged():
            for event in events:
                _print(event)


def _print(event: SiteEvent) -> None:
    echo(f"{event.number}  {moment(event.recorded_at)}  {_headline(event)}", bold=True)
    if event.overruled_by is not None:
        echo(f"  overruled: edits, and no change of the site's (overruling {event.overruled_by})")
    for part in event.parts[:_MOST_PARTS]:
        echo(f"  {_WORDS[part.what]:<13}  {_said(part)}")
    if len(event.parts) > _MOST_PARTS:
        echo(f"  and {len(event.parts) - _MOST_PARTS:,} more (--json)")
    echo("")


def _headline(event: SiteEvent) -> str:
    layout = _layout(event.became)
    match event.kind:
        case EventKind.LAYOUT:
            return f"a new {layout}, learned from {event.pages:,} pages"
        case EventKind.FURNITURE:
            return f"other furniture in {layout}, learned from {event.pages:,} pages"
    if event.moved_from is not None:
        layout += ", whose text moved on the page"
    elif event.came_from is not None and event.came_from != event.became:
        layout = f"{_layout(event.came_from)} became {layout}"
    if event.shown is None:
        return f"alike on many pages: {layout}, {event.pages:,} pages looked at"
    return f"alike on many pages: {layout}, on {event.shown:,} of {event.pages:,} looked at"


def _layout(key: str) -> str:
    return f"layout {key}" if key else "pages of no layout"


def _said(part: Told) -> str:
    if part.place is not None:
        return f"on each page in words of its own, at {part.place}"
    match part.what:
        case What.ORDER:
            return "the same paragraphs in another order"
        case What.REWORDED | What.TITLE if part.before or part.after:
            return f"{part.before or 'nothing'} → {part.after or 'nothing'}"
        case What.TITLE:
            return "on each page in words of its own"
    words = part.before or part.after or "words that are not kept"
    where = "" if part.pages is None else f"on {part.pages:,} pages, "
    return f"{words}  ({where}block {part.key})"
