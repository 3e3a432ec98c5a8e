import asyncio
import os
import signal

import pytest

from crawler.process.interrupting import interruptible


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_work_is_cancelled_and_can_tidy_up(number: signal.Signals) -> None:
    told = []

    async def work() -> None:
        try:
            os.kill(os.getpid(), number)
            await asyncio.sleep(60)
        finally:
            told.append("tidied up")

    with pytest.raises(asyncio.CancelledError):
        asyncio.run(interruptible(work()))
    assert told == ["tidied up"]


def test_what_goes_wrong_with_it_is_raised() -> None:
    async def work() -> None:
        raise ValueError("no such file")

    with pytest.raises(ValueError, match="no such file"):
        asyncio.run(interruptible(work()))


def test_signals_mean_afterwards_what_they_did() -> None:
    async def work() -> None:
        await asyncio.sleep(0)

    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    asyncio.run(interruptible(work()))
    assert {number: signal.getsignal(number) for number in before} == before
