"""A WARC file's bytes, compressed or not: members, bounds, and on again after damage."""

import gzip
import io

import pytest

from crawler.importing.streams import LONGEST_LINE, Broken, GzipStream, PlainStream

RECORDS = [b"WARC/1.1\r\nName: %d\r\n\r\n%s\r\n\r\n" % (it, b"x" * 100_000) for it in range(3)]


def lines_of(stream: GzipStream | PlainStream) -> list[bytes]:
    """The first two lines of each member."""
    found = []
    while stream.begin():
        stream.count()
        found.append(stream.readline() + stream.readline())
        while stream.read(2**16):
            pass
    return found


def test_each_record_is_a_member() -> None:
    members = [gzip.compress(it, mtime=0) for it in RECORDS]
    stream = GzipStream(io.BytesIO(b"".join(members)))
    assert lines_of(stream) == [b"WARC/1.1\r\nName: %d\r\n" % it for it in range(3)]
    assert stream.at == len(members[0]) + len(members[1])
    assert stream.consumed == sum(map(len, members))


def test_a_plain_file_is_one_member() -> None:
    stream = PlainStream(io.BytesIO(b"".join(RECORDS)))
    assert lines_of(stream) == [b"WARC/1.1\r\nName: 0\r\n"]
    assert stream.consumed == sum(map(len, RECORDS))


@pytest.mark.parametrize("opened", [GzipStream, PlainStream])
def test_no_line_is_longer_than_it_may_be(opened: type[GzipStream | PlainStream]) -> None:
    def stream_of(line: bytes) -> GzipStream | PlainStream:
        stream = opened(io.BytesIO(gzip.compress(line) if opened is GzipStream else line))
        stream.begin()
        return stream

    assert len(stream_of(b"a" * (LONGEST_LINE - 1) + b"\n").readline()) == LONGEST_LINE
    with pytest.raises(Broken, match="a line of more than 65,536 bytes"):
        stream_of(b"a" * (LONGEST_LINE + 1) + b"\n").readline()


def test_after_a_damaged_member_the_next_record_is_found() -> None:
    first, second, third = (gzip.compress(it, mtime=0) for it in RECORDS)
    damaged = second[:40] + b"\0" * 40 + second[80:]
    stream = GzipStream(io.BytesIO(first + damaged + third))
    with pytest.raises(Broken, match="can't be decompressed"):
        lines_of(stream)
    assert stream.at == len(first)
    assert stream.recover()
    assert stream.readline() + stream.readline() == b"WARC/1.1\r\nName: 2\r\n"
    assert stream.at == len(first) + len(second)


def test_a_file_that_ends_within_a_record_has_nothing_after_it() -> None:
    stream = GzipStream(io.BytesIO(gzip.compress(RECORDS[0])[:-40]))
    with pytest.raises(Broken, match="ends in the middle of a record"):
        lines_of(stream)
    assert not stream.recover()


def test_in_a_plain_file_a_record_is_found_after_one_whose_length_lies() -> None:
    data = b"".join(RECORDS)
    stream = PlainStream(io.BytesIO(data))
    stream.begin()
    for number in (1, 2):
        stream.mark()
        stream.read(10)
        assert stream.recover()
        stream.mark()
        assert stream.at == sum(map(len, RECORDS[:number]))
        assert stream.readline() + stream.readline() == b"WARC/1.1\r\nName: %d\r\n" % number
    assert not stream.recover()


def test_a_page_that_holds_a_record_passes_for_none() -> None:
    """In a member that has no whole record yet, what looks like one is a page's."""
    page = b"WARC/1.1\r\n" + b"x" * 1_000 + b"\n" + RECORDS[1]
    stream = GzipStream(io.BytesIO(gzip.compress(page) + gzip.compress(RECORDS[2])))
    stream.begin()
    stream.readline()
    assert stream.recover()
    assert stream.readline() + stream.readline() == b"WARC/1.1\r\nName: 2\r\n"
