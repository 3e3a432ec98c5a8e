"""The extractors that are compared, each as a function that a worker process can be sent."""

import time
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

import trafilatura

from crawler.extraction import Template, extract
from crawler.extraction.body import second_opinion
from crawler.extraction.body.second_opinion import MODEL
from crawler.extraction.page_input import PageInput
from tests.benchmark.ablation import without
from tests.benchmark.corpora import Case, read_pages
from tests.benchmark.extraction_scores import Reading


@dataclass(frozen=True, slots=True)
class Job:
    """A page to read, with a site's template, without the `part` of extraction that is named, with
    the second opinion in a file of another `model`."""

    case: Case
    template: Template | None = None
    part: str = ""
    model: Path | None = None


def warm_up() -> None:
    """Let both import what they import at their first pages: no page is charged for it."""
    for case in read_pages():
        read_with_permalien(Job(case))
        read_with_trafilatura(Job(case))


def read_with_permalien(job: Job) -> Reading:
    """A page that extraction raises on is read as nothing, and tells the error."""
    with without(job.part), patch.object(second_opinion, "MODEL", job.model or MODEL):
        started = time.process_time()
        try:
            article = extract(PageInput(job.case.body, url=job.case.url), templates=job.template)
        except Exception as error:  # whatever it is, the other pages are still measured
            return Reading(seconds=time.process_time() - started, error=repr(error)[:200])
        seconds = time.process_time() - started
    published = article.published_at
    return Reading(
        text=article.text,
        title=article.title,
        authors=article.authors,
        date=published.date().isoformat() if published else "",
        seconds=seconds,
    )


def read_with_trafilatura(job: Job) -> Reading:
    """As Trafilatura is used for articles: with metadata, without readers' comments."""
    started = time.process_time()
    document = trafilatura.bare_extraction(
        job.case.body, url=job.case.url, with_metadata=True, include_comments=False
    )
    seconds = time.process_time() - started
    if document is None or isinstance(document, dict):
        return Reading(seconds=seconds)
    return Reading(
        text=document.text or "",
        title=document.title or "",
        authors=(document.author or "").split("; "),
        date=document.date or "",
        seconds=seconds,
    )
