import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.search.errors import BadQuery
from storage.search.query import All, Any, Node, Not, Term, parse


def shown(node: Node | None) -> str:
    match node:
        case Term(field, text, _, phrase, prefix):
            quoted = f'"{text}"' if phrase else text
            return f"{field}{':' if field else ''}{quoted}{'*' if prefix else ''}"
        case Not(part):
            return f"not({shown(part)})"
        case All(parts):
            return f"all({', '.join(map(shown, parts))})"
        case Any(parts):
            return f"any({', '.join(map(shown, parts))})"
    return ""


@pytest.mark.parametrize(
    ("query", "parsed"),
    [
        ("", ""),
        ("ferry", "ferry"),
        ("ferry jetty", "all(ferry, jetty)"),
        ("ferry AND jetty", "all(ferry, jetty)"),
        ("ferry OR jetty pier", "any(ferry, all(jetty, pier))"),
        ("(ferry OR jetty) pier", "all(any(ferry, jetty), pier)"),
        ("ferry NOT jetty", "all(ferry, not(jetty))"),
        ("ferry -jetty", "all(ferry, not(jetty))"),
        ("-jetty", "not(jetty)"),
        ('-"the jetty"', 'not("the jetty")'),
        ("-(a OR b)", "not(any(a, b))"),
        ("NOT NOT a", "not(not(a))"),
        ("fer*", "fer*"),
        ('"prime min*"', '"prime min"*'),
        ("title:ferry", "title:ferry"),
        ("TITLE:Ferry", "title:Ferry"),
        ('title:"the ferry"', 'title:"the ferry"'),
        ("title:(ferry OR jetty)", "any(title:ferry, title:jetty)"),
        ("-lang:fr", "not(lang:fr)"),
        ("source:example.org:8080", "source:example.org:8080"),
        ("published:2026-01..2026-03", "published:2026-01..2026-03"),
        ("semi-final", "semi-final"),
        ("12:30", "12:30"),
        ("and or not", "all(and, or, not)"),
        ("- a", "all(-, a)"),
    ],
)
def test_what_a_query_says(query: str, parsed: str) -> None:
    assert shown(parse(query)) == parsed


@pytest.mark.parametrize(
    ("query", "place", "message"),
    [
        ("(ferry OR jetty", "^", "never closed"),
        ("ferry)", "     ^", "closes none"),
        ('a "b', "  ^", "never closed"),
        ("a AND", "     ^", "missing here"),
        ("OR a", "^", "before OR"),
        ("a AND OR b", "      ^", "before OR"),
        ("()", " ^", "before this bracket"),
        ("a fe*y", "    ^", "at the end"),
        ("a foo:b", "  ^", "no field foo"),
        ("title:", "      ^", "what is title"),
        ("title: a", "      ^", "what is title"),
        ("title:(body:a)", "       ^", "within title"),
        ("NOT", "   ^", "missing here"),
        ("a " * 300, " " * 59 + " ^", "256 words"),
    ],
)
def test_where_a_query_is_wrong(query: str, place: str, message: str) -> None:
    with pytest.raises(BadQuery, match=message) as raised:
        parse(query)
    assert raised.value.pointed()[1] == place


@pytest.mark.parametrize("query", ["(" * 10_000, "NOT " * 2_000, "-" * 5_000 + "a", "x" * 10_001])
def test_a_hostile_query_is_refused(query: str) -> None:
    with pytest.raises(BadQuery):
        parse(query)


@given(st.text(alphabet='ab"()-* :ORANDNT\n', max_size=30))
def test_every_query_is_parsed_or_refused_at_a_place_in_it(query: str) -> None:
    wrong = None
    try:
        parse(query)
    except BadQuery as error:
        wrong = error
    assert wrong is None or 0 <= wrong.at <= len(query)
