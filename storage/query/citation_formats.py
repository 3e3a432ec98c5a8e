"""A citation in the formats of reference managers, and in a sentence. Pure.

What a publisher wrote is escaped for each: for BibTeX and BibLaTeX as LaTeX wants it, with braces
that are balanced whatever the title has; for RIS on one line.
"""

import re
from collections.abc import Iterator
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Final

from storage.query.citation import Citation

ARCHIVE: Final = "Permalien"


class Language(StrEnum):
    """The language of what a citation says in words of its own."""

    ENGLISH = "en"
    FRENCH = "fr"


_LATEX: Final = {
    "\\": "{\\textbackslash}",
    "{": "{\\textbraceleft}",  # BibTeX counts braces that are escaped by a backslash too
    "}": "{\\textbraceright}",
    "~": "{\\textasciitilde}",
    "^": "{\\textasciicircum}",
    **{character: f"\\{character}" for character in "&%$#_"},
}
_LATEX_TABLE: Final = str.maketrans(_LATEX)
_UNSAFE_IN_URL: Final = re.compile(r'[\s{}\\"<>^`|]')
_PLAIN_NAME: Final = re.compile(r"[^\W\d_][\w.'’-]*(?: [^\W\d_][\w.'’-]*){1,4}")


def as_bibtex(cited: Citation, language: Language = Language.ENGLISH) -> str:
    """A BibTeX entry."""
    year, _, month = (cited.published_on or "")[:7].partition("-")
    return _entry(
        "misc",
        cited,
        {
            "howpublished": f"\\url{{{_url(cited.url)}}}",
            "organization": _latex(cited.source),
            "year": year,
            "month": str(int(month)) if month else "",
            "note": _latex(_note(cited, language)),
        },
    )


def as_biblatex(cited: Citation, language: Language = Language.ENGLISH) -> str:
    """A BibLaTeX entry."""
    return _entry(
        "online",
        cited,
        {
            "organization": _latex(cited.source),
            "date": cited.published_on or "",
            "url": _url(cited.url),
            "urldate": cited.last_seen_at.date().isoformat(),
            "version": str(cited.version),
            "note": _latex(_note(cited, language)),
        },
    )


def as_csl(cited: Citation, language: Language = Language.ENGLISH) -> list[dict[str, Any]]:
    """CSL-JSON (https://docs.citationstyles.org/): a list of one item."""
    item: dict[str, Any] = {
        "id": f"permalien-{cited.version_id}",
        "type": "article-newspaper",
        "title": cited.title,
        "author": [{"literal": author} for author in cited.authors],
        "container-title": cited.source,
        "URL": cited.url,
        "accessed": _csl_date(cited.last_seen_at.date()),
        "archive": ARCHIVE,
        "archive_location": cited.version_id,
        "version": str(cited.version),
        "note": _note(cited, language),
    }
    if cited.published_on:
        item["issued"] = _csl_date(date.fromisoformat(cited.published_on))
    if cited.language:
        item["language"] = cited.language
    return [item]


def as_ris(cited: Citation, language: Language = Language.ENGLISH) -> str:
    """A RIS record."""
    return "".join(f"{tag}  - {_line(value)}\n" for tag, value in _ris(cited, language))


def as_text(cited: Citation, language: Language = Language.ENGLISH) -> str:
    """One paragraph, to be put in a footnote."""
    authors = ", ".join(cited.authors)
    if language is Language.FRENCH:
        said = f"« {cited.title} »"
        published = f"publié le {_day(cited.published_on, language)}"
    else:
        said = f"“{cited.title}”"
        published = f"published {_day(cited.published_on, language)}"
    parts = [authors, said, cited.source, published if cited.published_on else "", cited.url]
    return f"{', '.join(part for part in parts if part)}. {_note(cited, language)}"


