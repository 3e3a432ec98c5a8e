"""`permalien cite`: a version as a paper cites it."""

import click

from crawler.process.printable import printable
from scripts.output import json_option, print_json
from scripts.version_name import VersionName
from storage import schema
from storage.database.archive import Archive
from storage.query.citation import citation
from storage.query.citation_formats import (
    Language,
    as_biblatex,
    as_bibtex,
    as_csl,
    as_ris,
    as_text,
)
from storage.query.documents import citation_document

_FORMATS = {"text": as_text, "bibtex": as_bibtex, "biblatex": as_biblatex, "ris": as_ris}


@click.command()
@click.argument("article", metavar="VERSION|URL|ID")
@click.option(
    "--version", type=VersionName(), metavar="N", help="Not the current one; or its identifier."
)
@click.option(
    "--format",
    "style",
    type=click.Choice([*_FORMATS, "csl-json"]),
    default="text",
    show_default=True,
    help="For a reference manager, or a sentence.",
)
@click.option(
    "--lang",
    type=click.Choice([language.value for language in Language]),
    default="en",
    show_default=True,
    help="The language of what the citation says in words of its own.",
)
@json_option
@click.pass_obj
def cite(
    archive: Archive, article: str, version: str | None, style: str, lang: str, as_json: bool
) -> None:
    """Cite a version, for a reference manager or in a sentence.

    A citation has the version's permanent identifier, the times between which it was seen, and the
    digest by which another person can check it. Title, authors and date are as the version
    recorded them. VERSION is a version's permanent identifier; of an article, the current one is
    cited. `permalien page VERSION | sha256sum` prints the digest again.

    \b
    permalien cite https://example.org/bridge
    permalien cite bw2hfqdjc7gz6rrw --format biblatex >> paper.bib
    permalien cite 17 --version 1 --lang fr
    """
    schema.require_current(archive)
    with archive.reading() as session:
        cited = citation(session, article, version)
    language = Language(lang)
    if as_json:
        print_json(citation_document(cited))
    elif style == "csl-json":
        print_json(as_csl(cited, language))
    else:
        click.echo(printable(_FORMATS[style](cited, language)).rstrip("\n"))
