"""Citations of a version as files for reference managers."""

import json
from collections.abc import Callable
from typing import Final

from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from reader.page_request import PageRequest, page
from storage.database.errors import NotFound
from storage.database.identifiers import parse_identifier
from storage.query.citation import Citation, citation
from storage.query.citation_formats import (
    Language,
    as_biblatex,
    as_bibtex,
    as_csl,
    as_ris,
    as_text,
)
from storage.query.rights import may_show

Writer = Callable[[Citation, Language], str]


def _csl(cited: Citation, language: Language) -> str:
    return json.dumps(as_csl(cited, language), ensure_ascii=False, indent=2)


_FORMATS: Final[dict[str, tuple[str, str, Writer]]] = {
    "bib": ("bib", "application/x-bibtex", as_bibtex),
    "biblatex": ("bib", "application/x-bibtex", as_biblatex),
    "ris": ("ris", "application/x-research-info-systems", as_ris),
    "json": ("json", "application/vnd.citationstyles.csl+json", _csl),
    "txt": ("txt", "text/plain; charset=utf-8", as_text),
}


def cite(asked: PageRequest) -> Response:
    """The citation of a version in one format."""
    parameters = asked.request.path_params
    identifier = parse_identifier(parameters["identifier"])
    if identifier is None or parameters["format"] not in _FORMATS:
        raise NotFound("no such citation: there are " + ", ".join(_FORMATS))
    suffix, media_type, write = _FORMATS[parameters["format"]]
    with asked.reading() as session:
        if may_show(session, [identifier]).get(identifier) == "none":
            raise NotFound(f"version {identifier} is of a source that is not shown")
        cited = citation(session, identifier)
    name = f"permalien-{identifier}.{suffix}"
    return Response(
        write(cited, Language(asked.language)),
        media_type=media_type,
        headers={"content-disposition": f'attachment; filename="{name}"'},
    )


ROUTES: Final[list[BaseRoute]] = [Route("/versions/{identifier}/citation.{format}", page(cite))]
