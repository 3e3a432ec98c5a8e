"""The reader's own files: one style sheet, one script."""

import os
from importlib.resources import files

from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope


class Static(StaticFiles):
    """Files whose address has their digest: a browser may keep them for ever."""

    def __init__(self) -> None:
        super().__init__(directory=str(files("reader").joinpath("static")))

    def file_response(
        self,
        full_path: str | os.PathLike[str],
        stat_result: os.stat_result,
        scope: Scope,
        status_code: int = 200,
    ) -> Response:
        answer = super().file_response(full_path, stat_result, scope, status_code)
        is_named = bool(scope.get("query_string"))
        kept = "public, max-age=31536000, immutable" if is_named else "no-cache"
        answer.headers["cache-control"] = kept
        return answer
