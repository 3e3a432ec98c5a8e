"""An article in one of its versions, with all that the archive knows of it."""

from typing import Any, Final

from sqlalchemy.orm import Session
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from reader.faults import N_, WrongRequest
from reader.page_request import PageRequest, page
from reader.timeline_plot import timeline_plot
from storage.database.errors import NotFound
from storage.database.identifiers import parse_identifier
from storage.query.article_evidence import identity_of, used_template
from storage.query.articles import ArticleRecord, article_checks, article_record
from storage.query.citation import citation
from storage.query.citation_formats import Language, as_text
from storage.query.rights import may_show
from storage.query.timeline import timeline

_CHECKS: Final = 20
_DATES: Final = ("published_at", "modified_at")


def current(asked: PageRequest) -> Response:
    """An article's current version."""
    number = asked.request.path_params["article"]
    with asked.reading() as session:
        return _page(asked, session, article_record(session, str(number)))


def version(asked: PageRequest) -> Response:
    """The version of a permanent identifier."""
    name = asked.request.path_params["identifier"]
    identifier = parse_identifier(name)
    if identifier is None:
        raise NotFound(f"{name} is no identifier of a version")
    with asked.reading() as session:
        return _page(asked, session, article_record(session, identifier))


def at_address(asked: PageRequest) -> Response:
    """Where the article is that was published at an address."""
    url = asked.asked("url")
    if not url:
        raise WrongRequest(N_("Say which article: its address on the web."))
    with asked.reading() as session:
        found = article_record(session, url)
    return RedirectResponse(f"/articles/{found.id}", 302)


def _page(asked: PageRequest, session: Session, record: ArticleRecord) -> Response:
    shown = record.shown
    allowed = may_show(session, [shown.identifier]).get(shown.identifier, "all")
    if allowed == "none":
        raise NotFound(f"version {shown.identifier} is of a source that is not shown")
    line = timeline(session, record.id)
    places = {mark.version: place for place, mark in enumerate(line.versions)}
    place = places.get(shown.version)
    before = line.versions[place - 1] if place else None
    cited = citation(session, shown.identifier)
    checks = article_checks(session, record.id, _CHECKS)
    return asked.render(
        "article.html",
        article=record,
        shown=shown,
        may_show_text=allowed == "all",
        line=line,
        plot=timeline_plot(line, checks[0].observed_at if checks else None),
        before=before,
        latest=line.versions[-1] if line.versions else None,
        arrivals={event.to_version: event for event in line.events if event.event == "edit"},
        comings=_by_version(line.events),
        identity=identity_of(session, record.id),
        checks=checks,
        template_used=used_template(session, record.source, shown.template),
        said=_said(record),
        citation_text=as_text(cited, Language(asked.language)),
        permanent=asked.absolute(f"/versions/{shown.identifier}"),
    )


def _by_version(events: Any) -> dict[int, list[Any]]:
    """The removals and returns, by the version that they are of."""
    found: dict[int, list[Any]] = {}
    for event in events:
        if event.event != "edit":
            number = event.from_version or event.to_version
            found.setdefault(number, []).append(event)
    return found


def _said(record: ArticleRecord) -> list[tuple[str, str, str]]:
    """What the page and the listings say of title, authors and dates: field, where, what."""
    candidates = record.shown.details.get("candidates") or {}
    stated = [
        (field, str(place), str(value))
        for field in ("title", "authors", *_DATES)
        for place, value in candidates.get(field, [])
    ]
    for hint in record.hints:
        for field in ("title", *_DATES):
            if field in hint:
                place = hint.get(f"{field.removesuffix('_at')}_in", "listing")
                stated.append((field, str(place), str(hint[field])))
    return stated


ROUTES: Final[list[BaseRoute]] = [
    Route("/article", page(at_address)),
    Route("/articles/{article:int}", page(current), name="article"),
    Route("/versions/{identifier}", page(version), name="version"),
]
