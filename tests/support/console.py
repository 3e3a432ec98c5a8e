"""Commands that crawl nothing, run within the test's own process."""

from pathlib import Path

import pytest

from scripts.main import main
from storage.database.archive import Archive
from tests.support.command import Done

MANUAL = Path(__file__).parents[2] / "docs" / "json.md"


class Console:
    """Runs commands on one archive, with the working directory of the test."""

    def __init__(self, archive: Archive, capture: pytest.CaptureFixture[str]) -> None:
        self._url = archive.url.render_as_string(hide_password=False)
        self._capture = capture

    def run(self, *arguments: str) -> Done:
        self._capture.readouterr()
        with pytest.raises(SystemExit) as exit_:
            main(["--database", self._url, *arguments])
        out, err = self._capture.readouterr()
        return Done(int(exit_.value.code or 0), out, err)

    def shows(self, *arguments: str) -> str:
        """What a command prints that succeeds."""
        done = self.run(*arguments)
        assert (done.code, done.err) == (0, "")
        return done.out

    def fails(self, *arguments: str, code: int = 1) -> str:
        """The one line of a command that fails and prints nothing else."""
        done = self.run(*arguments)
        assert (done.code, done.out) == (code, "")
        assert done.err.startswith("permalien: ")
        assert done.err.count("\n") == 1
        return done.err


def undocumented(document: object) -> set[str]:
    """The keys of a JSON document that docs/json.md does not name."""
    manual = MANUAL.read_text(encoding="utf-8")
    return {key for key in _keys(document) if f"`{key}`" not in manual and f".{key}`" not in manual}


def _keys(document: object) -> set[str]:
    if isinstance(document, dict):
        return {str(key) for key in document} | _keys(list(document.values()))
    if isinstance(document, list):
        return {key for item in document for key in _keys(item)}
    return set()
