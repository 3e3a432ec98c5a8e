"""A hostile stored page in Chromium: nothing of it runs, and nobody outside is connected to."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from storage.database.archive import Archive
from storage.history.new_reading import NewReading
from storage.ledger.payloads import digest_of
from tests.reader.browsing import chromium, served, watched
from tests.support.archiving import Desk

HOSTILE = """<!doctype html>
<html lang="en" manifest="{outside}/manifest"><head><title>Hostile</title>
<base href="{outside}/base/">
<meta http-equiv="refresh" content="0; url={outside}/refresh">
<meta http-equiv="Content-Security-Policy" content="default-src *">
<meta http-equiv="x-dns-prefetch-control" content="on">
<link rel="preconnect" href="{outside}">
<link rel="preconnect" href="{outside}" crossorigin>
<LINK
REL=&#112;reconnect HREF="{outside}">
<link rel="dns-prefetch" href="{outside}">
<link rel="prefetch" href="{outside}/prefetch">
<link rel="preload" as="image" href="{outside}/preload">
<link rel="modulepreload" href="{outside}/module">
<link rel="prerender" href="{outside}/prerender">
<link rel="stylesheet" href="{outside}/style.css">
<link rel="icon" href="{outside}/icon.png">
<link rel="manifest" href="{outside}/manifest.json">
<style>@import "{outside}/import.css"; @font-face {{ font-family: F; src: url({outside}/font) }}
p {{ font-family: F; background: url({outside}/background.png) }}</style>
<script>window.top.document.title = "taken"; fetch("{outside}/fetch"); alert(1)</script>
<script src="{outside}/script.js"></script>
<script type="speculationrules">
{{"prefetch": [{{"source": "list", "urls": ["{outside}/spec"]}}]}}</script>
</head><body onload="alert(2)">
<p id="words">The words of the page.</p>
<img src="{outside}/image.png" onerror="alert(3)" srcset="{outside}/image2.png 2x">
<img src="data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' onload='alert(4)'/%3E">
<picture><source srcset="{outside}/source.png"><img alt=""></picture>
<svg><image href="{outside}/svg.png"/><use href="{outside}/use.svg#x"/></svg>
<iframe src="{outside}/frame"></iframe><iframe srcdoc="<img src='{outside}/srcdoc'>"></iframe>
<iframe SrcDoc = "&lt;link rel=preconnect href='{outside}'&gt;"></iframe>
<object data="{outside}/object"></object><embed src="{outside}/embed">
<video src="{outside}/video" poster="{outside}/poster" autoplay></video>
<audio src="{outside}/audio" autoplay></audio><track src="{outside}/track">
<form id="f" action="{outside}/form"><input autofocus onfocus="alert(5)"><button>Go</button></form>
<a id="link" href="{outside}/link" ping="{outside}/ping" target="_top">Away</a>
</body></html>
"""


@contextmanager
def listening() -> Iterator[tuple[str, list[bytes]]]:
    """Another site, and the first bytes of every connection to it."""
    heard: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.1)
        over = threading.Event()

        def hear() -> None:
            while not over.is_set():
                try:
                    connection, _ = server.accept()
                except TimeoutError:
                    continue
                with connection:
                    connection.settimeout(0.5)
                    try:
                        heard.append(connection.recv(100))
                    except TimeoutError:
                        heard.append(b"")

        thread = threading.Thread(target=hear)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.getsockname()[1]}", heard
        finally:
            over.set()
            thread.join()


class HostileDesk(Desk):
    """A site whose pages reach for another site at `outside`."""

    outside = ""

    def body(
        self, title: str, text: str, *, advert: str = "", canonical_url: str | None = None
    ) -> bytes:
        data = super().body(title, text, advert=advert, canonical_url=canonical_url)
        return HOSTILE.format(outside=self.outside).encode() + b"<!--" + data + b"-->"

    def reading(self, body: bytes) -> NewReading:
        data = body.partition(b"<!--")[2].removesuffix(b"-->")
        return replace(super().reading(data), digest=digest_of(body), input=digest_of(body))


def test_nothing_runs_and_nobody_is_asked(sqlite_archive: Archive) -> None:
    desk = HostileDesk(sqlite_archive)
    with listening() as (outside, heard):
        desk.outside = outside
        desk.read("/hostile", "Hostile", "The words of the page.")
        identifier = desk.history("/hostile")[0].identifier
        database = sqlite_archive.url.render_as_string(hide_password=False)
        with (
            served(database) as base,
            chromium() as browser,
            watched(browser, base) as walk,
        ):
            for address in (f"/versions/{identifier}/page", f"/stored/{identifier}"):
                assert walk.go(address) == 200
                assert walk.page.url.endswith(f"/versions/{identifier}/page")
                frame = walk.page.frame_locator("iframe.stored")
                assert frame.locator("#words").inner_text() == "The words of the page."
                walk.page.wait_for_timeout(1_000)
                assert walk.page.title().endswith("Permalien")
                assert heard == []
                frame.locator("#link").click()
                frame.locator("form button").click()
                walk.page.wait_for_timeout(500)
                assert walk.page.url.endswith(f"/versions/{identifier}/page")
                # Chromium connects when a person presses a link; and then the page may not leave.
                assert not any(heard)
                heard.clear()
            ran = [it for it in walk.wrong if it.startswith(("dialog:", "script:"))]
        assert ran == []
