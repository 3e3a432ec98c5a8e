"""On the path of a test's command and of every process that it starts: names that the test has."""

import json
import os
import socket

_names = json.loads(os.environ["NAMES_OF_TEST"])
_resolve = socket.gethostbyname


def _gethostbyname(name: str) -> str:
    return _names.get(name) or _resolve(name)


socket.gethostbyname = _gethostbyname
