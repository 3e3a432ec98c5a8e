"""The pictures of docs/reader.md, of the demonstration's archive: `make screenshots`."""

import io
import sys
import tempfile
from pathlib import Path
from typing import Final

from PIL import Image
from playwright.sync_api import Page

from tests.reader.browsing import chromium, demonstration, served, watched

_COLOURS: Final = 128  # of a picture: pages have few
_WIDTH: Final = 1040


def main(folder: Path) -> None:
    """Write the pictures."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as made:
        database = demonstration(Path(made))
        with chromium() as browser, served(database) as base:
            with watched(browser, base, width=_WIDTH) as walk:
                page = walk.page
                walk.go("/")
                _save(page, folder / "reader-home.png", 900)
                # The edit of the night ferry, which has another headline too.
                edit = page.locator("ol.events li", has_text="bac de nuit").locator("a.compare")
                comparison = edit.get_attribute("href") or ""
                walk.go("/search?q=port+OR+bac&lang=fr")
                _save(page, folder / "reader-search.png", 900)
                walk.go(f"/versions/{comparison.rpartition('/')[2]}")
                _save(page, folder / "reader-article.png", 820)
                walk.go(comparison)
                _save(page, folder / "reader-compare.png", 720)
            with watched(browser, base, "dark", 400) as walk:
                walk.go(comparison)
                _save(walk.page, folder / "reader-dark.png", 800)


def _save(page: Page, path: Path, height: int) -> None:
    """The upper part of the page, in few colours."""
    shot = page.screenshot(full_page=True)
    with Image.open(io.BytesIO(shot)) as image:
        part = image.convert("RGB").crop((0, 0, image.width, min(height, image.height)))
        part.quantize(_COLOURS, dither=Image.Dither.NONE).save(path, optimize=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
