"""A pack: what a site served at each of some looks, and what its authors changed in between.

It is a folder, or the same as a tar file (xz, gzip or bare): `looks.json` and, in `blobs/`, each
body by its name. `looks.json` has the site's `host` and `looks`, the oldest first: `at`, when it
was; `files`, the name of a body by the path that it was served at; and where that is known,
`articles`, the paths of those that are articles, and `changes`, by path what became of it since
the look before: `kind` (`edit`, or what may count or not) and whether it is `mass`.
"""

import json
import tarfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

LARGEST = 2 * 2**30  # bytes of all that is unpacked


class BadPack(Exception):
    """What is there is no pack."""


@dataclass(frozen=True, slots=True)
class Replayed:
    """One look. `edits` and `may` are paths that changed; an edit has to be recorded, another
    change may be or not."""

    name: str
    at: datetime
    files: Mapping[str, str]
    articles: frozenset[str] = frozenset()
    edits: frozenset[str] = frozenset()
    may: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Pack:
    """`body` gives what is there by its name; `is_labelled` says that articles are known."""

    host: str
    looks: tuple[Replayed, ...]
    body: Callable[[str], bytes] = field(repr=False)

    @property
    def is_labelled(self) -> bool:
        return any(look.articles for look in self.looks)


def read_pack(path: Path) -> Pack:
    """The pack that is there. Raises BadPack."""
    try:
        bodies = _unpacked(path) if path.is_file() else None
        if bodies is None:
            read = _of_folder(path / "blobs")
            return _pack(json.loads((path / "looks.json").read_bytes()), read)
        return _pack(json.loads(bodies.pop("looks.json")), bodies.__getitem__)
    except (tarfile.TarError, OSError, KeyError, TypeError, ValueError, AttributeError) as error:
        raise BadPack(f"{path} is no pack of looks: {error!r}") from error


def _of_folder(folder: Path) -> Callable[[str], bytes]:
    def read(name: str) -> bytes:
        if name != Path(name).name:
            raise BadPack(f"{name!r} is no name of a body")
        return (folder / name).read_bytes()

    return read


def _unpacked(path: Path) -> dict[str, bytes]:
    bodies: dict[str, bytes] = {}
    with tarfile.open(path) as tar:
        left = LARGEST
        for member in tar:
            left -= member.size
            if left < 0:
                raise BadPack(f"{path} holds more than {LARGEST:,} bytes")
            if (file := tar.extractfile(member)) is not None:
                bodies[member.name.removeprefix("./").removeprefix("blobs/")] = file.read()
    return bodies


def _pack(document: dict[str, Any], body: Callable[[str], bytes]) -> Pack:
    looks = [_look(number, look) for number, look in enumerate(document["looks"], 1)]
    if not looks:
        raise ValueError("it has no looks")
    return Pack(document["host"], tuple(sorted(looks, key=lambda look: look.at)), body)


def _look(number: int, look: dict[str, Any]) -> Replayed:
    at = datetime.fromisoformat(look["at"])
    changes = look.get("changes", {})
    edits = {path for path, it in changes.items() if it["kind"] == "edit" and not it.get("mass")}
    return Replayed(
        str(look.get("id", number)),
        at if at.tzinfo else at.replace(tzinfo=UTC),
        look["files"],
        frozenset(look.get("articles", ())),
        frozenset(edits),
        frozenset(changes.keys() - edits),
    )
