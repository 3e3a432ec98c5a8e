"""How a site is asked for its tdmrep.json; over real connections: end_to_end/test_tdm_files.py."""

import asyncio
from datetime import datetime, timedelta
from typing import Any, cast

import pytest
from scrapy import Request
from scrapy.http import Response
from scrapy.utils.test import get_crawler

from crawler.extraction.metadata.tdm_file import MAX_BYTES
from crawler.fetching.polite_handler import SLOT
from crawler.fetching.politeness import LeftAlone
from crawler.fetching.robots import FRESH
from crawler.fetching.tdm_files import TdmFiles
from crawler.middlewares.tdm_files import PAGE, PATH, TdmFileMiddleware
from storage.database.clock import utc_now
from storage.ledger.tdm_files import TdmAnswer

SITE = "https://news.example"
Given = Response | Exception


class Kept(TdmFiles):
    """Answers that are kept in memory, by origin."""

    def __init__(self, asked_at: datetime | None = None) -> None:
        self.answers: dict[str, TdmAnswer] = {}
        self._asked_at = asked_at

    async def asked_at(self, origin: str) -> datetime | None:
        return self._asked_at

    async def keep(self, origin: str, answer: TdmAnswer) -> None:
        self.answers[origin] = answer


class Engine:
    def __init__(self, answers: dict[str, Given]) -> None:
        self.answers = answers
        self.sent: list[Request] = []

    async def download_async(self, request: Request) -> Response:
        self.sent.append(request)
        await asyncio.sleep(0)
        answer = self.answers[request.url]
        if isinstance(answer, Exception):
            raise answer
        return answer


class Spider:
    def __init__(self, files: TdmFiles) -> None:
        self.tdm_files = files


def page(number: int = 0, site: str = SITE) -> Request:
    return Request(f"{site}/{number}.html", meta={PAGE: True, SLOT: "news.example"})


def middleware(answers: dict[str, Given], files: Kept) -> tuple[TdmFileMiddleware, Engine]:
    crawler, engine = get_crawler(), Engine(answers)
    crawler.engine, crawler.spider = cast(Any, engine), cast(Any, Spider(files))
    return TdmFileMiddleware.from_crawler(crawler), engine


def asked(answers: dict[str, Given], *requests: Request, known: datetime | None = None) -> Any:
    """What is kept of it, and what was sent, where these requests come all at once."""
    files = Kept(known)
    asking, engine = middleware(answers, files)

    async def run() -> None:
        await asyncio.gather(*map(asking.process_request, requests or [page()]))

    asyncio.run(run())
    return files.answers, engine.sent


def moved(url: str, to: str) -> Response:
    return Response(url, status=302, headers={"Location": to})


def test_each_host_is_asked_once_however_many_pages_wait() -> None:
    other = "https://sport.news.example:8443"
    answers: dict[str, Given] = {
        f"{site}{PATH}": Response(f"{site}{PATH}", body=b"[]") for site in (SITE, other)
    }
    kept, sent = asked(answers, *map(page, range(5)), page(site=other))
    assert sorted(it.url for it in sent) == sorted(answers)
    assert {it.meta[SLOT] for it in sent} == {"news.example"}
    assert {origin: it.body for origin, it in kept.items()} == {SITE: b"[]", other: b"[]"}


@pytest.mark.parametrize(
    ("age", "times"),
    [(timedelta(0), 0), (FRESH - timedelta(minutes=1), 0), (FRESH, 1), (-timedelta(days=9), 1)],
)
def test_it_is_asked_once_a_day_and_a_clock_set_back_makes_no_answer_last(
    age: timedelta, times: int
) -> None:
    answers: dict[str, Given] = {f"{SITE}{PATH}": Response(f"{SITE}{PATH}", status=404)}
    assert len(asked(answers, known=utc_now() - age)[1]) == times


def test_a_listing_waits_for_no_file() -> None:
    assert asked({}, Request(f"{SITE}/feed.xml"))[1] == []


@pytest.mark.parametrize(
    ("status", "body", "kept"),
    [(200, b"[]", b"[]"), (404, b"[]", None), (200, b"x" * (MAX_BYTES + 1), None)],
)
def test_only_a_file_that_can_be_meant_is_kept(
    status: int, body: bytes, kept: bytes | None
) -> None:
    answers: dict[str, Given] = {
        f"{SITE}{PATH}": Response(f"{SITE}{PATH}", status=status, body=body)
    }
    answer = asked(answers)[0][SITE]
    assert (answer.status, answer.body) == (status, kept)


def test_a_redirect_is_followed_within_the_domain_alone() -> None:
    near, far = "https://www.news.example/tdm.json", "https://tracker.example/tdm.json"
    answers: dict[str, Given] = {
        f"{SITE}{PATH}": moved(f"{SITE}{PATH}", near),
        near: Response(near, body=b"[1]"),
    }
    assert asked(answers)[0][SITE].body == b"[1]"
    for to in (far, "http://[broken", "mailto:a@b.example"):
        kept, sent = asked({f"{SITE}{PATH}": moved(f"{SITE}{PATH}", to)})
        assert (kept[SITE].status, kept[SITE].body, len(sent)) == (302, None, 1)


def test_redirects_in_a_circle_end() -> None:
    kept, sent = asked({f"{SITE}{PATH}": moved(f"{SITE}{PATH}", PATH)})
    assert kept[SITE].status == 302
    assert len(sent) <= 10


def test_whatever_goes_wrong_the_page_is_asked_for() -> None:
    answer = asked({f"{SITE}{PATH}": OSError("no route")})[0][SITE]
    assert (answer.status, answer.body) == (None, None)


def test_a_domain_that_is_to_be_left_alone_is_asked_for_no_page_either() -> None:
    files = Kept()
    asking, _ = middleware({f"{SITE}{PATH}": LeftAlone("until noon")}, files)
    with pytest.raises(LeftAlone):
        asyncio.run(asking.process_request(page()))
    assert files.answers == {}


def test_a_page_that_is_given_up_leaves_the_others_their_answer() -> None:
    files = Kept()
    asking, engine = middleware({f"{SITE}{PATH}": Response(f"{SITE}{PATH}", body=b"[]")}, files)

    async def run() -> None:
        first = asyncio.create_task(asking.process_request(page(1)))
        second = asyncio.create_task(asking.process_request(page(2)))
        await asyncio.sleep(0)
        first.cancel()
        await second

    asyncio.run(run())
    assert files.answers[SITE].body == b"[]"
    assert len(engine.sent) == 1
