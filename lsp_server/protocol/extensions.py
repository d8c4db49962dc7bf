"""Fathom's own methods and the form of their parameters and results, as docs/PROTOCOL.md describes them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

STATUS = "fathom/status"
RESTART = "fathom/restart"

RESTART_COMMAND = "fathom.restart"
"""The same as `fathom/restart`, for clients that can only run commands."""

State = Literal["idle", "downloading", "loading", "generating", "waiting", "failed", "disabled"]
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
    """How far a download or a load has come, where that is known."""
    index: IndexStatus | None = None
    """Absent where no folder is open, and where no index is wanted."""


@dataclass(frozen=True, slots=True)
class Restarted:
    """Result of `fathom/restart`."""

    state: State
