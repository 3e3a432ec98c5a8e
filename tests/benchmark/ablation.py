"""The parts of extraction, each of which can be taken out for a moment to see what it brings.

What is taken out is replaced in the modules that use it: production code knows nothing of this.
The rules against blocks are found where they are, by the reasons that `body` gives.
"""

import ast
import inspect
import textwrap
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from functools import cache, partial
from importlib import import_module
from types import FunctionType
from typing import Any, NamedTuple
from unittest.mock import patch

from crawler.extraction.body import containers, second_opinion, selection, trimming
from crawler.extraction.body.claims import Claims
from crawler.extraction.body.containers import Layout
from crawler.extraction.body.opening import Opening
from crawler.extraction.body.selection import Body
from crawler.extraction.metadata import gather
from crawler.extraction.page import blocks, jsonld, microdata, structured
from crawler.extraction.page.blocks import Block
from crawler.extraction.page.meta_tags import MetaTags
from crawler.extraction.page.structured import StructuredData
from crawler.extraction.page.surroundings import Surroundings
from crawler.extraction.template import learning

# the package has a function of the same name
extract = import_module("crawler.extraction.extract")

NEVER = 2.0
"""More than any share."""


class Replacement(NamedTuple):
    """A name in a module or class, and what stands there instead."""

    owner: object
    name: str
    value: object


@contextmanager
def without(part: str) -> Iterator[None]:
    """Extraction as it is without a part; as it is where `part` is empty.

    Raises KeyError for a part there is not.
    """
    with ExitStack() as stack:
        for owner, name, value in parts()[part]() if part else ():
            stack.enter_context(patch.object(owner, name, value))
        yield


@cache
def parts() -> Mapping[str, Callable[[], Sequence[Replacement]]]:
    """The parts by name, each with what takes it out."""
    return {
        **{name: partial(_replaced, replacement) for name, replacement in _REPLACED.items()},
        **{f"rule: {reason}": partial(_passing_over, reason) for reason in _reasons()},
    }


def _replaced(replacement: Replacement) -> Sequence[Replacement]:
    return [replacement]


def _constantly(value: object) -> Callable[..., Any]:
    return lambda *_, **__: value


def _read_structured_without_body(tree: Any) -> StructuredData:
    return replace(structured.read_structured(tree), article_body=None)


def _find_body_without(argument: str, nothing: object) -> Callable[..., Body]:
    def find(blocks: Sequence[Block], claims: Claims) -> Body:
        return selection.find_body(blocks, replace(claims, **{argument: nothing}))  # type: ignore[arg-type]

    return find


