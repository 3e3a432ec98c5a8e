"""A small archive with edits, a removal and a return, two addresses, and hostile words."""

from storage.database.archive import Archive
from storage.models import AddressKind, Outcome
from tests.support.archiving import Desk

HOSTILE = "<script>alert(1)</script> “\u202e” ]]> &amp; \x1b[2J"


def fill(archive: Archive) -> Desk:
    """example.org: /bridge in three versions at two addresses, /ferry that was away, /hostile; and
    its feed."""
    desk = Desk(archive)
    desk.check("/feed", body=b"<rss/>", kind=AddressKind.FEED)
    desk.read("/bridge", "The bridge will close", "The council met on Monday.\nIt heard engineers.")
    desk.read("/bridge", "The bridge stays", "The council met on Tuesday.\nIt heard engineers.")
    desk.read("/ferry", "The ferry returns", "It was away for a month.")
    desk.check("/ferry", Outcome.GONE)
    desk.read("/ferry", "The ferry returns", "It was away for a month.")
    desk.read("/bridge", "The bridge stays", "The council met on Tuesday.\nIt heard nobody.")
    desk.read(
        "/bridge?page=amp",
        "The bridge stays",
        "The council met on Tuesday.\nIt heard nobody.",
        canonical_url="https://example.org/bridge",
    )
    desk.read("/hostile", HOSTILE, f"{HOSTILE} is said.")
    desk.read("/hostile", f"{HOSTILE}!", f"{HOSTILE} is said.")
    return desk
