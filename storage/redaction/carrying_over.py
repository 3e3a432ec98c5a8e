"""Redactions carried over to an archive that was restored: a backup of before has none of them.

They are kept in a file of their own, which does not have the words, and carried out again.
"""

import base64
import json
import os
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage.database.errors import Refused
from storage.models import (
    Article,
    Redaction,
    RedactionKind,
    RedactionRule,
    RedactionScope,
    RuleKind,
    Source,
    Version,
)
from storage.redaction.carrying_out import redact
from storage.redaction.request import Request
from storage.withholding.phrases import Phrase

_KIND: Final = "permalien-redactions"


def redactions_document(session: Session) -> dict[str, Any]:
    """All redactions, and of those of words the rules, as JSON takes them."""
    rules = session.scalars(
        select(RedactionRule).where(RedactionRule.kind == RuleKind.WORDS).order_by(RedactionRule.id)
    ).all()
    return {
        "kind": _KIND,
        "redactions": [
            {
                "kind": it.kind.value,
                "scope": it.scope.value,
                "source_id": it.source_id,
                "article_id": it.article_id,
                "version_id": it.version_id,
                "asked_by": it.asked_by,
                "reason": it.reason,
                "redacted_at": it.redacted_at.isoformat(),
                "words": [
                    [_text(rule.key), rule.length, _text(rule.keyed)]
                    for rule in rules
                    if rule.redaction_id == it.id
                ],
            }
            for it in session.scalars(select(Redaction).order_by(Redaction.id))
        ],
    }


def save_redactions(session: Session, path: Path) -> None:
    """Write all redactions of the archive to that file, durably; what it lists of those that the
    archive does not have stays listed. Raises Refused where it is another file, and OSError."""
    document = redactions_document(session)
    own = {(it["reason"], it["redacted_at"]) for it in document["redactions"]}
    listed = read_redactions(path)["redactions"] if path.exists() else []
    more = [it for it in listed if (it["reason"], it["redacted_at"]) not in own]
    document["redactions"] = more + document["redactions"]
    part = path.with_name(f".{path.name}.part")
    with part.open("w", encoding="utf-8") as file:
        json.dump(document, file)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)


def read_redactions(path: Path) -> Any:
    """The document of such a file. Raises Refused where it can't be read or is another."""
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        _requests(document)
    except OSError as error:
        raise Refused(f"{path}: {error.strerror}") from error
    except ValueError as error:
        raise Refused(f"{path}: that is no file of redactions") from error
    return document


def carry_over(
    session: Session,
    document: Any,
    told: Callable[[str], None] = lambda line: None,
) -> int:
    """Carry out the redactions of that document that this archive has not, in the transaction that
    writes; how many. What one is of must be here under the id that it had, as in a copy of the same
    archive: `told` names those of which it is not. Raises Refused for what is no such document."""
    requests = _requests(document)
    known = {(it.reason, it.redacted_at) for it in session.scalars(select(Redaction)).all()}
    done = 0
    for request, at in requests:
        if (request.reason, at) in known:
            continue
        if not _is_here(session, request):
            told(f"{request.reason}, of {at:%Y-%m-%d}: what it is of is not in this archive")
            continue
        redact(session, request, at)
        done += 1
    return done


def _requests(document: Any) -> list[tuple[Request, datetime]]:
    try:
        if document["kind"] != _KIND:
            raise ValueError
        return [_request(it) for it in document["redactions"]]
    except (KeyError, TypeError, ValueError) as error:
        raise Refused("that is no file of redactions, or a damaged one") from error


def _request(it: dict[str, Any]) -> tuple[Request, datetime]:
    request = Request(
        RedactionKind(it["kind"]),
        RedactionScope(it["scope"]),
        str(it["asked_by"]),
        str(it["reason"]),
        source_id=it["source_id"],
        article_id=it["article_id"],
        version_id=it["version_id"],
        phrases=[
            Phrase(base64.b64decode(key), int(length), base64.b64decode(keyed))
            for key, length, keyed in it["words"]
        ],
    )
    return request, datetime.fromisoformat(it["redacted_at"])


def _is_here(session: Session, request: Request) -> bool:
    named = (
        (Source, request.source_id),
        (Article, request.article_id),
        (Version, request.version_id),
    )
    return all(it is None or session.get(table, it) is not None for table, it in named)


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()
