from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fuzz.inputs import (
    ADDRESSES,
    CONTENT_TYPES,
    MAXIMUM_BYTES,
    PLAIN,
    SETTINGS,
    Input,
    mutate,
    seeds,
)

PAGE = b"<html><body><p>one</p><p>two</p></body></html>"


def test_a_page_without_settings_is_itself() -> None:
    assert Input.decode(PLAIN + PAGE) == Input(PAGE, None, {}, False)
    assert Input.decode(b"").body == b""


def test_a_part_is_repeated() -> None:
    assert Input.decode(bytes([3, 127, 1, 0]) + b"abcdef").body == b"ab" + b"c" * 8 + b"def"


@given(st.binary(max_size=300))
@settings(deadline=None)
def test_any_bytes_are_an_input_within_bounds(data: bytes) -> None:
    given_input = Input.decode(data)
    assert given_input == Input.decode(data)
    assert len(given_input.body) <= MAXIMUM_BYTES + len(data)


@given(st.binary(max_size=300), st.integers(0, 2**32), st.integers(SETTINGS, 400))
@settings(deadline=None)
def test_mutations_are_bounded_and_depend_on_the_seed_alone(
    data: bytes, seed: int, maximum: int
) -> None:
    mutated = mutate(data, maximum, seed, bytes.upper)
    assert len(mutated) <= maximum
    assert mutated == mutate(data, maximum, seed, bytes.upper)


def test_mutations_differ_and_some_repeat() -> None:
    mutated = [mutate(PLAIN + PAGE, 1000, seed, bytes.upper) for seed in range(200)]
    assert len(set(mutated)) > 80
    assert PAGE.upper() in {one[SETTINGS:] for one in mutated}
    assert 1 <= sum(one[0] > 0 for one in mutated) <= 20


def test_the_seeds_are_the_pages_and_every_way_of_reading_one() -> None:
    found = [Input.decode(seed) for seed in seeds([PAGE, b"<p>x"])]
    assert {one.body for one in found} == {PAGE, b"<p>x"}
    assert {one.url for one in found} == {*ADDRESSES}
    assert {one.headers.get("Content-Type") for one in found} == {*CONTENT_TYPES}
    assert {one.templated for one in found} == {False, True}
