"""A stand-in for a model, which says its prompt backwards, and a scheduler at work on it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import numpy as np
from numpy.typing import NDArray

from lsp_server.models.backend import Lane, ModelError, Piece, Sampling
from lsp_server.models.host.generation import Generation
from lsp_server.models.host.scheduler import Scheduler
from lsp_server.models.host.sequences import Sequences
from lsp_server.models.host.vocabulary import Vocabulary
from lsp_server.prompts.types import Prompt

END = 0


class Backwards:
    """A model of letters: it repeats the prompt from its end to its start. A token is a letter."""

    def __init__(self) -> None:
        self.can_cut = True
        self.vocabulary = Vocabulary((code, bytes([code])) for code in range(1, 128))
        self.held: dict[int, list[int]] = {}
        self.steps: list[str] = []
        self.before_step: Callable[[], None] = lambda: None
        self.abort: Callable[[], bool] = lambda: False
        self._last = 0

    def tokens_of(self, prompt: Prompt) -> list[int]:
        return list("".join(map(str, prompt)).encode())

    def spelling(self, token: int) -> bytes | None:
        return bytes([token]) if token != END else None

    def evaluate(self, sequence: int, start: int, tokens: list[int], answers: int = 1) -> bool:
        assert len(self.held.setdefault(sequence, [])) == start
        self.before_step()
        if self.abort():
            return False
        self.held[sequence] += tokens
        self._last = sequence
        self.steps.append(bytes(self.held[sequence]).decode()[:1])
        return True

    def best(self, allowed: NDArray[np.int32] | None = None) -> int:
        return self._after(bytes(self.held[self._last]))

    def likeliest(self, count: int) -> list[tuple[int, float]]:
        text = bytes(self.held[self._last])
        return [(self._after(text[: len(text) - left]), 10.0) for left in range(count - 1, -1, -1)]

    @staticmethod
    def _after(text: bytes) -> int:
        asked = text.split(b"|")[0]
        said = len(text) - len(asked) - 1
        return END if said < 0 or said >= len(asked) else asked[len(asked) - 1 - said]

    def sampler(self, sampling: Sampling) -> None:
        return None

    def cut(self, sequence: int, length: int) -> bool:
        self.held[sequence] = self.held.get(sequence, [])[:length]
        return True

    def save(self, sequence: int) -> NDArray[np.uint8]:
        return np.empty(0, np.uint8)

    def restore(self, sequence: int, state: NDArray[np.uint8], length: int) -> bool:
        return False

    def dump(self, sequence: int) -> NDArray[np.uint8]:
        return np.empty(0, np.uint8)

    def load(self, sequence: int, state: NDArray[np.uint8]) -> bool:
        return False

    def share(self, source: int, target: int, length: int) -> None:
        self.held[target] = self.held[source][:length]


class Answer:
    """Collects what a request is told."""

    def __init__(self, prompt: str, lane: Lane = "completion", *, sampling: Sampling | None = None) -> None:
        self.ended = threading.Event()
        self.text = ""
        self.pieces: list[Piece] = []
        self.error: ModelError | None = None
        self.generation = Generation((f"{prompt}|",), sampling or Sampling(), lane, self._take)

    def _take(self, answer: Piece | ModelError) -> None:
        if isinstance(answer, ModelError):
            self.error = answer
            self.ended.set()
            return
        self.pieces.append(answer)
        self.text += answer.text
        if answer.finish is not None:
            self.ended.set()


@contextmanager
def engine(capacity: int = 1000, sequences: int = 4) -> Iterator[tuple[Scheduler, Backwards]]:
    """A scheduler at work on a thread, as in the host."""
    scheduler, model = Scheduler(lambda busy: None), Backwards()
    model.abort = scheduler.abort
    kept = Sequences(model, sequences, capacity)
    thread = threading.Thread(target=scheduler.run, args=(model, kept), daemon=True)
    thread.start()
    yield scheduler, model
    scheduler.stop()
    thread.join(10)
    assert not thread.is_alive()


def wait(*answers: Answer) -> None:
    for answer in answers:
        assert answer.ended.wait(10)


def waited(event: threading.Event) -> None:
    assert event.wait(10)
