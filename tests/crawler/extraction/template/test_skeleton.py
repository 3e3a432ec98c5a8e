import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import html

from crawler.extraction.template.skeleton import SKETCH, Skeleton, likeness, skeleton_of, sketch


def skeleton(body: str) -> Skeleton:
    return skeleton_of(html.document_fromstring(f"<html><body>{body}</body></html>"))


def page(paragraphs: int, extra: str = "", prefix: str = "") -> str:
    text = "<p>Words of an article.</p>" * paragraphs
    return (
        f"<div class='{prefix}page'><header class='{prefix}masthead'><nav class='{prefix}menu'>"
        f"</nav></header><main class='{prefix}content'><article class='{prefix}story post-12'>"
        f"<h1 class='{prefix}title'>Title</h1><div class='{prefix}entry'>{text}</div>{extra}"
        f"</article></main><footer class='{prefix}colophon'></footer></div>"
    )


def test_what_an_article_says_is_no_part_of_it() -> None:
    film = "<figure><video></video><figcaption>A film</figcaption></figure><table><tr><td>1"
    assert likeness(skeleton(page(2)), skeleton(page(40))) == 1
    assert likeness(skeleton(page(2)), skeleton(page(9, film))) > 0.8


def test_another_theme_has_little_in_common_with_it() -> None:
    assert likeness(skeleton(page(3)), skeleton(page(3, prefix="new-"))) < 0.3


def test_a_page_without_classes_has_one_all_the_same() -> None:
    bare = skeleton("<main><article><h1>A</h1><p>B</p></article></main>")
    assert bare
    assert likeness(bare, skeleton("<main><article><h1>C</h1><p>D</p></article></main>")) == 1


@pytest.mark.parametrize("one", [(), (1, 2)])
def test_nothing_is_like_nothing_alone(one: Skeleton) -> None:
    assert likeness(one, ()) == (not one)


def test_it_is_bounded() -> None:
    boxes = "".join(f"<div class='box{chr(97 + n % 26)}{chr(97 + n // 26)}'>" for n in range(600))
    assert len(skeleton(boxes)) == SKETCH


@given(st.sets(st.integers(0, 2**32)), st.sets(st.integers(0, 2**32)))
def test_likeness_is_the_same_both_ways(one: set[int], other: set[int]) -> None:
    there, back = likeness(sketch(one), sketch(other)), likeness(sketch(other), sketch(one))
    assert there == back
    assert 0 <= there <= 1
