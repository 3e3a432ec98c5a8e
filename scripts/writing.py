"""Writing a file that is asked for: what stops it is said, and leaves nothing behind."""

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from scripts.exit_codes import INTERRUPTED
from storage.query.export.new_file import Taken


class Interrupted(click.ClickException):
    exit_code = INTERRUPTED


@contextmanager
def stopping_as_asked(file: Path) -> Iterator[None]:
    """Ctrl-C, SIGTERM, a terminal that is closed and a disk that is full: each is said, and leaves
    nothing behind."""

    def stop(_number: int, _frame: object) -> None:
        raise KeyboardInterrupt

    before = {number: signal.signal(number, stop) for number in (signal.SIGTERM, signal.SIGHUP)}
    kept = "" if str(file) == "-" else f"; nothing of {file} is kept"
    try:
        yield
    except KeyboardInterrupt:
        raise Interrupted(f"interrupted{kept}") from None
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise click.ClickException("the pipe was closed before all was written") from None
    except Taken as error:
        hint = ": --force replaces it" if str(error).endswith("already") else ""
        raise click.ClickException(f"{error}{hint}") from error
    except ImportError as error:
        raise click.ClickException(
            f"{error.name} is not installed, which Parquet needs: pip install 'permalien[data]'"
        ) from error
    except OSError as error:
        where = "standard output" if str(file) == "-" else file
        raise click.ClickException(f"{where}: {error.strerror or error}{kept}") from error
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
