"""Who is kept waiting over real connections: tests/end_to_end/test_politeness.py."""

import asyncio
import itertools
from collections.abc import Callable
from datetime import timedelta

import pytest

from crawler.fetching.politeness import DEFAULT_DELAY, LeftAlone, NotSent, Politeness
from storage.database import clock
from storage.database.clock import hold_clock, utc_now
from tests.support.virtual_time import run_in_virtual_time

EARLY = 0.01  # seconds that a timer may be early


def sent(
    prepare: Callable[[Politeness], object],
    *requests: tuple[str, str | None],
    answer: float = 0.0,
    most: int = 8,
    rate: float = 1000.0,
    runs: int = 1,
) -> list[float]:
    """When each request (its pace, its address) was sent, of those that were asked for at once:
    seconds from then, the first first."""

    async def request(politeness: Politeness, to: tuple[str, str | None]) -> float:
        async with politeness.turn(*to):
            at = asyncio.get_running_loop().time()
            await asyncio.sleep(answer)
            return at

    async def run() -> list[float]:
        politeness = Politeness(most=most, rate=rate, runs=lambda: runs)
        prepare(politeness)
        began = asyncio.get_running_loop().time()
        times = await asyncio.gather(*(request(politeness, to) for to in requests))
        return sorted(at - began for at in times)

    return run_in_virtual_time(run())


def shortest_gap(times: list[float]) -> float:
    return min(later - earlier for earlier, later in itertools.pairwise(times))


def most_at_once(times: list[float], answer: float) -> int:
    """How many were under way together, each for `answer` seconds."""
    return max(sum(at <= other < at + answer - EARLY for other in times) for at in times)


def soonest(times: list[float], rate: float) -> float:
    """By how much the earliest of them was late, at so many a second. On a busy machine each may be
    as late as it likes, and the next still be in time."""
    return min(at - number / rate for number, at in enumerate(times))


def test_a_delay_lies_between_two_requests_whatever_the_address() -> None:
    times = sent(
        lambda it: it.slot("a.example", "a.example", 0.1),
        *[("a.example", address) for address in ("10.0.0.1", "10.0.0.2", None)],
    )
    assert times[0] < 0.1
    assert shortest_gap(times) >= 0.1 - EARLY


def test_the_longest_delay_of_a_domain_s_sources_is_the_domain_s() -> None:
    def prepare(politeness: Politeness) -> None:
        assert politeness.slot("a.example", "a.example", 0.2) == "a.example"
        assert politeness.slot("a.example", "sport.a.example", 0.01) == "a.example"

    assert shortest_gap(sent(prepare, *[("a.example", None)] * 3)) >= 0.2 - EARLY


def test_a_source_without_delay_is_free_of_its_domain_s_and_frees_no_other() -> None:
    def prepare(politeness: Politeness) -> None:
        politeness.slot("a.example", "a.example", 0.2)
        assert politeness.slot("a.example", "fast.a.example", 0) == "a.example fast.a.example"
        politeness.slow_down("a.example fast.a.example", "https://fast.a.example", 5)

    fast, slow = ("a.example fast.a.example", "10.0.0.1"), ("a.example", "10.0.0.1")
    assert sent(prepare, *[fast] * 5, most=1, rate=1)[-1] < 0.15
    assert shortest_gap(sent(prepare, *[slow] * 2)) >= 0.2 - EARLY


def test_nobody_is_asked_sooner_because_another_run_has_just_left() -> None:
    assert sent(lambda it: it.slot("a", "a", 0.3, idle=0.1), ("a", None))[0] >= 0.2 - EARLY
    assert sent(lambda it: it.slot("a", "a", 0.3, idle=9), ("a", None))[0] < 0.2
    assert sent(lambda it: it.slot("a", "a", 0.3), ("a", None))[0] < 0.2


def test_nor_because_another_run_had_the_domain_meanwhile() -> None:
    async def run() -> float:
        politeness, loop = Politeness(), asyncio.get_running_loop()
        slot = politeness.slot("a.example", "a.example", 0.3)
        async with politeness.turn(slot, None):
            pass
        await asyncio.sleep(0.4)
        politeness.slot("a.example", "a.example", 0.3, idle=0.1)
        began = loop.time()
        async with politeness.turn(slot, None):
            return loop.time() - began

    assert run_in_virtual_time(run()) >= 0.2 - EARLY


def test_what_robots_txt_asks_for_raises_the_delay_and_never_lowers_it() -> None:
    async def run() -> list[float]:
        politeness = Politeness()
        slot = politeness.slot("a.example", "a.example", 2)
        delays = []
        for asked in (5, 1, 0):
            politeness.slow_down(slot, "https://a.example", asked)
            delays.append(politeness.delay(slot))
        return [*delays, politeness.delay("unknown.example")]

    assert run_in_virtual_time(run()) == [5, 2, 2, DEFAULT_DELAY]


