from lxml.html import document_fromstring

from crawler.extraction.page.meta_tags import MAX_TAGS, read_meta_tags

PAGE = """
<meta property="OG:Title" name="title" content="  A   title ">
<meta name="author" content="Ana"><meta name="author" content="Bo"><meta name="empty" content=" ">
<link rel="Canonical alternate" href=" https://example.org/a ">
"""


def test_a_tag_counts_under_each_of_its_names() -> None:
    meta = read_meta_tags(document_fromstring(PAGE))
    assert meta.first("og:title") == meta.first("title") == "A title"
    assert list(meta.all(["missing", "author"])) == [("author", "Ana"), ("author", "Bo")]
    assert meta.first("empty") is None
    assert meta.links["canonical"] == meta.links["alternate"] == ("https://example.org/a",)


def test_the_number_of_tags_is_bounded() -> None:
    tree = document_fromstring("".join(f"<meta name=n{i} content=x>" for i in range(MAX_TAGS + 5)))
    assert len(read_meta_tags(tree).contents) == MAX_TAGS
