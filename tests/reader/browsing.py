"""The reader in a real browser: a server of its own, Chromium, and an archive that a real crawl of
the demonstration's three editions made."""

import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import uvicorn
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, sync_playwright

from reader.app import create_app
from reader.settings import Settings
from scripts.demo.server import DemoSite
from tests.support.command import permalien

# Days ago: before the first edition's edits, after them, and after the new theme.
EDITIONS = {1: 11, 2: 8, 3: 3}


def demonstration(folder: Path) -> str:
    """The URL of an archive of the demonstration, crawled on three days that lie days apart."""
    database = f"sqlite:///{folder / 'demonstration.db'}"

    def run(days_ago: int, *arguments: str) -> None:
        now = datetime.now(UTC)
        then = now - timedelta(days=days_ago)
        rehearsal = f"{then.isoformat()} at {now.isoformat()} x1"
        done = permalien(*arguments, database=database, cwd=folder, rehearsal=rehearsal)
        assert done.code == 0, done.err

    with DemoSite(port=0) as site:
        run(EDITIONS[1], "add", site.url, "--allow-private", "--delay", "0")
        for edition, days_ago in EDITIONS.items():
            site.edition = edition
            run(days_ago, "crawl", site.url, "--recheck")
    return database


@contextmanager
def served(database: str) -> Iterator[str]:
    """The address at which the archive's reader is served."""
    config = uvicorn.Config(
        create_app(Settings(database=database, hosts=("127.0.0.1",))),
        port=0,
        log_level="error",
        server_header=False,
        lifespan="on",
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        deadline = time.monotonic() + 30
        while not server.started:
            assert thread.is_alive()
            assert time.monotonic() < deadline
            time.sleep(0.01)
        (listening,) = server.servers
        yield f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(30)


@contextmanager
def chromium() -> Iterator[Browser]:
    """Debian's Chromium, without a window."""
    program = shutil.which("chromium")
    assert program is not None, "the reader's tests need Chromium: apt-get install chromium"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program)
        try:
            yield browser
        finally:
            browser.close()


@dataclass
class Watched:
    """A page of a browser, with whatever went wrong on it and whatever it asked for elsewhere."""

    page: Page
    base: str
    wrong: list[str] = field(default_factory=list)

    def go(self, path: str) -> int:
        """Open a page of the reader; its status."""
        answer = self.page.goto(f"{self.base}{path}")
        assert answer is not None
        return answer.status


@contextmanager
def watched(
    browser: Browser, base: str, scheme: str = "light", width: int = 1120
) -> Iterator[Watched]:
    """A new page, watched: `wrong` has what the console, scripts and other hosts were asked."""
    context = browser.new_context(
        viewport={"width": width, "height": 900},
        color_scheme="dark" if scheme == "dark" else "light",
        locale="en-GB",
        permissions=["clipboard-read", "clipboard-write"],
    )
    # A page that waits for what is not there is to say so soon.
    context.set_default_timeout(15_000)
    found = Watched(context.new_page(), base)

    def heard(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            found.wrong.append(f"console: {message.text}")

    def asked(request: Request) -> None:
        if not request.url.startswith(f"{base}/"):
            found.wrong.append(f"request: {request.url}")

    def refused(request: Request) -> None:
        """What the browser did not send for a page's policy was not asked."""
        line = f"request: {request.url}"
        if request.failure == "csp" and line in found.wrong:
            found.wrong.remove(line)

    context.on("console", heard)
    context.on("weberror", lambda error: found.wrong.append(f"script: {error.error}"))
    context.on("dialog", lambda dialog: found.wrong.append(f"dialog: {dialog.message}"))
    context.on("request", asked)
    context.on("requestfailed", refused)
    try:
        yield found
    finally:
        context.close()
