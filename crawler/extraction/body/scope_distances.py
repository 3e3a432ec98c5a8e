"""How far apart two blocks of a page are, by the elements around them."""

from collections.abc import Mapping
from typing import Final

from crawler.extraction.page.blocks import Scope
from crawler.extraction.page.scopes import with_outer

FAR: Final = 99.0
"""Of what no element holds both."""


def levels(scope: Scope) -> dict[Scope, int]:
    """A scope and those around it, each with how many levels up it is."""
    return {outer: level for level, outer in enumerate(with_outer(scope))}


class Distances:
    """How far scopes are from one: how many levels up the element is that holds both, from a scope
    and from that one."""

    def __init__(self, around: Mapping[Scope, int]) -> None:
        self._around = around
        self._known: dict[Scope, tuple[float, float]] = {}

    def of(self, scope: Scope) -> tuple[float, float]:
        way: list[Scope] = []
        outer: Scope | None = scope
        while outer is not None and outer not in self._around and outer not in self._known:
            way.append(outer)
            outer = outer.parent
        if outer is None:
            up, down = FAR, FAR
        elif outer in self._around:
            up, down = 0.0, float(self._around[outer])
        else:
            up, down = self._known[outer]
        for inner in reversed(way):
            up = up if up == FAR else up + 1.0
            self._known[inner] = up, down
        return up, down
