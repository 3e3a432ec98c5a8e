"""A redaction leaves the words in no row, and everything else in its place."""

import base64

import pytest
from sqlalchemy import select

from storage.ledger.payloads import digest_of, load_payload
from storage.models import (
    Content,
    Payload,
    Reading,
    ReadingDetail,
    RedactedPayload,
    Redaction,
    RedactionKind,
    RedactionScope,
    Run,
    Version,
)
from storage.withholding.phrases import MARK
from tests.support.redacting import (
    NAME,
    PATHS,
    TEXT,
    TRACES,
    Newsroom,
    carry_out,
    request,
    traces,
)


def test_words_are_in_no_row_after(desk: Newsroom) -> None:
    assert traces(desk.archive) >= {
        "content.text",
        "content.title",
        "payload.data",
        "address.key",
        "article.url",
        "reading_detail.details",
    }
    before = desk.history(PATHS[0])
    redacted = carry_out(desk, request(desk))
    assert traces(desk.archive) == set()
    with desk.archive.reading() as session:
        after = {
            it.identifier: session.get_one(Content, it.recorded_content)
            for it in session.scalars(select(Version).order_by(Version.id))
        }
    assert sorted(redacted.versions) == sorted(it.identifier for it in before)
    first, second = (after[it.identifier] for it in before)
    assert first.title == f"{MARK} is convicted"
    assert first.text.startswith(f"A court convicted {MARK} on Monday. It")
    assert f"convicted {MARK}, 41, on" in second.text


def test_words_beside_the_text_of_a_later_capture_go_too(desk: Newsroom) -> None:
    desk.details = {"tags": ["appeal", NAME]}
    desk.read(PATHS[0], "A man is convicted", TEXT.format("QUILLON  ZEBROWITZ, 41,"), advert="Sale")
    carry_out(desk, request(desk))
    assert traces(desk.archive) == set()
    with desk.archive.reading() as session:
        read = set(session.scalars(select(Reading.detail_digest)))
        assert set(session.scalars(select(ReadingDetail.digest))) == read


def test_no_digest_of_before_is_left(desk: Newsroom) -> None:
    with desk.archive.reading() as session:
        article_id = desk.article(PATHS[0]).id
        versions = session.scalars(select(Version).where(Version.article_id == article_id)).all()
        pages = [it.digest for it in versions]
        digests = [*pages, *(it.recorded_content for it in versions)]
        fingerprints = [session.get_one(Content, it.recorded_content) for it in versions]
        digests += [it.fingerprint for it in fingerprints]
    told = tuple(it.hex() for it in digests)
    told += tuple(base64.b64encode(it).decode().lower() for it in digests)
    assert traces(desk.archive, told)
    carry_out(desk, request(desk))
    assert traces(desk.archive, told) == set()


def test_pages_are_named_by_what_they_are_now(desk: Newsroom) -> None:
    carry_out(desk, request(desk))
    with desk.archive.reading() as session:
        payloads = session.scalars(select(Payload.digest)).all()
        for digest in payloads:
            assert digest_of(load_payload(session, digest)) == digest
        redacted = set(session.scalars(select(RedactedPayload.digest)))
        assert len(redacted) == 2
        assert redacted <= set(payloads)


def test_other_articles_stay_as_they_are(desk: Newsroom) -> None:
    before = desk.history(PATHS[1])
    carry_out(desk, request(desk))
    assert desk.history(PATHS[1]) == before


def test_a_whole_article_keeps_its_place_alone(desk: Newsroom) -> None:
    before = desk.history(PATHS[0])
    article_id = desk.article(PATHS[0]).id
    carry_out(desk, request(desk, RedactionKind.WHOLE))
    assert traces(desk.archive, (*TRACES, "a court convicted", "third trial")) == set()
    with desk.archive.reading() as session:
        versions = session.scalars(select(Version).where(Version.article_id == article_id)).all()
        assert [it.identifier for it in versions] == [it.identifier for it in before]
        assert {session.get_one(Content, it.recorded_content).text for it in versions} == {MARK}
    assert desk.history(PATHS[1])


def test_who_asked_and_why_is_on_record_and_stays(desk: Newsroom) -> None:
    redacted = carry_out(desk, request(desk))
    with desk.archive.reading() as session:
        row = session.get_one(Redaction, redacted.redaction_id)
    assert (row.asked_by, row.reason, row.redacted_at) == ("a court", "file 12/26", desk.now)
    assert row.cleaned_at is None
    assert row.counts["version"] == 2
    for statement in (
        "UPDATE redaction SET reason = 'another'",
        "DELETE FROM redaction",
    ):
        with pytest.raises(Exception, match="never changes"), desk.archive.writing() as session:
            session.connection().exec_driver_sql(statement)


def test_a_version_that_is_named_goes_alone(desk: Newsroom) -> None:
    first, second = desk.history(PATHS[0])
    asked = request(
        desk, RedactionKind.WHOLE, scope=RedactionScope.VERSION, version_id=first.version_id
    )
    carry_out(desk, asked)
    after = desk.history(PATHS[0])
    assert [it.title for it in after] == [MARK, second.title]
    assert after[1].text == second.text


def test_what_is_written_of_runs_is_looked_through(desk: Newsroom) -> None:
    with desk.archive.writing() as session:
        session.add(
            Run(
                software="1", settings={"url": f"https://example.org{PATHS[0]}"}, counts={},
                host="a", pid=1, process_started="1", started_at=desk.now, heartbeat_at=desk.now,
            )
        )  # fmt: skip
    carry_out(desk, request(desk))
    assert traces(desk.archive) == set()


def test_once_more_changes_nothing(desk: Newsroom) -> None:
    asked = request(desk)
    carry_out(desk, asked)
    again = carry_out(desk, asked)
    assert again.versions == []
    assert "payload" not in again.counts
