"""What fuzzing has found, each file an input that broke a promise once."""

import sys
from pathlib import Path

import pytest

from tests.fuzz import replay
from tests.fuzz.bounds import BoundPassed, Cost

FOUND = sorted((Path(__file__).parent / "found").iterdir())


@pytest.mark.parametrize("file", [*FOUND, *replay.PAGES], ids=lambda file: file.name)
def test_what_broke_a_promise_once_breaks_none(
    file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["replay", str(file)])
    replay.main()
    assert capsys.readouterr().out.startswith(f"{file}: ")


def test_a_broken_promise_ends_the_replay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = tmp_path / "page"
    page.write_bytes(b"")
    monkeypatch.setattr(sys, "argv", ["replay", str(page)])
    monkeypatch.setattr(replay, "read", lambda _: Cost(3.0, 0.0))
    with pytest.raises(BoundPassed):
        replay.main()
