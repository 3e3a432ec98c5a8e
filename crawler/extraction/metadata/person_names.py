"""Names out of bylines: "By Ann Lee and Bo Ek, dpa" holds three, "Ek, Bo" one."""

import re
from collections.abc import Iterator

from crawler.extraction.page.wording import plain

MAX_TEXT = 500
MAX_NAME = 80
MAX_NAMES = 50

_TAG = re.compile(r"<[^<>]{0,200}>")
# "By", "written by", "text:" and their like, where a name follows.
_PREFIX = re.compile(
    r"(?:(?:an?\s+)?(?:article|story|guide|report|written|posted|words?|published|reported|text|foto"
    r"|edited|updated|created|verfasst|geschrieben|publié|écrit|redactado|escrito|scritto"
    r"|geschreven|tekst|skrevet|skriven)\s*(?:by|von|par|por|da|door|av|af|:)"
    r"|by|von|par|por|di|da|door|av|af|przez|tekijä|autor(?:en|in|a|es)?|author(?:s|\(s\))?|auteurs?"
    r"|autore|редактор|автор|(?:about )?the author|contributors?)(?:\s*:\s*|\s+|$)"
    r"|(?:te[kx]st|texte|testo|texto)(?:\s*:\s*|$)",
    re.IGNORECASE,
)
_REPORTER = re.compile(r"\s*(?:기자|記者|记者)$")
_STRONG = re.compile(r"\s*(?:[;|•·\n]|\s/\s)\s*")
_LETTER = re.compile(r"[^\W\d_]")
_COMMA = re.compile("[,、，،]")
_AND = re.compile(
    r"\s+(?:and|und|et|y|e|og|och|ja|en|и|та|i|ve|&|\+|with|avec|mit)\s+", re.IGNORECASE
)
_LEADING_AND = re.compile(r"^(?:and|und|et|y|e|og|och|&)\s+")
_PARENTHESIS = re.compile(r"\s*[(\[][^()\[\]]{0,60}[)\]]")
_DASHED = re.compile(r"\s+[-–—]+\s+.*")
_ADDRESS = re.compile(r"https?://|www\.|@|\.(?:com|net|org)/", re.IGNORECASE)
_ROLE = re.compile(
    r"\b(?:editor|writer|reporter|correspondent|journalist|redakteur|rédact|redact|redazione"
    r"|attorney|director|manager|expert|specialist|analyst|professor|officer|founder|contributor"
    r"|consultant|producer|dietitian|nutritionist)",
    re.IGNORECASE,
)
# M.D., Ph.D., MBA, Jr.
_CREDENTIAL = re.compile(r"(?:[A-Z][a-z]{0,2}\.?-?){2,6}|[JS]r\.?|Esq\.?")

# Words of a name that are not capitalised.
_PARTICLES = frozenset(
    {
        "de", "del", "della", "di", "da", "do", "dos", "das", "du", "d'", "la", "le", "van", "von",
        "der", "den", "ter", "ten", "zu", "zum", "zur", "af", "av", "bin", "ibn", "bint", "ould",
        "al", "el", "y", "e", "i", "e'", "of", "the",
    }
)  # fmt: skip


def split_names(text: str) -> list[str]:
    """The names of people and bodies in what a page declares as its author or authors.

    A declaration is believed: what stands alone in it is a name, however odd. Addresses, e-mail
    addresses and handles are none. Of "Lee, Ann" comes "Ann Lee"; of "Ann Lee, M.D., Editor"
    comes "Ann Lee".
    """
    names: list[str] = []
    for part in _STRONG.split(without_prefix(_without_markup(text))[0]):
        for name in _between_commas(part):
            name = _REPORTER.sub("", _trim(name))
            if len(name) <= MAX_NAME and _LETTER.search(name) and not _ADDRESS.search(name):
                names.append(name)
    return list(dict.fromkeys(names))[:MAX_NAMES]


def is_full_name(text: str, *, declared: bool = False) -> bool:
    """Whether `text` reads as the name of a person or a desk.

    In a script without capitals only what is `declared` to be a name can be told for one.
    """
    words = text.split()
    return (
        2 <= len(words) <= 5
        and len(text) <= 50
        and not _ADDRESS.search(text)
        and not any(character.isdigit() or character in '?!:;|"“”…' for character in text)
        and all(_is_capital(word[0], declared) or word.lower() in _PARTICLES for word in words)
        and _is_capital(words[0][0], declared)
    )


def _is_capital(letter: str, declared: bool) -> bool:
    return letter.isupper() or (declared and letter.isalpha() and not letter.islower())


def is_role(text: str) -> bool:
    return bool(_ROLE.search(text))


def without_prefix(text: str) -> tuple[str, bool]:
    """`text` without a leading "by" or its like, and whether there was one."""
    match = _PREFIX.match(text)
    return (text[match.end() :], True) if match else (text, False)


def _without_markup(text: str) -> str:
    return plain(_TAG.sub(" ", text[:MAX_TEXT]))


def _trim(name: str) -> str:
    name = _PARENTHESIS.sub("", name).strip(" ,.:*-–—\u200b")
    head = _DASHED.sub("", name)
    return head if is_full_name(head) else name


def _is_declared_name(text: str) -> bool:
    return is_full_name(_trim(text), declared=True)


def _between_commas(text: str) -> Iterator[str]:
    parts = [part.strip() for part in _COMMA.split(text) if part.strip()]
    if len(parts) == 2 and _is_surname(parts[0]) and len(parts[1].split()) == 1:
        surname, given = parts
        if surname.isupper() == given.isupper():
            yield f"{given} {surname}"
        else:
            yield text
        return
    for number, part in enumerate(parts):
        if number and _CREDENTIAL.fullmatch(part):
            continue
        names = _joined(_LEADING_AND.sub("", part))
        if number and (is_role(part) or not all(_is_declared_name(name) for name in names)):
            return
        yield from names


def _is_surname(text: str) -> bool:
    """Whether `text` is one word, perhaps with particles: "van den Berg"."""
    *particles, name = text.split()
    return all(word.lower() in _PARTICLES for word in particles) and name.lower() not in _PARTICLES


def _joined(text: str) -> list[str]:
    """Names joined by "and", where that is what they are: "Miller & Miller" is a firm."""
    parts = _AND.split(text)
    if len(parts) > 1 and all(_is_declared_name(part) for part in parts):
        return parts
    first_names = "&" not in text and all(part.isalpha() and part.istitle() for part in parts)
    return parts if len(parts) == 2 and first_names else [text]
