"""Text from anywhere, fit for a terminal: what comes from the web must not drive one."""

import re

UNSAFE = (
    "\x7f-\x9f"  # DEL, C1
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # Unicode's Bidi_Control
    "\u2028\u2029\ufeff"
    "\ud800-\udfff"
)
"""In a character class of `re`: all that may not get out but C0, some of which is layout."""

_IN_TEXT = re.compile(f"[\x00-\x08\x0b-\x1f{UNSAFE}]")


def printable(text: str) -> str:
    """`text` with a mark in place of each character that drives a terminal or is not to be seen."""
    return _IN_TEXT.sub("\N{REPLACEMENT CHARACTER}", text)
