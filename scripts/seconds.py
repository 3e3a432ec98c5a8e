"""The type of a time in seconds on the command line."""

import math

import click


class Seconds(click.FloatRange):
    """A number of seconds within bounds; `nan`, which is within any, is refused."""

    name = "number of seconds"

    def convert(
        self, value: float, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """Raises click.BadParameter."""
        seconds: float = super().convert(value, param, ctx)
        if math.isnan(seconds):
            self.fail(f"{value!r} is no number of seconds", param, ctx)
        return seconds
