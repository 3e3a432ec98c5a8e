"""What the wording of a block alone tells, in any language where it can."""

import re

from crawler.extraction.page.blocks import Block

_SENTENCE_END = tuple('.!?…。！？”"»“:)।؟’;')
_CLOSING_ORNAMENTS = " ♦■●◼▪▲►*†‡"
_COPYRIGHT = re.compile(
    r"©|\(c\)|copyright\b|alle rechte vorbehalten|all rights reserved|tous droits"
)
# structure can't tell a prompt that stands as the text's last paragraph
_ASKING = (
    r"sign up|subscribe|abonnier|abonnez|suscr[ií]b|iscriviti|follow (?:us|me|the)\b|folgen sie|"
    r"folge uns|suivez|s[ií]gu[ea]nos|seguici|download the"
)
_ASKS = re.compile(_ASKING, re.IGNORECASE)
_NAMES_A_CHANNEL = re.compile(
    rf"newsletter|whatsapp|telegram|app store|google play|{_ASKING}", re.IGNORECASE
)
# how the world's papers call it
_NEWSLETTER = re.compile(
    r"newsletter|news ?letter|boletín|boletim|nieuwsbrief|nyhets?brev|infolettre|infobrief|biuletyn"
    r"|hírlevél|bülten|uutiskirje|рассылк|メルマガ|뉴스레터|通讯",
    re.IGNORECASE,
)


def has_words(text: str) -> bool:
    return any(character.isalnum() for character in text)


def ends_sentence(text: str) -> bool:
    return text.rstrip(_CLOSING_ORNAMENTS).endswith(_SENTENCE_END)


def announces(text: str) -> bool:
    """Whether something must follow: "Read more:"."""
    return text.endswith((":", "："))


def prompts(text: str, *, linked: bool) -> bool:
    """Whether the reader is asked to subscribe, follow or install something.

    A text that leads nowhere must begin so: the news tell of newsletters and subscribers as well.
    """
    return bool(_ASKS.match(text) or (linked and _NAMES_A_CHANNEL.search(text)))


def offers_a_newsletter(heading: str) -> bool:
    """Whether a heading does so, if it stands above all articles of a site: above one of them it
    may be what that is about."""
    return bool(_NEWSLETTER.search(heading) or _NAMES_A_CHANNEL.search(heading))


def claims_copyright(text: str, *, long: bool) -> bool:
    """Whether a text claims copyright; a long one must begin with the claim."""
    claim = _COPYRIGHT.search(text.lower())
    return claim is not None and (not long or claim.start() == 0)


def looks_like_names(text: str) -> bool:
    """Whether a line is two to six capitalized words without a sign of a sentence."""
    parts = re.split(r"[\s/,]+", text)
    return 2 <= len(parts) <= 6 and all(part[:1].isupper() and part.isalpha() for part in parts)


def is_signpost(block: Block) -> bool:
    """Whether a block is a short label and a colon before a link: "Read also: …"."""
    label, colon, rest = block.text.partition(":")
    if not (colon and rest) or len(label) > 40:
        return False
    chars = len("".join(block.text.split()))
    return block.linked > 0.95 or abs(block.linked - len("".join(rest.split())) / chars) < 0.05
