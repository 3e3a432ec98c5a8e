"""The first page: what came in, what changed, what vanished."""

from typing import Final

from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from reader.page_request import PageRequest, page


def home(asked: PageRequest) -> Response:
    with asked.reading():
        return asked.render("home.html")


ROUTES: Final[list[BaseRoute]] = [Route("/", page(home), name="home")]
