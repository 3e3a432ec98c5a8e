"""What the archive keeps of each site's tdmrep.json, for an event loop."""

import asyncio
from datetime import datetime

from storage.database.writer import Writer
from storage.ledger.tdm_files import TdmAnswer, keep_tdm_answers, tdm_file_asked_at


class TdmFiles:
    """An origin is a scheme, a host and its port."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer

    async def asked_at(self, origin: str) -> datetime | None:
        """When it was last asked for, None for never."""
        return await asyncio.wrap_future(
            self._writer.read(lambda session: tdm_file_asked_at(session, origin))
        )

    async def keep(self, origin: str, answer: TdmAnswer) -> None:
        """Put the answer on record."""
        await asyncio.wrap_future(
            self._writer.submit(keep_tdm_answers, (origin, answer), size=len(answer.body or b""))
        )
