"""With real Chromium, and answers that need no server."""

import asyncio
import shutil
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from crawler.fetching import rendering
from crawler.fetching.browser import Browser
from crawler.fetching.politeness import NotSent
from crawler.fetching.rendering import Answer, NotRendered, Rendered, render

if TYPE_CHECKING:
    from playwright.async_api import Browser as Chromium
    from playwright.async_api import Request

HERE = "https://news.example/a"
HTML = {"content-type": "text/html"}
ELSEWHERE = """
    fetch("file:///etc/passwd").catch(() => root.append(" no file"));
    fetch("/posted", {method: "POST"}).catch(() => root.append(" no post"));
    new WebSocket("ws://127.0.0.1:5432/").onerror = () => root.append(" no socket");
    navigator.serviceWorker?.register("/worker.js").catch(() => root.append(" no worker"));
    navigator.sendBeacon("/beacon", "x");
    new EventSource("/events");
    window.open("https://other.example/popup");
    document.body.append(Object.assign(document.createElement("iframe"), {src: "https://other.example/frame"}));
    setTimeout(() => location = "https://other.example/", 50);
"""


class Site:
    """Answers from memory, and remembers what was asked for."""

    def __init__(self, answers: dict[str, str]) -> None:
        self.answers = answers
        self.asked: list[str] = []

    async def ask(self, request: "Request") -> Answer | None:
        path = request.url.removeprefix("https://news.example")
        self.asked.append(path)
        body = self.answers.get(path)
        return None if body is None else Answer(200, {"set-cookie": "a=1"}, body.encode())


class Clock:
    """The system's, put forward."""

    def __init__(self) -> None:
        self.ahead = 0.0

    def monotonic(self) -> float:
        return time.monotonic() + self.ahead


@pytest.fixture
def show() -> Callable[..., Rendered]:
    """Shows a page; several that are given one after the other in one browser."""
    program = shutil.which("chromium")
    assert program is not None, "apt-get install chromium"

    def run(*pages: str, site: Site | None = None, **options: object) -> Rendered:
        async def all_of_them() -> Rendered:
            browser = Browser(program, "Test/1")
            try:
                for page in pages:
                    document = Answer(200, HTML, page.encode())
                    shown = await one(browser, document)
                return shown
            finally:
                await browser.close()

        async def one(browser: Browser, document: Answer) -> Rendered:
            ask = (site or Site({})).ask
            given = {"most_characters": 2**20} | options
            return await render(browser, HERE, document, ask, **given)  # type: ignore[arg-type]

        return asyncio.run(all_of_them())

    return run


def test_it_is_what_the_scripts_make_of_it(show: Callable[..., Rendered]) -> None:
    site = Site({"/app.js": "fetch('/api').then(it => it.text()).then(it => root.append(it))"})
    site.answers["/api"] = "Soup stays."
    page = '<!DOCTYPE html><div id="root"></div><img src="/i.png"><script src="/app.js"></script>'
    shown = show(page, site=site)
    assert '<div id="root">Soup stays.</div>' in shown.html
    assert shown.html.startswith("<!DOCTYPE html><html>")
    assert shown.browser.startswith("Chromium/")
    assert (site.asked, shown.requests, shown.complete) == (["/app.js", "/api"], 2, True)


def test_there_is_no_way_out(show: Callable[..., Rendered]) -> None:
    site = Site({})
    shown = show(f'<div id="root">Here.</div><script>{ELSEWHERE}</script>', site=site)
    assert (site.asked, shown.refused) == ([], 1)
    for refused in ("Here.", "no file", "no post", "no socket"):
        assert refused in shown.html


SHADOWS = """<!DOCTYPE html><p>Above &lt; all.</p><news-story>
    <h1 slot="title">Soup &amp; bread</h1><p>What the story holds.</p></news-story><p>Below.</p>
    <script src="/app.js"></script>"""
COMPONENTS = """
    customElements.define("news-line", class extends HTMLElement {
        connectedCallback() {
            this.attachShadow({mode: "open"}).innerHTML = "<p>A line of its own.</p>";
        }
    });
    customElements.define("news-story", class extends HTMLElement {
        constructor() {
            super().attachShadow({mode: "open"}).innerHTML = `<article><slot name="title"></slot>
                <news-line></news-line><slot></slot>
                <slot name="none">Nobody wrote.</slot></article>`;
        }
    });"""


