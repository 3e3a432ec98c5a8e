import pytest

from scripts.demo.articles import (
    EDITIONS,
    SITE,
    Block,
    BlockKind,
    Span,
    edited_body,
    parse_block,
    read_articles,
    removed_paths,
)


@pytest.mark.parametrize(
    ("line", "block"),
    [
        (
            "## A *new* dawn",
            Block(BlockKind.HEADING, (Span("A "), Span("new", emphasised=True), Span(" dawn"))),
        ),
        ("- one", Block(BlockKind.LIST_ITEM, (Span("one"),))),
        ("> said", Block(BlockKind.QUOTATION, (Span("said"),))),
        (
            "! quay | The [quay](/q)",
            Block(BlockKind.IMAGE, (Span("The "), Span("quay", "/q")), "quay"),
        ),
        ("[All](/a) of it", Block(BlockKind.PARAGRAPH, (Span("All", "/a"), Span(" of it")))),
        (
            "3 * 4 - 5 > 6 [sic] (so)",
            Block(BlockKind.PARAGRAPH, (Span("3 * 4 - 5 > 6 [sic] (so)"),)),
        ),
    ],
)
def test_a_line_is_a_block(line: str, block: Block) -> None:
    assert parse_block(line) == block


def test_the_text_has_all_but_the_images_and_no_markup() -> None:
    for article in read_articles(1).values():
        lines = article.text.splitlines()
        shown = [block for block in article.blocks if block.kind is not BlockKind.IMAGE]
        assert lines == [article.standfirst, *(block.text for block in shown)]
        assert not any(mark in article.text for mark in ("](", "## ", "> "))


@pytest.mark.parametrize("edition", EDITIONS)
def test_articles_are_latest_first_and_their_times_aware(edition: int) -> None:
    times = [article.published_at for article in read_articles(edition).values()]
    assert times == sorted(times, reverse=True)
    assert all(time.tzinfo for time in times)


@pytest.mark.parametrize("edition", EDITIONS)
def test_every_image_and_related_article_is_there(edition: int) -> None:
    by_path = read_articles(edition)
    for article in by_path.values():
        images = [article.image, *(block.image for block in article.blocks)]
        assert all((SITE / "images" / f"{image}.svg").is_file() for image in images if image)
        assert by_path.keys() >= set(article.related)


def test_no_sentence_is_in_two_articles() -> None:
    lines = [line for article in read_articles(2).values() for line in article.text.splitlines()]
    assert len(set(lines)) == len(lines)


def test_what_is_removed_was_there_before() -> None:
    assert removed_paths(1) == frozenset()
    assert removed_paths(2) == read_articles(1).keys() - read_articles(2).keys()


@pytest.mark.parametrize("body", ["nothing of it", "twice, twice"])
def test_an_edit_must_find_its_place_exactly_once(body: str) -> None:
    with pytest.raises(ValueError, match="not once"):
        edited_body(body, [["twice", "once"]])
