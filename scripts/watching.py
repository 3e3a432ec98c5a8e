"""The options of a command that is left running: where it logs, and what it tells a monitor."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

Command = TypeVar("Command", bound=Callable[..., Any])

_OPTIONS = (
    click.option(
        "--log-file",
        type=click.Path(dir_okay=False, path_type=Path),
        help="Log to this file too; it is rotated at 10 MiB, and five are kept.",
    ),
    click.option("--log-json", is_flag=True, help="Log a line of JSON an event."),
    click.option(
        "--metrics-port",
        type=click.IntRange(1, 65_535),
        metavar="PORT",
        help="Serve /metrics for Prometheus on this port.",
    ),
    click.option(
        "--metrics-address",
        default="127.0.0.1",
        show_default=True,
        metavar="IP",
        help="The address on which /metrics is served.",
    ),
)


def watched(command: Command) -> Command:
    """With --log-file, --log-json, --metrics-port and --metrics-address, as they are named."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def start_log(file: Path | None, as_json: bool) -> None:
    """As `show_log`. Raises click.BadParameter for a file that can't be written."""
    from crawler.process.log import show_log

    try:
        show_log(file=file, as_json=as_json)
    except OSError as error:
        why = error.strerror or str(error)
        raise click.BadParameter(f"{file}: {why}", param_hint="--log-file") from error
