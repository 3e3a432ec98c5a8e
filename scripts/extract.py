"""`permalien extract`: read one page, without archiving it."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from scripts.output import echo, json_option, moment, print_json

if TYPE_CHECKING:
    from crawler.extraction import Article


@click.command()
@click.argument("page", metavar="FILE|URL")
@click.option("--url", metavar="URL", help="Where the page of a FILE comes from.")
@click.option("--allow-private", is_flag=True, help="URL may be at a private address.")
@click.option("--removed", is_flag=True, help="Show what was left out of the text, and why.")
@json_option
def extract(page: str, url: str | None, allow_private: bool, removed: bool, as_json: bool) -> None:
    """Extract the article of a saved page (- for standard input) or of a URL.

    Nothing is archived, and no template is used. Exit code 1 when there is no article: what
    the page is instead is printed all the same.

    \b
    permalien extract https://example.org/bridge --json
    permalien extract page.html --url https://example.org/bridge
    """
    from crawler.extraction import ExtractionError, PageInput, PageKind
    from crawler.extraction.extract import extract as extract_article
    from crawler.probing.fetch import FetchError, fetch

    try:
        if page == "-":
            article = extract_article(PageInput(sys.stdin.buffer.read(), url=url))
        elif "://" in page:
            body, headers = fetch(page, allow_private=allow_private)
            article = extract_article(PageInput(body, url=page, headers=headers))
        else:
            article = extract_article(PageInput(Path(page).read_bytes(), url=url))
    except (ExtractionError, FetchError, OSError) as error:
        why = error.strerror if isinstance(error, OSError) else str(error)
        click.echo(f"permalien: {page}: {why}", err=True)
        raise SystemExit(1) from error
    if as_json:
        print_json(_document(article))
    elif removed:
        for it in article.removed:
            echo(f"[{it.reason}] {it.text}")
    else:
        echo(article.title, bold=True)
        facts = [", ".join(article.authors), moment(article.published_at), article.kind.value]
        echo(" · ".join(fact for fact in facts if fact), dim=True)
        echo(f"\n{article.text}")
    if article.kind not in (PageKind.ARTICLE, PageKind.LIVE_BLOG):
        click.echo(f"permalien: {page}: no article, the page is of kind {article.kind}", err=True)
        raise SystemExit(1)


def _document(article: "Article") -> dict[str, Any]:
    return {
        "kind": article.kind.value,
        "title": article.title,
        "authors": list(article.authors),
        "published_at": article.published_at,
        "modified_at": article.modified_at,
        "language": article.language,
        "text": article.text,
        "paragraphs": [{"kind": it.kind.value, "text": it.text} for it in article.paragraphs],
        "canonical_url": article.canonical_url,
        "description": article.description,
        "section": article.section,
        "tags": list(article.tags),
        "image_url": article.image_url,
        "image_caption": article.image_caption,
        "paywalled": article.paywalled,
        "partial": article.partial,
        "live_entries": [{"paragraph": it.paragraph, "at": it.at} for it in article.live_entries],
        "removed": [{"reason": it.reason, "text": it.text} for it in article.removed],
    }
