"""Pages are compressed against a key page of their source, and come back whatever happens."""

import random
from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.exc import DBAPIError

from storage.database.archive import Archive
from storage.database.errors import Damaged
from storage.frontier.sources import add_source
from storage.ledger.compression import compress, prepared_keys
from storage.ledger.payloads import digest_of, load_payload, release_keys, store_payloads
from storage.models import Address, AddressKind, KeyPage, Payload
from tests.support.archiving import START

WORDS = [f"w{n:x}" for n in random.Random(1).sample(range(10**6), 4_000)]


def furniture(name: str, size: int = 300) -> bytes:
    dice = random.Random(name)
    return " ".join(f"<i class={it}>" for it in dice.choices(WORDS, k=size)).encode()


def pages(layout: str, count: int, words: int = 60) -> Iterator[bytes]:
    dice = random.Random(layout)
    frame = furniture(layout)
    for _ in range(count):
        yield frame + " ".join(dice.choices(WORDS, k=words)).encode() + frame[:500]


@pytest.fixture
def store(archive: Archive) -> Callable[..., list[bytes]]:
    """Stores bodies as pages of a source, each in a transaction of its own; their digests."""
    with archive.writing() as session:
        for host in ("a", "b"):
            source, _ = add_source(session, f"https://{host}.example/", now=START)
            place = {"key": f"//{host}.example/p", "url": f"https://{host}.example/p"}
            session.execute(
                insert(Address).values(
                    id=ord(host), source_id=source.id, kind=AddressKind.PAGE, **place
                )
            )

    def store_some(bodies: Iterator[bytes], host: str = "a", at_once: bool = False) -> list[bytes]:
        given = {digest_of(body): body for body in bodies}
        batches = [given] if at_once else [{digest: body} for digest, body in given.items()]
        for some in batches:
            with archive.writing() as session:
                store_payloads(session, some, dict.fromkeys(some, ord(host)))
        with archive.reading() as session:
            assert {it: load_payload(session, it) for it in given} == given
        return list(given)

    return store_some


def keys_of(archive: Archive, digests: list[bytes]) -> list[bytes | None]:
    with archive.reading() as session:
        found = dict(session.execute(select(Payload.digest, Payload.key_digest)).all())
    return [found[it] for it in digests]


@pytest.mark.parametrize("at_once", [False, True])
def test_pages_of_a_layout_have_one_key(
    archive: Archive, store: Callable[..., list[bytes]], at_once: bool
) -> None:
    digests = store(pages("plain", 30), at_once=at_once)
    assert keys_of(archive, digests) == [None, *[digests[0]] * 29]
    with archive.reading() as session:
        sizes = session.scalars(select(func.length(Payload.data))).all()
        assert max(sizes) > 8 * sorted(sizes)[-2] / 2
        assert session.scalars(select(KeyPage.pages)).all() == [29]


def test_each_layout_has_a_key_and_each_source_its_own(
    archive: Archive, store: Callable[..., list[bytes]]
) -> None:
    one, other = store(pages("one", 12)), store(pages("other", 12))
    mixed = [it for pair in zip(pages("one", 20), pages("other", 20), strict=True) for it in pair]
    found = keys_of(archive, store(iter(mixed))[24:])
    assert found == [one[0], other[0]] * 8
    foreign = store(pages("third", 2), "b")
    assert keys_of(archive, foreign) == [None, foreign[0]]


def test_a_page_that_is_like_no_other_costs_others_nothing(
    archive: Archive, store: Callable[..., list[bytes]]
) -> None:
    first, *_ = store(pages("plain", 5))
    odd = [digest for n in range(20) for digest in store(pages(f"odd {n}", 1))]
    assert keys_of(archive, odd) == [None] * 20
    assert set(keys_of(archive, store(pages("plain", 10))[5:])) == {first}
    with archive.reading() as session:
        assert session.scalar(select(func.count()).select_from(KeyPage)) == 3


def test_a_new_key_is_made_when_pages_drift(
    archive: Archive, store: Callable[..., list[bytes]]
) -> None:
    first, *_ = store(pages("plain", 20))
    banner = furniture("banner", 60)
    later = store(banner + page for page in pages("plain", 60, words=61))
    keys = keys_of(archive, later)
    new = keys.index(None)
    assert set(keys[:new]) == {first}
    assert set(keys[new + 1 :]) == {later[new]}


def test_small_pages_and_pages_of_no_source_have_none(
    archive: Archive, store: Callable[..., list[bytes]]
) -> None:
    small = store(b"<h1>%d</h1>" % n for n in range(5))
    bodies = {digest_of(it): it for it in pages("plain", 3)}
    with archive.writing() as session:
        store_payloads(session, bodies)
    assert keys_of(archive, [*small, *bodies]) == [None] * 8


def test_a_key_is_never_lost(archive: Archive, store: Callable[..., list[bytes]]) -> None:
    key, other, *_ = store(pages("plain", 3))
    with archive.writing() as session:
        session.execute(delete(KeyPage))
    for refused in (
        delete(Payload).where(Payload.digest == key),
        update(Payload).where(Payload.digest == key).values(key_digest=other),
        update(Payload).where(Payload.digest == other).values(key_digest=other),
    ):
        with pytest.raises(DBAPIError), archive.writing() as session:
            session.execute(refused)
    body = b"chained"
    row = {"digest": digest_of(body), "size": 7, "encoding": "zstd", "data": compress(body)}
    chained = insert(Payload).values(**row, key_digest=other)
    with pytest.raises(DBAPIError, match="stored plain"), archive.writing() as session:
        session.execute(chained)


def test_a_key_that_is_released_may_go(archive: Archive, store: Callable[..., list[bytes]]) -> None:
    bodies = list(pages("plain", 4))
    key, *others = store(iter(bodies))
    with archive.writing() as session:
        assert release_keys(session, Payload.key_digest == key) == 3
        session.execute(delete(KeyPage))
        session.execute(delete(Payload).where(Payload.digest == key))
    with archive.reading() as session:
        assert [load_payload(session, it) for it in others] == bodies[1:]


def test_a_damaged_key_is_told(
    archive: Archive, store: Callable[..., list[bytes]], monkeypatch: pytest.MonkeyPatch
) -> None:
    key, other = store(pages("plain", 2))
    with archive.writing() as session:
        session.execute(
            update(Payload).where(Payload.digest == key).values(data=compress(b"another"))
        )
    monkeypatch.setattr(prepared_keys, "get", type(prepared_keys)().get)
    with archive.reading() as session, pytest.raises(Damaged, match=key.hex()):
        load_payload(session, other)
