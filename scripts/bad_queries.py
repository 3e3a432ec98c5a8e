"""A query that is put wrongly, told with a mark under the place."""

from collections.abc import Iterator
from contextlib import contextmanager

import click

from crawler.process.printable import printable
from storage.search.errors import BadQuery


@contextmanager
def pointing() -> Iterator[None]:
    """Turns BadQuery into a command that was put wrongly."""
    try:
        yield
    except BadQuery as error:
        for line in error.pointed():
            click.echo(f"  {printable(line)}", err=True)
        raise click.UsageError(str(error), click.get_current_context()) from error
