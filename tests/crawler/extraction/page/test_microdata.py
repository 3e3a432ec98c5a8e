import time

from lxml.html import document_fromstring

from crawler.extraction.page.microdata import MAX_ITEMS, MAX_NAMES, MAX_TEXT, read_items

PAGE = """
<article itemscope itemtype="https://schema.org/NewsArticle">
  <h1 itemprop="headline name">Bridge   reopens</h1>
  <span itemprop="author" itemscope itemtype="https://schema.org/Person">
    <a itemprop="url" href="/ana"><b itemprop="name">Ana Ruiz</b></a></span>
  <span itemprop="author">Bo Ek</span>
  <time itemprop="datePublished" datetime="2024-05-03">3 May</time>
  <meta itemprop="dateModified" content="2024-05-04">
  <div itemprop="articleBody">Long.</div>
</article>
<p itemprop="orphan">Nobody's</p>
"""


def test_items_nest_as_their_elements_do() -> None:
    (article,) = read_items(document_fromstring(PAGE))
    assert article == {
        "@type": ["NewsArticle"],
        "headline": "Bridge reopens",
        "name": "Bridge reopens",
        "author": [{"@type": ["Person"], "url": "/ana", "name": "Ana Ruiz"}, "Bo Ek"],
        "datePublished": "2024-05-03",
        "dateModified": "2024-05-04",
    }


def test_a_link_is_named_by_its_text() -> None:
    page = '<p itemscope><a itemprop="name url" href="#ana">Ana  Ruiz</a></p>'
    assert read_items(document_fromstring(page)) == [
        {"@type": [], "name": "Ana Ruiz", "url": "#ana"}
    ]


def test_hostile_pages_are_bounded() -> None:
    many = "<i itemscope></i>" * (MAX_ITEMS + 50)
    assert len(read_items(document_fromstring(many))) == MAX_ITEMS
    (item,) = read_items(document_fromstring(f"<p itemscope><b itemprop=a>{'x ' * 9000}</b></p>"))
    assert len(str(item["a"])) <= MAX_TEXT


def test_many_properties_are_found_in_linear_time() -> None:
    nested = "<span itemprop=a>" * 5 + "x" + "</span>" * 5
    page = document_fromstring(f"<div itemscope>{nested}</div>between" * 8_000)
    started = time.process_time()
    assert read_items(page)[0] == {"@type": [], "a": ["x"] * 5}
    assert time.process_time() - started < 1


def test_an_element_with_many_names_gives_a_few() -> None:
    names = " ".join(f"n{number}" for number in range(1000))
    (item,) = read_items(document_fromstring(f"<p itemscope><b itemprop='{names}'>x</b></p>"))
    assert len(item) == 1 + MAX_NAMES
