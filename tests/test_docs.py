"""The documents and the command line say the same."""

import re
import shlex
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import click
import pytest

from scripts.main import cli
from storage.database.archive import Archive
from tests.scripts.conftest import EDITED, OLD_TITLE, TEXT, TITLE
from tests.support.archiving import Desk
from tests.support.console import Console

ROOT = Path(__file__).parents[1]
MANUAL = ROOT / "docs" / "commands.md"
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
PLACES = {"N": "1", "S": "60", "URL|ID": "1", "[ID]": "1", "[N": "1", "M]": "2"}
"""What stands for a number in a document, with one."""


def rows(heading: str) -> list[list[str]]:
    """The cells of the table under a heading of docs/commands.md."""
    section = MANUAL.read_text(encoding="utf-8").partition(f"## {heading}\n")[2].split("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("| ")][1:]
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines]


def commands(
    group: click.Group = cli, path: tuple[str, ...] = ()
) -> Iterator[tuple[str, click.Command]]:
    """Every command and subcommand by name."""
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        yield " ".join((*path, name)), command
        if isinstance(command, click.Group):
            yield from commands(command, (*path, name))


def shown_lines() -> list[tuple[str, str]]:
    """Each command line that a document shows in a block of code, without what is told of it."""
    found = []
    for document in DOCUMENTS:
        for line in re.findall(r"^    .*$", document.read_text(encoding="utf-8"), flags=re.M):
            for part in re.findall(r"(?:^|[\s/=])permalien (?!&&|is )(.+)", line.strip()):
                shown = re.split(r" {2,}|[|>]| && ", part)[0].strip()
                found.append((document.name, shown))
    return found


def mentioned() -> list[tuple[str, str]]:
    """Each command line that a document has in its text."""
    found = []
    for document in DOCUMENTS:
        text = re.sub(r"\n```.*?\n```", "", document.read_text(encoding="utf-8"), flags=re.S)
        for code in re.findall(r"`permalien ([^`]+)`", text):
            found.append((document.name, " ".join(code.replace("\\|", "|").split())))
        for heading in re.findall(r"^## .*$", text, flags=re.M):
            if document.name == "json.md":
                found += [(document.name, it) for it in re.findall(r"`([^`]+)`", heading)]
    return found


def parse(line: str, folder: Path) -> None:
    """Parse a command line to its end and run nothing. Raises click.UsageError."""
    words = [PLACES.get(word, word) for word in shlex.split(line.replace("…", ""))]
    for word in words:
        if re.fullmatch(r"[\w-]+\.(?:opml|csv|txt)", word):
            (folder / word).touch()
    group: click.Command = cli
    with ExitStack() as contexts:
        context = contexts.enter_context(cli.make_context("permalien", list(words)))
        while isinstance(group, click.Group):
            rest = [*context._protected_args, *context.args]
            if not rest:
                return
            name, command, rest = group.resolve_command(context, rest)
            assert command is not None
            assert name is not None
            context = contexts.enter_context(command.make_context(name, rest, parent=context))
            group = command


@pytest.mark.parametrize(("document", "line"), sorted(set(shown_lines())))
def test_a_command_that_a_document_shows_can_be_put(
    document: str, line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    parse(line, tmp_path)


@pytest.mark.parametrize(("document", "line"), sorted(set(mentioned())))
def test_a_command_that_a_document_mentions_is_there(
    document: str, line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    if line.startswith("COMMAND") or document == MANUAL.name:
        return
    try:
        parse(line, tmp_path)
    except click.MissingParameter:
        # Named, not shown.
        assert line.split()[0] in cli.list_commands(click.Context(cli))
    except click.exceptions.NoArgsIsHelpError:
        return


def test_every_command_is_in_the_table() -> None:
    listed = [cells[0].strip("`") for cells in rows("Every command")]
    assert sorted(listed) == sorted(name for name, _ in commands())


@pytest.mark.parametrize(("name", "command"), list(commands()))
def test_the_help_has_an_example_and_the_exit_code(name: str, command: click.Command) -> None:
    told = " ".join((command.help or "").split())
    assert re.search(rf"permalien (?:--database \S+ )?{name.removeprefix('sources add')}", told), (
        told
    )
    (failure,) = [cells[2] for cells in rows("Every command") if cells[0] == f"`{name}`"]
    assert bool(failure) == bool(re.search(r"exit code 1\b", told, flags=re.I))


def test_every_command_takes_json_but_those_that_the_document_names() -> None:
    document = (ROOT / "docs" / "json.md").read_text(encoding="utf-8")
    paragraph = document.split("\n\n")[1]
    without = {
        name
        for name, command in commands()
        if not any("--json" in parameter.opts for parameter in command.params)
        and not isinstance(command, click.Group)
    }
    assert without == set(re.findall(r"`([a-z ]+)`", paragraph))


def test_the_exit_codes_are_those_of_the_program() -> None:
    from scripts import exit_codes

    codes = {value for name, value in vars(exit_codes).items() if name.isupper()}
    assert {int(cells[0]) for cells in rows("Exit codes")} == codes


@pytest.fixture(scope="module")
def archive_of_the_manual(
    tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path
) -> Archive:
    path = tmp_path_factory.mktemp("manual") / "archive.db"
    path.write_bytes(sqlite_template.read_bytes())
    archive = Archive(f"sqlite:///{path}")
    desk = Desk(archive)
    desk.read("/bridge", OLD_TITLE, TEXT)
    desk.read("/bridge", TITLE, EDITED)
    desk.read("/ferry", "The ferry returns", "It was away for a month.")
    archive.close()
    return archive


@pytest.mark.parametrize("row", rows("What is said when something is wrong"))
def test_what_is_said_when_something_is_wrong(
    archive_of_the_manual: Archive,
    row: list[str],
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    line, code, says = (cell.strip("`").replace("\\|", "|") for cell in row)
    console = Console(archive_of_the_manual, capsys)
    done = console.run(*shlex.split(line)[1:])
    assert (done.code, done.out) == (int(code), "")
    *_, last = done.err.splitlines()
    assert last.startswith("permalien: ")
    assert says in last
    if done.code == 2:
        assert last.endswith("--help`)")
