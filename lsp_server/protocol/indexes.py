"""The indexes of all roots as the user is told of them: one state, one display."""

from __future__ import annotations

from collections.abc import Iterable

from lsp_server.indexers import IndexState
from lsp_server.protocol.extensions import IndexPhase, IndexStatus
from lsp_server.protocol.progress import Step

PATIENCE = 1.0
"""Seconds that the first reading may take before it is shown."""

PHASES: tuple[IndexPhase, ...] = (
    *("failed", "pausing", "reading", "starting", "missing", "refused", "shared", "ready"),
)
"""Of several roots, that which is the first of these is told."""


def told_of(states: Iterable[IndexState]) -> IndexStatus | None:
    """What `fathom/status` says; None where there is no root, or no index is wanted."""
    states = tuple(states)
    if not states:
        return None
    phases = {state.phase if state.phase != "stopped" else "starting" for state in states}
    messages = dict.fromkeys(state.message for state in states if state.message)
    phase = next(phase for phase in PHASES if phase in phases)
    return IndexStatus(phase, sum(state.files for state in states), " ".join(messages))


def step_of(states: Iterable[IndexState]) -> Step:
    """How far the first reading of all roots is. What is read after it are changes, and not shown."""
    states = tuple(states)
    read = [state for state in states if not state.settled and state.phase in ("starting", "reading")]
    if not read:
        failed = next((state.message for state in states if state.phase == "failed"), "")
        return Step(failed or "ready", is_over=True)
    done, total = sum(state.done for state in read), sum(state.total for state in read)
    if not all(state.total for state in read):
        return Step(f"reading the workspace: {done:,} files")
    percent = min(100, 100 * done // total)
    return Step(f"reading the workspace: {done:,} of {total:,} files", percent)
