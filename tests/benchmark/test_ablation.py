from pathlib import Path

import pytest

from crawler.extraction import PageInput, extract
from tests.benchmark.ablation import parts, without

PAGE = (
    Path(__file__).parents[1] / "crawler" / "extraction" / "pages" / "bridge-en" / "page.html"
).read_bytes()


def texts(body: bytes = PAGE) -> list[str]:
    return [paragraph.text for paragraph in extract(PageInput(body)).paragraphs]


@pytest.mark.parametrize("part", parts())
def test_extraction_works_without_any_part_and_is_whole_again(part: str) -> None:
    whole = extract(PageInput(PAGE))
    with without(part):
        assert extract(PageInput(PAGE)).title
    assert extract(PageInput(PAGE)) == whole


def test_without_nothing_nothing_is_missing() -> None:
    whole = extract(PageInput(PAGE))
    with without(""):
        assert extract(PageInput(PAGE)) == whole


def test_there_is_no_taking_out_what_is_not_there() -> None:
    with pytest.raises(KeyError), without("magic"):
        pass


def test_the_rules_are_those_of_the_body() -> None:
    rules = {part.removeprefix("rule: ") for part in parts() if part.startswith("rule: ")}
    assert {"furniture", "caption", "fragment", "copyright", "outside"} <= rules


def test_a_rule_passed_over_leaves_the_others_to_judge() -> None:
    copyrighted = PAGE.replace(
        b"<p>Work begins in March",
        b"<p>Copyright 2025 The Valley Courier.</p><p>Work begins in March",
    )
    with without("rule: copyright"):
        assert "Copyright 2025 The Valley Courier." in texts(copyrighted)
    assert texts(copyrighted) == texts()


@pytest.mark.parametrize("part", ["rule: furniture", "furniture: names"])
def test_furniture_stays_where_nothing_knows_it(part: str) -> None:
    with without("second opinion"):
        whole = texts()
        with without(part):
            assert set(texts()) > set(whole)


def test_structured_data_and_meta_tags_are_read_no_more() -> None:
    with without("structured data"):
        assert "json-ld" not in {c.source for c in extract(PageInput(PAGE)).candidates["title"]}
    with without("meta tags"):
        assert extract(PageInput(PAGE)).description is None
