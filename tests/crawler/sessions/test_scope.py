import pytest

from crawler.sessions.scope import Scope
from storage.models import AddressKind


def test_some_kinds_of_all_sources_are_refused() -> None:
    with pytest.raises(ValueError, match="name the sources"):
        Scope(kinds=frozenset({AddressKind.FRONT}))
