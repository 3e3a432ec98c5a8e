import pytest

from storage.frontier.domains import is_public_suffix, registered_domain


@pytest.mark.parametrize(
    ("url", "domain"),
    [
        ("https://example.org/", "example.org"),
        ("https://www.example.org:8443/a", "example.org"),
        ("https://sport.news.example.co.uk/", "example.co.uk"),
        ("https://xn--bcher-kva.xn--p1ai/", "xn--bcher-kva.xn--p1ai"),
        ("https://paper.github.io/", "paper.github.io"),
        ("https://a.paper.github.io/", "paper.github.io"),
        ("https://github.io/", "github.io"),
        ("https://foo.ck/", "foo.ck"),
        ("https://www.ck/", "www.ck"),
        ("https://under_score.example.com/", "example.com"),
    ],
)
def test_the_public_suffix_list_says_where_a_domain_begins(url: str, domain: str) -> None:
    assert registered_domain(url) == domain


def test_a_suffix_that_is_not_listed_is_the_last_label() -> None:
    assert registered_domain("http://a.paper.example:8080/") == "paper.example"


def test_an_address_stands_for_itself() -> None:
    assert registered_domain("http://8.8.8.8:8080/") == "8.8.8.8"
    assert registered_domain("http://[2606:4700::1]/") == "2606:4700::1"


def test_each_port_of_a_local_machine_is_apart() -> None:
    assert registered_domain("http://127.0.0.1:8001/") == "127.0.0.1:8001"
    assert registered_domain("http://localhost/a") == "localhost"
    assert registered_domain("http://[::1]:81/") == "[::1]:81"


@pytest.mark.parametrize(
    ("host", "is_one"),
    [("com", True), ("co.uk", True), ("github.io", True), ("foo.ck", True)]
    + [(it, False) for it in ("www.gov.uk", "a.co.uk", "localhost", "8.8.8.8", "a.example")],
)
def test_a_public_suffix_is_no_ones_site(host: str, is_one: bool) -> None:
    assert is_public_suffix(f"https://{host}/") is is_one
