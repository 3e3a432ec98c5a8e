"""Faults told to whom it is that asks: a page to a person, problem details to a program."""

from starlette.requests import Request
from starlette.responses import Response

from reader.api.problems import is_for_programs, problem_response
from reader.faults import fault_page


def tell(request: Request, error: Exception) -> Response:
    """The answer that tells an error."""
    return problem_response(error) if is_for_programs(request) else fault_page(request, error)


async def told(request: Request, error: Exception) -> Response:
    """Starlette's handler of errors."""
    return tell(request, error)
