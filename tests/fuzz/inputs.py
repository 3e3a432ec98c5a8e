"""What a fuzzer's bytes stand for: a page, the address and headers it came with, how it is read.

Four bytes of settings come before the page. The first says how often a part of the page is
repeated and the two after it which part: so that a few bytes reach megabytes, where it shows
whether a cost grows faster than the page. The fourth chooses address, headers and template.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from random import Random
from typing import Self

SETTINGS = 4
PLAIN = bytes(SETTINGS)
# a little more than what extraction takes, so that its own bound is met
MAXIMUM_BYTES = 6 * 1024 * 1024 + 1000

ADDRESSES = (
    None,
    "https://paper.example/2025/11/03/old-bridge",
    "https://www.paper.example/live/ticker?id=1#top",
    "//[half an address",
)
CONTENT_TYPES = (
    None,
    "text/html; charset=utf-8",
    "text/html;charset=iso-8859-1",
    "text/html; charset=shift_jis",
    "application/xhtml+xml; charset=zlib",
    "text/html; charset=utf-16",
    'text/html; charset="',
    "image/png",
)

_PIECE = re.compile(rb"<[^<>]{0,300}>|[^<>]{1,200}|[<>]", re.DOTALL)
_TOKENS = (
    b"<p>", b"</p>", b"<div>", b"</div>", b"<br><br>", b"<a href=/x>", b"</a>", b"<h1>",
    b"<h2>x</h2>", b"<table><tr><td>", b"<ul><li>", b"<blockquote>", b"<svg>", b"<button>",
    b"<select>", b"<noscript>", b"<template>", b"<iframe>", b"<textarea>", b"<plaintext>",
    b"<frameset>", b"<math>", b"<!--", b"-->", b"<![CDATA[",
    b"<?xml version='1.0' encoding='utf-16'?>", b"<!doctype html>", b"<base href='//[::1'>",
    b"<p hidden>", b"<p style='display:none'>", b"<time datetime='2025-11-03T7'>",
    b"<time datetime='9999-12-31T23:59:59-23:59'>", b"<meta property=og:title content='x'>",
    b"<meta property=article:published_time content='0000-00-00'>",
    b"<meta name=author content='A; B'>", b"<link rel=canonical href='http://[x'>",
    b"<script type=application/ld+json>", b"</script>",
    b'{"@type":"NewsArticle","headline":"x","author":{"name":["A","B"]}}', b'"articleBody":"',
    b'{"@graph":[{"@id":"#a","author":{"@id":"#a"}}]}',
    b'{"@type":["LiveBlogPosting",{}],"@id":1}', b"[[[[[[[[", b'"datePublished":1e400',
    b"<div itemscope itemtype=https://schema.org/Article>", b"<span itemprop='author name'>",
    b" class='related comments share'", b" lang=de", b" role=heading", b"<figure><figcaption>",
    b"\xff\xfe", b"\xef\xbb\xbf", b"\xe2\x80\xae", b"\xed\xa0\x80", b"&#x0;", b"&#55296;",
    b"&nbsp;", b"&amp;amp;", b"\x00", b"\x1b$B", b"\xc2\xa9 2025", b"Read more: ", b"404 ",
    "首相は記者会見で新しい政策を発表した。".encode(), "Von Élodie Müller und Karim Ben, ".encode(),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Input:
    """The arguments of one extraction."""

    body: bytes
    url: str | None
    headers: dict[str, str]
    templated: bool

    @classmethod
    def decode(cls, data: bytes) -> Self:
        """Any bytes are an input; no two calls give different ones."""
        power, start, size, choices = data[:SETTINGS].ljust(SETTINGS, b"\0")
        content_type = CONTENT_TYPES[choices >> 2 & 7]
        return cls(
            _repeat(data[SETTINGS:], power % 18, start, size),
            ADDRESSES[choices & 3],
            {} if content_type is None else {"Content-Type": content_type},
            bool(choices & 32),
        )


def _repeat(page: bytes, power: int, start: int, size: int) -> bytes:
    """The page with the part from `start` repeated 2**power times; both are in 255ths of it."""
    begin = len(page) * start // 255
    end = min(len(page), begin + max(1, len(page) * size // 255))
    part = page[begin:end]
    room = max(0, MAXIMUM_BYTES - len(page)) // max(1, len(part))
    return page[:begin] + part * min(1 << power, 1 + room) + page[end:]


def mutate(data: bytes, maximum: int, seed: int, otherwise: Callable[[bytes], bytes]) -> bytes:
    """Another input, near `data`: its tags and texts cut, doubled, moved, exchanged for others.

    Half of the time the page is left to `otherwise`, a mutation of bytes. One in thirty repeats a
    part of its page many times.
    """
    chance = Random(seed)
    settings, page = bytearray(data[:SETTINGS].ljust(SETTINGS, b"\0")), data[SETTINGS:]
    settings[0] = 0
    if chance.random() < 1 / 30:
        settings[:3] = chance.randrange(6, 18), chance.randrange(255), chance.randrange(1, 128)
    if chance.random() < 0.1:
        settings[3] = chance.randrange(256)
    page = otherwise(page) if chance.random() < 0.5 else _rearrange(page, chance)
    return (bytes(settings) + page)[:maximum]


def _rearrange(page: bytes, chance: Random) -> bytes:
    pieces: list[bytes] = _PIECE.findall(page)
    for _ in range(chance.randint(1, 8)):
        at = chance.randint(0, len(pieces))
        match chance.randrange(6):
            case 0:
                del pieces[at : at + chance.randint(1, 20)]
            case 1:
                pieces[at:at] = pieces[at : at + chance.randint(1, 20)] * chance.randint(1, 3)
            case 2:
                pieces.insert(at, chance.choice(_TOKENS))
            case 3 if pieces:
                pieces.insert(at, chance.choice(pieces))
            case 4:
                pieces[at : at + 1] = [chance.choice(_TOKENS)]
            case _:
                pieces[at:at] = [chance.choice(_TOKENS)] * chance.randint(2, 40)
    return b"".join(pieces)


def seeds(pages: Iterable[bytes]) -> list[bytes]:
    """Inputs to begin with: each page as it is, read in every way there is."""
    choices = range(len(ADDRESSES) * len(CONTENT_TYPES) * 2)
    plain = [PLAIN + page for page in pages]
    return plain + [PLAIN[:-1] + bytes([choice]) + plain[0][SETTINGS:] for choice in choices[1:]]