def _ris(cited: Citation, language: Language) -> Iterator[tuple[str, str]]:
    yield "TY", "NEWS"
    yield "ID", f"permalien-{cited.version_id}"
    yield "TI", cited.title
    yield from (("AU", author) for author in cited.authors)
    yield "T2", cited.source
    if cited.published_on:
        yield "PY", cited.published_on[:4]
        yield "DA", cited.published_on.replace("-", "/")
    yield "UR", cited.url
    yield "Y2", f"{cited.last_seen_at:%Y/%m/%d}"
    yield "DB", ARCHIVE
    yield "AN", cited.version_id
    if cited.language:
        yield "LA", cited.language
    yield "N1", _note(cited, language)
    yield "ER", ""


def _entry(kind: str, cited: Citation, more: dict[str, str]) -> str:
    fields = {
        "title": f"{{{_latex(cited.title)}}}",  # twice in braces: a style leaves its capitals be
        "author": " and ".join(map(_name, cited.authors)),
        **more,
    }
    lines = [f"  {name} = {{{value}}},\n" for name, value in fields.items() if value]
    return f"@{kind}{{permalien-{cited.version_id},\n{''.join(lines)}}}\n"


def _note(cited: Citation, language: Language) -> str:
    """When the version was seen, how it is checked, and that it was retracted if it was."""
    return " ".join(filter(None, (_seen(cited, language), _retracted(cited, language))))


def _retracted(cited: Citation, language: Language) -> str:
    if cited.retraction is None:
        return ""
    it, day = cited.retraction, _day(cited.retraction.at.date().isoformat(), language)
    if language is Language.FRENCH:
        return f"Retirée le {day} : la version {it.version} ({it.counts_as}) vaut à sa place."
    return (
        f"Retracted on {day} ({it.reason}): "
        f"version {it.version} ({it.counts_as}) counts in its stead."
    )


def _seen(cited: Citation, language: Language) -> str:
    first, last = (
        _moment(moment, language) for moment in (cited.first_seen_at, cited.last_seen_at)
    )
    if language is Language.FRENCH:
        seen = f"vue du {first} au {last}" if first != last else f"vue le {first}"
        return (
            f"Version {cited.version} ({ARCHIVE} {cited.version_id}), {seen}. "
            f"SHA-256 de la page : {cited.page_sha256}."
        )
    seen = f"seen from {first} to {last}" if first != last else f"seen on {first}"
    return (
        f"Version {cited.version} ({ARCHIVE} {cited.version_id}), {seen}. "
        f"SHA-256 of the page: {cited.page_sha256}."
    )


_MONTHS: Final = {
    Language.ENGLISH: "January February March April May June July August September October "
    "November December",
    Language.FRENCH: "janvier février mars avril mai juin juillet août septembre octobre "
    "novembre décembre",
}


def _day(day: str | None, language: Language) -> str:
    if day is None:
        return ""
    year, month, number = day.split("-")
    first = "er" if language is Language.FRENCH and number == "01" else ""
    return f"{int(number)}{first} {_MONTHS[language].split()[int(month) - 1]} {int(year)}"


def _moment(moment: datetime, language: Language) -> str:
    day = _day(moment.date().isoformat(), language)
    if language is Language.FRENCH:
        return f"{day} à {moment.hour} h {moment:%M} UTC"
    return f"{day}, {moment:%H:%M} UTC"


def _csl_date(day: date) -> dict[str, list[list[int]]]:
    return {"date-parts": [[day.year, day.month, day.day]]}


def _latex(text: str) -> str:
    return _line(text).translate(_LATEX_TABLE)


def _name(author: str) -> str:
    """A name as BibTeX takes it apart; what does not look like a person's is left whole."""
    name = _latex(author)
    is_plain = _PLAIN_NAME.fullmatch(author) is not None and " and " not in author.lower()
    return name if is_plain else f"{{{name}}}"


def _url(url: str) -> str:
    """The address without what would end it or its field."""
    return _UNSAFE_IN_URL.sub(
        lambda found: "".join(f"%{byte:02X}" for byte in found[0].encode()), url
    )


def _line(text: str) -> str:
    return " ".join(text.split())
