import pytest

from reader.inert import inert


@pytest.mark.parametrize(
    ("page", "shown"),
    [
        ("<LINK rel=preconnect href=//x>", "<bgsound rel=preconnect href=//x>"),
        ("<link/rel=x><link\nrel=x></link>", "<bgsound/rel=x><bgsound\nrel=x></bgsound>"),
        ("<iFrame src=//x>a<b></iframe>", "<noembed src=//x>a<b></noembed>"),
        ("<frameset><frame src=//x></frameset>", "<frameset><bgsound src=//x></frameset>"),
        ("<p class=link>linked, a <linkage>, iframe é</p>", ""),
    ],
)
@pytest.mark.parametrize("charset", ["", "utf-8", "utf-16-le", "utf-16-be", "iso-8859-1"])
def test_what_reaches_outside_is_disarmed_and_all_else_stays(
    page: str, shown: str, charset: str
) -> None:
    encoding = charset or "utf-8"
    assert inert(page.encode(encoding), charset) == (shown or page).encode(encoding)


def test_a_mark_tells_the_encoding() -> None:
    page = "<link rel=x>"
    assert inert(page.encode("utf-16"), "utf-8") == "<bgsound rel=x>".encode("utf-16")
    assert inert(b"\xef\xbb\xbf<link >", "utf-16") == b"\xef\xbb\xbf<bgsound >"


def test_half_a_letter_is_no_fault() -> None:
    assert inert("<link >\ud800".encode("utf-16-le", "surrogatepass") + b"x", "utf-16") == (
        "<bgsound >\ud800".encode("utf-16-le", "surrogatepass")
    )
