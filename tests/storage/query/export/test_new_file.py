"""A file is there whole or not at all."""

import hashlib
import subprocess
import sys
from pathlib import Path

import pytest

from storage.query.export.new_file import NewFile, Taken


def test_it_appears_at_the_end(tmp_path: Path) -> None:
    path = tmp_path / "file"
    with NewFile(path) as new:
        new.stream.write(b"one ")
        new.stream.write(b"two")
        assert not path.exists()
    assert path.read_bytes() == b"one two"
    assert new.stream.size == 7
    assert new.stream.sha256 == hashlib.sha256(b"one two").hexdigest()
    assert list(tmp_path.iterdir()) == [path]


def test_it_does_not_appear_where_something_goes_wrong(tmp_path: Path) -> None:
    def write() -> None:
        with NewFile(tmp_path / "file") as new:
            new.stream.write(b"half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write()
    assert not list(tmp_path.iterdir())


def test_what_is_there_stays(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"old")
    with pytest.raises(Taken, match="is there already"):
        NewFile(path)
    with NewFile(path, replace=True) as new:
        new.stream.write(b"new")
        assert path.read_bytes() == b"old"
    assert path.read_bytes() == b"new"


def test_what_came_there_meanwhile_stays(tmp_path: Path) -> None:
    path = tmp_path / "file"

    def write() -> None:
        with NewFile(path) as new:
            new.stream.write(b"ours")
            path.write_bytes(b"theirs")

    with pytest.raises(Taken, match="is there already"):
        write()
    assert path.read_bytes() == b"theirs"
    assert list(tmp_path.iterdir()) == [path]


def test_two_do_not_write_one_file(tmp_path: Path) -> None:
    path = tmp_path / "file"
    with NewFile(path) as new:
        with pytest.raises(Taken, match="another process is writing"):
            NewFile(path).__enter__()
        new.stream.write(b"whole")
    assert path.read_bytes() == b"whole"


def test_what_a_killed_process_left_is_in_nobodys_way(tmp_path: Path) -> None:
    path = tmp_path / "file"
    program = (
        "import os, sys; from pathlib import Path; from storage.query.export.new_file import *\n"
        "new = NewFile(Path(sys.argv[1])).__enter__(); new.stream.write(b'half' * 10**6)\n"
        "os.kill(os.getpid(), 9)"
    )
    subprocess.run([sys.executable, "-c", program, str(path)])
    assert not path.exists()
    with NewFile(path) as new:
        new.stream.write(b"whole")
    assert path.read_bytes() == b"whole"
    assert list(tmp_path.iterdir()) == [path]


def test_a_disk_that_is_full_leaves_nothing(tmp_path: Path) -> None:
    program = (
        "import resource, sys; from pathlib import Path\n"
        "from storage.query.export.new_file import NewFile\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (5000, 5000))\n"
        "with NewFile(Path(sys.argv[1])) as new: new.stream.write(bytes(9000))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path / "file")], capture_output=True, text=True
    )
    assert "File too large" in done.stderr
    assert not list(tmp_path.iterdir())
