import asyncio
import os
import shutil
import signal
import subprocess
import sys
import tempfile
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


AS_NOBODY = """
import asyncio, os, pathlib, sys
import playwright.async_api, playwright._impl._driver
from crawler.fetching.browser import Browser
NOBODY, UNREACHABLE = 65534, 77
folder, chromium = sys.argv[1:]
node, _ = playwright._impl._driver.compute_driver_executable()
os.setgroups([])
os.setgid(NOBODY)
os.setuid(NOBODY)
os.chdir(folder)
os.environ.update(HOME=folder, TMPDIR=folder)
if not os.access(node, os.X_OK):
    sys.exit(UNREACHABLE)

async def main():
    browser = Browser(chromium, "Test/1")
    async with browser.context() as context:
        page = await context.new_page()
        await page.set_content("<p>Here")
        for status in pathlib.Path("/proc").glob("[0-9]*/status"):
            told = dict(it.split(":", 1) for it in status.read_text().splitlines() if ":" in it)
            command = status.with_name("cmdline").read_text()
            its_own = told["NSpgid"].split()[:1] == [str(browser._group)]
            if its_own and "--type=renderer" in command:
                without = "--no-sandbox" in command
                print(told["Seccomp"].strip(), len(told["NSpid"].split()), without)
    await browser.close()

asyncio.run(main())
"""


@pytest.mark.skipif(os.geteuid() != 0, reason="then every test has the sandbox")
def test_another_user_than_root_has_chromium_s_sandbox() -> None:
    program = shutil.which("chromium") or ""
    # not in pytest's, which is root's alone
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o777)
        done = subprocess.run(
            [sys.executable, "-c", AS_NOBODY, folder, program],
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
    if done.returncode == 77:
        pytest.skip("another user can't reach Playwright here")
    assert done.returncode == 0, done.stderr
    # filtered system calls (seccomp(2)), and process numbers of its own
    renderers = set(done.stdout.splitlines())
    assert renderers == {"2 3 False"}


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
