"""A backup of before a redaction is redacted again, by a file that does not have the words."""

import json
from typing import Any

import pytest
from sqlalchemy import select

from storage.database.errors import Refused
from storage.models import Redaction
from storage.redaction.carrying_out import redact
from storage.redaction.carrying_over import carry_over, redactions_document
from tests.support.redacting import TRACES, Newsroom, request, traces


def test_it_is_carried_out_again_once(desk: Newsroom) -> None:
    document = _document_of(desk)
    assert not any(it in json.dumps(document).lower() for it in TRACES)
    assert traces(desk.archive)
    with desk.archive.writing() as session:
        assert carry_over(session, document) == 1
    assert traces(desk.archive) == set()
    with desk.archive.writing() as session:
        assert carry_over(session, document) == 0
        assert session.scalars(select(Redaction.reason)).all() == ["file 12/26"]


def test_what_it_is_of_must_be_there(desk: Newsroom) -> None:
    document = _document_of(desk)
    document["redactions"][0]["article_id"] = 10_000
    told: list[str] = []
    with desk.archive.writing() as session:
        assert carry_over(session, document, told.append) == 0
    assert "file 12/26" in told[0]


def test_what_is_no_such_file_is_refused(desk: Newsroom) -> None:
    documents: list[Any] = [[], {"kind": "other"}, {"kind": "permalien-redactions"}]
    for document in documents:
        with pytest.raises(Refused, match="no file"), desk.archive.writing() as session:
            carry_over(session, document)


def _document_of(desk: Newsroom) -> dict[str, Any]:
    """The document of a redaction of which this archive knows nothing."""
    asked = request(desk)
    document: dict[str, Any] = {}
    try:
        with desk.archive.writing() as session:
            redact(session, asked, desk.now)
            document |= redactions_document(session)
            raise KeyError
    except KeyError:
        pass
    return document
