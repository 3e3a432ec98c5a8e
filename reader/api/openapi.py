"""The OpenAPI 3.1 description, made of the operations as they are served."""

from collections.abc import Sequence
from importlib.metadata import version
from typing import Any, Final

from reader.api.operations import JSON, Operation
from reader.api.problems import MEDIA_TYPE, Problem
from reader.api.schemas import Schemas

_STATUSES: Final = {
    304: "The same as before: it has the ETag that `If-None-Match` names.",
    400: "A parameter, or the search, is put wrongly.",
    403: "Its source lets it not be shown.",
    404: "The archive has no such thing.",
    503: "It took too long, or the archive does not answer: try again later.",
}
_ABOUT: Final = (
    "Articles, every version of them, and what was edited, as the command `permalien` prints them "
    "with --json (docs/json.md). Read-only. Times are in UTC. Keys are added in later versions, "
    "never renamed or removed."
)


def description(operations: Sequence[Operation]) -> dict[str, Any]:
    """The whole description."""
    schemas = Schemas()
    problem = schemas.of(Problem)
    paths = {it.path: {"get": _operation(it, schemas, problem)} for it in operations}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Permalien",
            "version": version("permalien"),
            "description": _ABOUT,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {"schemas": dict(sorted(schemas.named.items()))},
    }


def _operation(operation: Operation, schemas: Schemas, problem: dict[str, Any]) -> dict[str, Any]:
    content: dict[str, Any] = {JSON: {"schema": schemas.of(operation.result)}}
    for media_type in operation.others:
        content[media_type] = {"schema": {} if media_type.endswith("json") else {"type": "string"}}
    responses: dict[str, Any] = {
        "200": {
            "description": "What was asked for.",
            "headers": {"ETag": {"schema": {"type": "string"}}},
            "content": content,
        },
        "304": {"description": _STATUSES[304]},
    }
    for status in sorted({400, 503, *operation.faults}):
        responses[str(status)] = {
            "description": _STATUSES[status],
            "content": {MEDIA_TYPE: {"schema": problem}},
        }
    return {
        "operationId": operation.name,
        "summary": operation.about,
        "parameters": [it.described() for it in operation.parameters],
        "responses": responses,
    }
