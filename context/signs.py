"""Why a definition may be wanted at a place: the signs that speak for it, and how loudly each of them does.

A sign has a strength between 0 and 1; the score of a definition is the sum of its signs by their weights, the
logarithm of the odds that the next line uses it. The weights were fitted (see `fathom bench context`) on one
half of the repositories and judged on the other.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Purpose = Literal["fill", "edit", "chat"]

REASONS = {
    "imported-unused": "imported here, not used yet",
    "imported-near": "imported here, used near the cursor",
    "imported-far": "imported here",
    "module-near": "in a module used near the cursor",
    "module": "in a module imported here",
    "member": "member of a type used near the cursor",
    "import-member": "member of a type imported here",
    "inherited": "inherited by the class here",
    "near": "named near the cursor",
    "maker": "makes a value used near the cursor",
    "folder": "in the same folder",
    "sibling-uses": "used by files in the same folder",
    "sibling-imports": "imported by files in the same folder",
    "said": "says what is said here",
    "co-used": "used where the code is alike",
    "opened": "in an open document",
    "edited": "edited lately",
}
"""The signs that bring a definition up, with what the user reads of them."""


@dataclass(frozen=True, slots=True)
class Weighed:
    """A definition's score, and the sign that did the most for it."""

    score: float
    reason: str


WEIGHTS: Mapping[str, float] = {
    "bias": -7.3,
    "imported-unused": 4.0,
    "imported-near": 0.8,
    "imported-far": 1.2,
    "module-near": 1.4,
    "module": 0.9,
    "member": 1.0,
    "import-member": 0.7,
    "inherited": 0.3,
    "near": 1.8,
    "maker": 0.0,
    "folder": -0.2,
    "sibling-imports": 0.3,
    "said": 1.6,
    "co-used": 2.9,
    "opened": 1.0,
    "edited": 1.0,
    "alike": 0.8,
    "popular": -1.3,
    "common": -0.7,
    "private": -0.1,
    "test": -0.5,
    "seen-near": -2.3,
    "seen-far": 1.1,
    "far-away": -0.6,
    "type": 0.8,
    "callable": 0.6,
    "field": -0.1,
    "nested": -0.1,
    "sibling-uses": 1.2,
    "like-file": 0.6,
    "constant": 0.4,
}


def weigh(signs: Mapping[str, float], weights: Mapping[str, float] = WEIGHTS) -> Weighed:
    """Return the score of a definition with such signs, and what the user may read as the reason."""
    score, top, reason = weights["bias"], float("-inf"), ""
    for sign, strength in signs.items():
        worth = weights[sign] * strength
        score += worth
        if sign in REASONS and worth > top:
            top, reason = worth, REASONS[sign]
    return Weighed(score, reason)


def likelihood(score: float) -> float:
    """The likelihood that a score is the logarithm of the odds of."""
    return 1 / (1 + math.exp(-score))
