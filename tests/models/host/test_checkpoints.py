"""States to go back to: found by the text they belong to, and those forgotten that save least."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from lsp_server.models.host.checkpoints import Checkpoints, State, Tokens

TEXTS = st.lists(st.lists(st.integers(0, 1), min_size=1, max_size=8), max_size=20)


def tokens(numbers: list[int] | range) -> Tokens:
    return np.array(numbers, np.int32)


def state(size: int = 1) -> State:
    return np.zeros(size, np.uint8)


@given(TEXTS, st.lists(st.integers(0, 1), max_size=10), st.integers(0, 10))
def test_the_longest_that_a_text_begins_with_is_found(
    kept: list[list[int]], text: list[int], limit: int
) -> None:
    checkpoints = Checkpoints()
    for numbers in kept:
        checkpoints.add(tokens(numbers), state())
    fitting = sorted({len(numbers) for numbers in kept if text[: len(numbers)] == numbers})
    assert checkpoints.lengths(tokens(text)) == fitting
    found = checkpoints.longest(tokens(text), limit)
    wanted = max((length for length in fitting if length <= limit), default=None)
    assert (found.length if found else None) == wanted


@given(TEXTS, st.integers(1, 4), st.integers(1, 40))
def test_the_bounds_hold(kept: list[list[int]], most: int, most_bytes: int) -> None:
    checkpoints = Checkpoints(most, most_bytes)
    for numbers in kept:
        checkpoints.add(tokens(numbers), state(len(numbers)))
        assert len(checkpoints) <= most
        assert checkpoints.bytes <= most_bytes


def test_what_saves_few_tokens_is_forgotten_before_what_saves_many() -> None:
    checkpoints = Checkpoints(most=4)
    checkpoints.add(tokens(range(1000)), state())
    for length in range(1001, 1020):
        checkpoints.add(tokens(range(length)), state())
    lengths = checkpoints.lengths(tokens(range(2000)))
    assert lengths[0] == 1000
    assert lengths[-1] == 1019


def test_what_no_text_begins_with_any_more_is_forgotten() -> None:
    checkpoints = Checkpoints()
    for numbers in ([1, 2], [1, 2, 3], [4]):
        checkpoints.add(tokens(numbers), state())
    checkpoints.keep([tokens([1, 2, 9])])
    assert len(checkpoints) == 1
    assert checkpoints.lengths(tokens([1, 2, 3])) == [2]
