"""One request on its way through the model: read the prompt in steps, then choose token after token.

The state is one list of tokens and how many of them a sequence has; so a request can lose its sequence to a
more urgent one and go on from the same place later.
"""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from lsp_server.models.backend import Finish, Lane, ModelError, Piece, Sampling, Usage
from lsp_server.models.host.draft import Pace, agreed, look_up
from lsp_server.models.host.sequences import Kept, Memory, NoRoom, Sequences
from lsp_server.models.host.stops import Outlet
from lsp_server.models.host.vocabulary import Vocabulary
from lsp_server.prompts.types import Prompt

DRAFTING: tuple[Lane, ...] = ("action", "chat")
"""Lanes whose answers are long, and repeat what was asked about."""

READING = 0.3
"""Seconds from which on it is told how far a prompt is read, to those who wait."""
READING_EVERY = 0.2
"""Seconds between two times."""

Emit = Callable[[Piece | ModelError], None]
"""Takes the pieces of an answer, or the error that ends it; called on the engine's thread."""


class Chooser(Protocol):
    """Chooses tokens at random, as a request's sampling says."""

    def sample(self) -> int: ...


class Model(Memory, Protocol):
    """What a generation needs of llama.cpp."""

    vocabulary: Vocabulary

    def tokens_of(self, prompt: Prompt) -> list[int]: ...
    def spelling(self, token: int) -> bytes | None: ...
    def evaluate(self, sequence: int, start: int, tokens: list[int], answers: int = 1) -> bool: ...
    def best(self, allowed: NDArray[np.int32] | None = None) -> int: ...
    def likeliest(self, count: int) -> list[tuple[int, float]]: ...
    def sampler(self, sampling: Sampling) -> Chooser | None: ...


