"""What was shown lately: while the user types what it says, the rest of it is the answer."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field

from lsp_server.features.anchor import INSERTED
from lsp_server.prompts.clean import covering
from lsp_server.prompts.scene import Scene

KEPT = 64
TAIL = 160
"""Characters before the cursor that have to be the same."""
HEAD = 120
"""Characters after the cursor that have to be the same."""
BACK = 16
"""Characters of the line that the user may take back before the place where a text was shown."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A text as it was shown, with the text around its place."""

    uri: str
    tail: str
    head: str
    text: str
    model: str


@dataclass(frozen=True, slots=True)
class Rest:
    """What is left to show: `text` in place of the next `covered` characters."""

    text: str
    covered: int
    model: str
    is_whole: bool = field(default=False, compare=False)
    """Whether nothing of it has been typed since it was shown."""


class Shown:
    """The newest suggestions of a session."""

    def __init__(self) -> None:
        self._newest_first: deque[Suggestion] = deque(maxlen=KEPT)

    def add(self, uri: str, scene: Scene, text: str, covered: int, model: str) -> None:
        """Keep what is shown at a place."""
        head = scene.after[covered : covered + HEAD]
        self._newest_first.appendleft(Suggestion(uri, scene.before[-TAIL:], head, text, model))

    def add_other(self, uri: str, scene: Scene, text: str, covered: int, model: str) -> None:
        """Keep what is shown at a place beside another text: behind it, and so forgotten first."""
        self.add(uri, scene, text, covered, model)
        self._newest_first.rotate(-1)

    def all(self, uri: str, scene: Scene) -> Iterator[Rest]:
        """The rests of all suggestions whose beginning stands before the cursor, the newest first."""
        for suggestion in self._newest_first:
            if suggestion.uri == uri and (rest := _rest(suggestion, scene)) is not None:
                yield rest

    def find(self, uri: str, scene: Scene) -> Rest | None:
        """The rest of the newest suggestion whose beginning stands before the cursor."""
        return next(self.all(uri, scene), None)

    def __len__(self) -> int:
        return len(self._newest_first)


def _rest(suggestion: Suggestion, scene: Scene) -> Rest | None:
    text = _untyped(suggestion, scene.before)
    if not text.strip() or not _same_after(suggestion, scene):
        return None
    return Rest(text, covering(text, scene), suggestion.model, text == suggestion.text)


def _untyped(suggestion: Suggestion, before: str) -> str:
    """What of the suggestion, and of its line before it, does not stand before the cursor yet."""
    whole, place = suggestion.tail + suggestion.text, len(suggestion.tail)
    line = len(suggestion.tail.rpartition("\n")[2])
    for at in range(place - min(BACK, line), len(whole)):
        if before == whole[:at] if place < TAIL else before.endswith(whole[:at]):
            return whole[at:]
    return ""


def _same_after(suggestion: Suggestion, scene: Scene) -> bool:
    """Whether the text after the cursor is what it was, but for closers that have come or gone."""
    found = INSERTED.match(scene.after[:HEAD])
    skipped = range((found.end() if found else 0) + 1)
    return any(scene.after[at : at + HEAD] == suggestion.head for at in skipped)
