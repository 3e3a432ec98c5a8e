"""An RFC 3161 authority: asked over HTTP (section 3.4), and what it answers checked.

What it answers is anybody's: so many bytes in so many seconds, no redirect, and nothing is kept but
a token that is signed by whom the caller trusts, of what was asked, with the nonce of the question,
and of about now.
"""

import asyncio
import ssl
import warnings
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from storage.database.errors import ArchiveError, Refused
from storage.proof.tokens import BadToken, Stamp, answer_with, parse_answer, stamp_in

if TYPE_CHECKING:
    from cryptography.x509 import Certificate
    from rfc3161_client import TimeStampRequest

_SECONDS: Final = 30.0
_LARGEST: Final = 64 * 2**10  # bytes of an answer; a token with its certificates has five thousand
_APART: Final = timedelta(minutes=10)  # that its clock may be from ours
_MOST_WORDS: Final = 200  # characters of the authority's own that are told


class NoStamp(ArchiveError):
    """The authority gave no timestamp that can be kept. The message says why."""


@dataclass(frozen=True, slots=True)
class NewStamp:
    """A token, and what it says."""

    token: bytes
    said: Stamp


def trusted_certificates(path: Path | None) -> "list[Certificate]":
    """The roots of a PEM file, or those that this machine trusts. Raises Refused for a file that
    has none."""
    from cryptography.x509 import load_pem_x509_certificates

    if path is None:
        return list(_of_this_machine())
    try:
        return load_pem_x509_certificates(path.read_bytes())
    except ValueError as error:
        raise Refused(f"{path}: no certificate in PEM") from error
    except OSError as error:
        raise Refused(f"{path}: {error.strerror}") from error


def _of_this_machine() -> "Iterator[Certificate]":
    from cryptography.x509 import load_der_x509_certificate

    for given in ssl.create_default_context().get_ca_certs(binary_form=True):
        with warnings.catch_warnings(action="error"), suppress(ValueError, Warning):
            # Some are older than today's rules for certificates, and vouch for no authority.
            yield load_der_x509_certificate(given)


def stamp(
    authority: str, data: bytes, trusted: "Sequence[Certificate]", *, now: datetime
) -> NewStamp:
    """A timestamp of `data` from the authority at that URL. Raises NoStamp."""
    from rfc3161_client import HashAlgorithm, PKIStatus, TimestampRequestBuilder

    if urlsplit(authority).scheme not in ("http", "https") or not urlsplit(authority).hostname:
        raise NoStamp(f"{authority!r} is no address of an authority: http://… or https://…")
    builder = TimestampRequestBuilder().data(data).hash_algorithm(HashAlgorithm.SHA256)
    request = builder.build()
    answer = asyncio.run(_post(authority, request.as_bytes()))
    try:
        parsed = parse_answer(answer)
        if parsed.status not in (PKIStatus.GRANTED, PKIStatus.GRANTED_WITH_MODS):
            words = " ".join(parsed.status_string)[:_MOST_WORDS] or f"status {parsed.status}"
            raise NoStamp(f"{authority} refuses: {words}")
        said, token = stamp_in(parsed), parsed.time_stamp_token()
        _verify(token, said, data, trusted, request)
    except BadToken as error:
        raise NoStamp(f"{authority}: {error}") from error
    if abs(said.at - now) > _APART:
        raise NoStamp(
            f"{authority} says that it is {said.at:%Y-%m-%d %H:%M:%S}, and here it is "
            f"{now:%Y-%m-%d %H:%M:%S} (UTC): see whose clock is wrong"
        )
    return NewStamp(token, said)


def verify_token(token: bytes, data: bytes, trusted: "Sequence[Certificate]") -> Stamp:
    """What a token says of `data`, if one of the trusted vouches for it. Raises BadToken."""
    said = stamp_in(answer_with(token))
    _verify(token, said, data, trusted, None)
    return said


def _verify(
    token: bytes,
    said: Stamp,
    data: bytes,
    trusted: "Sequence[Certificate]",
    request: "TimeStampRequest | None",
) -> None:
    from rfc3161_client import VerificationError, VerifierBuilder

    if not said.stamps(data):
        raise BadToken("its timestamp is of something else")
    if not trusted:
        raise BadToken("no authority is trusted: name its root certificates")
    nonce = None if request is None else request.nonce
    verifier = VerifierBuilder(roots=list(trusted), nonce=nonce).build()
    try:
        verifier.verify(answer_with(token), said.imprint)
    except VerificationError as error:
        why = str(error)
        if "certificate" in why and "verif" in why:
            why = "none of the trusted root certificates vouches for its signature"
        raise BadToken(why[:_MOST_WORDS]) from error
    except Exception as error:
        raise BadToken("its signature can't be read") from error


async def _post(authority: str, question: bytes) -> bytes:
    import aiohttp

    headers = {"Content-Type": "application/timestamp-query"}
    limit = aiohttp.ClientTimeout(total=_SECONDS)
    try:
        async with (
            aiohttp.ClientSession(timeout=limit, trust_env=True) as client,
            client.post(authority, data=question, headers=headers, allow_redirects=False) as answer,
        ):
            if answer.status != 200:
                raise NoStamp(f"{authority} answers with HTTP status {answer.status}")
            body = bytearray()
            async for some in answer.content.iter_any():
                body += some
                if len(body) > _LARGEST:
                    raise NoStamp(f"{authority} answers with more than {_LARGEST:,} bytes")
            return bytes(body)
    except TimeoutError as error:
        raise NoStamp(f"{authority} gives no answer within {_SECONDS:.0f} seconds") from error
    except (aiohttp.ClientError, ValueError, OSError) as error:
        raise NoStamp(f"{authority} can't be asked: {error or type(error).__name__}") from error
