"""The bytes of a WARC file, compressed or not, in bounded memory; and on again after damage."""

import re
import zlib
from typing import IO, Final

LONGEST_LINE: Final = 64 * 2**10
_PIECE: Final = 64 * 2**10
_MOST_DRAINED: Final = 2**32  # bytes of the rest of a member that is damaged
_MAGIC: Final = b"\x1f\x8b\x08"  # RFC 1952, section 2.3.1: gzip, deflated
_RECORD: Final = re.compile(rb"(?:\A|(?<=\n))WARC/\d\.\d+\r?\n")


class Broken(Exception):
    """What is there can't be read. The message says why."""


# Both kinds of stream: `at` is where in the file the present member begins, or the record where
# there are no members. `readline` and `read` end with the member, and raise Broken. `begin` goes to
# the next one, and says whether there is one. `recover` goes on to the next beginning of a record
# after damage, and says whether there is one.


class PlainStream:
    """A file that is not compressed: one member. `file` can be sought in."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.at = 0
        self._begun = False

    @property
    def consumed(self) -> int:
        return self._file.tell()

    def begin(self) -> bool:
        first, self._begun = not self._begun, True
        return first

    def mark(self) -> None:
        """A record may begin here."""
        self.at = self._file.tell()

    def count(self) -> None:
        """A record was here."""

    def readline(self) -> bytes:
        line = self._file.readline(LONGEST_LINE + 1)
        if len(line) > LONGEST_LINE:
            raise Broken(f"a line of more than {LONGEST_LINE:,} bytes")
        return line

    def read(self, size: int) -> bytes:
        return self._file.read(size)

    def recover(self) -> bool:
        """Go on after the first line of the record that is damaged: its length may be a lie."""
        position = self.at + 1
        while True:
            self._file.seek(position)
            piece = self._file.read(_PIECE)
            if match := _RECORD.search(piece, 1 if position else 0):
                self._file.seek(position + match.start())
                return True
            if len(piece) < _PIECE:
                return False
            position += len(piece) - 64  # what may lie on the edge of two


class GzipStream:
    """A file of gzip members: a record each, as WARC asks for, or all of them in one. `file` can be
    sought in."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._in = b""  # that was read and not decompressed
        self._out = bytearray()
        self._member: zlib._Decompress | None = None
        self._records = 0  # that began in the member
        self.consumed = 0
        self.at = 0

    def begin(self) -> bool:
        self._out.clear()
        self._member = None
        self._records = 0
        if not self._in and not self._more():
            return False
        self.at = self.consumed - len(self._in)
        self._member = zlib.decompressobj(16 + zlib.MAX_WBITS)
        return True

    def mark(self) -> None:
        """A record may begin here."""

    def count(self) -> None:
        """A record was here."""
        self._records += 1

    def readline(self) -> bytes:
        while (end := self._out.find(b"\n", 0, LONGEST_LINE)) < 0:
            if len(self._out) > LONGEST_LINE:
                raise Broken(f"a line of more than {LONGEST_LINE:,} bytes")
            if not self._decompress():
                end = len(self._out) - 1
                break
        return self._take(end + 1)

    def read(self, size: int) -> bytes:
        while len(self._out) < size and self._decompress():
            pass
        return self._take(size)

    def recover(self) -> bool:
        """Go on with the next member; within this one only where it had records before, or a page
        that holds the text of a record could pass for one."""
        try:
            return self._recover_in_member()
        except Broken:
            return self._recover_in_file()

    def _recover_in_member(self) -> bool:
        left = _MOST_DRAINED
        while left > 0:
            if self._records and (match := _RECORD.search(self._out)):
                del self._out[: match.start()]
                return True
            left -= len(self._out)
            del self._out[:-64]
            if not self._decompress():
                return self.begin()
        raise Broken("a member without end")

    def _recover_in_file(self) -> bool:
        """Look for the beginning of a member that holds a record."""
        self._file.seek(self.at + 1)
        self._in, self.consumed = b"", self.at + 1
        while True:
            while (found := self._in.find(_MAGIC)) >= 0:
                self._in = self._in[found:]
                if len(self._in) < _PIECE:
                    self._more()
                if _begins_record(self._in):
                    return self.begin()
                self._in = self._in[1:]
            self._in = self._in[-2:]
            if not self._more():
                self._in = b""
                return False

    def _take(self, size: int) -> bytes:
        taken = bytes(self._out[:size])
        del self._out[:size]
        return taken

    def _more(self) -> bool:
        piece = self._file.read(_PIECE)
        self._in += piece
        self.consumed += len(piece)
        return bool(piece)

    def _decompress(self) -> bool:
        """Decompress some more of the member; False at its end."""
        member = self._member
        if member is None or member.eof:
            return False
        if not self._in and not self._more():
            raise Broken("the file ends in the middle of a record")
        try:
            self._out += member.decompress(self._in, _PIECE)
        except zlib.error as error:
            raise Broken(f"it can't be decompressed: {error}") from error
        self._in = member.unused_data if member.eof else member.unconsumed_tail
        return True


def _begins_record(data: bytes) -> bool:
    try:
        return zlib.decompressobj(16 + zlib.MAX_WBITS).decompress(data, 5) == b"WARC/"
    except zlib.error:
        return False
