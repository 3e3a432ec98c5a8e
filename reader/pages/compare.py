"""Two versions of an article, compared: an address of its own that stays."""

from itertools import groupby, pairwise
from typing import Any, Final

from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from reader.faults import N_, WrongRequest
from reader.page_request import PageRequest, page
from storage.database.errors import NotFound, Refused
from storage.database.identifiers import parse_identifier
from storage.query.citation import citation
from storage.query.citation_formats import Language, as_text
from storage.query.comparison import Comparison, compare_versions
from storage.query.rights import may_show
from storage.query.side_by_side import Row, RowKind, side_by_side
from storage.query.timeline import Timeline, timeline

_VIEWS: Final = ("side", "inline")
_NEAR: Final = 1  # unchanged paragraphs that are shown around what changed


def compare(asked: PageRequest) -> Response:
    """The comparison of two versions, each by its permanent identifier."""
    names = [str(asked.request.path_params[name]) for name in ("old", "new")]
    identifiers = [parse_identifier(name) or "" for name in names]
    for name, identifier in zip(names, identifiers, strict=True):
        if not identifier:
            raise NotFound(f"{name} is no identifier of a version")
    view = asked.asked("view") or _VIEWS[0]
    if view not in _VIEWS:
        raise WrongRequest(N_("No view %(name)s: there are side and inline."), name=view)
    with asked.reading() as session:
        compared = compare_versions(session, identifiers[0], identifiers)
        if set(may_show(session, identifiers).values()) - {"all"}:
            raise Refused("the text of one of these versions is reserved")
        line = timeline(session, compared.article_id)
        cited = [
            as_text(citation(session, identifier), Language(asked.language))
            for identifier in identifiers
        ]
    edit, whole = compared.edit, bool(asked.asked("whole"))
    rows = side_by_side(edit.old.text, edit.new.text)
    return asked.render(
        "compare.html",
        compared=compared,
        old=edit.old,
        new=edit.new,
        edit=edit,
        view=view,
        title=side_by_side(edit.old.title, edit.new.title),
        groups=[(False, rows)] if whole else _groups(rows),
        whole=whole,
        counts=_counts(rows),
        facts=_facts(compared),
        line=line,
        steps=_steps(line, edit.old.identifier, edit.new.identifier),
        cited=cited,
        permanent=asked.absolute(f"/compare/{identifiers[0]}/{identifiers[1]}"),
    )


def chosen(asked: PageRequest) -> Response:
    """The address of the comparison that a form asks for."""
    old, new = (parse_identifier(asked.asked(name)) for name in ("old", "new"))
    if old is None or new is None:
        raise WrongRequest(N_("Choose two versions."))
    return RedirectResponse(f"/compare/{old}/{new}", 302)


def _groups(rows: list[Row]) -> list[tuple[bool, list[Row]]]:
    """The rows in their order: those that are folded away, for nothing near them changed, and the
    others."""
    changed = [place for place, row in enumerate(rows) if row.kind is not RowKind.SAME]
    near = {place + step for place in changed for step in range(-_NEAR, _NEAR + 1)}
    folded = ((place not in near and bool(changed), row) for place, row in enumerate(rows))
    return [
        (is_folded, [row for _, row in some])
        for is_folded, some in groupby(folded, key=lambda it: it[0])
    ]


def _counts(rows: list[Row]) -> dict[str, int]:
    """How many paragraphs became what."""
    return {
        kind.value: sum(row.kind is kind for row in rows)
        for kind in (RowKind.EDITED, RowKind.ADDED, RowKind.REMOVED, RowKind.MOVED_TO)
    }


def _steps(line: Timeline, *identifiers: str) -> dict[str, tuple[str, str] | None]:
    """The edit before those that are compared, and the one after them, each by its two versions."""
    marks = [mark.version_id for mark in line.versions]
    places = [marks.index(it) for it in identifiers if it in marks]
    pairs = list(pairwise(marks))
    first, last = (min(places), max(places)) if len(places) == 2 else (0, len(pairs))
    return {
        "earlier": pairs[first - 1] if first else None,
        "later": pairs[last] if last < len(pairs) else None,
    }


def _facts(compared: Comparison) -> list[tuple[str, Any, Any]]:
    """What changed beside the words: field, before, after."""
    old, new = compared.edit.old, compared.edit.new
    fields = (
        ("authors", ", ".join(old.authors), ", ".join(new.authors)),
        ("published_at", old.page_published_at, new.page_published_at),
        ("modified_at", old.modified_at, new.modified_at),
    )
    return [it for it in fields if it[1] != it[2]]


ROUTES: Final[list[BaseRoute]] = [
    Route("/compare", page(chosen)),
    Route("/compare/{old}/{new}", page(compare), name="compare"),
]
