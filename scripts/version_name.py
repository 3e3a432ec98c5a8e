"""A version as a person names it on the command line."""

import click

from storage.database.identifiers import parse_identifier

_MOST = 2**31 - 1


class VersionName(click.ParamType[str]):
    """A version's number in its article's history, or its permanent identifier."""

    name = "version"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        if value.isdecimal() and len(value) < 11 and 0 < int(value) <= _MOST:
            return value
        if parse_identifier(value) is None:
            self.fail(f"{value!r} is no version: neither a number nor an identifier", param, ctx)
        return value
