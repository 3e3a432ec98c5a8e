"""What a run finds at a source while it holds it, and what is kept of it at the end."""

import asyncio

import pytest
from sqlalchemy import select

from crawler.sessions import session_judgement, source_sessions
from crawler.sessions.findings import Findings
from crawler.sessions.session_judgement import Concluded
from storage.database.archive import Archive
from storage.models import Source
from tests.crawler.sessions.crawled_pages import crawl, page

PATHS = [f"/2026/11/24/{number}.html" for number in range(6)]
PAGES = {path: page(number) for number, path in enumerate(PATHS)}
EDITED = page(1).replace("the quay of harbour 33", "the mole of harbour 33")


def source(archive: Archive) -> Source:
    with archive.reading() as session:
        return session.scalars(select(Source)).one()


@pytest.fixture
def known(archive: Archive) -> Archive:
    crawl(archive, PAGES)
    return archive


def test_an_edit_is_counted_for_the_source_and_new_articles_are_none(known: Archive) -> None:
    assert source(known).edits == 0
    crawl(known, {**PAGES, PATHS[1]: EDITED})
    assert source(known).edits == 1


@pytest.mark.parametrize(("status", "seen"), [(500, False), (404, True)])
def test_a_source_none_of_whose_pages_answers_is_not_well(
    archive: Archive, status: int, seen: bool
) -> None:
    crawl(archive, dict.fromkeys(PATHS, status))
    assert (source(archive).good_at is not None) is seen


def test_pages_that_differ_are_judged_in_parts_where_there_are_many(
    known: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    judged: list[int] = []
    whole = session_judgement.judge_findings

    async def noted(*given: object, may_ask: bool) -> Concluded:
        judged.append(len(given[-1].deferred))  # type: ignore[attr-defined]
        return await whole(*given, may_ask=may_ask)  # type: ignore[arg-type]

    monkeypatch.setattr(source_sessions, "judge_findings", noted)
    monkeypatch.setattr(source_sessions, "MOST_DEFERRED", 2)
    shown = {path: page(n).replace("on the quay", "on the mole") for n, path in enumerate(PATHS)}
    crawl(known, shown)
    assert max(judged) == 2
    assert sum(judged) == len(PATHS)


def test_what_is_being_judged_stays_as_it_is_while_more_pages_come_in(
    known: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    judged: list[tuple[Findings, Findings]] = []
    whole = session_judgement.judge_findings

    async def slow(*given: object, may_ask: bool) -> Concluded:
        findings = given[-1]
        assert isinstance(findings, Findings)
        before = findings.as_of_now()
        await asyncio.sleep(0.0 if may_ask else 0.5)
        judged.append((before, findings.as_of_now()))
        return await whole(*given, may_ask=may_ask)  # type: ignore[arg-type]

    monkeypatch.setattr(source_sessions, "judge_findings", slow)
    monkeypatch.setattr(source_sessions, "MOST_DEFERRED", 1)
    shown = {path: page(n).replace("on the quay", "on the mole") for n, path in enumerate(PATHS)}
    crawl(known, shown, side_by_side=True)
    assert len(judged) > 1
    assert [after for _, after in judged] == [before for before, _ in judged]


def test_pages_that_are_wanted_are_asked_for_once_a_session(
    known: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[bool] = []
    whole = session_judgement.judge_findings

    async def noted(*given: object, may_ask: bool) -> Concluded:
        concluded = await whole(*given, may_ask=may_ask)  # type: ignore[arg-type]
        asked.append(bool(concluded.controls))
        return concluded

    monkeypatch.setattr(source_sessions, "judge_findings", noted)
    more = page(1, "A sentence more, of which no other page can tell anything.")
    crawl(known, {**PAGES, PATHS[1]: more}, due=[PATHS[1]])
    assert asked == [True, False]
