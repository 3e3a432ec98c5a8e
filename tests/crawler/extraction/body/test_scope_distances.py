"""How far the elements of a page are from one of them."""

from lxml import html

from crawler.extraction.body.scope_distances import FAR, Distances, levels
from crawler.extraction.page.blocks import Scope, read_blocks

PAGE = """<body><main><section><p>one</p></section><div><ul><li>two</li></ul></div></main>
<footer><p>three</p></footer></body>"""


def scopes() -> list[Scope]:
    blocks = read_blocks(html.document_fromstring(PAGE))
    return [block.scope for block in blocks if block.scope is not None]


def test_distances_are_levels_up_from_each_of_the_two() -> None:
    one, two, three = scopes()
    around = levels(one)
    distances = Distances(around)
    assert distances.of(one) == (0.0, 0.0)
    up, down = distances.of(two)
    assert up > 0
    assert around[next(outer for outer in around if around[outer] == down)] == down
    assert distances.of(three)[1] > down, "what is further away is held by a wider element"


def test_what_has_nothing_around_it_in_common_is_far() -> None:
    one, *_ = scopes()
    assert Distances({}).of(one) == (FAR, FAR)
