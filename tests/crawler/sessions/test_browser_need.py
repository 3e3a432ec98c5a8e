import asyncio
from concurrent.futures import Future
from datetime import UTC, datetime
from typing import Any, cast

import pytest

from crawler.reading.worker import NoArticle, Read
from crawler.sessions.browser_need import PLAIN, BrowserNeeds
from storage.frontier.browser_need import NEEDS_JAVASCRIPT, record_need
from storage.frontier.checks import Check
from storage.frontier.due import Due, make_due
from storage.ledger.headers import RENDERED, SAME_TEXT, Headers
from storage.models import AddressKind, BrowserNeed, BrowserUse, Outcome, Source

NOW = datetime(2026, 11, 25, tzinfo=UTC)
EMPTY = NoArticle(Outcome.BLOCKED, NEEDS_JAVASCRIPT)
ARTICLE = Read(cast(Any, None), cast(Any, None), cast(Any, None))


class Run:
    """One run at one source, and what it wrote."""

    def __init__(self, *, can_render: bool = True, **source: Any) -> None:
        settings = {"browser": BrowserUse.AUTO, "browser_need": BrowserNeed.UNKNOWN} | source
        self.source = Source(id=1, name="news.example", **settings)
        self.needs = BrowserNeeds(cast(Any, self), can_render=can_render)
        self.asked_again: list[int] = []
        self.found: list[BrowserNeed] = []
        self._address = 0

    def call(self, work: Any) -> Future[None]:
        if work.func is make_due:
            self.asked_again += work.keywords["address_ids"]
        else:
            assert work.func is record_need
            self.found.append(work.keywords["need"])
        done: Future[None] = Future()
        done.set_result(None)
        return done

    def read(self, *results: Read | NoArticle, by: str | None = None, address: int = 0) -> None:
        for result in results:
            self._address += 1
            headers = Headers([(RENDERED, by)] if by else [])
            check = Check(
                fetch_id=self._address,
                run_id=1,
                address_id=address or self._address,
                source_id=1,
                url="https://news.example/a",
                kind=AddressKind.PAGE,
                fetched_at=NOW,
                outcome=Outcome.FETCHED,
                headers=headers,
            )
            asyncio.run(self.needs.take_in(self.source, check, result))

    def shows(self, address: int = 999, kind: AddressKind = AddressKind.PAGE) -> bool:
        due = Due(address, 1, "https://news.example/a", kind, 0, None, None)
        return self.needs.shows(self.source, due)


def test_one_of_several_empty_pages_is_tried_and_then_all_are_shown() -> None:
    run = Run()
    run.read(EMPTY, EMPTY)
    assert run.asked_again == []
    run.read(EMPTY)
    assert run.asked_again == [3]
    assert (run.shows(3), run.shows(4)) == (True, False)
    run.read(ARTICLE, by="Chromium/1", address=3)
    assert run.found == [BrowserNeed.SHOWN]
    assert run.shows(4)
    assert run.shows(kind=AddressKind.FRONT)
    assert not run.shows(kind=AddressKind.FEED)


def test_two_trials_are_enough() -> None:
    run = Run()
    run.read(*9 * [EMPTY])
    run.read(*2 * [EMPTY], by="Chromium/1")
    assert (run.asked_again, run.found, run.shows()) == ([3, 4], [], False)


def test_empty_pages_among_as_many_articles_are_none_of_the_sites_way() -> None:
    run = Run()
    run.read(*5 * [ARTICLE], *5 * [EMPTY])
    assert run.asked_again == []


def test_without_a_browser_it_is_put_on_record_once() -> None:
    run = Run(can_render=False)
    run.read(*5 * [EMPTY])
    assert (run.found, run.asked_again) == ([BrowserNeed.LIKELY], [])
    run.read(*6 * [ARTICLE])
    assert run.found == [BrowserNeed.LIKELY, BrowserNeed.UNKNOWN]


@pytest.mark.parametrize(("came", "need"), [(ARTICLE, "shown"), (EMPTY, "unknown")])
def test_what_seemed_to_need_one_is_tried_once_it_is_there(
    came: Read | NoArticle, need: str
) -> None:
    run = Run(browser_need=BrowserNeed.LIKELY)
    run.read(EMPTY)
    assert run.asked_again == [1]
    run.read(came, by="Chromium/1", address=1)
    assert run.found == [need]


@pytest.mark.parametrize(
    ("settings", "shows"),
    [
        ({"browser": BrowserUse.ALWAYS}, True),
        ({"browser": BrowserUse.ALWAYS, "can_render": False}, False),
        ({"browser": BrowserUse.NEVER, "browser_need": BrowserNeed.SHOWN}, False),
        ({"browser_need": BrowserNeed.SHOWN}, True),
        ({"browser_need": BrowserNeed.SHOWN, "can_render": False}, False),
        ({}, False),
    ],
)
def test_the_setting_decides(settings: dict[str, Any], shows: bool) -> None:
    run = Run(**settings)
    assert run.shows() is shows
    if "browser" in settings:
        run.read(*9 * [EMPTY])
        assert (run.asked_again, run.found) == ([], [])


def test_that_one_is_missing_is_told_once(caplog: pytest.LogCaptureFixture) -> None:
    run = Run(browser=BrowserUse.ALWAYS, can_render=False)
    run.shows()
    run.shows()
    assert [it.getMessage() for it in caplog.records] == [
        "news.example needs a browser: install permalien[browser]"
    ]


def test_a_site_that_sends_its_text_again_does_without() -> None:
    same = f"Chromium/1; requests=2; {SAME_TEXT}"
    run = Run(browser_need=BrowserNeed.SHOWN)
    run.read(*PLAIN * [EMPTY], by=same)
    run.read(*(PLAIN - 1) * [ARTICLE], by=same)
    assert run.found == []
    run.read(ARTICLE, by=same)
    assert run.found == [BrowserNeed.UNKNOWN]
    assert not run.shows()
    run.read(ARTICLE, by=same)  # one that was under way
    assert run.found == [BrowserNeed.UNKNOWN]


def test_where_one_is_sent_without_it_the_browser_stays() -> None:
    same = f"Chromium/1; requests=2; {SAME_TEXT}"
    run = Run(browser_need=BrowserNeed.SHOWN)
    run.read(ARTICLE, by="Chromium/1; requests=2")
    run.read(*2 * PLAIN * [ARTICLE], by=same)
    always = Run(browser=BrowserUse.ALWAYS, browser_need=BrowserNeed.SHOWN)
    always.read(*2 * PLAIN * [ARTICLE], by=same)
    assert run.found == always.found == []
