"""Articles, their versions, what lies between two of them, and how one is cited."""

from collections.abc import Callable
from typing import Final

from starlette.responses import PlainTextResponse, Response

from reader.api.operations import Operation, Values, json_response
from reader.api.parameters import Choice, Flag, Parameter, Text, Whole
from reader.faults import WrongRequest
from reader.page_request import PageRequest
from storage.query.articles import article_record
from storage.query.citation import Citation, citation
from storage.query.citation_formats import (
    Language,
    as_biblatex,
    as_bibtex,
    as_csl,
    as_ris,
    as_text,
)
from storage.query.comparison import compare_versions
from storage.query.document_types import (
    ArticleDocument,
    CitationDocument,
    DiffDocument,
    HistoryDocument,
    PageDocument,
)
from storage.query.documents import (
    article_document,
    citation_document,
    diff_document,
    history_document,
    page_document,
)
from storage.query.identity import IdentityRecord, identity_named
from storage.query.shown import (
    require_article,
    require_text,
    showable_article,
    showable_history,
    shows_text,
)
from storage.query.stored_page import page_record

_IDENTIFIER: Final = r"[0-9A-Za-z-]{16,40}"
_NUMBER: Final = r"[1-9][0-9]{0,8}"
_ARTICLE: Final = Text(
    name="article",
    path=True,
    pattern=rf"{_NUMBER}|{_IDENTIFIER}",
    about="An article's number, or the permanent identifier of one of its versions.",
)
_VERSION: Final = Text(
    name="version",
    path=True,
    pattern=_IDENTIFIER,
    about="A version's permanent identifier.",
)
_REMOVED: Final = Flag(
    name="removed", default=False, about="What was left out of the text too, and why."
)
_BY_URL: Final = Text(
    name="url",
    most=2_000,
    needed=True,
    about="One of the article's addresses, in any spelling.",
    example="https://example.org/bridge",
)
_CSL: Final = "application/vnd.citationstyles.csl+json"
_BIB: Final = "application/x-bibtex"
_FORMATS: Final[dict[str, tuple[str, Callable[[Citation, Language], str]]]] = {
    "text": ("text/plain", as_text),
    "bibtex": (_BIB, as_bibtex),
    "biblatex": (_BIB, as_biblatex),
    "ris": ("application/x-research-info-systems", as_ris),
}


def article(asked: PageRequest, values: Values) -> ArticleDocument:
    """The article of a number, an identifier or an address, in one of its versions."""
    return _article(asked, values, values.get("article") or values["url"], values["version"])


def version(asked: PageRequest, values: Values) -> ArticleDocument:
    """A version by its identifier."""
    return _article(asked, values, values["version"], None)


def _article(asked: PageRequest, values: Values, name: str, version: str | None) -> ArticleDocument:
    number = int(version) if version is not None and version.isdecimal() else version
    with asked.reading() as session:
        record = article_record(session, name, number)
        return showable_article(session, article_document(record, removed=values["removed"]))


def history(asked: PageRequest, values: Values) -> HistoryDocument:
    """An article's versions, the first one first."""
    with asked.reading() as session:
        document = history_document(
            session,
            values["article"],
            checks=values["checks"],
            after=values["after"],
            limit=values["limit"],
        )
        return showable_history(session, document)


def addresses(asked: PageRequest, values: Values) -> IdentityRecord:
    """An article's addresses, and why each of them leads to it."""
    with asked.reading() as session:
        record = identity_named(session, values["article"])
        require_article(session, record.id)
        return record


def diff(asked: PageRequest, values: Values) -> DiffDocument:
    """What lies between two versions of an article."""
    if values["to"] is not None and values["from"] is None:
        raise WrongRequest("%(what)s", what="say `from` too, or neither")
    versions = [it for it in (values["from"], values["to"]) if it is not None]
    with asked.reading() as session:
        compared = compare_versions(session, values["article"], versions)
        require_text(session, [it.identifier for it in (compared.edit.old, compared.edit.new)])
        return diff_document(compared)


