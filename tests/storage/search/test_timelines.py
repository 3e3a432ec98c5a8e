from hypothesis import given
from hypothesis import strategies as st

from storage.search.timelines import FOREVER, Event, Span, spans


def test_versions_recorded_as_they_came_are_a_span_each() -> None:
    assert spans([Event(10, 11, 1), Event(20, 21, 2)]) == [
        Span(1, 10, 20, 11, 21, FOREVER),
        Span(2, 20, FOREVER, 21, 21, FOREVER),
    ]


def test_what_was_taken_away_and_came_back_has_two() -> None:
    found = spans([Event(10, 10, 1), Event(20, 20, None), Event(30, 30, 1)])
    assert [(it.since, it.until) for it in found] == [(10, 20), (30, FOREVER)]


def test_an_import_of_before_is_known_since_it_was_recorded() -> None:
    found = spans([Event(10, 10, 1), Event(30, 30, 3), Event(20, 90, 2)])

    def seen(at: int, known_by: int) -> list[int]:
        return [it.version_id for it in found if it.holds(at, known_by)]

    assert seen(25, 50) == [1]
    assert seen(25, 95) == [2]
    assert seen(35, 50) == [3]
    assert seen(35, 20) == [1]
    assert seen(15, 95) == [1]
    assert seen(15, 5) == []


TIMES = st.integers(0, 12)
EVENTS = st.lists(st.tuples(TIMES, TIMES, st.booleans()), max_size=6)


@given(EVENTS, TIMES, TIMES)
def test_at_each_time_the_last_event_that_was_recorded_holds(
    given_events: list[tuple[int, int, bool]], at: int, known_by: int
) -> None:
    events = [
        Event(when, recorded, version_id if seen else None)
        for version_id, (when, recorded, seen) in enumerate(given_events)
    ]
    known = [it for it in sorted(events, key=lambda it: it.at) if it.recorded <= known_by]
    last = next((it for it in reversed(known) if it.at <= at), None)
    expected = [] if last is None or last.version_id is None else [last.version_id]
    assert [it.version_id for it in spans(events) if it.holds(at, known_by)] == expected


@given(EVENTS)
def test_a_version_has_a_span_unless_it_was_gone_at_once(
    given_events: list[tuple[int, int, bool]],
) -> None:
    events = [Event(when, recorded, at) for at, (when, recorded, _) in enumerate(given_events)]
    found = {span.version_id for span in spans(events)}
    for version_id, event in enumerate(events):
        replaced = any(
            other.at == event.at and place > version_id and other.recorded <= event.recorded
            for place, other in enumerate(events)
        )
        assert (version_id in found) or replaced
