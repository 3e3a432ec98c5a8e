"""Which other articles say the words too, and are left."""

from storage.database.archive import Archive
from storage.redaction.mentions import mentions
from tests.support.redacting import NAME, carry_out, newsroom, request


def test_others_that_say_it_are_told_wherever_they_do(archive: Archive) -> None:
    desk = newsroom(archive)
    desk.details = {}
    desk.read("/text", "Courts", f"What followed: {NAME.upper()} appealed, as his lawyer told us.")
    desk.read("/title", f"The case of {NAME}", "It goes on, and will do so for a year at least.")
    desk.details = {"tags": ["Courts", NAME]}
    desk.read("/beside", "Weather again", "More rain on Monday, and on no other day of this week.")
    asked = request(desk)
    carry_out(desk, asked)
    with archive.reading() as session:
        told = mentions(session, asked)
    assert [it.url.removeprefix("https://example.org") for it in told] == [
        "/text",
        "/title",
        "/beside",
    ]
