"""TEI by TEI P5's own schema (tei_all, release 3.0.0; CC BY and BSD 2-Clause, as it says)."""

import io
import json
from pathlib import Path
from typing import Any

import pytest
import zstandard
from lxml import etree

from storage.query.export.tei import Tei
from tests.storage.query.export.conftest import row

NAMESPACES = {"t": "http://www.tei-c.org/ns/1.0"}


@pytest.fixture(scope="module")
def schema() -> etree.RelaxNG:
    packed = Path(__file__).with_name("tei_all-3.0.0.rng.zst").read_bytes()
    return etree.RelaxNG(etree.fromstring(zstandard.ZstdDecompressor().decompress(packed)))


def corpus(rows: list[tuple[Any, ...]]) -> etree._Element:
    stream = io.BytesIO()
    tei = Tei(stream)
    tei.write(rows)
    tei.finish()
    return etree.fromstring(stream.getvalue())


def test_a_corpus_is_valid(rows: list[tuple[Any, ...]], schema: etree.RelaxNG) -> None:
    made = corpus(rows)
    assert schema.validate(made), schema.error_log
    titles = made.xpath("t:TEI/t:text/t:body/t:head/text()", namespaces=NAMESPACES)
    assert titles[0] == "The bridge <closes> & opens"
    assert titles[2] == '"a", b\ufffd\ufffd]]>\u2028'
    languages = made.xpath("t:TEI/t:text/@xml:lang", namespaces=NAMESPACES)
    assert languages == ["fr-FR", "fr-FR"]


KINDS = ["standfirst", "list-item", "list-item", "heading", "paragraph", "quotation", "heading",
         "heading", "table-row", "correction", "list-item"]  # fmt: skip


def test_every_kind_of_paragraph_is_valid(schema: etree.RelaxNG) -> None:
    text = "\n".join(f"{kind} {at}" for at, kind in enumerate(KINDS))
    made = corpus([row(1, text=text, paragraph_kinds=KINDS)])
    assert schema.validate(made), schema.error_log
    (body,) = made.xpath("//t:body", namespaces=NAMESPACES)
    shown = [it.text for it in body.iter() if it.text and it.text.strip()]
    assert shown == ["The bridge <closes> & opens", *text.split("\n")]
    assert len(body.xpath("t:div", namespaces=NAMESPACES)) == 3
    assert len(body.xpath("t:list/t:item", namespaces=NAMESPACES)) == 2


APART = [
    ["headline", "The bridge", 0, None],
    ["caption", "At <noon>", 1, "https://example.org/a b.jpg?x=[1]&y=é"],
    ["pull-quote", "It holds", 2, None],
    ["embedded-post", "Seen", 2, None],
    ["fact-box", "Built in 1921", 4, None],
    ["caption", "At night", 9, None],
]


def test_what_stands_beside_the_text_is_at_its_place(schema: etree.RelaxNG) -> None:
    kinds = ["standfirst", "heading", "list-item", "sign-off"]
    made = corpus(
        [
            row(
                1,
                text="One.\nTwo.\nThree.\n(dpa)",
                paragraph_kinds=kinds,
                apart=json.dumps(APART),
                live_entries=json.dumps([[1, "2026-01-03T10:00:00+01:00"]]),
            )
        ]
    )
    assert schema.validate(made), schema.error_log
    (body,) = made.xpath("//t:body", namespaces=NAMESPACES)
    shown = [it for it in body.xpath(".//text()") if it.strip()]
    assert shown[1:6] == ["The bridge", "One.", "At <noon>", "Two.", "It holds"]
    assert shown[6:] == ["Seen", "Three.", "(dpa)", "Built in 1921", "At night"]
    found = body.xpath(
        ".//*[@rend]/@rend | .//t:note/@type | .//t:date/@when", namespaces=NAMESPACES
    )
    assert found == ["headline", "standfirst", "2026-01-03T10:00:00+01:00", "pull-quote",
                     "embedded-post", "sign-off", "fact-box"]  # fmt: skip
    (url,) = body.xpath(".//t:graphic/@url", namespaces=NAMESPACES)
    assert url == "https://example.org/a%20b.jpg?x=%5B1%5D&y=%C3%A9"


def test_the_schema_refuses_what_is_no_tei(schema: etree.RelaxNG) -> None:
    made = corpus([row(1)])
    (body,) = made.xpath("//t:body", namespaces=NAMESPACES)
    etree.SubElement(body, "paragraph").text = "no element of TEI's"
    assert not schema.validate(made)
