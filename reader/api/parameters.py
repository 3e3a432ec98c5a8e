"""What an operation may be asked with. A parameter says what it takes, in words for OpenAPI's
description, and reads what was given by the same rule."""

import re
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from reader.faults import WrongRequest
from storage.query.selection import end_of, start_of

_DAY: Final = r"\d{4}-\d\d-\d\d"
_TIME: Final = rf"{_DAY}[Tt ]\d\d:\d\d(:\d\d(\.\d{{1,9}})?)?([Zz]|[+-]\d\d:\d\d)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter(ABC):
    """One parameter, of the query string unless it is part of the `path`."""

    name: str
    about: str
    path: bool = False
    many: bool = False
    needed: bool = False
    default: Any = None

    @abstractmethod
    def schema(self) -> dict[str, Any]:
        """One value, as JSON Schema."""

    @abstractmethod
    def read(self, given: str) -> Any:
        """One value. Raises ValueError, with what is wrong with it, after its name."""

    def value(self, given: Sequence[str]) -> Any:
        """The value, or the tuple of them. Raises WrongRequest."""
        if not given:
            if self.needed:
                raise WrongRequest("%(name)s is missing", name=self.name)
            return () if self.many else self.default
        if len(given) > (_MANY if self.many else 1):
            raise WrongRequest("%(name)s is given too often", name=self.name)
        try:
            read = tuple(map(self.read, given))
        except (ValueError, OverflowError) as error:
            raise WrongRequest(
                "%(name)s %(what)s", name=self.name, what=str(error) or "is wrong"
            ) from None
        return tuple(dict.fromkeys(read)) if self.many else read[0]

    def described(self) -> dict[str, Any]:
        """As OpenAPI has it."""
        schema = self.schema()
        if self.many:
            schema = {"type": "array", "items": schema, "maxItems": _MANY}
        if self.default is not None:
            schema["default"] = self.default
        return {
            "name": self.name,
            "in": "path" if self.path else "query",
            "required": self.path or self.needed,
            "description": self.about,
            "schema": schema,
        }


_MANY: Final = 50  # values of one parameter


@dataclass(frozen=True, slots=True, kw_only=True)
class Text(Parameter):
    """Words, of so many characters, of a `pattern` (a whole match) if there is one."""

    least: int = 1
    most: int = 200
    pattern: str = ""
    example: str = ""

    def schema(self) -> dict[str, Any]:
        schema = {"type": "string", "minLength": self.least, "maxLength": self.most}
        if self.pattern:
            schema["pattern"] = f"^(?:{self.pattern})$"
        if self.example:
            schema["examples"] = [self.example]
        return schema

    def read(self, given: str) -> str:
        if not self.least <= len(given) <= self.most:
            raise ValueError(f"has {len(given):,} characters: {self.least} to {self.most:,} go")
        if "\0" in given:
            raise ValueError("has a character that no text has (NUL)")
        if self.pattern and not re.fullmatch(self.pattern, given):
            raise ValueError(f"is put wrongly: {self.about}")
        return given


@dataclass(frozen=True, slots=True, kw_only=True)
class Whole(Parameter):
    """A whole number between two, both included."""

    least: int = 0
    most: int = 2**31 - 1

    def schema(self) -> dict[str, Any]:
        return {"type": "integer", "minimum": self.least, "maximum": self.most}

    def read(self, given: str) -> int:
        if not re.fullmatch(r"-?[0-9]{1,18}", given) or not self.least <= int(given) <= self.most:
            raise ValueError(f"is no whole number from {self.least:,} to {self.most:,}")
        return int(given)


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice(Parameter):
    """One of these."""

    among: tuple[str, ...]

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "enum": list(self.among)}

    def read(self, given: str) -> str:
        if given not in self.among:
            raise ValueError(f"is none of {', '.join(self.among)}")
        return given


@dataclass(frozen=True, slots=True, kw_only=True)
class Flag(Parameter):
    """True or false."""

    def schema(self) -> dict[str, Any]:
        return {"type": "boolean"}

    def read(self, given: str) -> bool:
        if given not in ("true", "false"):
            raise ValueError("is neither true nor false")
        return given == "true"


@dataclass(frozen=True, slots=True, kw_only=True)
class When(Parameter):
    """A day (UTC), of which the beginning is meant, or the `end`; or a time with its zone."""

    end: bool = False

    def schema(self) -> dict[str, Any]:
        return {
            "type": "string",
            "maxLength": 40,
            "anyOf": [
                {"format": "date", "pattern": f"^{_DAY}$"},
                {"format": "date-time", "pattern": f"^{_TIME}$"},
            ],
            "examples": ["2026-03-01", "2026-03-01T08:00:00Z"],
        }

    def read(self, given: str) -> datetime:
        try:
            if re.fullmatch(_DAY, given, re.ASCII):
                when: date | datetime = date.fromisoformat(given)
            elif re.fullmatch(_TIME, given, re.ASCII):
                when = datetime.fromisoformat(given.upper())
            else:
                raise ValueError
            return end_of(when) if self.end else start_of(when)
        except (ValueError, OverflowError):
            raise ValueError(
                "is no day, as 2026-03-01, and no time with its zone, as 2026-03-01T08:00:00Z"
            ) from None
