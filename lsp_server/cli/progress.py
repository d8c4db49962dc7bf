"""What commands say on stderr while the model and the index get ready."""

from __future__ import annotations

import sys
from time import monotonic
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lsp_server.indexers import IndexState
    from lsp_server.models.backend import ModelState

EVERY = 1.0
"""Seconds between two lines that say how far the index is."""


class ModelProgress:
    """Says on stderr what the model is doing before it can answer."""

    def __init__(self) -> None:
        self._said = ""

    def report(self, state: ModelState) -> None:
        if state.phase not in ("downloading", "starting", "loading", "waiting"):
            return
        # A line for every tenth is enough.
        percent = f" {state.percent // 10 * 10} %" if state.percent is not None else ""
        said = f"{state.message or state.phase}{percent}"
        if said != self._said:
            print(f"fathom: {said}", file=sys.stderr, flush=True)
        self._said = said


class IndexProgress:
    """Says on stderr how much of the repository has been read, and what is wrong with the index."""

    def __init__(self) -> None:
        self._told = monotonic()
        self._said = ""

    def report(self, state: IndexState) -> None:
        if state.message and state.message != self._said:
            self._said = state.message
            print(f"fathom: {state.message}", file=sys.stderr, flush=True)
        if state.phase == "reading" and monotonic() - self._told > EVERY:
            self._told = monotonic()
            of = f" of {state.total:,}" if state.total else ""
            print(f"fathom: reading the repository, {state.done:,}{of} files", file=sys.stderr, flush=True)
