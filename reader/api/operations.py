"""One operation of the API: what it is asked with, what it answers with, and its endpoint."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, is_dataclass
from datetime import date, datetime
from typing import Any, Final

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from reader.api.parameters import Parameter
from reader.faults import WrongRequest
from reader.page_request import PageRequest, page

Values = Mapping[str, Any]
JSON: Final = "application/json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """What GET of `path` answers: `answer` makes a document, of the type `result`, or a text of
    another media type (`others`), and raises what the reader's faults tell. `faults` are the
    statuses beside 200, 304, 400 and 503."""

    path: str
    name: str
    about: str
    answer: Callable[[PageRequest, Values], Any]
    result: Any
    parameters: tuple[Parameter, ...] = ()
    faults: tuple[int, ...] = ()
    others: tuple[str, ...] = ()

    def route(self) -> Route:
        """Starlette's route."""
        return Route(self.path, self._endpoint(), name=f"api-{self.name}", methods=["GET"])

    def _endpoint(self) -> Callable[[Request], Awaitable[Response]]:
        def answer(asked: PageRequest) -> Response:
            made = self.answer(asked, values_of(asked.request, self.parameters))
            return made if isinstance(made, Response) else json_response(made)

        return page(answer)


def values_of(request: Request, parameters: Sequence[Parameter]) -> dict[str, Any]:
    """What was asked with. Raises WrongRequest, for what no parameter has the name of too."""
    given = request.query_params
    names = [it.name for it in parameters if not it.path]
    if unknown := sorted(set(given.keys()) - set(names)):
        known = ", ".join(names) or "none"
        raise WrongRequest(
            "no parameter %(name)s: there are %(known)s", name=unknown[0][:100], known=known
        )
    return {
        it.name: it.value([request.path_params[it.name]] if it.path else given.getlist(it.name))
        for it in parameters
    }


def json_response(document: Any, status: int = 200, media_type: str = JSON) -> Response:
    """A JSON document; times in ISO 8601, in UTC, as the commands print them."""
    return Response(
        orjson.dumps(document, default=_plain, option=orjson.OPT_PASSTHROUGH_DATACLASS),
        status,
        media_type=media_type,
    )


def _plain(value: object) -> object:
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, frozenset | set):
        return sorted(value)
    raise TypeError(f"{type(value).__name__} is no JSON")
