import io
import json
import tarfile
from pathlib import Path

from tests.benchmark.lives import name_of, read_lives

FEED = b"""<rss><channel><item><title>Old bridge &amp;amp; new</title>
<link>https://daily.example/bridge/</link></item></channel></rss>"""


def pack(folder: Path) -> None:
    looks = {
        "host": "daily.example",
        "looks": [
            {
                "files": {"bridge/index.html": "d1", "feed.xml": "d2", "index.html": "d3"},
                "articles": ["bridge/index.html"],
            }
        ],
    }
    files = {
        "looks.json": json.dumps(looks).encode(),
        "blobs/d1": b"<h1>Old bridge</h1>",
        "blobs/d2": FEED,
        "blobs/d3": b"<a href='/bridge/'>Old bridge</a>",
    }
    with tarfile.open(folder / "daily.tar.xz", "w:xz") as archive:
        for name, body in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(body)
            archive.addfile(info, io.BytesIO(body))


def test_a_life_has_its_pages_and_what_its_feeds_call_them(tmp_path: Path) -> None:
    pack(tmp_path)
    [life] = read_lives(tmp_path)
    assert (life.name, life.host) == ("daily", "daily.example")
    [look] = life.looks
    assert look.articles == {"bridge/index.html"}
    assert look.pages.keys() == {"bridge/index.html", "index.html"}
    assert look.titles == {"bridge/index.html": "Old bridge & new"}
    assert life.url("bridge/index.html") == "https://daily.example/bridge/"


def test_one_page_has_one_name() -> None:
    names = {name_of(f"https://daily.example{path}") for path in ("/a", "/a/", "/a.html")}
    assert names == {"a"}
    assert name_of("/a/index.html") == "a"
