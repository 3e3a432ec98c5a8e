from hypothesis import given
from hypothesis import strategies as st

from storage.search.timelines import FOREVER, Event, Held, Span, as_known, held, spans


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


def test_a_version_is_current_again_when_what_replaced_it_is_retracted() -> None:
    found = held({1: [(10, FOREVER)], 2: [(20, 30), (40, FOREVER)]})
    assert found == {
        1: [Held(10, 30, 20), Held(30, FOREVER, 40)],
        2: [Held(20, 30, 30), Held(40, FOREVER, FOREVER)],
    }


@st.composite
def histories(draw: st.DrawFn) -> dict[int, list[tuple[int, int]]]:
    """Versions, of which all but the first may be retracted, and stand again."""
    history = {}
    for version_id in range(draw(st.integers(1, 4))):
        least = 1 if version_id == 0 else 0
        times = sorted(draw(st.sets(TIMES, min_size=1, max_size=4 - 3 * least)))
        ends = [*times[1:], FOREVER]
        history[version_id] = list(zip(times, ends, strict=True))[::2]
    return history


@given(histories(), TIMES)
def test_the_last_that_stood_is_current_then(
    history: dict[int, list[tuple[int, int]]], by: int
) -> None:
    pieces = held(history)
    stood = [it for it in history if any(since <= by < end for since, end in history[it])]
    assert [
        it for it in history for piece in pieces[it] if piece.known <= by < piece.known_until
    ] == stood
    current = [it for it in history for piece in pieces[it] if piece.known <= by < piece.replaced]
    assert current == stood[-1:]


@given(histories(), st.lists(TIMES, min_size=4, max_size=4, unique=True), TIMES, TIMES)
def test_a_retracted_version_counts_as_the_one_before_it(
    history: dict[int, list[tuple[int, int]]], seen_at: list[int], at: int, by: int
) -> None:
    events = [Event(seen_at[it], history[it][0][0], it) for it in history]
    found = spans([it for event in events for it in as_known(event, history)])
    shown = [it for it in events if it.at <= at and it.recorded <= by]
    expected = []
    if shown:
        last = max(shown, key=lambda it: it.at).version_id
        stood = [it for it in history if any(since <= by < end for since, end in history[it])]
        expected = [next((it for it in reversed(stood) if last is None or it <= last), last)]
    assert [it.version_id for it in found if it.holds(at, by)] == expected
