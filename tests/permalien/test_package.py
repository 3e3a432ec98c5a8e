"""The package as its users import it and check it."""

import os
import subprocess
import sys
from pathlib import Path

import permalien

ROOT = Path(__file__).parents[2]
SCRIPT = """
from datetime import date, datetime

import permalien

with permalien.open("permalien.db") as archive:
    articles: permalien.Results[permalien.Article] = archive.articles(
        source=["example.org"], since=date(2026, 1, 1), language="fr"
    )
    titles: list[str] = [article.title for article in articles]
    seen: list[datetime] = [it.first_seen_at for it in archive.versions("example.org/a")]
    text: str | None = archive.text_as_of(1, date(2026, 3, 1))
    first: permalien.Fetch | None = archive.fetches().first()
    names: set[str] = {source.name for source in archive.sources()}
    frame = archive.articles().to_polars()
    frame.height + articles.count()
try:
    permalien.open()
except permalien.ArchiveError as error:
    print(error)
"""
WRONG = """
import permalien

with permalien.open("permalien.db") as archive:
    archive.articles(sauce="example.org")
    number: int = archive.article(1).title
    archive.article(1).title = "other"
"""


def test_importing_it_is_light() -> None:
    heavy = ["sqlalchemy", "scrapy", "trafilatura", "pyarrow", "pandas", "polars", "numpy"]
    program = f"import permalien, sys; print([it for it in {heavy} if it in sys.modules])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.stdout.strip() == "[]", done.stderr


def test_every_public_name_is_there() -> None:
    assert all(hasattr(permalien, name) for name in permalien.__all__)
    assert not hasattr(permalien, "Nonsense")


def test_mypy_passes_its_users_script(tmp_path: Path) -> None:
    (tmp_path / "right.py").write_text(SCRIPT, encoding="utf-8")
    (tmp_path / "wrong.py").write_text(WRONG, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--config-file=", "--cache-dir=cache",
            "--follow-imports=silent",  # as for what is in site-packages

         "right.py", "wrong.py"],
        cwd=tmp_path,
        env={**os.environ, "MYPYPATH": str(ROOT)}, capture_output=True, text=True,
    )  # fmt: skip
    lines = done.stdout.splitlines()
    assert not [line for line in lines if not line.startswith(("wrong.py", "Found"))], done.stdout
    assert [line.rpartition("[")[2] for line in lines if ": error:" in line] == [
        "call-arg]",
        "assignment]",
        "misc]",
    ]
