"""The environment of a command that a test runs."""

import os

from crawler.settings import CONTACT_VARIABLE
from storage.database.settings import DATABASE_URL_VARIABLE, PAYLOADS_VARIABLE

CONTACT = "tests@example.org"


def environment(database: str) -> dict[str, str]:
    """The caller's without what would change a crawl: proxies, and Permalien's own variables but
    for the database, a contact, and where payloads are."""
    inherited = {
        name: value
        for name, value in os.environ.items()
        if not name.lower().endswith("_proxy")
        and (name == PAYLOADS_VARIABLE or not name.startswith(("PERMALIEN_", "COVERAGE")))
    }
    return inherited | {DATABASE_URL_VARIABLE: database, CONTACT_VARIABLE: CONTACT}
