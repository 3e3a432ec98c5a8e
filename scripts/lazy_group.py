"""A group of commands whose modules are imported when one of them is run, and not before.

Scrapy, SQLAlchemy and Trafilatura take a second to import, which is long for `--help`.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module

import click
from click.shell_completion import CompletionItem


@contextmanager
def importing() -> Iterator[None]:
    """Without the collection of garbage, of which an import makes none: a sixth of its time."""
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collects:
            gc.enable()


@dataclass(frozen=True, slots=True)
class Lazy:
    """A command that is not imported yet: `module:attribute`, and its help in a line, which is
    the first sentence of its own."""

    where: str
    help: str


class LazyGroup(click.Group):
    """A click.Group that knows its commands by name and help alone."""

    def __init__(self, *arguments: object, lazy: dict[str, Lazy], **options: object) -> None:
        super().__init__(*arguments, **options)  # type: ignore[arg-type]
        self.lazy = lazy

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.lazy)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.commands and (lazy := self.lazy.get(cmd_name)) is not None:
            module, _, attribute = lazy.where.partition(":")
            with importing():
                self.add_command(getattr(import_module(module), attribute), cmd_name)
        return super().get_command(ctx, cmd_name)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, lazy.help) for name, lazy in self.lazy.items()])

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        options = click.Command.shell_complete(self, ctx, incomplete)
        return [
            CompletionItem(name, help=lazy.help)
            for name, lazy in self.lazy.items()
            if name.startswith(incomplete)
        ] + options
