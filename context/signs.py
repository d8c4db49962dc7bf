"""Why a definition may be wanted at a place: the signs that speak for it, and how loudly each of them does.

A sign has a strength between 0 and 1; the score of a definition is the sum of its signs by their weights, the
logarithm of the odds that the next line uses it. The weights were fitted (see `fathom bench context`) on one
half of the repositories and judged on the other.
"""

from __future__ import annotations

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
    "imported-unused": 3.72,
    "imported-near": 0.74,
    "imported-far": 1.17,
    "module-near": 1.54,
    "module": 0.84,
    "member": 1.29,
    "import-member": 1.17,
    "inherited": -0.20,
    "near": 1.12,
    "maker": -0.08,
    "folder": -0.39,
    "sibling-imports": -0.08,
    "said": 1.83,
    "co-used": 3.24,
    "opened": 0.50,
    "edited": 0.50,
    "alike": 1.12,
    "popular": -1.04,
    "common": -0.85,
    "private": -0.04,
    "test": -0.98,
    "seen-near": -2.14,
    "seen-far": 1.43,
    "far-away": -0.47,
    "type": 0.43,
    "callable": 0.28,
    "field": -0.47,
    "nested": -0.25,
    "bias": -7.50,
    "sibling-uses": 2.00,
    "like-file": 1.00,
    "constant": 0.00,
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
