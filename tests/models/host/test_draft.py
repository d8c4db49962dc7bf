"""Drafts: what is looked up, what of it is taken, and that they end where they do not pay."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_server.models.host.draft import FIRST_PAUSE, LENGTHS, LONGEST, SHORTEST, Pace, agreed, look_up

TOKENS = st.lists(st.integers(0, 2), min_size=1, max_size=40)


def looked_up(text: str, most: int = 4) -> str:
    return bytes(look_up(np.frombuffer(text.encode(), np.uint8).astype(np.int32), most)).decode()


@pytest.mark.parametrize(
    ("text", "draft"),
    [
        ("return value; retur", "n va"),
        ("return value; retu", "rn v"),
        ("abc1 xabc2 yxabc", "2 yx"),
        ("abc1 abc2 abc", "2 ab"),
        ("abcx abc", ""),
        ("abcdabcd", "abcd"),
        ("", ""),
        ("a", ""),
        ("nothing that was there bef", ""),
    ],
    ids=["seen", "in words", "longest", "latest", "too short", "up to the end", "empty", "one", "new"],
)
def test_a_draft_is_what_followed_the_same_tokens_before(text: str, draft: str) -> None:
    assert (looked_up(text) if text else "") == draft


@given(TOKENS, st.integers(1, 6))
def test_no_other_place_has_more_in_common_and_none_as_much_later(tokens: list[int], most: int) -> None:
    def same(place: int) -> int:
        """How many tokens up to this place are those at the end."""
        count = 0
        while count < min(place + 1, LONGEST) and tokens[place - count] == tokens[-1 - count]:
            count += 1
        return count

    best = max(range(len(tokens) - 1), key=lambda place: (same(place), place), default=-1)
    wanted = tokens[best + 1 : best + 1 + most] if best >= 0 and same(best) >= SHORTEST else []
    assert look_up(np.array(tokens, np.int32), most) == wanted


@given(TOKENS, TOKENS, st.lists(st.booleans(), min_size=41, max_size=41))
def test_what_is_taken_is_what_the_model_says_one_by_one(
    draft: list[int], own: list[int], clear: list[bool]
) -> None:
    """The model's own tokens are those of the draft up to some place."""
    model = ([*draft[: len(own)], *own] + [9] * len(draft))[: len(draft) + 1]
    said = agreed(draft, [(token, 10.0 if sure else 0.0) for token, sure in zip(model, clear, strict=False)])
    assert said == model[: len(said)]
    assert said[:-1] == draft[: max(0, len(said) - 1)]
    assert all(clear[: len(said)])


def test_all_of_a_draft_and_one_token_more_are_taken_where_the_model_agrees() -> None:
    assert agreed([1, 2], [(1, 5.0), (2, 5.0), (3, 5.0)]) == [1, 2, 3]
    assert agreed([1, 2], [(1, 5.0), (7, 5.0), (3, 5.0)]) == [1, 7]
    assert agreed([1, 2], [(1, 5.0), (2, 0.01), (3, 5.0)]) == [1]
    assert agreed([1, 2], [(1, 0.01), (2, 5.0), (3, 5.0)]) == []


def test_there_is_no_draft_before_a_step_alone_was_measured() -> None:
    assert Pace().length == 0


def test_drafts_grow_while_all_of_them_is_taken() -> None:
    pace = Pace()
    pace.went_alone(1.0)
    lengths = []
    for _ in range(4):
        lengths.append(pace.length)
        pace.drafted(pace.length, pace.length + 1, 2.0)
    assert lengths == [*LENGTHS, LENGTHS[-1]]


def test_a_token_goes_alone_after_a_draft_that_was_not_taken_whole() -> None:
    pace = Pace()
    pace.went_alone(1.0)
    pace.drafted(3, 3, 2.0)
    assert pace.length == 0
    pace.went_alone(1.0)
    assert pace.length == LENGTHS[0]


def test_drafts_that_cost_more_than_they_bring_end_and_are_tried_again_more_and_more_rarely() -> None:
    pace, waits = Pace(), []
    pace.went_alone(1.0)
    for _ in range(4):
        pace.drafted(pace.length, 1, 2.7)
        waits.append(0)
        while not pace.length:
            pace.went_alone(1.0)
            waits[-1] += 1
    assert waits == [FIRST_PAUSE, 2 * FIRST_PAUSE, 4 * FIRST_PAUSE, 8 * FIRST_PAUSE]


@given(st.lists(st.tuples(st.floats(0, 1), st.floats(1, 6)), min_size=200, max_size=400))
def test_drafts_that_never_pay_cost_little(steps: list[tuple[float, float]]) -> None:
    """A draft brings a token as a step alone does, and takes two to six times as long."""
    pace, spent, brought = Pace(), 0.0, 0
    for _, cost in steps:
        if pace.length:
            pace.drafted(pace.length, 1, 1 + cost)
            spent += 1 + cost
        else:
            pace.went_alone(1.0)
            spent += 1
        brought += 1
    assert spent <= brought + 6 * (2 + len(steps) // 16)
