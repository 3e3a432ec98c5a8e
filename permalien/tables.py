"""Libraries of tables, which are there only where they were asked for."""

from importlib import import_module
from types import ModuleType


def needed(name: str) -> ModuleType:
    """That library. Raises ImportError, which says what to install."""
    try:
        return import_module(name)
    except ImportError as error:
        raise ImportError(
            f"{name} is not installed: pip install 'permalien[data]', or {name} alone"
        ) from error
