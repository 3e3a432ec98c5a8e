"""How many examples a property is tried with: few in `make test`, many in `make soak`.

How long one takes is the machine's business, and fails no test.
"""

from typing import Final

from hypothesis import HealthCheck, settings

ORDINARY: Final = 100
"""Of a property that says nothing else, in `make test`."""

MORE: Final = 25
"""Times as many, in `make soak`."""

ORDINARY_PROFILE: Final = "ordinary"

settings.register_profile(
    ORDINARY_PROFILE,
    max_examples=ORDINARY,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile(
    "soak", settings.get_profile(ORDINARY_PROFILE), max_examples=MORE * ORDINARY
)


def examples(count: int) -> int:
    """So many in `make test`; as many times more as others have in the profile that is loaded."""
    loaded = settings.default or settings()
    return count * loaded.max_examples // ORDINARY
