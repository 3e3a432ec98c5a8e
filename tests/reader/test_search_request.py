"""A search's address, and the same search as a command and as Python."""

import ast
import shlex

import pytest
from starlette.datastructures import QueryParams

from reader.faults import WrongRequest
from reader.search_request import search_request
from scripts.main import cli
from storage.search.query import parse

ADDRESS = (
    "q=ferry+OR+bac&source=example.org&lang=fr&lang=en&state=gone&since=2026-01-01"
    "&until=2026-02-01&as_of=2026-11-25T10%3A00%3A00Z&sort=newest"
)


def test_an_address_says_all_of_a_search() -> None:
    asked = search_request(QueryParams(ADDRESS))
    assert search_request(QueryParams(asked.address().partition("?")[2])) == asked
    assert asked.whole_query == '(ferry OR bac) (lang:"fr" OR lang:"en") state:"gone"'
    assert parse(asked.whole_query) is not None
    assert asked.sources == ("example.org",)


def test_a_parameter_that_there_is_not_is_told() -> None:
    with pytest.raises(WrongRequest, match="There is no parameter language; there are q, source"):
        search_request(QueryParams("q=ferry&language=fr"))
    assert search_request(QueryParams("q=ferry&hl=fr&cursor=x"), "cursor").query == "ferry"


def test_the_command_is_one_that_the_program_takes() -> None:
    asked = search_request(QueryParams(ADDRESS))
    for words in (asked.command(), asked.export_command("csv")):
        program, name, *arguments = shlex.split(words)
        command = cli.get_command(None, name)  # type: ignore[arg-type]
        assert program == "permalien"
        assert command is not None
        given = command.make_context(name, arguments).params
        assert given["sources"] == ("example.org",)
        assert asked.whole_query in (*given.get("words", ()), given.get("search"))


def test_the_python_is_python() -> None:
    asked = search_request(QueryParams(ADDRESS))
    compile(asked.python("news.db"), "page", "exec", ast.PyCF_ONLY_AST)
    hostile = search_request(QueryParams({"q": "'); import os #"}))
    (call,) = (
        node
        for node in ast.walk(ast.parse(hostile.python("news.db")))
        if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "search"
    )
    assert isinstance(call.args[0], ast.Constant)
    assert call.args[0].value == "'); import os #"


def test_values_of_facets_can_not_break_out() -> None:
    with pytest.raises(WrongRequest):
        search_request(QueryParams({"lang": 'fr" OR title:"x'}))


def test_a_value_that_is_chosen_again_is_chosen_no_more() -> None:
    asked = search_request(QueryParams(ADDRESS))
    assert asked.toggled("lang", "fr").chosen("lang") == ("en",)
    assert asked.toggled("lang", "de").chosen("lang") == ("fr", "en", "de")
