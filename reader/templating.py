"""Pages out of templates. Everything is escaped: nothing of the web is ever marked as safe."""

import hashlib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any
from urllib.parse import urlencode

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.requests import Request

from reader import formats
from reader.languages import LANGUAGES, PARAMETER, catalogue


def render(request: Request, language: str, template: str, values: Mapping[str, Any]) -> str:
    """That template's page in that language."""
    found = _environment(language).get_template(template)
    return found.render(
        values, path=request.url.path, language=language, languages=_languages(request)
    )


def _languages(request: Request) -> list[tuple[str, str, str]]:
    """Each language's code and name, and this page's address in it."""
    kept = [it for it in request.query_params.multi_items() if it[0] != PARAMETER]
    return [
        (code, name, f"{request.url.path}?{urlencode([*kept, (PARAMETER, code)])}")
        for code, name in LANGUAGES.items()
    ]


@cache
def _environment(language: str) -> Environment:
    environment = Environment(
        loader=PackageLoader("reader"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    environment.install_gettext_translations(catalogue(language), newstyle=True)  # type: ignore[attr-defined]
    environment.globals["static"] = static_address
    environment.filters.update(formats.filters(language))
    return environment


@cache
def static_address(name: str) -> str:
    """Where that file of reader/static is served; another address when it has changed."""
    digest = hashlib.sha256(files("reader").joinpath("static", name).read_bytes()).hexdigest()
    return f"/static/{name}?{digest[:12]}"
