import asyncio
import os
import shutil
import signal
import time
from pathlib import Path

import pytest

from crawler.fetching.browser import Browser, _own_memory, can_render
from tests.support.newsroom import Newsroom


def test_it_starts_anew_after_its_end() -> None:
    async def run() -> tuple[str, str, int]:
        browser = Browser(shutil.which("chromium") or "", "Test/1")
        try:
            before = await title(browser)
            group = browser._group
            assert 2**20 < browser.memory() < 2**30
            os.killpg(group, signal.SIGKILL)
            return before, await title(browser), group
        finally:
            await browser.close()

    before, after, group = asyncio.run(run())
    assert before == after == "Here"
    until = time.monotonic() + 10
    while (left := own_memory_of(group)) and time.monotonic() < until:
        time.sleep(0.1)
    assert left == 0


def test_without_chromium_nothing_can_be_shown() -> None:
    assert not can_render(None)
    assert can_render("/usr/bin/chromium")


def own_memory_of(group: int) -> int:
    """Of one that has ended nothing is left, but perhaps its number."""
    return sum(_own_memory(it, group) for it in Path("/proc").glob("[0-9]*/status"))


async def title(browser: Browser) -> str:
    async with browser.context() as context:
        page = await context.new_page()
        await page.set_content("<title>Here</title>")
        return await page.title()


def test_it_has_no_network_of_its_own() -> None:
    async def run(url: str) -> str:
        browser = Browser(shutil.which("chromium") or "", "Test/1")
        try:
            async with browser.context() as context:
                page = await context.new_page()
                opened = str(
                    await page.evaluate(
                        """url => new Promise(done => {
                            const socket = new WebSocket(url.replace("http", "ws"))
                            socket.onerror = () => done("refused")
                            socket.onopen = () => done("open")
                        })""",
                        url,
                    )
                )
                with pytest.raises(Exception, match="ERR_PROXY_CONNECTION_FAILED"):
                    await page.goto(url)
                return opened
        finally:
            await browser.close()

    with Newsroom() as newsroom:
        assert asyncio.run(run(newsroom.url)) == "refused"
        assert newsroom.requests == []
