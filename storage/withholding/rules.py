"""The standing rules: what redactions keep away from all that comes into the archive later.

Rules are read in the transaction that writes, which on PostgreSQL holds a lock that a redaction
waits for, so that nothing is written by rules that are about to change.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from storage.models import Address, Redaction, RedactionRule, RedactionScope, RuleKind
from storage.withholding.markup import Inseparable, has_words, redacted_body
from storage.withholding.phrases import MARK, Phrase, keyed_digest, redacted_text

_LOCK: Final = (0x7065726D, 0x72656461)  # "perm", "reda"
_KNOWN: Final = "standing rules"  # in what a session keeps
_MOST_ADDRESSES: Final = 100  # of an article by which its pages are told


@dataclass(frozen=True, slots=True)
class _Ruling:
    """The rules of one redaction."""

    redaction_id: int
    scope: RedactionScope
    source_id: int | None
    article_id: int | None
    phrases: tuple[Phrase, ...]
    paths: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Withheld:
    """A body as it may be kept, and the redactions that took something out of it."""

    body: bytes
    redactions: tuple[int, ...] = ()


class Rules:
    """The rules that stand in an archive. Those of an article hold for what its addresses show, and
    for pages of its source that lead to no article yet and name one of its addresses."""

    def __init__(
        self,
        rulings: Sequence[_Ruling],
        keyed: dict[RuleKind, dict[bytes, dict[bytes, int]]],
    ) -> None:
        self._rulings = rulings
        self._keyed = keyed

    def __bool__(self) -> bool:
        return bool(self._rulings or self._keyed)

    def phrases(
        self, source_id: int, article_id: int | None, body: bytes | None = None
    ) -> list[Phrase]:
        """The words that are kept away from what is of this source and article."""
        found = self._rulings_of(source_id, article_id, body)
        return [phrase for it in found for phrase in it.phrases]

    def everywhere(self) -> list[Phrase]:
        """The words that are kept away whatever source something is of."""
        return [
            phrase
            for it in self._rulings
            if it.scope is RedactionScope.ARCHIVE
            for phrase in it.phrases
        ]

    def refuses(self, key: str, source_id: int | None = None) -> bool:
        """Whether that address, by its key, may not be known."""
        if self._redaction_of(RuleKind.ADDRESS, key.encode()) is not None:
            return True
        phrases = self.everywhere() if source_id is None else self.phrases(source_id, None)
        return has_words(key.encode(), phrases)

    def body(
        self,
        body: bytes,
        digest: bytes,
        *,
        source_id: int,
        article_id: int | None,
        charset: str | None = None,
    ) -> Withheld:
        """The body as it may be kept; `digest` is its SHA-256."""
        redaction_id = self._redaction_of(RuleKind.PAGE, digest)
        if redaction_id is not None:
            return Withheld(stand_in(redaction_id), (redaction_id,))
        by = []
        for ruling in self._rulings_of(source_id, article_id, body):
            try:
                kept = redacted_body(body, ruling.phrases, charset)
            except Inseparable:
                kept = stand_in(ruling.redaction_id)
            if kept != body:
                body = kept
                by.append(ruling.redaction_id)
        return Withheld(body, tuple(by))

    def text(self, text: str, source_id: int, article_id: int | None) -> str:
        return redacted_text(text, self.phrases(source_id, article_id))

    def _rulings_of(
        self, source_id: int, article_id: int | None, body: bytes | None
    ) -> list[_Ruling]:
        return [it for it in self._rulings if _holds(it, source_id, article_id, body)]

    def _redaction_of(self, kind: RuleKind, data: bytes) -> int | None:
        for key, digests in self._keyed.get(kind, {}).items():
            found = digests.get(keyed_digest(key, data))
            if found is not None:
                return found
        return None


def standing_rules(session: Session) -> Rules:
    """The rules that stand, for a transaction that writes; read once in it."""
    transaction = session.get_transaction()
    known = session.info.get(_KNOWN)
    if known is not None and known[0] is transaction and transaction is not None:
        rules: Rules = known[1]
        return rules
    rules = _read(session)
    session.info[_KNOWN] = (session.get_transaction(), rules)
    return rules


def _read(session: Session) -> Rules:
    if session.get_bind().dialect.name == "postgresql":
        session.execute(select(func.pg_advisory_xact_lock_shared(*_LOCK)))
    rows = session.execute(
        select(RedactionRule, Redaction)
        .join(Redaction, Redaction.id == RedactionRule.redaction_id)
        .order_by(RedactionRule.id)
    ).all()
    phrases: defaultdict[int, list[Phrase]] = defaultdict(list)
    redactions: dict[int, Redaction] = {}
    keyed: dict[RuleKind, dict[bytes, dict[bytes, int]]] = {}
    for rule, redaction in rows:
        if rule.kind is RuleKind.WORDS:
            redactions[redaction.id] = redaction
            phrases[redaction.id].append(Phrase(rule.key, rule.length, rule.keyed))
        else:
            by_key = keyed.setdefault(rule.kind, {}).setdefault(rule.key, {})
            by_key[rule.keyed] = redaction.id
    rulings = [
        _Ruling(
            it.id, it.scope, it.source_id, it.article_id, tuple(phrases[it.id]), _paths(session, it)
        )
        for it in redactions.values()
    ]
    return Rules(rulings, keyed)


def hold_writers(session: Session) -> None:
    """Wait for whoever writes by the rules that stand, and keep others from it until the end of
    this transaction. On SQLite whoever writes is alone."""
    session.info.pop(_KNOWN, None)
    if session.get_bind().dialect.name == "postgresql":
        session.execute(select(func.pg_advisory_xact_lock(*_LOCK)))


def stand_in(redaction_id: int) -> bytes:
    """What stands for a page that may not be kept at all: the same for all of one redaction."""
    return f"{MARK} {redaction_id}\n".encode()


def new_rule(redaction_id: int, kind: RuleKind, key: bytes, data: bytes) -> dict[str, Any]:
    """A row of `redaction_rule` that keeps away an address, by its key, or a page, by its digest;
    `key` is the redaction's own for all of these."""
    keyed = keyed_digest(key, data)
    return {
        "redaction_id": redaction_id, "kind": kind, "key": key, "length": 0, "keyed": keyed,
    }  # fmt: skip


def words_rule(redaction_id: int, phrase: Phrase) -> dict[str, Any]:
    """A row of `redaction_rule` that keeps words away."""
    return {
        "redaction_id": redaction_id,
        "kind": RuleKind.WORDS,
        "key": phrase.key,
        "length": phrase.length,
        "keyed": phrase.digest,
    }


def _holds(ruling: _Ruling, source_id: int, article_id: int | None, body: bytes | None) -> bool:
    if ruling.scope is RedactionScope.ARCHIVE:
        return True
    if ruling.source_id != source_id:
        return False
    if ruling.scope is RedactionScope.SOURCE or ruling.article_id == article_id:
        return True
    return article_id is None and body is not None and any(it in body for it in ruling.paths)


def _paths(session: Session, redaction: Redaction) -> tuple[bytes, ...]:
    """The article's addresses as pages link to them, without scheme and host."""
    if redaction.article_id is None:
        return ()
    keys = session.scalars(
        select(Address.key)
        .where(Address.article_id == redaction.article_id)
        .order_by(Address.id)
        .limit(_MOST_ADDRESSES)
    )
    paths = (key.removeprefix("//").partition("/")[2] for key in keys)
    return tuple(f"/{path}".encode() for path in paths if path)
