import json
from datetime import UTC, datetime

import pytest

from crawler.process.printable import printable
from scripts.output import echo, moment, print_json, print_table


def test_json_is_readable_and_times_are_iso_8601(capsys: pytest.CaptureFixture[str]) -> None:
    print_json({"title": "Café", "at": datetime(2026, 11, 24, 10, tzinfo=UTC)})
    out = capsys.readouterr().out
    assert "Café" in out
    assert json.loads(out)["at"] == "2026-11-24T10:00:00+00:00"


def test_what_is_no_json_is_refused() -> None:
    with pytest.raises(TypeError):
        print_json({"it": object()})


def test_moments() -> None:
    assert moment(datetime(2026, 11, 24, 10, 5, 59, tzinfo=UTC)) == "2026-11-24 10:05Z"
    assert moment(None) == "-"


def test_nothing_drives_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    assert printable("a\x1b[31mb\x07\u202ec\td\n") == "a\ufffd[31mb\ufffd\ufffdc\td\n"
    echo("a\x9bb")
    assert "\x9b" not in capsys.readouterr().out


def test_a_table_takes_nothing_for_markup(capsys: pytest.CaptureFixture[str]) -> None:
    print_table(("one", "two"), [("[red]x[/red]", ":smile:"), (1, None)])
    out = capsys.readouterr().out
    assert "[red]x[/red]" in out
    assert ":smile:" in out
    assert "\x1b" not in out


@pytest.mark.parametrize(
    "unsafe", ["\x00", "\x1b", "\x7f", "\x9b", "\u200e", "\u202e", "\u2066", "\u2028", "\ud800"]
)
def test_json_says_the_same_without_what_drives_a_terminal(
    unsafe: str, capsys: pytest.CaptureFixture[str]
) -> None:
    print_json({f"name{unsafe}": [f"a{unsafe}b\n"]})
    out = capsys.readouterr().out
    assert unsafe not in out
    assert json.loads(out) == {f"name{unsafe}": [f"a{unsafe}b\n"]}


@pytest.mark.parametrize("space", ["\u00a0", "\u3000", "\u202f", "\u2009"])
def test_spaces_and_joiners_of_every_script_print_as_themselves(space: str) -> None:
    assert printable(f"a{space}b\u200c\u200d\u00ad") == f"a{space}b\u200c\u200d\u00ad"


@pytest.mark.parametrize("unsafe", ["\r", "\x9b", "\u2067", "\u202d", "\u2029", "\ufeff", "\udc00"])
def test_what_drives_a_terminal_is_shown_as_one_mark(unsafe: str) -> None:
    assert printable(f"a{unsafe}b") == "a\ufffdb"


def test_a_row_is_a_line_in_a_pipe_whatever_its_length(
    capsys: pytest.CaptureFixture[str],
) -> None:
    url, title = f"https://example.org/{'x' * 300}", "word " * 100
    print_table(("url", "title"), [(url, title), ("a\nb", "c")])
    header, first, second = capsys.readouterr().out.splitlines()
    assert header.split() == ["url", "title"]
    assert first.split() == [url, *title.split()]
    assert second.split() == ["a", "b", "c"]