def test_what_stands_in_shadow_roots_is_shown_where_a_reader_sees_it(
    show: Callable[..., Rendered],
) -> None:
    shown = show(SHADOWS, site=Site({"/app.js": COMPONENTS})).html
    said = [
        "Above &lt; all.", "<article>", "Soup &amp; bread", "A line of its own.",
        "What the story holds.", "Nobody wrote.", "</article>", "Below.",
    ]  # fmt: skip
    assert [shown.count(it) for it in said[:-1]] == [1] * 7
    places = [shown.index(it) for it in said]
    assert places == sorted(places)


FRAMED = """<p>Above.</p><iframe src="/story"></iframe><iframe srcdoc="<p>In the page's own words"
    ></iframe><iframe src="https://other.example/a"></iframe><p>Below.</p>"""


def test_frames_of_its_own_origin_are_shown_in_their_place(show: Callable[..., Rendered]) -> None:
    told = "fetch('/api').then(it => it.text()).then(it => document.body.append(it))"
    site = Site({"/story": f"<!DOCTYPE html><p>In a frame.</p><script>{told}</script>"})
    site.answers["/api"] = "Told late."
    shown = show(FRAMED, site=site)
    assert (site.asked, shown.requests) == (["/story", "/api"], 2)
    said = ["Above.", "In a frame.", "Told late.", "In the page's own words", "Below."]
    places = [shown.html.index(it) for it in said]
    assert places == sorted(places)


def test_frames_and_shadows_are_bounded(
    show: Callable[..., Rendered], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rendering, "MOST_FRAMES", 2)
    site = Site({f"/{number}": f"<!DOCTYPE html><p>Frame {number}" for number in range(5)})
    frames = "".join(f'<iframe src="/{number}"></iframe>' for number in range(5))
    assert len(site.asked) <= 2 >= show(frames, site=site).html.count("Frame ")
    page = """<p>Here.<div id="a"></div><script>let it = a; for (let i = 0; i < 20; i++) {
        it.attachShadow({mode: "open"}).innerHTML = `<p>Depth ${i}.</p><div></div>`;
        it = it.shadowRoot.querySelector("div"); }</script>"""
    assert show(page).html.count("Depth ") < 10
    with pytest.raises(NotRendered, match="too large"):
        show(
            "<div id=a></div><script>a.attachShadow({mode: 'open'}).innerHTML = 'x'.repeat(2**20)"
            "</script>"
        )


def test_nothing_is_kept_for_the_next_page(show: Callable[..., Rendered]) -> None:
    page = """<div id="root"></div><script>
        root.append(document.cookie + localStorage.getItem("a"));
        document.cookie = "a=1"; localStorage.setItem("a", 1);</script>"""
    assert '<div id="root">null</div>' in show(page, page).html


@pytest.mark.parametrize(
    ("bomb", "why"),
    [
        ("for (;;);", "its scripts never come to an end"),
        ("const a = []; for (;;) a.push(new Uint8Array(2**25).fill(7))", "too much memory"),
        ("document.body.innerHTML = 'x'.repeat(2**20)", "too large"),
    ],
)
def test_a_bomb_costs_that_page_alone(
    show: Callable[..., Rendered], monkeypatch: pytest.MonkeyPatch, bomb: str, why: str
) -> None:
    monkeypatch.setattr(rendering, "MOST_MEMORY", 2**29)
    if "never" in why:
        monkeypatch.setattr(rendering, "STUCK", 2.0)
    with pytest.raises(NotRendered, match=why):
        show(f"<body><script>{bomb}</script>")


def test_it_is_bounded_how_much_it_asks_for(
    show: Callable[..., Rendered], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rendering, "MOST_REQUESTS", 3)
    site = Site({"/api": "x"})
    shown = show("<p>Here.<script>setInterval(() => fetch('/api'), 20)</script>", site=site)
    assert (len(site.asked), shown.complete) == (3, False)


def test_a_browser_that_starts_slowly_costs_the_page_nothing(
    show: Callable[..., Rendered], monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Clock()
    monkeypatch.setattr(rendering, "time", clock)
    started = Browser._started

    async def slowly(browser: Browser) -> "Chromium":
        chromium = await started(browser)
        clock.ahead += 2 * rendering.STUCK
        return chromium

    monkeypatch.setattr(Browser, "_started", slowly)
    app = "fetch('/api').then(it => it.text()).then(it => root.append(it))"
    site = Site({"/app.js": app, "/api": "Soup stays."})
    shown = show('<div id="root"></div><script src="/app.js" defer></script>', site=site)
    assert '<div id="root">Soup stays.</div>' in shown.html
    assert shown.complete


def test_it_stops_with_the_crawl(show: Callable[..., Rendered]) -> None:
    began = time.monotonic()
    with pytest.raises(NotSent):
        show("<p>Here.<script>for (;;);</script>", stopped=lambda: time.monotonic() > began + 2)
