"""What the sampling of a request may be: llama.cpp looks at no figure that it is given."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite

from lsp_server.models.backend import ModelError, Sampling


@dataclass(frozen=True, slots=True)
class Limit:
    """The least and the greatest that a figure may be."""

    least: float
    most: float
    kind: type[int] | type[float] = float

    def allows(self, value: object) -> bool:
        whole = isinstance(value, int) and not isinstance(value, bool)
        right = whole or (self.kind is float and isinstance(value, float) and isfinite(value))
        return right and self.least <= value <= self.most  # type: ignore[operator]


LIMITS = {
    "max_tokens": Limit(0, 1 << 24, int),
    "temperature": Limit(0, 100),
    "top_p": Limit(0, 1),
    "top_k": Limit(0, 1 << 24, int),
    "min_p": Limit(0, 1),
    "repeat_penalty": Limit(0.01, 100),
    "warm": Limit(0, 1 << 16, int),
    "seed": Limit(0, (1 << 32) - 1, int),
}
MOST_STOPS, LONGEST_STOP = 16, 4096


def checked(sampling: Sampling) -> Sampling:
    """The same sampling. Raises ModelError for what llama.cpp should not be given."""
    for name, limit in LIMITS.items():
        value = getattr(sampling, name)
        if not limit.allows(value):
            raise _bad(f"{name} is {value!r}, and has to be from {limit.least:g} to {limit.most:g}")
    if len(sampling.stop) > MOST_STOPS or any(len(string) > LONGEST_STOP for string in sampling.stop):
        raise _bad(f"at most {MOST_STOPS} stop strings of {LONGEST_STOP:,} characters are possible")
    if not isinstance(sampling.heal, bool) or not isinstance(sampling.grammar, str):
        raise _bad("heal is yes or no, and the grammar is text")
    if sampling.heal and sampling.grammar:
        raise _bad("an answer cannot fit a grammar and go on inside of a token")
    return sampling


def _bad(what: str) -> ModelError:
    return ModelError("bad-request", f"The sampling is not possible: {what}.", permanent=True)
