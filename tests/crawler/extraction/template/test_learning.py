import random
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.extraction import Template, TemplateLearner, extract, learn_template
from crawler.extraction.page_input import PageInput
from crawler.extraction.template.learning import SAMPLE_PAGES
from crawler.extraction.template.outline import BlockKind, Entry
from crawler.extraction.template.samples import PageSample
from crawler.extraction.template.template import Decision, removed_by
from tests.crawler.extraction import wordpress
from tests.support.properties import examples

PLACE = "div.entry/p"


def entry(text: str, kind: BlockKind = BlockKind.PROSE, place: str = PLACE) -> Entry:
    return Entry(f"{kind}-{place}-{text}", kind, place, text)


def own(page: int, count: int = 4) -> list[Entry]:
    return [entry(f"paragraph {number} of page {page}") for number in range(count)]


def learn(pages: Sequence[Sequence[Entry]]) -> Template:
    learner = TemplateLearner()
    for page in pages:
        learner.add(PageSample((), tuple(map(str, page))))
    return learner.template()


def removed_texts(pages: Sequence[Sequence[Entry]]) -> set[str]:
    return {block.example for block in learn(pages).removable.values()}


@pytest.mark.parametrize("count", [3, 4, 10, 41])
@pytest.mark.parametrize("prompt_inside", [False, True])
@pytest.mark.parametrize(
    "furniture",
    [
        "<p>{}</p>",
        "<div class='widget-texte'><p>{}</p></div>",
        "<div>{}</div>",
        "<h3>{}</h3>",
    ],
)
def test_a_sites_texts_are_its_articles_and_nothing_else(
    count: int, furniture: str, prompt_inside: bool
) -> None:
    posts = list(wordpress.posts(count))
    pages = [
        (wordpress.page(post, furniture=furniture, prompt_inside=prompt_inside), post.url)
        for post in posts
    ]
    template = learn_template(pages)
    for post, (body, url) in zip(posts, pages, strict=True):
        assert extract(PageInput(body, url=url), templates=template).text == "\n".join(post.texts)


def test_what_the_template_removes_is_recorded() -> None:
    posts = list(wordpress.posts(3))
    pages = [(wordpress.page(post, furniture="<p>{}</p>"), post.url) for post in posts]
    article = extract(PageInput(pages[0][0], url=pages[0][1]), templates=learn_template(pages))
    removed = {r.text for r in article.removed if r.reason == "template"}
    assert {"Laissez un avis", wordpress.LAST_LINES[3]} <= removed


def test_two_pages_teach_nothing() -> None:
    last = entry("Leave a comment", BlockKind.LINE)
    assert not learn([[*own(1), last], [*own(2), last]]).blocks


def test_a_closing_line_of_some_pages_is_template() -> None:
    last = entry("Reporting by the sports desk", BlockKind.LINE)
    pages = [[*own(n), last] for n in range(4)] + [own(n) for n in range(4, 20)]
    assert removed_texts(pages) == {"Reporting by the sports desk"}


def test_a_quotation_that_several_articles_share_stays() -> None:
    quotation = entry("We never promised that the bridge would be free, said the mayor.")
    pages = [[*own(n, 2), quotation, *own(n + 100, 2)] for n in range(4)]
    pages += [own(n) for n in range(4, 20)]
    assert removed_texts(pages) == set()


def test_a_wire_report_on_several_pages_stays() -> None:
    wire = [entry(f"wire paragraph {number}") for number in range(6)]
    furniture = entry("Leave a comment", BlockKind.LINE)
    pages = [[entry(f"our line {n}"), *wire, furniture] for n in range(4)]
    pages += [[*own(n), furniture] for n in range(3)]
    assert removed_texts(pages) == {"Leave a comment"}


def test_versions_of_one_article_are_one_page() -> None:
    versions = [[*own(1, 8), entry(f"update {n}")] for n in range(5)]
    assert learn(versions).pages == 1
    assert removed_texts(versions) == set()


def test_a_rubric_inside_the_text_stays() -> None:
    rubric = entry("The background", BlockKind.HEADING, "div.entry/h2")
    pages = [[*own(n, 2), rubric, *own(n + 100, 2)] for n in range(10)]
    template = learn(pages)
    assert removed_texts(pages) == set()
    assert [(block.example, block.pages) for block in template.blocks] == [("The background", 10)]


@pytest.mark.parametrize("place", ["div.entry/h2", "div.entry/div.subhead/h2"])
@pytest.mark.parametrize("above", [0, 2])
def test_a_rubric_stays_wherever_it_heads_the_articles_own_text(place: str, above: int) -> None:
    rubric = entry("In short", BlockKind.HEADING, place)
    pages = [[*own(n, above), rubric, *own(n + 100, 3)] for n in range(6)]
    assert removed_texts(pages) == set()