def page_of(asked: PageRequest, values: Values) -> PageDocument:
    """How the page of a version came: the request and the answer."""
    with asked.reading() as session:
        return page_document(page_record(session, values["version"]))


def cite(asked: PageRequest, values: Values) -> CitationDocument | Response:
    """How a version is cited."""
    with asked.reading() as session:
        cited = citation(session, values["version"])
        shows_text(session, [cited.version_id])
    language = Language(values["lang"])
    if values["format"] == "json":
        return citation_document(cited)
    if values["format"] == "csl-json":
        return json_response(as_csl(cited, language), media_type=_CSL)
    media_type, write = _FORMATS[values["format"]]
    return PlainTextResponse(write(cited, language), media_type=media_type)


def _which(name: str, about: str) -> Parameter:
    return Text(name=name, pattern=rf"{_NUMBER}|{_IDENTIFIER}", about=about)


OPERATIONS: Final = (
    Operation(
        path="/api/article",
        name="article-at-url",
        about="The article that was published at an address.",
        answer=article,
        result=ArticleDocument,
        parameters=(
            _BY_URL,
            _which("version", "A version's number or identifier; the current one, without."),
            _REMOVED,
        ),
        faults=(403, 404),
    ),
    Operation(
        path="/api/articles/{article}",
        name="article",
        about="An article, in its current version, or in the one that is named.",
        answer=article,
        result=ArticleDocument,
        parameters=(
            _ARTICLE,
            _which("version", "A version's number or identifier; the current one, without."),
            _REMOVED,
        ),
        faults=(403, 404),
    ),
    Operation(
        path="/api/articles/{article}/versions",
        name="versions",
        about="An article's versions, the first one first, and its latest checks.",
        answer=history,
        result=HistoryDocument,
        parameters=(
            _ARTICLE,
            Whole(name="after", default=0, about="Those that follow the version of this number."),
            Whole(name="limit", least=1, most=100, default=20, about="How many versions."),
            Whole(name="checks", most=500, default=20, about="How many of the latest checks."),
        ),
        faults=(403, 404),
    ),
    Operation(
        path="/api/articles/{article}/addresses",
        name="addresses",
        about="Which addresses are the article, and why.",
        answer=addresses,
        result=IdentityRecord,
        parameters=(_ARTICLE,),
        faults=(403, 404),
    ),
    Operation(
        path="/api/articles/{article}/diff",
        name="diff",
        about="What lies between two versions of an article: by default the last two, or, of a "
        "version's identifier, that version and the one before.",
        answer=diff,
        result=DiffDocument,
        parameters=(
            _ARTICLE,
            _which("from", "A version's number or identifier."),
            _which("to", "Another version's number or identifier; the last one, without."),
        ),
        faults=(403, 404),
    ),
    Operation(
        path="/api/versions/{version}",
        name="version",
        about="A version by its permanent identifier.",
        answer=version,
        result=ArticleDocument,
        parameters=(_VERSION, _REMOVED),
        faults=(403, 404),
    ),
    Operation(
        path="/api/versions/{version}/page",
        name="page",
        about="How the page of a version came. Its bytes are at /stored/{version}.",
        answer=page_of,
        result=PageDocument,
        parameters=(_VERSION,),
        faults=(403, 404),
    ),
    Operation(
        path="/api/versions/{version}/cite",
        name="cite",
        about="How a version is cited.",
        answer=cite,
        result=CitationDocument,
        parameters=(
            _VERSION,
            Choice(
                name="format",
                among=("json", *_FORMATS, "csl-json"),
                default="json",
                about="For a program, a sentence, or a reference manager.",
            ),
            Choice(
                name="lang",
                among=tuple(Language),
                default=Language.ENGLISH.value,
                about="The language of what it says in words of its own.",
            ),
        ),
        faults=(403, 404),
        others=(_CSL, *dict.fromkeys(media_type for media_type, _ in _FORMATS.values())),
    ),
)
