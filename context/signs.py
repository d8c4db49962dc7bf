"""Why a definition may be wanted at a place: the signs that speak for it, and how loudly each of them does.

A sign has a strength between 0 and 1; the score of a definition is the sum of its signs by their weights, the
logarithm of the odds that the next line uses it. The weights were fitted (see `fathom bench context`) on one
half of the repositories and judged on the other; "wanted", "opened", "edited" and "diagnosed", which no line
of them has, were chosen by hand.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Literal

Purpose = Literal["fill", "edit", "chat"]

REASONS = {
    "wanted": "belongs to what is named right before the cursor",
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
    "said": "says what is said here",
    "co-used": "used where the code is alike",
    "opened": "in an open document",
    "edited": "edited lately",
    "diagnosed": "named in a diagnostic",
}
"""The signs that bring a definition up, with what the user reads of them."""

_ORDERED = tuple(REASONS.values())
_PLACES = {sign: place for place, sign in enumerate(REASONS)}


WEIGHTS: Mapping[str, float] = {
    "bias": -8.4,
    "wanted": 3.0,
    "imported-unused": 3.9,
    "imported-near": 0.9,
    "imported-far": 1.4,
    "module-near": 1.4,
    "module": 0.9,
    "member": 1.5,
    "import-member": 0.6,
    "inherited": 0.2,
    "near": 3.0,
    "maker": 0.1,
    "folder": 0.0,
    "sibling-uses": 1.4,
    "said": 1.6,
    "co-used": 4.3,
    "opened": 1.0,
    "edited": 1.0,
    "diagnosed": 8.0,
    "alike": 2.2,
    "seen-near": -2.8,
    "seen-far": 1.1,
    "co-used-alike": -2.5,
    "co-used-seen": -0.8,
    "member-sibling": -1.1,
    "sibling-popular": -1.1,
    "common": -0.8,
    "like-file": 0.4,
    "far-away": -0.2,
    "other-language": -2.0,
    "test": -0.6,
    "type": 0.6,
    "callable": 0.6,
    "constant": 0.4,
}


def worth(signs: Mapping[str, float], weights: Mapping[str, float] = WEIGHTS) -> float:
    """What signs add to the score of a definition."""
    return sum([weights[sign] * strength for sign, strength in signs.items()])


def reason_for(signs: Mapping[str, float], weights: Mapping[str, float] = WEIGHTS) -> str:
    """What the user may read as the reason: the sign that did the most, of equal ones the first there."""
    worths = [
        (weights[sign] * strength, -_PLACES[sign]) for sign, strength in signs.items() if sign in REASONS
    ]
    return _ORDERED[-max(worths)[1]] if worths else ""


def spoken(signs: Mapping[str, float], siblings: float) -> Mapping[str, float]:
    """Signs as loudly as they speak for a definition whose name this part of the siblings uses."""
    loud = {**signs, "sibling-uses": math.sqrt(siblings)}
    if "member" in signs:
        loud["member"] = math.sqrt(signs["member"])
    return loud


def likelihood(score: float) -> float:
    """The likelihood that a score is the logarithm of the odds of."""
    return 1 / (1 + math.exp(-score))
