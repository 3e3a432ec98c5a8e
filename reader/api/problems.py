"""Faults as problem details (RFC 9457), for programs."""

from typing import Any, Final, TypedDict

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from reader.api.operations import json_response
from reader.faults import fault_of
from storage.search.errors import BadQuery

MEDIA_TYPE: Final = "application/problem+json"
PREFIX: Final = "/api/"
_FOR_PROGRAMS: Final = (PREFIX, "/feeds/", "/timegate/", "/timemap/")


class _Place(TypedDict, total=False):
    query: str
    at: int


class Problem(_Place):
    """What is wrong: `title` is the same for each of its kind, `detail` tells of this one. Of a
    search that is put wrongly, `query` and the character `at` which it is, from 0."""

    type: str
    title: str
    status: int
    detail: str


def problem_response(error: Exception) -> Response:
    """The answer that tells a fault."""
    if isinstance(error, HTTPException):
        detail = "there is no such address" if error.status_code == 404 else error.detail
        problem = _problem(error.status_code, error.detail, detail)
    else:
        fault = fault_of(error)
        problem = _problem(fault.status, fault.title, str(error) if fault.status != 500 else "")
        problem["detail"] = problem["detail"] or fault.advice
        if isinstance(error, BadQuery):
            problem |= {"query": error.query, "at": error.at}
    answer = json_response(problem, problem["status"], MEDIA_TYPE)
    answer.headers["cache-control"] = "no-store"
    if problem["status"] == 503:
        answer.headers["retry-after"] = "60"
    answer.headers.update(getattr(error, "headers", None) or {})
    return answer


def _problem(status: int, title: str, detail: str) -> Any:
    return {"type": "about:blank", "title": title, "status": status, "detail": detail}


def is_for_programs(request: Request) -> bool:
    """Whether it is a program that asks, and no browser."""
    return request.url.path.startswith(_FOR_PROGRAMS)
