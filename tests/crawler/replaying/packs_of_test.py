"""A small pack: a site of eight articles, of which one is edited at the second look."""

import json
import tarfile
from pathlib import Path
from typing import Any

from tests.crawler.sessions.crawled_pages import page

PATHS = [f"2026/11/24/{number}.html" for number in range(8)]
EDITED = page(1).replace("the quay of harbour 33", "the mole of harbour 33")


def write_pack(folder: Path, *, packed: bool = False) -> Path:
    """The pack as a folder, or as a tar file beside it."""
    links = "".join(f"<li><a href='/{path}'>What article {path} says</a></li>" for path in PATHS)
    front = f"<html><head><title>Quays</title></head><body><ul>{links}</ul></body></html>"
    bodies = {"front": front, "edited": EDITED} | {str(n): page(n) for n in range(len(PATHS))}
    files = {"index.html": "front"} | {path: str(n) for n, path in enumerate(PATHS)}
    first: dict[str, Any] = {"id": "a", "at": "2026-11-24T08:00:00Z", "files": files}
    second = {
        "id": "b",
        "at": "2026-12-24T08:00:00Z",
        "files": files | {PATHS[1]: "edited"},
        "changes": {PATHS[1]: {"kind": "edit", "mass": False}},
    }
    looks = [first | {"articles": PATHS}, second | {"articles": PATHS}]
    (folder / "blobs").mkdir(parents=True)
    for name, body in bodies.items():
        (folder / "blobs" / name).write_text(body, encoding="utf-8")
    document = json.dumps({"host": "quays.example", "looks": looks})
    (folder / "looks.json").write_text(document, encoding="utf-8")
    if not packed:
        return folder
    path = folder.with_suffix(".tar.xz")
    with tarfile.open(path, "w:xz") as tar:
        for it in ("looks.json", "blobs"):
            tar.add(folder / it, arcname=it)
    return path
