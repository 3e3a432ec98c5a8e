"""What was redacted, as a file beside the backups says: it does not come back by a restore."""

import sys
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import click
from sqlalchemy.orm import Session

from storage.database.settings import REDACTIONS_VARIABLE, redactions_file
from storage.redaction.carrying_over import carry_over, read_redactions

redactions_option = click.option(
    "--redactions",
    "listed",
    type=click.Path(path_type=Path, dir_okay=False),
    help=f"The list of what was redacted; {REDACTIONS_VARIABLE} says it too.",
)


@dataclass(slots=True)
class Again:
    """Carries out what a list has, in the transaction that restores; nothing without a list."""

    document: Any | None
    done: int = 0
    left: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, path: Path | None) -> "Again":
        """By that file, or by the settings'. Raises Refused where it can't be read."""
        path = path or redactions_file()
        return cls(None if path is None else read_redactions(path))

    def __call__(self, session: Session) -> None:
        if self.document is not None:
            self.done = carry_over(session, self.document, self.left.append)

    def tell_left(self) -> None:
        for line in self.left:
            click.echo(f"permalien: not redacted: {line}", err=True)


def ask_for_none(made_at: datetime) -> None:
    """Nothing lists what was redacted since: go on only if a person says that nothing was."""
    since = f"since the backup was made, {made_at:%Y-%m-%d %H:%M UTC}"
    if not sys.stdin.isatty():
        raise click.UsageError(
            f"nothing tells what was redacted {since}: name the list with --redactions FILE or "
            f"{REDACTIONS_VARIABLE}, or say --no-redactions if nothing was"
        )
    if not click.confirm(f"Is it certain that nothing was redacted {since}?", err=True):
        raise click.ClickException("nothing is restored: name the list with --redactions FILE")
