"""Whatever is in a file, its whole records are read, and what is not whole is named."""

import gzip
import re
from datetime import UTC, datetime, timedelta
from io import BytesIO
from random import Random

import pytest

from crawler.importing import streams, warc_file
from crawler.importing.streams import Broken
from crawler.importing.warc_file import (
    Damage,
    NoWarc,
    Record,
    WarcFile,
    parse_date,
    parse_digest,
)
from storage.database.clock import utc_now
from tests.support.warcs import Shot, members, warc

START = datetime(2026, 3, 1, 8, tzinfo=UTC)
SHOTS = [Shot(f"https://example.org/{n}", START, b"<p>page %d</p>" % n * 50) for n in range(6)]
URLS = [shot.url for shot in SHOTS]
PLAIN = warc(SHOTS, compressed=False, requests=False)
MEMBERS = members(warc(SHOTS, requests=False))
(LENGTH,) = re.findall(rb"Content-Length: \d+", gzip.decompress(MEMBERS[3]))


def read(data: bytes) -> tuple[list[str], list[str]]:
    """The URLs of the whole records, and what is wrong with the rest."""
    items = list(WarcFile(BytesIO(data)))
    records = [it for it in items if isinstance(it, Record)]
    return [it.url for it in records], [it.why for it in items if isinstance(it, Damage)]


def without(*numbers: int) -> list[str]:
    return [url for n, url in enumerate(URLS) if n not in numbers]


@pytest.mark.parametrize(
    "data", [PLAIN, b"".join(MEMBERS), gzip.compress(PLAIN)], ids=["plain", "records", "whole"]
)
def test_a_file_that_is_whole(data: bytes) -> None:
    assert read(data) == (URLS, [])


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "it is empty"),
        (b"\x28\xb5\x2f\xfd" + b"x" * 20, "it is compressed with zstd: decompress it first"),
        (b"<html>", "it is neither a WARC file nor a WACZ"),
    ],
)
def test_a_file_that_is_none(data: bytes, why: str) -> None:
    with pytest.raises(NoWarc, match=why):
        WarcFile(BytesIO(data))


def test_a_file_that_is_cut_short() -> None:
    assert read(b"".join(MEMBERS)[:-10]) == (
        without(5), ["the file ends in the middle of a record"],
    )  # fmt: skip
    found, (why,) = read(PLAIN[:-100])
    assert (found, "a record ends after" in why) == (without(5), True)


def test_a_member_that_is_cut_amid_others() -> None:
    data = [*MEMBERS[:3], MEMBERS[3][:80], *MEMBERS[4:]]
    found, damage = read(b"".join(data))
    assert (found, len(damage)) == (without(2), 1)


def test_bytes_that_can_not_be_decompressed() -> None:
    broken = bytearray(MEMBERS[3])
    broken[40:60] = b"\xff" * 20
    found, damage = read(b"".join([*MEMBERS[:3], bytes(broken), b"rubbish", *MEMBERS[4:]]))
    assert found == without(2)
    assert damage[0].startswith("it can't be decompressed")


@pytest.mark.parametrize("form", ["plain", "records", "whole"])
@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        (LENGTH, b"Content-Length: 77", "longer than the 77 bytes"),
        (LENGTH, b"Content-Length: 1932", ""),
        (LENGTH, b"Content-Length: -5", "a length that is no number"),
        (LENGTH, b"Content-Length: 99999999999999999999", "no number"),
        (LENGTH, b"Content-Length: 999999999999", "are not read"),
        (b"<p>page 2", b"<p>page X", "sha1 digest"),
        (b"WARC-Type: response", b"WARC-Type response", "a header without a colon"),
        (b"WARC-Type: response", b"WARC-Segment-Number: 1\r\nWARC-Type: response", "in segments"),
        (b"WARC-Type: response", b"A: b\r\n" * 300 + b"WARC-Type: response", "more than 200"),
        (b"WARC-Type: response", b"A: " + b"x" * 70_000, "a line of more than"),
    ],
)
def test_a_record_that_lies(form: str, old: bytes, new: bytes, why: str) -> None:
    records = [gzip.decompress(it) for it in MEMBERS]
    records[3] = records[3].replace(old, new)
    assert records[3] != gzip.decompress(MEMBERS[3])
    if form == "records":
        data = b"".join(map(gzip.compress, records))
    else:
        data = b"".join(records)
        data = gzip.compress(data) if form == "whole" else data
    found, damage = read(data)
    assert why in damage[0]
    if form == "whole" and new.endswith((b" 1932", b" 999999999999")):
        assert found[:2] == URLS[:2]  # nobody knows where the next one begins
    else:
        assert found == without(2)


