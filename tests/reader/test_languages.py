"""What the pages say, in each language."""

from pathlib import Path

import pytest
from babel.messages.extract import extract
from babel.messages.pofile import read_po

from reader.languages import LANGUAGES, catalogue

READER = Path(__file__).parents[2] / "reader"


def _messages() -> set[str | tuple[str, ...]]:
    """Everything that templates and modules say."""
    found: set[str | tuple[str, ...]] = set()
    for path in sorted(READER.glob("templates/*.html")):
        with path.open("rb") as file:
            found |= {it[1] for it in extract("jinja2.ext:babel_extract", file)}
    for path in sorted(READER.rglob("*.py")):
        with path.open("rb") as file:
            found |= {it[1] for it in extract("python", file, keywords={"N_": None})}
    return found


@pytest.mark.parametrize("language", sorted(set(LANGUAGES) - {"en"}))
def test_everything_is_said_in_every_language_and_nothing_else(language: str) -> None:
    with (READER / "locale" / f"{language}.po").open("rb") as file:
        said = {message.id: message for message in read_po(file) if message.id}
    assert set(said) == _messages()
    for message in said.values():
        texts = [message.string] if isinstance(message.string, str) else message.string or [""]
        assert all(texts), message.id
        assert not message.fuzzy
        assert not list(message.check())  # its %(name)s are those of the English


def test_a_number_chooses_the_form() -> None:
    french = catalogue("fr")
    assert french.ngettext("%(num)s moved", "%(num)s moved", 1) == "%(num)s déplacé"
    assert french.ngettext("%(num)s moved", "%(num)s moved", 2) == "%(num)s déplacés"
