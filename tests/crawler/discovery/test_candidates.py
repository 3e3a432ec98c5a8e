from itertools import repeat

from crawler.discovery.candidates import (
    MAX_CANDIDATES,
    MAX_CHARACTERS,
    MAX_GUID_LENGTH,
    Candidate,
    CandidateKind,
    candidate,
    distinct,
    own,
)

BASE = "https://example.org/news/"


def article(href: str, *, guid: str | None = None) -> Candidate | None:
    return candidate(href, CandidateKind.ARTICLE, base=BASE, guid=guid)


def test_a_candidate_is_normalised_against_its_base() -> None:
    found = candidate("../news/./a#top", CandidateKind.ARTICLE, base=BASE, title="")
    assert found == Candidate("https://example.org/news/a", CandidateKind.ARTICLE)


def test_what_is_no_address_makes_no_candidate() -> None:
    assert article("javascript:void(0)") is None
    assert article("mailto:desk@example.org") is None


def test_a_guid_that_could_not_be_stored_is_left_out() -> None:
    kept, long, control = (article("a", guid=guid) for guid in ("7", "7" * 5000, "7\0"))
    assert len("7" * 5000) > MAX_GUID_LENGTH
    assert [each and each.guid for each in (kept, long, control)] == ["7", None, None]


def test_distinct_keeps_the_first_of_each_in_order() -> None:
    first, second = article("a", guid="1"), article("b")
    assert distinct([None, first, second, article("a", guid="2"), None]) == [first, second]


def test_distinct_ends_an_endless_source() -> None:
    assert distinct(repeat(article("a"))) == [article("a")]
    endless = (article(str(number)) for number in iter(int, 1))
    assert len(distinct(endless)) == 1


def test_distinct_is_bounded() -> None:
    many = (Candidate(f"https://example.org/{n}", CandidateKind.ARTICLE) for n in range(10**6))
    assert len(distinct(many)) == MAX_CANDIDATES
    long = (
        Candidate(f"https://example.org/{n}{'a' * 2000}", CandidateKind.ARTICLE)
        for n in range(10**6)
    )
    assert sum(len(each.url) for each in distinct(long)) < MAX_CHARACTERS + 3000


def test_own_keeps_the_site_and_its_subdomains() -> None:
    hosts = ("example.org", "www.example.org", "sport.example.org", "notexample.org", "a.example")
    candidates = [Candidate(f"https://{host}/", CandidateKind.ARTICLE) for host in hosts]
    for base_host in ("example.org", "www.example.org"):
        assert list(own(candidates, base_host)) == candidates[:3]


def test_the_spelling_with_tracking_parameters_is_kept_beside() -> None:
    found = candidate("/a?utm_source=rss", CandidateKind.ARTICLE, base="https://example.org/")
    plain = candidate("/a", CandidateKind.ARTICLE, base="https://example.org/")
    assert found is not None
    assert plain is not None
    assert found.url == plain.url == "https://example.org/a"
    assert found.listed_url == "https://example.org/a?utm_source=rss"
    assert plain.listed_url is None
