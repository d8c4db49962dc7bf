"""An edit that is under way while the user types on: where its part of the document lies now."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from context.outline import Span
from lsp_server.edits.rebase import INSIDE, moved, rebase
from lsp_server.edits.types import Edit, FileEdit, Refusal


@dataclass(frozen=True, slots=True)
class OpenEdit:
    """A part of a document, in offsets of its text as it is now; None once the user has typed inside of it.

    A shell makes one when an edit begins, and feeds it every change of the document. As soon as `stopped`
    holds, the model works for nothing.
    """

    uri: str
    span: Span | None
    changes: tuple[Edit, ...] = ()

    @property
    def stopped(self) -> bool:
        """Whether the user has typed inside."""
        return self.span is None

    def after(self, changes: Iterable[Edit]) -> OpenEdit:
        """The same after changes, each in offsets of the text that the one before it left."""
        changes = tuple(changes)
        span = None if self.span is None else moved(self.span, changes)
        return replace(self, span=span, changes=(*self.changes, *changes))

    def landing(self, edit: FileEdit, text: str, version: int | None) -> FileEdit | Refusal:
        """The edit for the text as it is now; refused with "typed-inside"."""
        if self.stopped:
            return Refusal("typed-inside", INSIDE, self.uri)
        return rebase(edit, self.changes, text, version)
