"""TEI by TEI P5's own schema (tei_all, release 3.0.0; CC BY and BSD 2-Clause, as it says)."""

import io
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


def test_the_schema_refuses_what_is_no_tei(schema: etree.RelaxNG) -> None:
    made = corpus([row(1)])
    (body,) = made.xpath("//t:body", namespaces=NAMESPACES)
    etree.SubElement(body, "paragraph").text = "no element of TEI's"
    assert not schema.validate(made)
