"""One extraction held to what is promised: an article or a typed error, in time and memory."""

import dataclasses
import gc
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path

from crawler.extraction import (
    Article,
    ExtractionError,
    Template,
    TemplateLearner,
    extract,
)
from crawler.extraction.page_input import PageInput
from crawler.extraction.template.samples import PageSample
from tests.crawler.extraction import wordpress
from tests.fuzz.inputs import Input

SECONDS = 2.0
MEBIBYTES = 500


class BoundPassed(AssertionError):
    """A page that took longer, or more memory, than any page may."""


@dataclass(frozen=True, slots=True)
class Cost:
    """Of one extraction: seconds of CPU, and MiB by which the process grew at its peak."""

    seconds: float
    mebibytes: float

    def check(self) -> None:
        """Raises BoundPassed."""
        if self.seconds > SECONDS:
            raise BoundPassed(f"{self.seconds:.1f} s, {SECONDS} allowed")
        if self.mebibytes > MEBIBYTES:
            raise BoundPassed(f"{self.mebibytes:.0f} MiB, {MEBIBYTES} allowed")


def read(data: bytes) -> Cost:
    """Extract from the input that `data` stands for, and check what comes of it.

    Raises AssertionError for an article that can't be archived, and whatever extraction raises
    that it should not.
    """
    given = Input.decode(data)
    template = _template() if given.templated else None
    gc.freeze()  # what the process held before is not looked through at the page's cost
    before = _reset_peak()
    started = time.process_time()
    try:
        article = extract(
            PageInput(given.body, url=given.url, headers=given.headers), templates=template
        )
    except ExtractionError:
        article = None
    finally:
        gc.unfreeze()
    cost = Cost(time.process_time() - started, _memory("VmHWM") - before)
    if article is not None:
        check(article)
    return cost


def check(article: Article) -> None:
    """Raises AssertionError where the archive could not hold the article or give it back."""
    for text in _texts(dataclasses.asdict(article)):
        text.encode()  # no lone surrogate
        assert "\0" not in text  # PostgreSQL has no place for it
    for paragraph in article.paragraphs:
        assert paragraph.text == " ".join(paragraph.text.split(" ")) != ""
        assert "\n" not in paragraph.text
    entries = [entry.at for entry in article.live_entries]
    for moment in (article.published_at, article.modified_at, *entries):
        assert moment is None or moment.utcoffset() is not None
    learner = TemplateLearner()
    learner.add(PageSample(article.skeleton, article.outline))
    template = learner.template()
    assert Template.from_json(template.to_json()) == template


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for name, part in value.items():
            yield from _texts(name)
            yield from _texts(part)
    elif isinstance(value, (list, tuple)):
        for part in value:
            yield from _texts(part)
    else:
        assert value is None or isinstance(value, (int, datetime)), value


@cache
def _template() -> Template:
    learner = TemplateLearner()
    for post in wordpress.posts(12):
        page = extract(PageInput(wordpress.page(post, furniture="<p>{}</p>"), url=post.url))
        learner.add(PageSample(page.skeleton, page.outline))
    return learner.template()


def _reset_peak() -> float:
    """Let the process's peak be what it has now, in MiB. See proc_pid_clear_refs(5)."""
    Path("/proc/self/clear_refs").write_text("5")
    return _memory("VmRSS")


def _memory(field: str) -> float:
    """MiB, from proc_pid_status(5)."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(f"{field}:"):
            return int(line.split()[1]) / 1024
    raise LookupError(field)
