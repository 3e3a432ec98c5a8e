"""`verify` and the log of proofs hold after a redaction: what is redacted is as its digests say."""

from storage.database.archive import Archive
from storage.models import RedactionKind
from storage.verification.report import Report
from storage.verification.scope import Scope
from storage.verification.verifying import CHECKS, LAST, verify_rows
from tests.support.redacting import Newsroom, carry_out, request


def mismatches(archive: Archive) -> set[str]:
    report = Report()
    verify_rows(archive, Scope(), report, lambda *_: None, (*CHECKS, *LAST))
    return {f"{it.table} {it.key}: {it.expected} / {it.found}" for it in report.mismatches}


def check_it_holds(desk: Newsroom, kind: RedactionKind) -> None:
    before = mismatches(desk.archive)
    carry_out(desk, request(desk, kind))
    new = mismatches(desk.archive) - before
    assert new == set(), new


def test_words_that_went_are_no_mismatch(desk: Newsroom) -> None:
    check_it_holds(desk, RedactionKind.WORDS)


def test_an_article_that_went_is_no_mismatch(desk: Newsroom) -> None:
    check_it_holds(desk, RedactionKind.WHOLE)