_REPLACED = {
    "structured data": Replacement(extract, "read_structured", _constantly(StructuredData())),
    "JSON-LD": Replacement(jsonld, "read_documents", _constantly(())),
    "microdata": Replacement(microdata, "read_items", _constantly([])),
    "second opinion": Replacement(extract, "reconsidered", lambda _blocks, body, _claims: body),
    "second opinion: comes back": Replacement(second_opinion, "SURE", NEVER),
    "second opinion: lists": Replacement(second_opinion, "_amid_their_list", _constantly(set())),
    "second opinion: headings": Replacement(
        second_opinion, "_heading_the_text", _constantly(set())
    ),
    "second opinion: quotations": Replacement(
        second_opinion, "_quoted_in_the_text", _constantly(set())
    ),
    "second opinion: corrections": Replacement(
        second_opinion, "is_correction_note", _constantly(False)
    ),
    "articleBody": Replacement(extract, "read_structured", _read_structured_without_body),
    "meta tags": Replacement(gather, "read_meta_tags", _constantly(MetaTags({}, {}))),
    "around the heading": Replacement(gather, "around_heading", _constantly(Surroundings())),
    "what stands elsewhere": Replacement(extract.Elsewhere, "has", _constantly(False)),
    "Trafilatura": Replacement(extract, "read_with_trafilatura", _constantly([])),
    "embedded article": Replacement(extract, "embedded_article", _constantly(None)),
    "body: title": Replacement(extract, "find_body", _find_body_without("title", "")),
    "body: authors": Replacement(extract, "find_body", _find_body_without("authors", ())),
    "body: descriptions": Replacement(extract, "find_body", _find_body_without("descriptions", ())),
    "furniture: names": Replacement(containers, "FURNITURE_NAMES", frozenset()),
    "furniture: tags": Replacement(containers, "FURNITURE_TAGS", frozenset()),
    "furniture: hidden": Replacement(blocks, "is_hidden", _constantly(False)),
    "furniture: meaningless signs": Replacement(
        containers, "_meaningless_share", _constantly(NEVER)
    ),
    "furniture: meaningless where nothing is left": Replacement(
        Layout, "_pass_over_what_leaves_nothing", _constantly(None)
    ),
    "unclosed elements": Replacement(blocks, "SWALLOWING", frozenset()),
    "cards": Replacement(selection, "cards", _constantly(frozenset())),
    "banners": Replacement(Opening, "banner", _constantly(())),
    "lists of the text": Replacement(selection, "keep_lists_of_the_text", _constantly(None)),
    "standfirst": Replacement(Opening, "is_standfirst", _constantly(False)),
    "headline repeated": Replacement(Opening, "repeats_headline", _constantly(False)),
    "signposts": Replacement(selection, "is_signpost", _constantly(False)),
    "labels of links": Replacement(selection._Selection, "_labels_links", _constantly(False)),
    "repetitions": Replacement(selection, "drop_repetitions", _constantly(None)),
    "pull quotes": Replacement(selection, "drop_pull_quotes", _constantly(None)),
    "headings of nothing": Replacement(selection, "drop_headings_of_nothing", _constantly(None)),
    "ending": Replacement(selection, "drop_ending", _constantly(None)),
    "ending: prompts": Replacement(trimming, "prompts", _constantly(False)),
    "ending: signature": Replacement(trimming, "SIGNATURE_LINES", 0),
    "template: edges": Replacement(learning, "EDGE_SHARE", NEVER),
    "template: prose": Replacement(learning, "TEXT_SHARE", NEVER),
    "template: lines": Replacement(learning, "LINE_SHARE", NEVER),
}


def _reasons() -> list[str]:
    """Why `body` leaves blocks out."""
    finder = _PassOver(None)
    for tree in _judgement().values():
        finder.visit(tree)
    return sorted(finder.met)


@cache
def _passing_over(reason: str) -> Sequence[Replacement]:
    """The judgement of blocks with what gives one reason passed over: what follows judges."""
    found = []
    for name, tree in _judgement().items():
        editor = _PassOver(reason)
        edited = ast.fix_missing_locations(editor.visit(tree))
        if reason in editor.met:
            namespace: dict[str, object] = {}
            exec(compile(edited, str(selection.__file__), "exec"), vars(selection), namespace)
            found.append(Replacement(selection._Selection, name, namespace[name]))
    return found


def _judgement() -> dict[str, ast.Module]:
    return {
        name: ast.parse(textwrap.dedent(inspect.getsource(method)))
        for name, method in vars(selection._Selection).items()
        if isinstance(method, FunctionType)
    }


class _PassOver(ast.NodeTransformer):
    """Takes out what returns `reason`; `met` are all the reasons there are."""

    def __init__(self, reason: str | None) -> None:
        self.reason = reason
        self.met: set[str] = set()

    def visit_Return(self, node: ast.Return) -> ast.stmt:
        if isinstance(node.value, ast.IfExp):
            node.value.body = self._unless_it(node.value.body)
            node.value.orelse = self._unless_it(node.value.orelse)
        elif node.value is not None and self._is_it(node.value):
            return ast.Pass()
        return node

    def _unless_it(self, value: ast.expr) -> ast.expr:
        return ast.Constant(None) if self._is_it(value) else value

    def _is_it(self, value: ast.expr) -> bool:
        """A string, or the sum that begins with one."""
        while isinstance(value, ast.BinOp):
            value = value.left
        if not (isinstance(value, ast.Constant) and isinstance(value.value, str)):
            return False
        reason = value.value.strip()
        self.met.add(reason)
        return reason == self.reason
