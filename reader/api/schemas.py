"""JSON Schemas (2020-12, as OpenAPI 3.1 takes them) of what the code says that it answers with."""

from collections.abc import Sequence
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from enum import Enum
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints, is_typeddict

_PLAIN: dict[Any, dict[str, Any]] = {
    str: {"type": "string"},
    int: {"type": "integer"},
    float: {"type": "number"},
    bool: {"type": "boolean"},
    datetime: {"type": "string", "format": "date-time"},
    date: {"type": "string", "format": "date"},
    NoneType: {"type": "null"},
    Any: {},
}


class Schemas:
    """The schemas of types, each class once, under its name."""

    def __init__(self) -> None:
        self.named: dict[str, dict[str, Any]] = {}
        self._types: dict[str, type] = {}

    def of(self, kind: Any) -> dict[str, Any]:
        """The type's schema, or a reference to it."""
        if kind in _PLAIN:
            return dict(_PLAIN[kind])
        origin, arguments = get_origin(kind), get_args(kind)
        if origin in (Union, UnionType):
            return {"anyOf": [self.of(it) for it in arguments]}
        if origin in (list, tuple, Sequence):
            return {"type": "array", "items": self.of(arguments[0])}
        if origin is dict:
            return {"type": "object", "additionalProperties": self.of(arguments[1])}
        if isinstance(kind, type):
            return self._reference(kind)
        raise TypeError(f"no schema for {kind}")

    def _reference(self, kind: type) -> dict[str, Any]:
        name = kind.__name__
        if self._types.setdefault(name, kind) is not kind:
            raise TypeError(f"two classes of the name {name}")
        if name not in self.named:
            self.named[name] = {}
            self.named[name] = self._class(kind)
        return {"$ref": f"#/components/schemas/{name}"}

    def _class(self, kind: type) -> dict[str, Any]:
        if issubclass(kind, Enum):
            return {"type": "string", "enum": [it.value for it in kind]}
        hints = get_type_hints(kind)
        needed: frozenset[str]
        if is_typeddict(kind):
            needed = kind.__required_keys__  # type: ignore[attr-defined]
        elif is_dataclass(kind):
            hints = {it.name: hints[it.name] for it in fields(kind)}
            needed = frozenset(hints)
        else:
            raise TypeError(f"no schema for {kind}")
        return {
            "type": "object",
            "description": " ".join((kind.__doc__ or "").split()),
            "properties": {name: self.of(hint) for name, hint in hints.items()},
            "required": [name for name in hints if name in needed],
        }