def test_a_page_that_holds_a_record_does_not_pass_for_one() -> None:
    fake = PLAIN[PLAIN.index(b"WARC/1.0", 10) :]
    shots = [*SHOTS[:2], Shot("https://example.org/evil", START, b"x\r\n" + fake), *SHOTS[2:]]
    parts = members(warc(shots, requests=False))
    record = gzip.decompress(parts[3]).replace(b"WARC-Type: response", b"WARC-Type response")
    found, damage = read(b"".join([*parts[:3], gzip.compress(record), *parts[4:]]))
    assert (found, len(damage)) == (URLS, 1)


def test_a_record_that_is_too_large_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(warc_file, "LARGEST", 2_000)
    shots = [SHOTS[0], Shot("https://example.org/film", START, b"x" * 200_000), *SHOTS[1:]]
    for compressed in (True, False):
        found, (why,) = read(warc(shots, compressed=compressed, requests=False))
        assert (found, "more than 2,000 are not read" in why) == (URLS, True)


def test_a_bomb_costs_its_record(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "_MOST_DRAINED", 10 * 2**20)
    bomb = gzip.compress(b"WARC/1.0\r\n" + b"a" * 50 * 2**20)
    found, damage = read(b"".join([*MEMBERS[:3], bomb, *MEMBERS[3:]]))
    assert (found, damage) == (URLS, ["a line of more than 65,536 bytes"])


@pytest.mark.parametrize("seed", range(40))
def test_whatever_is_damaged_the_rest_is_read(seed: int) -> None:
    random = Random(seed)
    data = bytearray(b"".join(MEMBERS))
    at = random.randrange(len(MEMBERS[0]), len(data))
    match seed % 4:
        case 0:
            data[at] ^= 1 << random.randrange(8)
        case 1:
            del data[at : at + random.randrange(1, 300)]
        case 2:
            data[at:at] = random.randbytes(random.randrange(1, 300))
        case _:
            data[at : at + 100] = bytes(100)
    found, damage = read(bytes(data))
    lost = [url for url in URLS if url not in found]
    assert len(lost) <= 2
    assert damage or not lost
    assert found == [url for url in URLS if url in found]


@pytest.mark.parametrize(
    "text",
    [
        "0001-01-01T00:00:00Z",
        "99999-01-01T00:00:00Z",
        "",
        "yesterday",
        "2026-13-01T00:00:00Z",
        "9999-12-31T23:59:59-23:59",
        "2200-01-01T00:00:00Z",
    ],
)
def test_dates_that_can_not_be(text: str) -> None:
    with pytest.raises(Broken, match="a date that"):
        parse_date(text)


def test_dates() -> None:
    assert parse_date("2026-03-01T08:00:00Z") == START
    assert parse_date("2026-03-01T08:00:00.123456Z") == START + timedelta(microseconds=123456)
    assert parse_date("2026-03-01T08:00:00.123456789Z") == START + timedelta(microseconds=123456)
    assert parse_date("2026-03-01") == START.replace(hour=0)
    with pytest.raises(Broken):
        parse_date((utc_now() + timedelta(days=2)).isoformat())


def test_digests() -> None:
    assert parse_digest("sha1:" + "A" * 32) == ("sha1", bytes(20))
    assert parse_digest("SHA-256:" + "0" * 64) == ("sha256", bytes(32))
    assert parse_digest("md5:" + "0" * 32) == ("md5", bytes(16))
    for text in (None, "", "sha1", "sha1:xyz", "crc32:00000000"):
        assert parse_digest(text) is None
