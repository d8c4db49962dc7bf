"""A rectangle that is divided: shares of the area are right, nothing overlaps, shapes are near a square."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_server.cli.treemap import Box, divide


@given(
    st.lists(st.integers(0, 5000), max_size=40), st.floats(1, 2000), st.floats(1, 2000), st.floats(-100, 100)
)
def test_each_weight_gets_its_share_inside_the_box(
    weights: list[int], width: float, height: float, x: float
) -> None:
    box = Box(x, 5, width, height)
    boxes = divide(box, weights)
    assert len(boxes) == len(weights)
    for weight, each in zip(weights, boxes, strict=True):
        share = box.area * weight / sum(weights) if sum(weights) else 0.0
        assert each.area == pytest.approx(share, rel=1e-6, abs=1e-6)
        assert each.x >= box.x - 1e-6
        assert each.y >= box.y - 1e-6
        assert each.x + each.width <= box.x + box.width + 1e-6
        assert each.y + each.height <= box.y + box.height + 1e-6


@given(st.lists(st.integers(1, 5000), max_size=12))
def test_no_two_overlap(weights: list[int]) -> None:
    for one, other in combinations(divide(Box(0, 0, 1000, 400), weights), 2):
        across = min(one.x + one.width, other.x + other.width) - max(one.x, other.x)
        down = min(one.y + one.height, other.y + other.height) - max(one.y, other.y)
        assert across <= 1e-6 or down <= 1e-6


def test_equal_weights_get_shapes_near_a_square() -> None:
    for each in divide(Box(0, 0, 600, 400), [1] * 24):
        assert 0.5 < each.width / each.height < 2


def test_the_largest_stands_at_the_left_and_the_top() -> None:
    boxes = divide(Box(0, 0, 100, 50), [1, 8, 3])
    assert (boxes[1].x, boxes[1].y) == (0, 0)


def test_nothing_to_divide_gives_empty_boxes() -> None:
    assert divide(Box(0, 0, 10, 10), []) == []
    assert [box.area for box in divide(Box(0, 0, 10, 10), [0, 0])] == [0, 0]
    assert [box.area for box in divide(Box(0, 0, 0, 10), [1])] == [0]
