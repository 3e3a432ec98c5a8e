"""What of the archive a run is to crawl."""

from dataclasses import dataclass

from storage.models import AddressKind


@dataclass(frozen=True, slots=True)
class Scope:
    """What a run is to do: of the sources `only` (ids, None for all) the addresses of `kinds`
    (None for all), at most `most` requests of each; before all else the address ids `first`,
    whatever their kind.

    It comes to the end of what is due of each source once, and again where something new was found
    of it meanwhile; with `seconds` it goes on with whatever falls due, for so long at most.
    """

    only: frozenset[int] | None = None
    kinds: frozenset[AddressKind] | None = None
    first: frozenset[int] = frozenset()
    most: int | None = None
    seconds: float | None = None

    def __post_init__(self) -> None:
        # Of each source, what else is due would bring it back for ever.
        if self.only is None and self.kinds is not None:
            raise ValueError("name the sources of which only some kinds are wanted")
