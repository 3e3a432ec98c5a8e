"""What a run waits for that another run holds; it says so, of each thing once."""

import logging
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from storage.database.clock import utc_now
from storage.frontier.sources import holders, still_to_have
from storage.ledger.runs import named

logger = logging.getLogger(__name__)

_NAMED = 3  # sources


class Waiting:
    """Of one run, which goes by the archive's clock."""

    def __init__(self, run_id: int) -> None:
        self._run_id = run_id
        self._told: set[tuple[str, int]] = set()

    def look(
        self,
        session: Session,
        *,
        linger: timedelta,
        only: Collection[int] | None,
        rested: Mapping[int, datetime],
        aloud: bool,
    ) -> list[int]:
        """The ids of the sources that the run may have yet, as storage.frontier.sources says."""
        ids = still_to_have(
            session, self._run_id, now=utc_now(), linger=linger, only=only, rested=rested
        )
        if aloud:
            self._tell(session, ids)
        return ids

    def _tell(self, session: Session, source_ids: Collection[int]) -> None:
        """Log which of these sources other runs hold, where that is new."""
        held = holders(session, self._run_id, source_ids)
        new = [it for it in held if (it[0], it[2].id) not in self._told]
        self._told.update((source, run.id) for source, _, run in new)
        for source, other, run in new[:_NAMED]:
            which = "it" if other == source else f"{other}, of the same domain"
            logger.info("waiting for %s: %s is crawling %s", source, named(run), which)
        if len(new) > _NAMED:
            logger.info("waiting for %d more sources that other runs hold", len(new) - _NAMED)
        if new:
            logger.info("Ctrl-C ends the wait, and loses nothing")
