"""Texts and documents as both databases can keep them."""

import math
from typing import Any


def storable(text: str) -> str:
    """`text` without what PostgreSQL can't keep: NUL and halves of surrogate pairs."""
    if "\0" in text:
        text = text.replace("\0", "")
    try:
        text.encode()
    except UnicodeEncodeError:
        text = text.encode("utf-8", "replace").decode()
    return text


def storable_document(value: Any) -> Any:
    """A JSON document as both databases can keep it."""
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, dict):
        return {storable(str(key)): storable_document(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [storable_document(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None  # JSON has no such number (RFC 8259, section 6)
    return value
