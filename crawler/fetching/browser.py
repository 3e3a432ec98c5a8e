"""Chromium, for pages that their scripts make (the extra `permalien[browser]`).

It has no network. Its proxy is at a name that never resolves (RFC 6761, section 6.4), which holds
for redirects, workers, WebSockets and whatever else a page may open; what it asks for is answered
by whoever opened the page (crawler.fetching.rendering), or by nobody.
"""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from playwright.async_api import Browser as PlaywrightBrowser
    from playwright.async_api import BrowserContext, Playwright

_START: Final = 30.0  # seconds in which it is to have started
_END: Final = 3.0  # seconds in which it is to have ended by itself
_ARGUMENTS: Final = (
    "--proxy-server=http://permalien.invalid:1",
    "--proxy-bypass-list=<-loopback>",
    "--host-resolver-rules=MAP * ~NOTFOUND",
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--js-flags=--max-old-space-size=512",
    "--disable-breakpad",
)


def can_render(executable: str | None) -> bool:
    """Whether the extra is installed, and a Chromium."""
    return executable is not None and find_spec("playwright") is not None


class Browser:
    """One Chromium, which starts when it is needed and anew after its end. It shows one page at a
    time, so that what a page does to it is done to no other."""

    def __init__(self, executable: str, user_agent: str) -> None:
        self._executable = executable
        self._user_agent = user_agent
        self._driver: Playwright | None = None
        self._chromium: PlaywrightBrowser | None = None
        self._group = 0

    @property
    def product(self) -> str:
        """Its name and version, of one that has started."""
        return f"Chromium/{self._chromium.version}" if self._chromium else "Chromium"

    @asynccontextmanager
    async def context(self) -> AsyncIterator["BrowserContext"]:
        """A profile that ends with the `with`: no cookie, storage, cache or service worker is left
        of it, and nothing is downloaded."""
        try:
            context = await self._new_context()
        except Exception:
            # It may have gone without a word since the last page.
            await self.kill()
            context = await self._new_context()
        try:
            yield context
        finally:
            try:
                await asyncio.wait_for(context.close(), _END)
            except Exception:
                await self.kill()

    async def _new_context(self) -> "BrowserContext":
        chromium = await self._started()
        return await asyncio.wait_for(
            chromium.new_context(
                user_agent=self._user_agent, service_workers="block", accept_downloads=False
            ),
            _START,
        )

    def memory(self) -> int:
        """Bytes that its processes have for themselves; 0 where the system does not tell."""
        if not self._group:
            return 0
        return sum(_own_memory(it, self._group) for it in Path("/proc").glob("[0-9]*/status"))

    async def close(self) -> None:
        """End it, by force where it does not end by itself."""
        if self._chromium is not None:
            with suppress(Exception):
                await asyncio.wait_for(self._chromium.close(), _END)
        await self.kill()

    async def kill(self) -> None:
        """End it at once. The next page has a new one."""
        chromium, driver, group = self._chromium, self._driver, self._group
        self._chromium, self._driver, self._group = None, None, 0
        # Of one that has gone the number may be another's by now.
        if group and chromium is not None and chromium.is_connected():
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(group, signal.SIGKILL)
        if driver is not None:
            with suppress(Exception):
                await asyncio.wait_for(driver.stop(), _END)

    async def _started(self) -> "PlaywrightBrowser":
        if self._chromium is not None and self._chromium.is_connected():
            return self._chromium
        from playwright.async_api import async_playwright  # an extra, and slow to load

        await self.kill()
        async with asyncio.timeout(_START):
            self._driver = await async_playwright().start()
            self._chromium = await self._driver.chromium.launch(
                executable_path=self._executable,
                args=_ARGUMENTS,
                chromium_sandbox=os.geteuid() != 0,  # which Chromium refuses to root
                handle_sigint=False,  # stopping is the crawl's to do
                handle_sigterm=False,
                handle_sighup=False,
            )
            session = await self._chromium.new_browser_cdp_session()
            told = await session.send("SystemInfo.getProcessInfo")
        self._group = next(it["id"] for it in told["processInfo"] if it["type"] == "browser")
        return self._chromium


def _own_memory(status: Path, group: int) -> int:
    """Bytes of a process of that group that it shares with none; 0 of any other (proc(5))."""
    try:
        facts = dict(line.split(":", 1) for line in status.read_text().splitlines() if ":" in line)
    except OSError:
        return 0
    if facts.get("NSpgid", "").split()[:1] != [str(group)]:
        return 0
    return 1024 * sum(int(facts.get(it, "0").split()[0]) for it in ("RssAnon", "RssShmem"))
