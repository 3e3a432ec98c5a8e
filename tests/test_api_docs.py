"""docs/api.md: each of its examples is answered, and it has every operation."""

import re
import shlex
from itertools import pairwise
from pathlib import Path

import pytest

from reader.api.routes import OPERATIONS
from storage.database.archive import Archive
from tests.reader.api.archives import fill
from tests.support.reading import asking

TEXT = (Path(__file__).parents[1] / "docs" / "api.md").read_text(encoding="utf-8")
EXAMPLE = "bw2hfqdjc7gz6rrw"


def test_every_example_is_answered(archive: Archive) -> None:
    version = fill(archive).history("/bridge")[1].identifier
    examples = re.findall(r"^    (curl .*)$", TEXT, re.MULTILINE)
    assert len(examples) > 12
    with asking(archive) as client:
        for example in examples:
            words = shlex.split(example)
            headers = dict(it.split(": ", 1) for before, it in pairwise(words) if before == "-H")
            address = words[-1].replace(EXAMPLE, version)
            assert address.startswith("http://127.0.0.1:8080/")
            method = "HEAD" if "-I" in words else "GET"
            answer = client.request(method, address, headers=headers)
            assert answer.status_code == (302 if "timegate" in address else 200), example


def test_every_operation_is_in_the_table() -> None:
    assert re.findall(r"^\| `(/api/[^`]*)` \|", TEXT, re.MULTILINE) == [
        it.path for it in OPERATIONS
    ]


@pytest.mark.parametrize("path", ["docs/json.md", "README.md", "ARCHITECTURE.md"])
def test_it_is_found(path: str) -> None:
    text = (Path(__file__).parents[1] / path).read_text(encoding="utf-8")
    assert "api.md" in text or "reader/api" in text
