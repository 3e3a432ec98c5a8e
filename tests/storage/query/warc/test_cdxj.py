import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from storage.query.warc import cdxj
from storage.query.warc.cdxj import SortedLines, index_line, url_key


@pytest.mark.parametrize(
    ("url", "key"),
    [
        ("https://example.org", "org,example)/"),
        ("https://www.Example.org/", "org,example)/"),
        ("https://www2.example.co.uk/Path//double/", "uk,co,example)/path/double"),
        ("http://127.0.0.1:8017/x/", "1,0,0,127:8017)/x"),
        ("https://example.org:8443/A/b/?b=2&a=1", "org,example:8443)/a/b?a=1&b=2"),
        ("https://example.org/a%20b/%C3%A9?q=%C3%A9", "org,example)/a%20b/%c3%a9?q=%c3%a9"),
        ("https://example.org/été", "org,example)/%c3%a9t%c3%a9"),
        ("https://example.org/%7Euser#part", "org,example)/~user"),
        ("https://example.org/50%25-off?a", "org,example)/50%25-off?a"),
        ("https://example.org/x?jsessionid=" + "0a" * 16 + "&z=1", "org,example)/x?z=1"),
        ("https://[2001:db8::1]/a", "2001:db8::1)/a"),
        ("https://example.org/a?", "org,example)/a"),
    ],
)  # fmt: skip
def test_keys(url: str, key: str) -> None:
    assert url_key(url) == key


def test_a_line() -> None:
    at = datetime(2026, 3, 1, 8, 10, 5, 999, tzinfo=UTC)
    key, moment, said = index_line("https://example.org/é", at, {"status": "200"}).split(" ", 2)
    assert (key, moment) == ("org,example)/%c3%a9", "20260301081005")
    assert json.loads(said) == {"url": "https://example.org/é", "status": "200"}
    assert said.endswith("\n")


def test_lines_come_sorted_however_many(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cdxj, "_MOST", 10)
    with SortedLines(tmp_path) as lines:
        for number in range(95):
            lines.add(f"{number * 37 % 100:03}\n")
        assert list(lines) == sorted(f"{number * 37 % 100:03}\n" for number in range(95))
    assert list(tmp_path.iterdir()) == []
