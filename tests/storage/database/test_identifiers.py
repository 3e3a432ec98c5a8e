import random
import re

import pytest

from storage.database.identifiers import parse_identifier, version_identifier

GIVEN = (17, 2, 5_000_000, b"1" * 32, b"2" * 32)


def some(count: int) -> list[str]:
    return [version_identifier(article, 1, 9, b"", b"") for article in range(count)]


def test_it_is_what_it_was_for_good() -> None:
    assert version_identifier(*GIVEN) == "kvwkhz9810jwp6kk"


@pytest.mark.parametrize("place", range(5))
def test_all_that_it_is_made_of_tells(place: int) -> None:
    other = list(GIVEN)
    other[place] = b"3" * 32 if place > 2 else 3
    assert version_identifier(*other) != version_identifier(*GIVEN)  # type: ignore[arg-type]


def test_it_is_short_begins_with_a_letter_and_reads_as_itself() -> None:
    identifiers = some(2_000)
    assert len(set(identifiers)) == 2_000
    for it in identifiers:
        assert re.fullmatch(r"[a-hjkmnp-tv-z][0-9a-hjkmnp-tv-z]{15}", it)
        assert parse_identifier(it) == it


def test_capitals_hyphens_and_lookalikes_are_let_be() -> None:
    written = next(it for it in some(500) if "0" in it and "1" in it)
    typed = written.replace("0", "O").replace("1", "l").upper()
    assert parse_identifier(f" {'-'.join(re.findall('.{4}', typed))} ") == written


def test_every_wrong_character_and_every_swap_is_noticed() -> None:
    alphabet = "0123456789abcdefghjkmnpqrstvwxyz"
    for it in some(20):
        for at, right in enumerate(it):
            for wrong in alphabet:
                if wrong != right:
                    assert parse_identifier(it[:at] + wrong + it[at + 1 :]) is None
            swapped = it[:at] + it[at : at + 2][::-1] + it[at + 2 :]
            assert swapped == it or parse_identifier(swapped) is None


@pytest.mark.parametrize(
    "text", ["", "17", "1234567890123456", "example.org", "https://example.org/a", "é" * 16]
)
def test_what_is_none(text: str) -> None:
    assert parse_identifier(text) is None


def test_noise_is_rarely_taken_for_one() -> None:
    rng = random.Random(7)
    noise = ("".join(rng.choices("abcdefghjkmnpqrstvwxyz", k=16)) for _ in range(2_000))
    assert sum(parse_identifier(it) is not None for it in noise) < 100
