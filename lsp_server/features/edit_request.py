"""What is asked of an edit, what becomes of it, and what is told on the way; values only."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from lsp_server.edits.types import EditSet, Refusal
from lsp_server.models.backend import Usage
from lsp_server.prompts.rewrite import Task
from lsp_server.prompts.types import Prompt

NotEditedReason = Literal[
    "not-open",
    "out-of-sync",
    "excluded",
    "too-large",
    "too-long",
    "no-instruction",
    "no-model",
    "model-failed",
    "no-change",
    "empty",
    "cut",
    "repetition",
    "echo",
    "no-match",
    "outside-scope",
    "placeholder",
    "refused",
]
"""Why there is no edit; `refused` is a file that may not be changed at all."""


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """What a compiler or linter says of a part of the document, by offsets."""

    start: int
    end: int
    message: str


@dataclass(frozen=True, slots=True)
class EditRequest:
    """A part of an open document, by offsets, and what is to become of it.

    Where nothing or only blanks are selected, lines are inserted there. An empty instruction stands in a
    comment at the top of the selection. The title is what the user sees; the instruction where it is empty.
    """

    uri: str
    start: int
    end: int
    instruction: str
    title: str = ""
    diagnostics: tuple[Diagnostic, ...] = ()
    """Only those that touch the selection are shown to the model."""


@dataclass(frozen=True, slots=True)
class Edited:
    """A change to apply, made for the version of the document in the snapshot."""

    edits: EditSet
    doubts: tuple[Refusal, ...]
    """What the user has to be asked about first; mostly nothing."""
    tries: int
    model: str
    usage: Usage
    """Of all tries; the times are those of the last one."""
    ms: float
    """From the request to here."""
    instruction: str = ""
    """What was asked for: it decides whether lines may go, also when the change is checked once more."""


@dataclass(frozen=True, slots=True)
class NotEdited:
    """Why there is no change, by a code and as a sentence for the user."""

    reason: NotEditedReason
    message: str
    tries: int = 0
    model: str = ""
    usage: Usage = field(default_factory=Usage)
    ms: float = 0.0


Outcome = Edited | NotEdited


@dataclass(frozen=True, slots=True)
class Reading:
    """The model reads a prompt of about so many tokens."""

    tokens: int
    prompt: Prompt = ()
    task: Task | None = None
    """Of an edit: what the prompt is made of."""


@dataclass(frozen=True, slots=True)
class Written:
    """New lines as they come, without line ends, and how many there are by now; nothing is applied yet."""

    lines: tuple[str, ...]
    count: int


@dataclass(frozen=True, slots=True)
class TriedAgain:
    """What was written is void, and the model begins anew."""

    reason: str


@dataclass(frozen=True, slots=True)
class ReadOn:
    """The model has read so much of the prompt, in percent; only told where that takes long."""

    percent: int


Progress = Reading | ReadOn | Written | TriedAgain
Listener = Callable[[Progress], None]
"""Is told of progress, on the event loop; must be quick."""


def ignore(_: Progress) -> None:
    """Listen to nothing."""
