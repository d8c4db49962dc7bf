"""Drafts of what the model will say, looked up in what is already there: an edit repeats most of its prompt.

The model reads a draft in one step and says after each token what it would have said; what agrees is kept.
This file finds drafts and decides how long they may be. It knows nothing of llama.cpp.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

SHORTEST, LONGEST = 4, 12
"""Tokens at the end that have to be found earlier, and how many are compared to choose among the places."""
LENGTHS = (3, 7, 15)
"""Tokens of a draft. With the token before them they make a batch of 4, 8 or 16: llama.cpp computes four rows
at a time. Qwen2.5-Coder-0.5B on one core takes 41 ms for 1 token, 92 for 3, 108 for 4, 146 for 5, 184 for 8,
296 for 16 and 518 for 32; a longer step would make others wait too long."""
CLEAR = 1.0
"""How much likelier, in logits, a token has to be than all others to be taken from a batch.

A batch of four and more is computed by other code than a single token, and the same text gets slightly other
logits: the distance of the two likeliest changes by up to 0.35 (Qwen2.5-Coder-0.5B, Q4_K_M, 1,600 places).
"""
FIRST_PAUSE, LONGEST_PAUSE = 8, 256
"""Tokens without drafts after drafts have cost more than they brought."""
WEIGHT = 0.4
"""Of the newest step in the moving averages."""


def look_up(tokens: NDArray[np.int32], most: int) -> list[int]:
    """What followed the end of `tokens` where it occurred before: at most `most` tokens, or none.

    Of several places the one where most tokens before are the same, and of those the latest.
    """
    end = len(tokens) - 1
    places = np.flatnonzero(tokens[:end] == tokens[end])
    same = 1
    while len(places) and same < LONGEST:
        earlier = places[places >= same]
        longer = earlier[tokens[earlier - same] == tokens[end - same]]
        if not len(longer):
            break
        places, same = longer, same + 1
    if not len(places) or same < SHORTEST:
        return []
    start = int(places[-1]) + 1
    return [int(token) for token in tokens[start : start + most]]


def agreed(draft: list[int], likeliest: list[tuple[int, float]]) -> list[int]:
    """The tokens that a step has brought: those of the draft that the model says too, and its own after them.

    `likeliest` has the model's token, and by how much it leads, for each place of the draft and the one
    behind it. The answer ends before a token that leads by less than CLEAR, and may be empty.
    """
    taken: list[int] = []
    for place, (token, lead) in enumerate(likeliest):
        if lead < CLEAR:
            break
        taken.append(token)
        if place == len(draft) or token != draft[place]:
            break
    return taken


class Pace:
    """How long the next draft may be, learnt from what drafts have cost and brought in this request."""

    def __init__(self) -> None:
        self._alone = 0.0
        """Seconds of a step with one token, a moving average."""
        self._gain = 0.0
        """Seconds that a draft saves, a moving average; less than nothing where it costs more."""
        self._level = 0
        self._wait = 0
        self._pause = FIRST_PAUSE

    @property
    def length(self) -> int:
        """Tokens of the next draft; 0 while there is to be none."""
        return LENGTHS[self._level] if self._alone and not self._wait else 0

    def went_alone(self, seconds: float) -> None:
        """Note a step without a draft."""
        self._alone = _averaged(self._alone, seconds) if self._alone else seconds
        self._wait = max(0, self._wait - 1)

    def drafted(self, length: int, brought: int, seconds: float) -> None:
        """Note a step with a draft of `length` tokens that brought `brought` tokens."""
        self._gain = _averaged(self._gain, brought * self._alone - seconds)
        # What did not go on to its end has an unclear place or a change there: the next token goes alone.
        self._wait = 0 if brought > length else 1
        if self._gain < 0:
            self._wait, self._level, self._gain = self._pause, 0, 0.0
            self._pause = min(2 * self._pause, LONGEST_PAUSE)
            return
        if brought > length:
            self._level = min(self._level + 1, len(LENGTHS) - 1)
            self._pause = FIRST_PAUSE
        elif 2 * brought <= length:
            self._level = max(self._level - 1, 0)


def _averaged(average: float, newest: float) -> float:
    return (1 - WEIGHT) * average + WEIGHT * newest
