"""The one interface through which text is generated, and the values that cross it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Literal, Protocol

from lsp_server.prompts.types import Prompt

Lane = Literal["completion", "action", "chat", "background"]
"""Who waits for the answer, most urgent first; the model host works on a more urgent lane first."""

Finish = Literal["stop", "length", "cancelled"]
"""Why a stream ended: an end token or stop string, the token limit, or a cancel."""

ErrorCode = Literal[
    "no-model",
    "no-backend",
    "bad-model",
    "no-memory",
    "host-lost",
    "host-stopped",
    "too-long",
    "bad-request",
]


Phase = Literal[
    "stopped", "downloading", "starting", "loading", "ready", "reading", "busy", "waiting", "failed"
]
"""Where a backend stands; `waiting` is the pause between a crash and the next start.

Of those that are loaded, `reading` is one that somebody waits for while it reads a long prompt.
"""
AT_WORK: frozenset[Phase] = frozenset({"ready", "reading", "busy"})
"""Phases in which a model is loaded."""


class ModelError(Exception):
    """The model cannot answer. `str(error)` is one sentence for the user that says what to do.

    `permanent` means that trying again without a change by the user gives the same error.
    """

    def __init__(self, code: ErrorCode, message: str, *, permanent: bool = False) -> None:
        super().__init__(message)
        self.code: ErrorCode = code
        self.permanent = permanent


@dataclass(frozen=True, slots=True)
class Sampling:
    """How tokens are chosen. The default is greedy, as the authors of the model do for fill-in-the-middle."""

    max_tokens: int = 128
    """0 reads the prompt and says nothing: a later prompt that begins like it costs less then."""
    temperature: float = 0.0
    top_p: float = 1.0
    top_k: int = 0
    min_p: float = 0.0
    repeat_penalty: float = 1.0
    seed: int = 0
    stop: tuple[str, ...] = ()
    """Generation ends before the first of these strings; at most 16."""
    heal: bool = False
    """Take back the last token of the prompt and generate from its first character.

    What the prompt says already is not in the pieces.
    """
    grammar: str = ""
    """What the whole answer has to fit, in GBNF, the form of llama.cpp; not together with `heal`."""
    warm: int = 0
    """Parts at the start of the prompt that stay the same for long; 0 for none.

    What the model has read of them may be kept on disk, and be taken from there when it starts again. Only
    for text of folders that the user trusts.
    """


@dataclass(frozen=True, slots=True)
class Usage:
    """What one request cost: token counts, and times in ms from the request's arrival at the model."""

    prompt: int = 0
    cached: int = 0
    evaluated: int = 0
    generated: int = 0
    drafted: int = 0
    """Tokens that were looked up in what was there already, to check several in one step."""
    accepted: int = 0
    """Tokens of those that the model would have said itself."""
    queue_ms: float = 0.0
    prefill_ms: float = 0.0
    first_ms: float = 0.0
    total_ms: float = 0.0


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of the answer. The last piece has `finish` and `usage`, and perhaps no text.

    `usage` comes with the first piece that has text, too: a reader may stop before the last one.
    Before these there may be pieces without text that say how much has been `read`.
    """

    text: str
    finish: Finish | None = None
    usage: Usage | None = None
    read: int | None = None
    """The percentage that is read of what the model has to read of the prompt."""


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """What a loaded model is and can do."""

    name: str
    path: str
    context: int
    """Window in tokens as it was opened."""
    fim: bool
    """The vocabulary has the fill-in-the-middle control tokens."""
    repo: bool
    """The vocabulary has the repository-form control tokens."""
    prefill_rate: float
    """Prompt tokens a second, as measured so far on this machine; 0.0 before the first measurement."""
    device: str
    plan: str = ""
    """How it was opened, and why so: one sentence for the user."""
    note: str = ""
    """What the user has to know of that; mostly nothing."""


@dataclass(frozen=True, slots=True)
class ModelState:
    """Where a backend stands; sent to its listener on every change."""

    phase: Phase
    percent: int | None = None
    message: str = ""


StateListener = Callable[[ModelState], None]


class Backend(Protocol):
    """A model that streams text. Closing the iterator, or cancelling its task, stops the work behind it."""

    @property
    def state(self) -> ModelState: ...

    def listen(self, listener: StateListener) -> None:
        """Call `listener` on the event loop at every later change of state."""

    async def info(self) -> ModelInfo:
        """Start the model if need be and describe it. Raises ModelError."""

    def stream(self, prompt: Prompt, sampling: Sampling, lane: Lane) -> AsyncIterator[Piece]:
        """Generate text. Raises ModelError, also in mid-stream."""

    async def count_tokens(self, text: str) -> int:
        """Count the tokens of a text with the model's own vocabulary. Raises ModelError."""

    async def close(self) -> None:
        """Give the model back. Idempotent."""

    async def leave(self) -> None:
        """Give the model back and do not keep it warm: the next one to open it opens it anew."""
