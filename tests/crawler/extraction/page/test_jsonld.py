import json
import sys
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml.html import document_fromstring

from crawler.extraction.page.jsonld import (
    MAX_DEPTH,
    parse_documents,
    read_documents,
    text_unescaped,
)


@pytest.mark.parametrize(
    "text",
    [
        '{"a": 1}',
        '  {"a": 1};  ',
        '<!-- {"a": 1} -->',
        '//<![CDATA[\n{"a": 1}\n//]]>',
        '/* <![CDATA[ */ {"a": 1} /* ]]> */',
        '{"a": 1,}',
        "{&quot;a&quot;: 1}",
    ],
)
def test_the_usual_wrappings_and_faults_are_forgiven(text: str) -> None:
    assert parse_documents(text) == [{"a": 1}]


def test_line_breaks_inside_strings_are_forgiven() -> None:
    assert parse_documents('{"a": "one\ntwo"}') == [{"a": "one\ntwo"}]


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        (r"Faster: \"Yes\"", 'Faster: "Yes"'),
        (r'"Faster: \"Yes\""', 'Faster: "Yes"'),
        (r"Faster: \\\"Yes\\\"", 'Faster: "Yes"'),
        (r"Caf\u00e9 \/ Bar\nTwo", "Café / Bar\nTwo"),
        # nothing to decode
        ('"Yes", she says', '"Yes", she says'),
        ('"Yes, we do"', '"Yes, we do"'),
        (r"C:\new", r"C:\new"),
        (r"C:\new \"x\" \q", r"C:\new \"x\" \q"),
        ("", ""),
    ],
)
def test_what_was_escaped_too_often_is_decoded(text: str, meant: str) -> None:
    assert text_unescaped(text) == meant


@pytest.mark.parametrize(
    "text",
    [
        r'{"a": "Faster: \\"Yes\\""}',
        r'"{\"a\": \"Faster: \\\"Yes\\\"\"}"',
        r"{\"a\": \"Faster: \\\"Yes\\\"\"}",
    ],
)
def test_documents_escaped_too_often_are_read(text: str) -> None:
    assert parse_documents(text) == [{"a": 'Faster: "Yes"'}]


def test_documents_run_together_are_all_read() -> None:
    assert parse_documents('{"a": 1}{"b": 2}\n[3]') == [{"a": 1}, {"b": 2}, [3]]


def test_what_comes_before_a_fault_is_kept() -> None:
    assert parse_documents('{"a": 1} {"b": oops}') == [{"a": 1}]


@pytest.mark.parametrize("text", ["", "words", "{", '{"a": }', "null", "NaN", '"text"'])
def test_no_json_object_gives_nothing(text: str) -> None:
    assert parse_documents(text) == []


def test_numbers_out_of_measure_are_no_numbers() -> None:
    text = '{"a": ' + "9" * 10_000 + ', "b": NaN, "c": -Infinity, "d": 1e999}'
    (document,) = parse_documents(text)
    assert isinstance(document, dict)
    assert (document["a"], document["b"], document["c"]) == (None, None, None)


def test_nesting_is_bounded_alike_at_any_depth_of_the_stack() -> None:
    allowed = "[" * MAX_DEPTH + "]" * MAX_DEPTH
    refused = "[" + allowed + "]"

    def below(frames: int, text: str) -> list[object]:
        return parse_documents(text) if frames == 0 else below(frames - 1, text)

    deep = sys.getrecursionlimit() // 2
    assert len(below(0, allowed)) == len(below(deep, allowed)) == 1
    assert below(0, refused) == below(deep, refused) == []
    assert parse_documents("[" * 500_000) == []


def test_brackets_in_strings_do_not_nest() -> None:
    assert parse_documents(json.dumps({"a": "[{" * 1000})) == [{"a": "[{" * 1000}]


@pytest.mark.parametrize("string", ['"', '\\"', '"\\', 'a"'])
@pytest.mark.parametrize("ending", ["", "\\"])
def test_strings_that_nothing_ends_cost_linear_time(string: str, ending: str) -> None:
    text = "[{" * MAX_DEPTH + '"' + string * (450_000 // len(string)) + ending
    started = time.process_time()
    parse_documents(text)
    assert time.process_time() - started < 1


def test_only_json_ld_scripts_are_read() -> None:
    tree = document_fromstring(
        '<script>{"a": 1}</script><script type="application/json">{"a": 2}</script>'
        '<script type="Application/LD+JSON; charset=utf-8">{"a": 3}</script>'
        '<script type="application/ld+json"></script>'
    )
    assert list(read_documents(tree)) == [{"a": 3}]


@settings(deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers(-(10**18), 10**18) | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
        max_leaves=20,
    ).filter(lambda value: isinstance(value, (list, dict)))
)
def test_valid_json_survives(value: object) -> None:
    assert parse_documents(json.dumps(value)) == [value]


@settings(deadline=None)
@given(st.text(alphabet='{}[]",:\\a1 \n&;/*<!-', max_size=200))
def test_anything_gives_a_list(text: str) -> None:
    assert isinstance(parse_documents(text), list)
