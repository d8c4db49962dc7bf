"""Divides a rectangle among weights, so that each gets its share of the area, as near a square as may be.

The method is that of Bruls, Huizing and van Wijk, "Squarified Treemaps" (2000).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle."""

    x: float
    y: float
    width: float
    height: float

    @property
    def area(self) -> float:
        """Its area."""
        return self.width * self.height


def divide(box: Box, weights: Sequence[float]) -> list[Box]:
    """A box for each weight, in their order. The largest come first, at the left and the top."""
    order = sorted(range(len(weights)), key=lambda index: -weights[index])
    boxes = {index: Box(box.x, box.y, 0.0, 0.0) for index in order}
    order = [index for index in order if weights[index] > 0]
    while order and box.area > 0:
        left = [weights[index] for index in order]
        count = _row(box, left)
        pieces, box = _cut(box, left[:count], sum(left))
        boxes.update(zip(order, pieces, strict=False))
        order = order[count:]
    return [boxes[index] for index in range(len(weights))]


def _row(box: Box, weights: Sequence[float]) -> int:
    """How many of the weights, the largest first, are best put beside each other along the shorter side."""
    scale = box.area / sum(weights)
    side = min(box.width, box.height)
    best, count, row_area = float("inf"), 0, 0.0
    for weight in weights:
        row_area += weight * scale
        worst = max(_ratio(area * scale, row_area, side) for area in (weights[0], weight))
        if worst > best:
            break
        best, count = worst, count + 1
    return max(count, 1)


def _ratio(area: float, row_area: float, side: float) -> float:
    """How far from a square a box of a row is: the longer side by the shorter one."""
    if area <= 0 or side <= 0:
        return float("inf")
    depth = row_area / side
    length = area / depth
    return max(depth / length, length / depth)


def _cut(box: Box, weights: Sequence[float], total: float) -> tuple[list[Box], Box]:
    """The boxes of a row, which lie along the shorter side, and what is left beside them."""
    pieces, at = [], 0.0
    if box.width >= box.height:
        width = box.width * sum(weights) / total
        for weight in weights:
            height = box.height * weight / sum(weights)
            pieces.append(Box(box.x, box.y + at, width, height))
            at += height
        return pieces, Box(box.x + width, box.y, max(0.0, box.width - width), box.height)
    height = box.height * sum(weights) / total
    for weight in weights:
        width = box.width * weight / sum(weights)
        pieces.append(Box(box.x + at, box.y, width, height))
        at += width
    return pieces, Box(box.x, box.y + height, box.width, max(0.0, box.height - height))
