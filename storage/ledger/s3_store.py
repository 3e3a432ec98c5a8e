"""Payloads in an S3-compatible store: the settings' bucket and prefix; keys, region and endpoint
are those of the usual AWS_ variables."""

from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Literal

import obstore
from obstore.exceptions import AlreadyExistsError, BaseError, NotFoundError
from obstore.store import S3Store

from storage.database.settings import may_use_http
from storage.ledger.compression import LARGEST
from storage.ledger.payload_store import LONGEST_OWNER, OWNER, digest_named, in_parallel

_TIMEOUT = timedelta(seconds=30)  # of a request, and of all tries for one
_RETRIES = 3


class S3:
    """Objects by their names, under the prefix."""

    def __init__(self, url: str) -> None:
        self._store = S3Store.from_url(
            url,
            client_options={"timeout": _TIMEOUT, "allow_http": may_use_http()},
            retry_config={"max_retries": _RETRIES, "retry_timeout": _TIMEOUT},
        )

    def put(self, objects: Mapping[bytes, bytes]) -> None:
        try:
            in_parallel(lambda it: obstore.put(self._store, it[0].hex(), it[1]), objects.items())
        except BaseError as error:
            raise _os_error(error) from error

    def get(self, digest: bytes) -> bytes | None:
        try:
            found = obstore.get(self._store, digest.hex())
            if found.meta["size"] > LARGEST:
                return b""  # nothing of ours, and not that object in any case
            return bytes(found.bytes())
        except (NotFoundError, FileNotFoundError):  # obstore has raised the one and the other
            return None
        except BaseError as error:
            raise _os_error(error) from error

    def list(self) -> Iterator[tuple[bytes, datetime]]:
        try:
            for some in obstore.list(self._store):
                for it in some:
                    digest = digest_named(it["path"].rpartition("/")[2])
                    if digest is not None:
                        yield digest, it["last_modified"]
        except BaseError as error:
            raise _os_error(error) from error

    def delete(self, digests: Collection[bytes]) -> None:
        try:
            obstore.delete(self._store, [it.hex() for it in digests])
        except BaseError as error:
            raise _os_error(error) from error

    def sweep(self, before: datetime) -> None:
        """An object is written by one request, whole or not at all."""

    def owner(self) -> str | None:
        try:
            found = bytes(obstore.get_range(self._store, OWNER, start=0, length=LONGEST_OWNER))
            return found.decode("ascii", "replace").strip()
        except (NotFoundError, FileNotFoundError):
            return None
        except BaseError as error:
            raise _os_error(error) from error

    def own(self, name: str, *, replace: bool) -> None:
        try:
            with suppress(AlreadyExistsError, FileExistsError):
                mode: Literal["create", "overwrite"] = "overwrite" if replace else "create"
                obstore.put(self._store, OWNER, f"{name}\n".encode(), mode=mode)
        except BaseError as error:
            raise _os_error(error) from error


def _os_error(error: BaseError) -> OSError:
    lines = str(error).strip().splitlines()
    return OSError(lines[0] if lines else "no answer")