@pytest.mark.parametrize(
    "words",
    [
        "Get our newsletter",
        "Nuestro boletín",
        "Unser Newsletter am Morgen",
        "Follow us on WhatsApp",
    ],
)
def test_a_newsletters_heading_amid_all_texts_goes(words: str) -> None:
    heading = entry(words, BlockKind.HEADING, "div.entry/section.embed/h2")
    pages = [[*own(n, 2), heading, *own(n + 100, 1)] for n in range(10)]
    assert removed_texts(pages) == {words}
    some = [own(n, 3) for n in range(200, 204)]
    assert removed_texts([*pages, *some]) == set(), "a subject that many articles have"


def test_a_heading_goes_with_the_prompt_it_heads() -> None:
    heading = entry("Our letter", BlockKind.HEADING, "div.entry/h2")
    prompt = entry("Every Tuesday in your inbox: the stories that matter in the valley.")
    pages = [[*own(n, 2), heading, prompt, *own(n + 100, 2)] for n in range(5)]
    assert removed_texts(pages) == {heading.example, prompt.example}


def test_a_new_template_is_learned_beside_the_old_one() -> None:
    old = [[*own(n), entry("Old closing line", BlockKind.LINE)] for n in range(60)]
    new_place = "section.story/p"
    new = [
        [
            *(entry(f"new {n} {part}", place=new_place) for part in range(4)),
            entry("New closing line", BlockKind.LINE, new_place),
        ]
        for n in range(5)
    ]
    assert removed_texts(old + new) == {"Old closing line", "New closing line"}


def test_a_page_of_nothing_but_repeated_prose_keeps_it() -> None:
    closing = entry("This is how the desk works, and this is how you reach it at any hour.")
    template = learn([[*own(n), closing] for n in range(5)])
    assert removed_by(template, [*own(7), closing]) == {4}
    assert removed_by(template, [closing]) == set()
    forced = template.decide({closing.key: Decision.ALWAYS_REMOVE})
    assert removed_by(forced, [closing]) == {0}


def test_what_takes_turns_in_one_place_goes_before_it_repeats() -> None:
    place = "div.entry/div.x9/p"
    pages = [[*own(n, 2), entry(f"advert {n % 4}", place=place), *own(n + 100)] for n in range(12)]
    template = learn(pages)
    unseen = entry("an advert of tomorrow", place=place)
    assert removed_by(template, [*own(7), unseen]) == {4}
    slot = next(block for block in template.blocks if block.key == unseen.place_key)
    assert (slot.place, slot.pages) == (place, 12)
    allowed = template.decide({slot.key: Decision.NEVER_REMOVE})
    assert removed_by(allowed, [*own(7), unseen]) == set()


def test_an_operator_keeps_one_block_of_a_place_that_goes() -> None:
    place = "div.entry/div.x9/p"
    kept = entry("advert 1", place=place)
    pages = [[*own(n), entry(f"advert {n % 4}", place=place)] for n in range(16)]
    template = learn(pages)
    assert removed_by(template, [*own(7), kept]) == {4}
    decided = template.decide({kept.key: Decision.NEVER_REMOVE})
    assert removed_by(decided, [*own(7), kept]) == set()


def test_an_operator_forbids_a_removal() -> None:
    line = entry("Leave a comment", BlockKind.LINE)
    template = learn([[*own(n), line] for n in range(3)])
    decided = template.decide({line.key: Decision.NEVER_REMOVE})
    assert template.removable
    assert not decided.removable
    assert decided.digest != template.digest


@given(st.randoms(use_true_random=False), st.integers(1, 60))
@settings(deadline=None, max_examples=examples(10))
def test_pages_in_any_order_give_the_same_template(chance: random.Random, count: int) -> None:
    line = entry("Leave a comment", BlockKind.LINE)
    pages = [[*own(n), line] for n in range(count)]
    shuffled = pages + chance.choices(pages, k=3)
    chance.shuffle(shuffled)
    assert learn(shuffled).to_json() == learn(pages).to_json()


def test_memory_is_bounded_and_the_sample_independent_of_order() -> None:
    line = entry("Leave a comment", BlockKind.LINE)
    pages = [[*own(n), line] for n in range(SAMPLE_PAGES + 50)]
    template = learn(pages)
    assert template.pages == SAMPLE_PAGES
    assert template == learn(pages[::-1])


def test_json_keeps_the_template() -> None:
    template = learn([[*own(n), entry("Noch ein Ende – “ja”", BlockKind.LINE)] for n in range(4)])
    restored = Template.from_json(template.to_json())
    assert restored == template
    assert restored.digest == template.digest
    assert len(template.digest) == 64


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        '{"pages":1,"blocks":[["k","p","e",1,"perhaps"]]}',
        '{"pages":1,"blocks":[1]}',
    ],
)
def test_other_text_is_no_template(text: str) -> None:
    with pytest.raises(ValueError, match="no template"):
        Template.from_json(text)


def test_a_line_of_no_outline_is_refused() -> None:
    learner = TemplateLearner()
    learner.add(PageSample((), ("no entry",)))
    with pytest.raises(ValueError, match="unpack"):
        learner.template()
