from lxml.html import document_fromstring

from crawler.extraction.metadata.labels import MOST_LABELS, Label, labels_below
from crawler.extraction.page.surroundings import around_heading


def labels(below: str) -> tuple[Label, ...]:
    tree = document_fromstring(f"<html><body><h1>Bridge reopens</h1>{below}</body></html>")
    return labels_below(around_heading(tree, "Bridge reopens"), {"thedaily"})


def test_each_short_text_has_its_place_and_its_names() -> None:
    assert labels('<div class="b a">By <i class="k">Ana Ruiz,</i> Staff Writer</div>') == (
        Label("html/body/div.a.b", ()),
        Label("body/div.a.b/i.k", ("Ana Ruiz",)),
        Label("html/body/div.a.b", ()),
    )


def test_the_house_and_a_date_are_no_names() -> None:
    assert [it.names for it in labels("<p>The Daily</p><p>3 May 2024</p>")] == [(), ()]


def test_labels_end_where_the_text_begins() -> None:
    text = "The bridge over the old harbour opens again after three years of work. " * 3
    assert len(labels(f"<p>Ana Ruiz</p><p>{text}</p><p>Bo Ek</p>")) == 1
    assert len(labels("<p>Ana Ruiz</p>" * 2 * MOST_LABELS)) == MOST_LABELS


def test_no_heading_has_no_labels() -> None:
    tree = document_fromstring("<html><body><p>Ana Ruiz</p></body></html>")
    assert labels_below(around_heading(tree, ""), set()) == ()
