"""What extraction is given of one page: all that its result depends on, beside extractor and
template."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Final

from crawler.extraction.metadata.tdm_file import TdmRule

USED_HEADERS: Final = ("content-type", "content-language")
"""The headers that extraction may look at, for charset and language."""

RIGHTS_HEADERS: Final = ("tdm-reservation", "tdm-policy", "x-robots-tag")
"""Those it may look at for what the site says of reuse; most answers have none of them."""


@dataclass(frozen=True)
class PageInput:
    """A page as it was fetched. `url` is its final one, None for a file's; `headers` may be any,
    of which those in USED_HEADERS and RIGHTS_HEADERS count; `fetched_at` is aware, None where
    nobody knows; `tdm_rule` is what the site's tdmrep.json said of it then."""

    body: bytes = field(repr=False)
    url: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    fetched_at: datetime | None = None
    tdm_rule: TdmRule | None = None

    @cached_property
    def body_digest(self) -> bytes:
        """SHA-256 of the body: the payload's name in the archive."""
        return hashlib.sha256(self.body).digest()

    @cached_property
    def digest(self) -> bytes:
        """SHA-256 of what extraction uses of it: one digest, one result."""
        return self.digest_with(self.body_digest)

    def digest_with(self, body_digest: bytes) -> bytes:
        """The same of a page whose body has that digest, and need not be at hand."""
        given = {name.lower(): value for name, value in self.headers.items()}
        parts = [body_digest.hex(), self.url or ""]
        parts += [given.get(name, "") for name in USED_HEADERS]
        parts += [f"{name}: {given[name]}" for name in RIGHTS_HEADERS if name in given]
        if self.tdm_rule is not None:
            parts.append(f"tdmrep.json: {self.tdm_rule.reserved:d} {self.tdm_rule.policy or ''}")
        return hashlib.sha256("\n".join(parts).encode("utf-8", "surrogatepass")).digest()