def test_slow_answers_make_a_domain_s_delay_longer_and_quick_ones_shorten_it_again() -> None:
    async def run() -> list[float]:
        politeness = Politeness()
        slot = politeness.slot("a.example", "a.example", 1)
        delays = []
        for seconds, status in ((4, 200), (0, 503), (0, 200), (0, 200), (0, 200), (900, 200)):
            async with politeness.turn(slot, None) as pace:
                pace.took(seconds, status)
                pace.last -= 3600
            delays.append(politeness.delay(slot))
        return delays

    assert run_in_virtual_time(run()) == [4, 4, 2, 1, 1, 60]


def test_an_address_that_many_sites_share_is_asked_for_few_things_at_a_time() -> None:
    sites = [f"{number}.example" for number in range(6)]

    def prepare(politeness: Politeness) -> None:
        for site in sites:
            politeness.slot(site, site, 0.001)

    times = sent(prepare, *[(site, "10.0.0.1") for site in sites], answer=0.2, most=2)
    assert most_at_once(times, 0.2) == 2
    apart = sent(prepare, *[(site, f"10.0.0.{site[0]}") for site in sites], answer=0.2, most=2)
    assert most_at_once(apart, 0.2) == 6


def test_and_for_few_a_second() -> None:
    sites = [f"{number}.example" for number in range(4)]

    def prepare(politeness: Politeness) -> None:
        for site in sites:
            politeness.slot(site, site, 0.001)

    times = sent(prepare, *[(site, "10.0.0.1") for site in sites], rate=20)
    assert soonest(times, rate=20) >= -EARLY


def test_several_runs_share_what_an_address_bears() -> None:
    sites = [f"{number}.example" for number in range(4)]

    def prepare(politeness: Politeness) -> None:
        for site in sites:
            politeness.slot(site, site, 0.001)

    asked = [(site, "10.0.0.1") for site in sites]
    assert most_at_once(sent(prepare, *asked, answer=0.2, most=4, runs=2), 0.2) == 2
    # However many there are, each comes to its end.
    assert shortest_gap(sent(prepare, *asked, answer=0.05, most=4, runs=9)) >= 0.05 - EARLY
    assert soonest(sent(prepare, *asked, rate=40, runs=2), rate=20) >= -EARLY


def test_who_waits_for_a_place_is_let_go_when_the_crawl_is_stopped() -> None:
    async def run() -> None:
        politeness, stopped = Politeness(most=1), asyncio.Event()

        async def stay() -> None:
            async with politeness.turn(politeness.slot("a", "a", 0.001), "10.0.0.1"):
                await asyncio.sleep(30)

        staying = asyncio.ensure_future(stay())
        await asyncio.sleep(0.01)
        asyncio.get_running_loop().call_later(0.1, stopped.set)
        with pytest.raises(NotSent):
            async with politeness.turn(
                politeness.slot("b", "b", 0.001), "10.0.0.1", stopped=stopped.is_set
            ):
                pass
        staying.cancel()

    run_in_virtual_time(asyncio.wait_for(run(), 10))


def test_who_waits_when_the_crawl_is_stopped_is_sent_no_more() -> None:
    async def run() -> float:
        politeness = Politeness()
        slot = politeness.slot("a.example", "a.example", 3600, idle=0)
        loop, stopped = asyncio.get_running_loop(), asyncio.Event()
        loop.call_later(0.1, stopped.set)
        began = loop.time()
        with pytest.raises(NotSent):
            async with politeness.turn(slot, None, stopped=stopped.is_set):
                pass
        return loop.time() - began

    assert run_in_virtual_time(run()) < 2


def test_a_domain_that_asks_for_it_is_left_alone_at_every_pace(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(clock, "_clock", None)
    now = utc_now()
    hold_clock(now)

    async def run() -> list[str]:
        politeness, sent = Politeness(), []
        slots = [
            politeness.slot("a.example", "a.example", 0.05),
            politeness.slot("a.example", "sport.a.example", 0.05),
            politeness.slot("a.example", "fast.a.example", 0),
            politeness.slot("b.example", "b.example", 0.05),
        ]

        async def request(slot: str) -> None:
            async with politeness.turn(slot, "10.0.0.1"):
                sent.append(slot)
                if slot == "a.example":
                    politeness.leave_alone(slot, now + timedelta(seconds=1))
                    politeness.leave_alone(slot, now)  # and the longer pause stays

        await request(slots[0])
        for slot in slots[1:3]:
            with pytest.raises(LeftAlone, match=r"a\.example asks"):
                await request(slot)
        await request(slots[3])
        assert politeness.left_alone("b.example") is None
        hold_clock(now + timedelta(seconds=1))
        await request(slots[2])
        return sent

    assert run_in_virtual_time(run()) == ["a.example", "b.example", "a.example fast.a.example"]
