"""Long work that Ctrl-C and SIGTERM cancel."""

import asyncio
import signal
from collections.abc import Coroutine


async def interruptible(work: Coroutine[None, None, None]) -> None:
    """The work, which SIGINT and SIGTERM cancel."""
    task = asyncio.ensure_future(work)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, task.cancel)
    await task
