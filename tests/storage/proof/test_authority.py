"""An authority is asked, and what it answers is believed only where it is what was asked for."""

import re
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from storage.database.errors import Refused
from storage.proof import authority as asking
from storage.proof.authority import NoStamp, stamp, trusted_certificates, verify_token
from storage.proof.tokens import BadToken, stamp_of
from tests.support.proving import Authority, authority

DIGEST = b"d" * 32


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Authority]:
    with authority(tmp_path_factory.mktemp("authority") / "ours") as running:
        yield running


@pytest.fixture
def honest(ours: Authority) -> Iterator[Authority]:
    before = ours.answer
    yield ours
    ours.answer = before


def ask(ours: Authority, *, now: datetime | None = None) -> asking.NewStamp:
    roots = trusted_certificates(ours.roots)
    return stamp(ours.url, DIGEST, roots, now=now or datetime.now(UTC))


def test_what_is_stamped(honest: Authority) -> None:
    for _ in range(4):  # the signature decides in which order its certificates come
        made = ask(honest)
        assert made.said == stamp_of(made.token)
        assert made.said.stamps(DIGEST)
        assert not made.said.stamps(b"e" * 32)
        assert abs(made.said.at - datetime.now(UTC)) < timedelta(minutes=1)
        roots = trusted_certificates(honest.roots)
        assert verify_token(made.token, DIGEST, roots) == made.said
        with pytest.raises(BadToken, match="of something else"):
            verify_token(made.token, b"e" * 32, roots)


def test_every_changed_byte_of_a_token_is_noticed_or_unsigned(honest: Authority) -> None:
    made, roots = ask(honest), trusted_certificates(honest.roots)
    for place in range(0, len(made.token), 37):
        changed = bytearray(made.token)
        changed[place] ^= 1
        try:
            said = verify_token(bytes(changed), DIGEST, roots)
        except BadToken:
            continue
        assert said == made.said, place


def other_question(ours: Authority) -> Callable[[bytes], tuple[int, bytes]]:
    """An answer to a question of another digest, signed well."""
    from rfc3161_client import HashAlgorithm, TimestampRequestBuilder

    asked = TimestampRequestBuilder().data(b"x").hash_algorithm(HashAlgorithm.SHA256).build()
    return lambda question: (200, ours.stamp(asked.as_bytes()))


def earlier_answer(ours: Authority) -> Callable[[bytes], tuple[int, bytes]]:
    """An answer to the same question, as it was put before."""
    from rfc3161_client import HashAlgorithm, TimestampRequestBuilder

    asked = TimestampRequestBuilder().data(DIGEST).hash_algorithm(HashAlgorithm.SHA256).build()
    return lambda question: (200, ours.stamp(asked.as_bytes()))


REJECTION = bytes.fromhex("30053003020102")


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (lambda ours: lambda question: (500, b""), "answers with HTTP status 500"),
        (lambda ours: lambda question: (302, b""), "answers with HTTP status 302"),
        (lambda ours: lambda question: (200, b""), "no timestamp by RFC 3161"),
        (lambda ours: lambda question: (200, b"<html>"), "no timestamp by RFC 3161"),
        (lambda ours: lambda question: (200, b"\x30\x84\xff\xff\xff\xff"), "no timestamp"),
        (lambda ours: lambda question: (200, b"x" * 10**6), "more than 65,536 bytes"),
        (lambda ours: lambda question: (200, REJECTION), "refuses: status 2"),
        (other_question, "of something else"),
        (earlier_answer, "[Nn]once"),
    ],
)
def test_other_answers_are_named_and_not_kept(
    honest: Authority,
    answer: Callable[[Authority], Callable[[bytes], tuple[int, bytes]]],
    why: str,
) -> None:
    honest.answer = answer(honest)
    with pytest.raises(NoStamp, match=why) as raised:
        ask(honest)
    assert honest.url in str(raised.value)
    assert "\n" not in str(raised.value)


def test_an_authority_that_nobody_trusts(honest: Authority, tmp_path: Path) -> None:
    with authority(tmp_path / "other") as other:
        roots = trusted_certificates(other.roots)
    with pytest.raises(NoStamp, match="none of the trusted root certificates"):
        stamp(honest.url, DIGEST, roots, now=datetime.now(UTC))
    with pytest.raises(NoStamp, match="no authority is trusted"):
        stamp(honest.url, DIGEST, [], now=datetime.now(UTC))
    assert isinstance(trusted_certificates(None), list)  # those of the machine, if it has any


def test_a_clock_that_is_wrong(honest: Authority) -> None:
    with pytest.raises(NoStamp, match="see whose clock is wrong"):
        ask(honest, now=datetime.now(UTC) + timedelta(hours=1))


def test_an_authority_that_takes_its_time(
    honest: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asking, "_SECONDS", 0.2)

    def slow(question: bytes) -> tuple[int, bytes]:
        time.sleep(0.5)
        return 200, b""

    honest.answer = slow
    with pytest.raises(NoStamp, match="no answer within"):
        ask(honest)


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://example.org/", "tsa", "http://"])
def test_an_address_that_is_none(honest: Authority, url: str) -> None:
    with pytest.raises(NoStamp, match="no address of an authority"):
        stamp(url, DIGEST, trusted_certificates(honest.roots), now=datetime.now(UTC))
    with pytest.raises(NoStamp, match=re.escape("http://127.0.0.1:9/ can't be asked")):
        stamp("http://127.0.0.1:9/", DIGEST, [], now=datetime.now(UTC))


def test_certificates_that_are_none(tmp_path: Path) -> None:
    (tmp_path / "a.pem").write_text("no certificate")
    with pytest.raises(Refused, match="no certificate in PEM"):
        trusted_certificates(tmp_path / "a.pem")
    with pytest.raises(Refused, match="No such file"):
        trusted_certificates(tmp_path / "b.pem")