class Generation:
    """A request. `arrived` is its time in seconds, by `perf_counter`."""

    def __init__(
        self, prompt: Prompt, sampling: Sampling, lane: Lane, emit: Emit, arrived: float | None = None
    ) -> None:
        self.lane: Lane = lane
        self.arrived = perf_counter() if arrived is None else arrived
        self.cancelled = False
        """Set from any thread; the next step ends the request."""
        self._prompt = prompt
        self._sampling = sampling
        self._emit = emit
        self._outlet = Outlet(sampling.stop)
        self._tokens: list[int] | None = None
        self._asked = self._stable = 0
        self._rest = b""
        self._kept: Kept | None = None
        self._chooser: Chooser | None = None
        self._pace = Pace()
        self._checking = False
        self.evaluated = 0
        """Tokens that the model has read or said for this request so far."""
        self._cached: int | None = None
        self._read = self._generated = self._drafted = self._accepted = 0
        self._began = self._chosen = self._spoke = self._told = 0.0

    @property
    def reads(self) -> bool:
        """Whether many tokens are being read at once: the prompt, or a draft. It can be done again later."""
        return not self._chosen or self._checking

    @property
    def holds(self) -> bool:
        """Whether a sequence is in use."""
        return self._kept is not None

    def step(self, model: Model, sequences: Sequences, chunk: int) -> bool:
        """Evaluate at most `chunk` tokens and choose the next one; true when the request has ended.

        Raises NoRoom where the tokens of others are in the way, and ModelError.
        """
        if self.cancelled:
            return self._end(sequences, "cancelled")
        self._began = self._began or perf_counter()
        tokens = self._tokens if self._tokens is not None else self._begin(model, sequences)
        kept = self._kept or self._place(sequences, tokens)
        if draft := self._draft(sequences, kept, tokens):
            return self._check(model, sequences, kept, tokens, draft)
        batch = tokens[kept.length : kept.length + min(chunk, sequences.ahead(kept))]
        sequences.make_room(len(batch))
        began = perf_counter()
        if not model.evaluate(kept.number, kept.length, batch):
            return False
        if self._chosen:
            self._pace.went_alone(perf_counter() - began)
        sequences.extend(kept, batch)
        self.evaluated += len(batch)
        self._read += 0 if self._chosen else len(batch)
        if kept.length < len(tokens):
            self._tell_read(kept.length, len(tokens))
            return False
        if self._sampling.max_tokens == 0:
            return self._end(sequences, "length")
        return self._choose(model, sequences, tokens)

    def suspend(self, sequences: Sequences) -> None:
        """Give the sequence back; the next step looks for one again."""
        if self._kept is not None:
            sequences.release(self._kept)
            self._kept = None

    def fail(self, sequences: Sequences, error: ModelError) -> None:
        """End the request with an error."""
        self.suspend(sequences)
        self._emit(error)

    # --- parts of a step ---

    def _begin(self, model: Model, sequences: Sequences) -> list[int]:
        tokens = model.tokens_of(self._prompt)
        self._asked = len(tokens)
        if not tokens:
            raise ModelError("bad-request", "The prompt is empty.", permanent=True)
        if self._asked >= sequences.capacity:
            raise ModelError(
                "too-long",
                f"The prompt has {self._asked:,} tokens, and the model's window is {sequences.capacity:,}.",
                permanent=True,
            )
        ends_in_text = bool(self._prompt) and isinstance(self._prompt[-1], str) and self._prompt[-1] != ""
        if self._sampling.heal and ends_in_text and len(tokens) > 1:
            self._rest = model.spelling(tokens.pop()) or b""
        self._chooser = model.sampler(self._sampling)
        if self._sampling.warm:
            self._stable = len(model.tokens_of(self._prompt[: self._sampling.warm]))
        self._tokens = tokens
        return tokens

    def _place(self, sequences: Sequences, tokens: list[int]) -> Kept:
        self._kept = sequences.acquire(tokens, self._stable)
        if self._cached is None:
            self._cached = self._kept.length
        return self._kept

    def _choose(self, model: Model, sequences: Sequences, tokens: list[int]) -> bool:
        """Choose the next token and let its text leave."""
        token = self._next(model)
        self._chosen = self._chosen or perf_counter()
        return self._take(model, sequences, tokens, token)

    def _take(self, model: Model, sequences: Sequences, tokens: list[int], token: int) -> bool:
        spelling = model.spelling(token)
        if spelling is None:
            return self._end(sequences, "stop")
        tokens.append(token)
        self._generated += 1
        self._say(self._outlet.feed(self._healed(spelling)))
        if self._outlet.stopped:
            return self._end(sequences, "stop")
        if self._generated >= self._sampling.max_tokens or len(tokens) >= sequences.capacity:
            return self._end(sequences, "length")
        return False

    def _draft(self, sequences: Sequences, kept: Kept, tokens: list[int]) -> list[int]:
        """Tokens that may come next; none where a draft is not sure to change nothing, or does not pay."""
        speaks = bool(self._chosen) and kept.length == len(tokens) - 1
        if not speaks or self.lane not in DRAFTING or self._chooser is not None or self._rest:
            return []
        left = min(self._sampling.max_tokens - self._generated, sequences.capacity - len(tokens))
        most = min(self._pace.length, left - 1)
        if most < 1 or not sequences.can_cut:
            return []
        draft = look_up(np.append(kept.tokens[: kept.length], np.int32(tokens[-1])), most)
        try:
            sequences.make_room(1 + len(draft))
        except NoRoom:
            return []
        return draft

    def _check(
        self, model: Model, sequences: Sequences, kept: Kept, tokens: list[int], draft: list[int]
    ) -> bool:
        """Read a draft in one step and take what the model would have said itself."""
        began, batch = perf_counter(), [tokens[-1], *draft]
        self._checking = True
        done = model.evaluate(kept.number, kept.length, batch, len(batch))
        self._checking = False
        if not done:
            return False
        sequences.extend(kept, batch)
        said = agreed(draft, model.likeliest(len(batch)))
        # The last one is the model's own, or has to be read again by itself to say what follows it.
        sequences.cut(kept, len(tokens) - 1 + len(said))
        self._pace.drafted(len(draft), len(said), perf_counter() - began)
        self.evaluated += len(batch)
        self._drafted += len(draft)
        self._accepted += min(len(said), len(draft))
        return any(self._take(model, sequences, tokens, token) for token in said)

    def _next(self, model: Model) -> int:
        if self._rest:
            return model.best(model.vocabulary.going_on(self._rest))
        return model.best() if self._chooser is None else self._chooser.sample()

    def _healed(self, spelling: bytes) -> bytes:
        """What a token says beyond the end of the prompt."""
        new = spelling[len(self._rest) :]
        self._rest = self._rest[len(spelling) :]
        return new

    def _tell_read(self, length: int, asked: int) -> None:
        """Tell how far the prompt is read, if that takes long and somebody waits for it."""
        now, cached = perf_counter(), self._cached or 0
        waits = self.lane != "background" and not self._chosen
        if not waits or now - self.arrived < READING or now - self._told < READING_EVERY:
            return
        self._told = now
        self._emit(Piece("", read=100 * (length - cached) // max(1, asked - cached)))

    def _say(self, text: str) -> None:
        if not text:
            return
        first = not self._spoke
        self._spoke = self._spoke or perf_counter()
        # A reader that has enough closes the stream: the first piece has to say what the prompt cost.
        self._emit(Piece(text, usage=self._usage() if first else None))

    def _end(self, sequences: Sequences, finish: Finish) -> bool:
        self.suspend(sequences)
        self._emit(Piece(self._outlet.finish(), finish, self._usage()))
        return True

    def _usage(self) -> Usage:
        now = perf_counter()
        began, chosen = self._began or now, self._chosen or now
        return Usage(
            prompt=self._asked,
            cached=self._cached or 0,
            evaluated=self._read,
            generated=self._generated,
            drafted=self._drafted,
            accepted=self._accepted,
            queue_ms=1000 * (began - self.arrived),
            prefill_ms=1000 * (chosen - began),
            first_ms=1000 * ((self._spoke or now) - self.arrived),
            total_ms=1000 * (now - self.arrived),
        )
