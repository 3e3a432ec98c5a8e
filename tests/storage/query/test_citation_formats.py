"""Citations as the programs read them that they are for."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import rispy
from citeproc import (
    Citation as Cited,
)
from citeproc import (
    CitationItem,
    CitationStylesBibliography,
    CitationStylesStyle,
    formatter,
)
from citeproc.source.json import CiteProcJSON
from pybtex.database import Entry, parse_string

from storage.query.citation import Citation
from storage.query.citation_formats import (
    Language,
    as_biblatex,
    as_bibtex,
    as_csl,
    as_ris,
    as_text,
)

START = datetime(2026, 3, 1, 8, 10, tzinfo=UTC)
PLAIN = Citation(
    version_id="bw2hfqdjc7gz6rrw",
    version=2,
    title="The bridge will stay open",
    authors=["Anna Berg", "Jean d'Ormesson"],
    source="example.org",
    url="https://example.org/bridge",
    language="en",
    published_on="2026-03-01",
    first_seen_at=START,
    last_seen_at=START + timedelta(days=2),
    page_sha256="ab" * 32,
)
TITLES = [
    "A {brace} that } does not { match",
    r"50 % & more: $5 #1 a_b ~ ^ \cite{x} \\",
    "橋は開いたまま「市長」",
    "Two\nlines\r\nand @misc{x, title = {y}}",
    "Quotes \" and 'these' “too”",
    "Ends with a backslash \\",
]
LATEX = {
    r"{\textbackslash}": "\\",
    r"{\textbraceleft}": "{",
    r"{\textbraceright}": "}",
    r"{\textasciitilde}": "~",
    r"{\textasciicircum}": "^",
    **{rf"\{it}": it for it in "&%$#_"},
}


def hostile(title: str) -> Citation:
    line = " ".join(title.split())
    return replace(PLAIN, title=line, authors=[line, "Anna Berg", "Knuth and Sons, Ltd."])


def from_latex(text: str) -> str:
    """What LaTeX shows of it."""
    shown, at = "", 0
    while at < len(text):
        command = next((it for it in LATEX if text.startswith(it, at)), None)
        shown += LATEX[command] if command else text[at]
        at += len(command) if command else 1
    return shown


def entry(text: str) -> Entry:
    (found,) = parse_string(text, "bibtex").entries.values()
    assert found.key == "permalien-bw2hfqdjc7gz6rrw"
    return found


@pytest.mark.parametrize("title", TITLES)
@pytest.mark.parametrize("form", [as_bibtex, as_biblatex])
def test_bibtex_gives_every_title_back(title: str, form: Callable[[Citation], str]) -> None:
    cited = hostile(title)
    found = entry(form(cited))
    assert from_latex(found.fields["title"].removeprefix("{").removesuffix("}")) == cited.title
    assert len(found.persons["author"]) == 3
    names = [from_latex(str(person).strip("{}")) for person in found.persons["author"]]
    assert names[1:] == ["Berg, Anna", "Knuth and Sons, Ltd."]
    assert "ab" * 32 in found.fields["note"]


def test_bibtex() -> None:
    found = entry(as_bibtex(PLAIN))
    assert (found.type, found.fields["year"], found.fields["month"]) == ("misc", "2026", "3")
    assert found.fields["howpublished"] == r"\url{https://example.org/bridge}"


def test_biblatex() -> None:
    found = entry(as_biblatex(PLAIN))
    assert (found.type, found.fields["date"], found.fields["url"]) == (
        "online",
        "2026-03-01",
        "https://example.org/bridge",
    )
    assert found.fields["urldate"] == "2026-03-03"


def test_an_address_does_not_end_its_field() -> None:
    cited = replace(PLAIN, url="https://example.org/{a}?q=5%25&x=#é\\")
    assert entry(as_biblatex(cited)).fields["url"] == "https://example.org/%7Ba%7D?q=5%25&x=#é%5C"


@pytest.mark.parametrize("title", TITLES)
def test_ris(title: str) -> None:
    cited = hostile(title)
    (found,) = rispy.loads(as_ris(cited))
    assert (found["type_of_reference"], found["title"]) == ("NEWS", cited.title)
    assert found["authors"] == cited.authors
    assert found["urls"] == [PLAIN.url]
    assert (found["year"], found["date"]) == ("2026", "2026/03/01")
    assert "ab" * 32 in found["notes"][0]


@pytest.mark.parametrize("title", TITLES)
def test_csl(title: str) -> None:
    cited = hostile(title)
    items = json.loads(json.dumps(as_csl(cited)))
    style = CitationStylesStyle("harvard-cite-them-right", validate=False)
    bibliography = CitationStylesBibliography(style, CiteProcJSON(items), formatter.plain)
    bibliography.register(Cited([CitationItem("permalien-bw2hfqdjc7gz6rrw")]))
    (line,) = bibliography.bibliography()
    assert "example.org" in str(line)
    assert "2026" in str(line)
    assert items[0]["title"] == cited.title
    assert items[0]["issued"] == {"date-parts": [[2026, 3, 1]]}


def test_a_sentence_in_english_and_french() -> None:
    assert as_text(PLAIN) == (
        "Anna Berg, Jean d'Ormesson, “The bridge will stay open”, example.org, published "
        "1 March 2026, https://example.org/bridge. Version 2 (Permalien bw2hfqdjc7gz6rrw), seen "
        "from 1 March 2026, 08:10 UTC to 3 March 2026, 08:10 UTC. "
        f"SHA-256 of the page: {'ab' * 32}."
    )
    assert as_text(PLAIN, Language.FRENCH) == (
        "Anna Berg, Jean d'Ormesson, « The bridge will stay open », example.org, publié le "
        "1er mars 2026, https://example.org/bridge. Version 2 (Permalien bw2hfqdjc7gz6rrw), vue du "
        f"1er mars 2026 à 8 h 10 UTC au 3 mars 2026 à 8 h 10 UTC. SHA-256 de la page : {'ab' * 32}."
    )


def test_what_is_not_known_is_left_out() -> None:
    bare = replace(PLAIN, authors=[], published_on=None, language=None, last_seen_at=START)
    assert as_text(bare).startswith("“The bridge will stay open”, example.org, https://")
    assert "seen on 1 March 2026, 08:10 UTC." in as_text(bare)
    assert "author" not in entry(as_biblatex(bare)).persons
    (found,) = rispy.loads(as_ris(bare))
    assert "year" not in found
    assert "issued" not in as_csl(bare)[0]
