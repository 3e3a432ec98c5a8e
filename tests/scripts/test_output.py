import json
from datetime import UTC, datetime

import pytest

from scripts.output import echo, moment, print_json, print_table, printable


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
