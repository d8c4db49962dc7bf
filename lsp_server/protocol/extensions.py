"""Fathom's own methods and the form of their parameters and results, as docs/PROTOCOL.md describes them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from lsp_server.models.speed import Speed

STATUS = "fathom/status"
RESTART = "fathom/restart"
MODELS = "fathom/models"
USE_MODEL = "fathom/useModel"
CONTEXT = "fathom/context"

EDIT = "fathom/edit"

RESTART_COMMAND = "fathom.restart"
"""The same as `fathom/restart`, for clients that can only run commands."""
EDIT_COMMAND = "fathom.edit"
"""Runs a code action; its argument is an `EditArguments`."""
CANCEL_COMMAND = "fathom.cancel"
"""Stops the edits that are being made: of one document, if its argument names one, else all."""
UNDO_COMMAND = "fathom.undo"
"""Takes the last change back: of one document, if its argument names one, else of the workspace."""
UNDO_TURN_COMMAND = "fathom.undoTurn"
"""The same with all changes that were made in one turn."""

COMMANDS = (RESTART_COMMAND, EDIT_COMMAND, CANCEL_COMMAND, UNDO_COMMAND, UNDO_TURN_COMMAND)
"""All commands that `workspace/executeCommand` knows."""

State = Literal["idle", "downloading", "loading", "reading", "generating", "waiting", "failed", "disabled"]
IndexPhase = Literal["starting", "reading", "ready", "shared", "missing", "refused", "pausing", "failed"]


@dataclass(frozen=True, slots=True)
class IndexStatus:
    """The part of `fathom/status` that says how much of the workspace suggestions know."""

    phase: IndexPhase
    files: int
    """Files that are in the indexes of all roots."""
    message: str
    """What the user has to know of them; may be empty."""


@dataclass(frozen=True, slots=True)
class Status:
    """Parameters of `fathom/status`: server to client, a notification at every change."""

    state: State
    message: str
    """One sentence for the user; may be empty."""
    model: str
    """The name of the model; empty before it is known."""
    reason: str | None = None
    """What became of the last request for a suggestion, as a code; absent before the first."""
    percent: int | None = None
    """How far a download, a load or the reading of a prompt has come, where that is known."""
    index: IndexStatus | None = None
    """Absent where no folder is open, and where no index is wanted."""


@dataclass(frozen=True, slots=True)
class Restarted:
    """Result of `fathom/restart`."""

    state: State


Fits = Literal["yes", "tight", "no"]


@dataclass(frozen=True, slots=True)
class Machine:
    """The part of `fathom/models` that says what there is to compute with."""

    memory: int
    """Bytes; 0 where the system does not say."""
    available: int
    """Bytes of it that are free."""
    devices: tuple[str, ...]
    """Processors that llama.cpp can use, for the user."""


@dataclass(frozen=True, slots=True)
class ModelEntry:
    """A model in `fathom/models`."""

    name: str
    title: str
    license: str
    """Empty for a file of the user's own."""
    bytes: int
    here: bool
    """Whether it is on this machine."""
    needs: int
    """Bytes of memory."""
    fits: Fits
    speed: Speed
    why: str
    """One sentence for the user."""
    default: bool


@dataclass(frozen=True, slots=True)
class Models:
    """Result of `fathom/models`."""

    current: str
    """The name of the model in use; empty if it is not here."""
    machine: Machine
    models: tuple[ModelEntry, ...]


@dataclass(frozen=True, slots=True)
class UseModel:
    """Parameters of `fathom/useModel`."""

    name: str
    """A name of the catalogue, or the path of a GGUF file."""
    workDoneToken: int | str | None = None  # noqa: N815 - as the protocol spells it
    """Under which the client shows how far it is."""


@dataclass(frozen=True, slots=True)
class Used:
    """Result of `fathom/useModel`, when the model is loaded."""

    model: str


@dataclass(frozen=True, slots=True)
class ContextPart:
    """A piece of a prompt in `fathom/context`. Lines count from 0, and `end` is the line after the last."""

    kind: Literal["source", "prefix", "suffix", "instruction"]
    path: str
    """As the model is shown it."""
    uri: str | None
    start: int
    end: int
    tokens: int
    reason: str
    """Why it is in the prompt."""
    score: float | None
    cached: bool | None
    """Whether the model had read it before; null where that is not known."""
    text: str


@dataclass(frozen=True, slots=True)
class Context:
    """Result of `fathom/context`."""

    purpose: Literal["fill", "edit"]
    uri: str
    position: Mapping[str, int]
    version: int | None
    model: str
    budget: int
    tokens: int
    cached: int | None
    evaluated: int | None
    ago_ms: int | None
    reason: str | None
    parts: tuple[ContextPart, ...]


EditKind = Literal["begin", "lines", "again", "end"]
EditOutcome = Literal["applied", "shown", "refused", "cancelled"]


@dataclass(frozen=True, slots=True)
class EditArguments:
    """The argument of `fathom.edit`. Positions are the client's."""

    action: str
    """The id of an action."""
    uri: str
    range: Mapping[str, object]
    version: int | None = None
    """The version of the document for which the action was offered; unchecked if it is absent."""
    diagnostics: tuple[object, ...] = ()
    """Those that the action is to fix, as the client sent them."""
    instruction: str = ""
    """What is to be done, for an action that says nothing of it itself."""
    ask: bool = False
    """In what the server offers: nothing says yet what is to be done, so the client asks and adds it."""


@dataclass(frozen=True, slots=True)
class EditEvent:
    """Parameters of `fathom/edit`: server to client, a notification while an edit is made."""

    id: str
    """The same for all events of one edit; also the token of its `$/progress`."""
    uri: str
    kind: EditKind
    title: str | None = None
    """With `begin`."""
    version: int | None = None
    """With `begin`: that of the document for which the edit is made."""
    range: object = None
    """With `begin`: the part of the document that is to be changed, in that version."""
    lines: tuple[str, ...] | None = None
    """With `lines`: new lines as they come, without line ends. Those of a long selection are not told."""
    count: int | None = None
    """With `lines`: how many there are by now."""
    outcome: EditOutcome | None = None
    """With `end`."""
    reason: str | None = None
    """With `again` and `end`: why what was written is void, or why nothing was applied."""
    message: str | None = None
    """With `end`: the same as a sentence for the user."""
