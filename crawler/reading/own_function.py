"""An extractor of a researcher's own: a Python function from a page to what it says.

Runs in the worker processes, which load no database.
"""

import json
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, is_dataclass
from datetime import datetime
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from typing import Any, Final

from crawler.extraction import PageInput
from crawler.reading.errors import BadExtractor
from crawler.reading.worker import NoArticle
from storage.history.new_reading import NewReading
from storage.outcome import Outcome

LONGEST_NAME: Final = 100
LONGEST_TEXT: Final = 10_000_000  # characters of a text, or of what else is kept
_MOST: Final = 1_000  # authors
_LONGEST: Final = 10_000  # characters of a title, or of an author's name
_TIMES: Final = ("published_at", "modified_at")
_FIELDS: Final = frozenset({"title", "text", "authors", "language", *_TIMES})

Function = Callable[[PageInput], Any]


def name_of(where: str) -> str:
    """What the readings of the function at `module:function` are kept under: that, and the
    function's own `version` where it has one.

    Raises BadExtractor.
    """
    version = getattr(_function(where), "version", None)
    name = where if version is None else f"{where} {version}"
    if len(name) > LONGEST_NAME or not name.isprintable():
        raise BadExtractor(f"{where}: its name and version have more than {LONGEST_NAME} letters")
    return name


def read_own(page: PageInput, where: str) -> NewReading | NoArticle:
    """What the function at `module:function` makes of the page; None of it is no article.

    Raises BadExtractor for what is no reading, and where the function raises.
    """
    function = _function(where)
    try:
        result = function(page)
    except MemoryError:
        raise
    except Exception as error:
        frames = traceback.extract_tb(error.__traceback__)[1:2]
        at = "".join(f" ({Path(it.filename).name}, line {it.lineno})" for it in frames)
        raise BadExtractor(f"{where} raised {type(error).__name__}: {error}{at}") from None
    if result is None:
        return NoArticle(Outcome.NOT_ARTICLE, "by that extractor")
    if is_dataclass(result) and not isinstance(result, type):
        result = asdict(result)
    if not isinstance(result, Mapping):
        raise BadExtractor(f"{where} gave a {type(result).__name__}, and no dict")
    given = dict(result)
    left_out = _FIELDS - given.keys()
    title = _text(given.pop("title", ""), "title", _LONGEST)
    text = _text(given.pop("text", ""), "text", LONGEST_TEXT)
    authors = given.pop("authors", None) or []
    if isinstance(authors, str) or not isinstance(authors, Sequence) or len(authors) > _MOST:
        raise BadExtractor("authors is no list of names")
    times = {name: _time(given.pop(name, None), name) for name in _TIMES}
    language = given.pop("language", None)
    return NewReading(
        digest=page.body_digest,
        input=page.digest,
        extractor=name_of(where),
        template="",
        title=title,
        text=text,
        authors=[_text(it, "an author", _LONGEST) for it in authors],
        language=None if language is None else _text(language, "language", 35),
        details=_details(given),
        left_out=left_out,
        **times,  # type: ignore[arg-type]
    )


@lru_cache(maxsize=16)
def _function(where: str) -> Function:
    module, colon, path = where.partition(":")
    if not (module and colon and path):
        raise BadExtractor(f"{where!r} is no package.module:function")
    try:
        found: Any = import_module(module)
        for part in path.split("."):
            found = getattr(found, part)
    except (ImportError, AttributeError) as error:
        raise BadExtractor(f"{where}: {error}") from error
    except Exception as error:
        raise BadExtractor(f"{where}: {type(error).__name__}: {error}") from error
    if not callable(found):
        raise BadExtractor(f"{where} is no function")
    return found  # type: ignore[no-any-return]


def _text(value: object, what: str, longest: int) -> str:
    if not isinstance(value, str):
        raise BadExtractor(f"{what} is a {type(value).__name__}, and no text")
    if len(value) > longest:
        raise BadExtractor(f"{what} has more than {longest:,} characters")
    return value


def _time(value: object, what: str) -> datetime | None:
    if value is None:
        return None
    if not isinstance(value, datetime) or value.tzinfo is None:
        raise BadExtractor(f"{what} is no datetime with a zone")
    return value


def _details(given: dict[Any, Any]) -> dict[str, Any]:
    """What else it gave, which must be JSON."""
    if not given:
        return {}
    try:
        text = json.dumps(given, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise BadExtractor(f"what is not a field of a reading must be JSON: {error}") from error
    if len(text) > LONGEST_TEXT:
        raise BadExtractor(f"it gave more than {LONGEST_TEXT:,} characters")
    return {"own": json.loads(text)}
