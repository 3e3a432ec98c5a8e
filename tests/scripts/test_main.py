import ast
import subprocess
import sys
from pathlib import Path

import click
import pytest

from scripts.main import COMMANDS as LAZY
from scripts.main import cli, main
from storage.database.archive import Archive
from tests.support.archiving import Desk
from tests.support.console import Console

COMMANDS = sorted(LAZY)
HEAVY = ("scrapy", "twisted", "trafilatura", "alembic", "lxml", "tldextract")
WITH_PAGES = ("boilerplate", "demo", "overrule", "serve")  # which read pages, or make them
SLOW = ("sqlalchemy.dialects.postgresql", "psycopg", "numpy", "rich.console", "statistics")


def command(name: str) -> click.Command:
    found = cli.get_command(click.Context(cli), name)
    assert found is not None
    return found


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("flag", ["-h", "--help"])
def test_every_command_explains_itself(console: Console, command: str, flag: str) -> None:
    help_text = console.shows(command, flag)
    assert help_text.startswith(f"Usage: permalien {command}")
    assert len(help_text.splitlines()) > 3


def test_the_commands_are_listed_with_a_line_each(console: Console) -> None:
    help_text = console.shows("--help")
    for command in COMMANDS:
        (line,) = [it for it in help_text.splitlines() if it.strip().startswith(f"{command} ")]
        assert len(line.split()) > 3
    assert "_PERMALIEN_COMPLETE" in help_text


@pytest.mark.parametrize("name", COMMANDS)
def test_the_line_of_a_command_is_the_beginning_of_its_help(name: str) -> None:
    told = " ".join((command(name).help or "").split())
    assert told.startswith(LAZY[name].help.removesuffix("."))


def test_a_shell_completes_commands(monkeypatch: pytest.MonkeyPatch) -> None:
    found = {it.value for it in cli.shell_complete(click.Context(cli), "s")}
    assert found == {name for name in COMMANDS if name.startswith("s")}
    assert [it.value for it in cli.shell_complete(click.Context(cli), "--v")] == ["--version"]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_line_for_each_shell_is_documented_and_gives_its_script(
    shell: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    manual = (Path(__file__).parents[2] / "docs" / "commands.md").read_text(encoding="utf-8")
    assert f"_PERMALIEN_COMPLETE={shell}_source permalien" in manual
    monkeypatch.setenv("_PERMALIEN_COMPLETE", f"{shell}_source")
    with pytest.raises(SystemExit) as done:
        main([])
    assert done.value.code == 0
    script = capsys.readouterr().out
    assert f"_PERMALIEN_COMPLETE={shell}_complete" in script
    if shell == "bash":
        checked = subprocess.run(["bash", "-n"], input=script, text=True, capture_output=True)
        assert (checked.returncode, checked.stderr) == (0, "")


def test_bash_is_given_what_begins_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("_PERMALIEN_COMPLETE", "bash_complete")
    monkeypatch.setenv("COMP_WORDS", "permalien cite --for")
    monkeypatch.setenv("COMP_CWORD", "2")
    with pytest.raises(SystemExit):
        main([])
    assert capsys.readouterr().out.split() == ["plain,--format"]


def test_help_does_not_wait_for_sqlalchemy(sqlite_archive: Archive) -> None:
    assert _imported(sqlite_archive, ["--help"], (*HEAVY, "sqlalchemy")) == [[]]


def test_commands_import_no_more_than_they_need(sqlite_archive: Archive) -> None:
    """What a command imports is most of its start (docs/speed.md)."""
    desk = Desk(sqlite_archive)
    desk.read("/bridge", "The bridge will close", "The council met.")
    desk.read("/bridge", "The bridge will stay", "The council met.")
    url = "https://example.org/bridge"
    commands = [
        *(f"{name} --help" for name in COMMANDS if name not in WITH_PAGES),
        *("status", "health", "sources", "edits", "changes", "index", "db current", "export -"),
        *("search bridge", "search bridge --counts month", f"show {url}", f"history {url}"),
        *(f"diff {url} 1 2", f"articles show {url}", f"cite {url}", f"page {url} --output page"),
    ]
    found = _imported(sqlite_archive, commands, (*HEAVY, *SLOW))
    assert dict(zip(commands, found, strict=True)) == {command: [] for command in commands}


def _imported(archive: Archive, commands: list[str], unwanted: tuple[str, ...]) -> list[list[str]]:
    """Which of `unwanted` are there after each command, all run by one process, one by one."""
    where = f"--database {archive.url.render_as_string()}"
    program = (
        "import sys\nfrom scripts.main import main\n"
        f"for command in {commands!r}:\n"
        "    try:\n"
        f"        main([*{where!r}.split(), *command.split()])\n"
        "    except SystemExit as ended:\n"
        "        told = ended.code and command != 'status'  # which says that it is late\n"
        "        failed = [f'exit code {ended.code}'] if told else []\n"
        f"        print(failed + [it for it in {unwanted!r} if it in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=Path(archive.url.database or "").parent,
        capture_output=True,
        text=True,
        check=False,
    )
    lines = done.stderr.splitlines()
    assert "Traceback" not in done.stderr, done.stderr
    return [ast.literal_eval(line) for line in lines if line.startswith("[")]


def test_without_anything_the_help_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as exit_:
        main([])
    assert exit_.value.code == 2
    assert "Usage: permalien" in capsys.readouterr().err


def test_the_version(console: Console) -> None:
    assert console.shows("--version").startswith("permalien, version ")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ((), "Missing command"),
        (("nonsense",), "No such command 'nonsense'"),
        (("show",), "Missing argument 'URL|ID'"),
        (("show", "1", "--version", "0"), "--version"),
        (("show", "1", "--version", "last"), "neither a number nor an identifier"),
        (("diff", "1", "0"), "neither a number nor an identifier"),
        (("crawl", "--delay", "-1"), "--delay"),
        (("add", "--delay", "nan", "example.org"), "--delay"),
        (("show", "1", "--version", "9" * 30), "--version"),
        (("history", "1", "--checks", "9" * 30), "--checks"),
        (("search",), "Missing argument"),
        (("add",), "name a URL"),
    ],
)
def test_a_wrong_command_is_told_in_one_line(
    console: Console, arguments: tuple[str, ...], says: str
) -> None:
    line = console.fails(*arguments, code=2)
    assert says in line
    assert "--help`" in line


def test_an_interrupted_command(console: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(command("sources"), "invoke", interrupt)
    done = console.run("sources")
    # Click ends the line in which the terminal echoed ^C.
    assert (done.code, done.out, done.err) == (130, "", "\npermalien: interrupted\n")


def test_the_environment_names_the_database(
    sqlite_archive: Archive, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PERMALIEN_DATABASE_URL", sqlite_archive.url.render_as_string())
    with pytest.raises(SystemExit) as exit_:
        main(["sources"])
    assert exit_.value.code == 0
    assert "permalien add URL" in capsys.readouterr().out


def test_a_password_is_never_shown(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--database", "postgresql://me:secret@127.0.0.1:9/none", "sources"])
    captured = capsys.readouterr()
    assert "127.0.0.1:9" in captured.err
    assert "secret" not in captured.err + captured.out


def test_a_full_disk_is_told_in_one_line() -> None:
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        done = subprocess.run(
            [sys.executable, "-m", "scripts.main", "--help"],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert (done.returncode, done.stderr) == (1, "permalien: No space left on device\n")
