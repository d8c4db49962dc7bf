"""`python -m lsp_server.models.host.likelihood FILE`: how likely a model finds texts; for benchmarks.

It reads a JSON object a line, `{"prompt": [...], "text": "...", "heal": true}`, and answers each with one:
`nll` is the negative logarithm of the probability that the model says the text after the prompt, `gap` by how
many logits the likeliest token leads where the text has another one, at most. With `heal` the model has to
begin with the last token of the prompt, as in a completion. A text that cannot be judged gets an empty
object. No editor talks to this process.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import llama_cpp as native
import numpy as np
from numpy.typing import NDArray

from lsp_server.models.gguf import check_file
from lsp_server.models.host.llama import Llama
from lsp_server.models.host.opening import BATCH, NativeLog
from lsp_server.models.host.plan import Figures, plan_of
from lsp_server.models.host.settings import HostSettings
from lsp_server.models.host.wire import prompt_from_wire
from lsp_server.prompts.types import Prompt

WINDOW = 8192
"""Tokens that a prompt and a text may have together."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """How likely a text is."""

    nll: float
    gap: float
    tokens: int


class Judge(Llama):
    """A model that says how likely texts are. It remembers the tokens that it has read."""

    def __init__(self, path: Path) -> None:
        settings = HostSettings(str(path), path.name)
        native.llama_backend_init()
        plan = plan_of(Figures.of(path.name, check_file(path)), WINDOW, "f16", 0)
        super().__init__(settings, plan, NativeLog(), lambda _: None)
        self._read: list[int] = []

    def judge(self, prompt: Prompt, text: str, heal: bool) -> Judgement | None:
        """How likely a text is after a prompt; None if it is too long or empty, or begins in a character."""
        tokens, rest = self.tokens_of(prompt), b""
        if heal and isinstance(prompt[-1], str):
            rest = self.spelling(tokens.pop()) or b""
        try:
            said = self.tokenise(rest.decode() + text)
        except UnicodeDecodeError:
            return None
        if not 0 < len(said) < BATCH or len(tokens) + len(said) > WINDOW:
            return None
        self._go_to(tokens, said)
        return self._weighed(said, rest)

    def _go_to(self, tokens: list[int], said: Sequence[int]) -> None:
        """Read a prompt and what is said after it, so that there are logits for each token that is said."""
        whole = [*tokens, *said[:-1]]
        same = len(_common(self._read, tokens[:-1]))
        self.cut(0, same)
        last = len(tokens) - 1
        edges = [*range(same, last, BATCH), last]
        for start, end in pairwise(edges):
            self.evaluate(0, start, whole[start:end])
        self.evaluate(0, last, whole[last:], len(said))
        self._read = whole

    def _weighed(self, said: Sequence[int], rest: bytes) -> Judgement:
        nll = gap = 0.0
        for place, token in enumerate(said, -len(said)):
            logits = self._logits(place).astype(np.float64)
            allowed = logits[self.vocabulary.going_on(rest)] if rest else logits
            nll += _total(allowed) - float(logits[token])
            gap = max(gap, float(allowed.max() - logits[token]))
            rest = rest[len(self.spelling(token) or b"") :]
        return Judgement(nll, gap, len(said))


def _common(first: Sequence[int], second: Sequence[int]) -> Sequence[int]:
    """What both begin with."""
    for at, (one, other) in enumerate(zip(first, second, strict=False)):
        if one != other:
            return first[:at]
    return first[: len(second)]


def _total(logits: NDArray[np.float64]) -> float:
    """The logarithm of the sum of exponentials."""
    most = logits.max()
    return float(most + np.log(np.exp(logits - most).sum()))


def main() -> int:
    """Answer line after line until the input ends."""
    judge = Judge(Path(sys.argv[1]))
    for line in sys.stdin:
        asked = json.loads(line)
        found = judge.judge(prompt_from_wire(asked["prompt"]), str(asked["text"]), bool(asked["heal"]))
        answer = {"nll": found.nll, "gap": found.gap, "tokens": found.tokens} if found else {}
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
