"""What the attributes of an element say: the words it is named by, and whether it is hidden."""

import re
from collections.abc import Mapping
from functools import lru_cache

LABEL_CHARACTERS = 400
NAMING_ATTRIBUTES = ("itemprop", "role", "data-testid", "data-component")
_SAYING = frozenset({*NAMING_ATTRIBUTES, "id"})

_WORD = re.compile(r"[a-z]+|[A-Z][a-z]+|[A-Z]+(?![a-z])")
_DASHES = re.compile("[-_]+")
_UNNAMING = re.compile(r"(?:has|with|no|not|without)-|[^:]*:")
_UNSEEN = re.compile(
    r"(?:^| )(?:hidden|hide|sr-only|d-none|is-hidden|u-hidden|invisible)(?: |$)"
    r"|visually-?hidden|screen-?reader",
    re.IGNORECASE,
)
_SEEN_ON_SOME_SCREENS = re.compile(r"(?:^| )[\w-]{1,20}[:-](?:block|flex|inline|grid|contents)")
_DISPLAY_NONE = re.compile(r"display\s*:\s*none")
_NO_WORDS = (frozenset[str](), frozenset[str](), frozenset[str]())


def names_of(attributes: Mapping[str, str], classes: frozenset[str]) -> frozenset[str]:
    """The words of an element's id, role and the like, and those of its class, `classes`."""
    names = classes
    if _SAYING.isdisjoint(attributes):
        return names
    identifier = attributes.get("id")
    if identifier and len(identifier) <= 40 and len(found := name_words(identifier)) <= 4:
        names |= found
    for attribute in NAMING_ATTRIBUTES:
        value = attributes.get(attribute)
        if value:
            names |= name_words(value[:LABEL_CHARACTERS])
    return names


@lru_cache(maxsize=8192)
def name_words(label: str) -> frozenset[str]:
    """The words in a class or id: `relatedPosts--small` gives related, posts and small.

    `has-sidebar` and `md:hidden` name what an element has or becomes, not what it is; in
    generated names such as `x9ad3` short words mean nothing.
    """
    names = [_words_of_name(token) for token in label.split()] or [_NO_WORDS]
    long, short, whole = names[0]
    for more_long, more_short, more_whole in names[1:]:
        long, short, whole = long | more_long, short | more_short, whole | more_whole
    return long | (short & whole)


@lru_cache(maxsize=16_384)
def _words_of_name(token: str) -> tuple[frozenset[str], frozenset[str], frozenset[str]]:
    """Of one name of several: its long words, its short ones, and its parts between dashes."""
    if _UNNAMING.match(token):
        return _NO_WORDS
    found = {word.lower() for word in _WORD.findall(token)}
    long = frozenset(word for word in found if len(word) > 3)
    whole = frozenset(part.lower() for part in _DASHES.split(token))
    return long, frozenset(found - long), whole


def is_hidden(attributes: Mapping[str, str], label: str) -> bool:
    """Whether an element is hidden, by its class, which is `label`, or another attribute."""
    if label and _is_hiding(label):
        return True
    if "hidden" in attributes or attributes.get("aria-hidden") == "true":
        return True
    style = attributes.get("style")
    return bool(style and "none" in style and _DISPLAY_NONE.search(style))


@lru_cache(maxsize=8192)
def _is_hiding(label: str) -> bool:
    """Whether a class hides what has it."""
    return bool(_UNSEEN.search(label)) and not _SEEN_ON_SOME_SCREENS.search(label)
