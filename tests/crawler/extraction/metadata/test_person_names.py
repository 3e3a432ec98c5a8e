import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.extraction.metadata.person_names import (
    MAX_NAME,
    MAX_NAMES,
    is_full_name,
    is_role,
    split_names,
    without_prefix,
)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Ana Ruiz", ["Ana Ruiz"]),
        ("By Ana Ruiz and Bo Ek", ["Ana Ruiz", "Bo Ek"]),
        ("Von Anna Böhm und Jörg Groß", ["Anna Böhm", "Jörg Groß"]),
        ("Par Émile Lefèvre et Zoé Roux", ["Émile Lefèvre", "Zoé Roux"]),
        ("Ana Ruiz, Bo Ek, and Cy Young", ["Ana Ruiz", "Bo Ek", "Cy Young"]),
        ("Ana Ruiz; Bo Ek | Cy Young", ["Ana Ruiz", "Bo Ek", "Cy Young"]),
        ("Written by: Ana Ruiz", ["Ana Ruiz"]),
        ("Updated by Ana Ruiz", ["Ana Ruiz"]),
        ("Ruiz, Ana", ["Ana Ruiz"]),
        ("van den Berg, Anna", ["Anna van den Berg"]),
        ("Ana Ruiz, M.D., Ph.D.", ["Ana Ruiz"]),
        ("Ana Ruiz, MD, Bo Ek, RDN", ["Ana Ruiz", "Bo Ek"]),
        ("Ana Ruiz, Senior Editor", ["Ana Ruiz"]),
        ("Ana Ruiz (London)", ["Ana Ruiz"]),
        ("Ana Ruiz - Daily Editorial Team", ["Ana Ruiz"]),
        ("Mia and Tom", ["Mia", "Tom"]),
        ("Miller & Miller", ["Miller & Miller"]),
        ("Johnson and the others", ["Johnson and the others"]),
        ("<a href='/x'>Ana &amp; Co</a>", ["Ana & Co"]),
        ("Amanda Da Silva", ["Amanda Da Silva"]),
        ("Byron Parker", ["Byron Parker"]),
        ("김하늘 기자", ["김하늘"]),
        ("高瀬 健, 森下 由紀子", ["高瀬 健", "森下 由紀子"]),
        ("高瀬 健、森下 由紀子", ["高瀬 健", "森下 由紀子"]),
        ("ليلى حداد، سامي نور", ["ليلى حداد", "سامي نور"]),
        ("dpa", ["dpa"]),
        ("Ana Ruiz; Ana Ruiz", ["Ana Ruiz"]),
    ],
)
def test_names_in_a_declaration(text: str, names: list[str]) -> None:
    assert split_names(text) == names


@pytest.mark.parametrize(
    "text",
    [
        "",
        " , ;",
        "https://example.org/ana",
        "ana@example.org",
        "@ana",
        "www.example.org",
        "By",
        "262588213843476",
    ],
)
def test_what_holds_no_name(text: str) -> None:
    assert split_names(text) == []


def test_what_has_no_capitals_is_a_name_where_it_is_declared_to_be() -> None:
    assert is_full_name("高瀬 健", declared=True)
    assert not is_full_name("高瀬 健")
    assert not is_full_name("ana ruiz", declared=True)
    assert not is_full_name("— 健", declared=True)


def test_what_reads_as_a_name_by_itself() -> None:
    for name in ("Ana Ruiz", "Ludwig van Beethoven", "Nguyễn Thảo", "A. B. Gray", "The Daily Desk"):
        assert is_full_name(name)
    for other in (
        "Ana",
        "read more",
        "5 Comments",
        "Who Is She?",
        "Updated 3 May",
        "van Beethoven",
        "",
    ):
        assert not is_full_name(other)


def test_roles_and_prefixes() -> None:
    assert is_role("Senior Editor")
    assert not is_role("Ana Ruiz")
    assert without_prefix("By Ana") == ("Ana", True)
    assert without_prefix("Bylines") == ("Bylines", False)
    assert without_prefix("Author:") == ("", True)


@settings(deadline=None)
@given(
    st.lists(
        st.sampled_from(
            ["Ana Ruiz", "Ek", ",", " and ", ";", "by ", "MD", "(", ")", "|", " - ", "&", "<b>"]
        )
        | st.text(max_size=5),
        max_size=60,
    ).map("".join)
)
def test_anything_gives_a_few_distinct_short_names(text: str) -> None:
    names = split_names(text)
    assert len(names) == len(set(names)) <= MAX_NAMES
    assert all(0 < len(name) <= MAX_NAME and name == name.strip() for name in names)
