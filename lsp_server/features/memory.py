"""What a session remembers of typing: anchors by document, and what was shown lately. Bounded."""

from __future__ import annotations

from collections import OrderedDict
from itertools import islice

from lsp_server.features.anchor import Anchor, best_of
from lsp_server.features.sent import LastSent
from lsp_server.features.shown import Shown

DOCUMENTS = 64
PLACES = 4
"""Places in a document that are remembered: a jump back to one of them costs nothing."""


class Memory:
    """Belongs to one session."""

    def __init__(self) -> None:
        self.shown = Shown()
        self.sent = LastSent()
        self.reading: Anchor | None = None
        """What the model is reading ahead now."""
        self._anchors: OrderedDict[str, tuple[Anchor, ...]] = OrderedDict()

    def anchors(self, uri: str) -> tuple[Anchor, ...]:
        """Where the last prompts of a document were frozen, the newest first."""
        return self._anchors.get(uri, ())

    def anchor(self, uri: str, text: str, cursor: int) -> Anchor | None:
        """Of a document's anchors the one that leaves the model least to read at a cursor."""
        return best_of(self.anchors(uri), text, cursor)

    @property
    def latest(self) -> str:
        """The document of the last prompt; empty before the first."""
        return next(reversed(self._anchors), "")

    def keep(self, anchor: Anchor) -> None:
        """Remember where a prompt was frozen; of one window the newest anchor."""
        others = (other for other in self.anchors(anchor.uri) if other.start != anchor.start)
        self._anchors[anchor.uri] = (anchor, *islice(others, PLACES - 1))
        self._anchors.move_to_end(anchor.uri)
        while len(self._anchors) > DOCUMENTS:
            self._anchors.popitem(last=False)
