"""What a session remembers of typing: anchors by document, and what was shown lately. Bounded."""

from __future__ import annotations

from collections import OrderedDict

from lsp_server.features.anchor import Anchor
from lsp_server.features.shown import Shown

ANCHORS = 64


class Memory:
    """Belongs to one session."""

    def __init__(self) -> None:
        self.shown = Shown()
        self.reading: Anchor | None = None
        """What the model is reading ahead now."""
        self._anchors: OrderedDict[str, Anchor] = OrderedDict()

    def anchor(self, uri: str) -> Anchor | None:
        """Where the last prompt of a document was frozen."""
        return self._anchors.get(uri)

    @property
    def latest(self) -> str:
        """The document of the last prompt; empty before the first."""
        return next(reversed(self._anchors), "")

    def keep(self, anchor: Anchor) -> None:
        """Remember where a prompt was frozen."""
        self._anchors[anchor.uri] = anchor
        self._anchors.move_to_end(anchor.uri)
        while len(self._anchors) > ANCHORS:
            self._anchors.popitem(last=False)
