"""From a streamed answer to the new lines of a range, line by line as they come.

The answer is taken to stand in a fence that the prompt has opened. Whatever a model says around it is left
out: reasoning, a sentence before the code, a fence of its own, all that follows the closing fence.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from lsp_server.prompts.fences import PROSE, fence_of
from lsp_server.prompts.region import is_import
from lsp_server.prompts.rewrite import NO_CHANGE

Stop = Literal["fence", "end", "length", "no-change", "repetition", "echo"]
"""What ended an answer: its fence, the model, the token limit, its word that nothing is to be changed; or
that it went round in circles, or began to repeat the file from its start."""

LONGEST_PERIOD, MOST_REPEATED = 8, 24
"""An answer goes round in circles when its last lines repeat at most so many for so many lines."""
TELLING = 3
"""Letters and digits that a line needs to be recognised by."""
START = 30
"""Lines at the start of an answer by which it is seen that they are those of the file."""

_TALK = re.compile(
    r"(?:Sure|Certainly|Of course)[!.,]?\s*\Z"
    r"|(?:Sure|Certainly|Of course|Okay|OK|Yes|Here(?:'s| is| are)|Below (?:is|are)|To \w+|This is"
    r"|I(?:'ve|'ll| have)"
    r"|(?:The|Your) (?:following|new|rewritten|updated|modified|corrected|fixed|refactored|revised))"
    r"\b[^;{}=]* [^;{}=]* [^;{}=]*[:.!]\s*\Z",
)
"""Sentences about the answer: words at their start, some more words, and an end. `Yes: 1` is none."""
_SENTENCE = re.compile(r"[A-Z][\w']*,?(?: [^\s;{}=]+){2,}[:.!]?\s*\Z")
_NO_CHANGE = re.compile(rf"\W*{NO_CHANGE}\b\W*(.*)")
_OPENED, _CLOSED = "<think>", "</think>"


@dataclass(frozen=True, slots=True)
class Answer:
    """The new lines without line ends; none where the model wants no change, and says why in `reason`.

    `said` is all that the model said up to there, for the prompt of a further try.
    """

    lines: tuple[str, ...]
    stop: Stop
    said: str
    reason: str = ""


class Reader:
    """Is fed the answer in any pieces, gives whole lines as they come, and says when there is enough.

    `old` are the lines that are rewritten and `above` those that stand before them, as the prompt shows them.
    """

    def __init__(
        self, fence: str, language: str = "", old: Sequence[str] = (), above: Sequence[str] = ()
    ) -> None:
        self._ticks = fence
        self._prose = language in PROSE
        self._old = frozenset(line.strip() for line in old)
        start = _telling(above)
        # Fewer lines may be repeated: they are left out afterwards.
        self._start = start[:2] if len(start) > 2 and start[:2] != _telling(old)[:2] else []
        self._rest = ""
        self._said: list[str] = []
        self._lines: list[str] = []
        self._held: list[str] = []
        """Sentences at the start, which are the text or talk before it."""
        self._thinking = False
        self._stop: Stop | None = None
        self._reason = ""

    @property
    def enough(self) -> bool:
        """Whether nothing that may still come can change the answer."""
        return self._stop is not None

    def feed(self, piece: str) -> tuple[str, ...]:
        """Read on; returns the lines of the new text that are whole now."""
        if self.enough:
            return ()
        self._said.append(piece)
        before = len(self._lines)
        *lines, self._rest = (self._rest + piece).split("\n")
        for line in lines:
            self._take(line.removesuffix("\r"))
            if self._stop is not None:
                break
        return tuple(self._lines[before:])

    def finish(self, ending: Literal["stop", "length", "cancelled"] = "stop") -> Answer:
        """The answer, when the model has ended or there is enough."""
        if not self.enough and self._rest:
            self._take(self._rest)
        if not self.enough:
            self._stop = "end" if ending == "stop" else "length"
        self._release()
        lines = _without_blank_ends(self._lines)
        if self._stop == "end":
            lines = _without_stray_fence(lines, self._prose)
        if self._stop == "no-change":
            lines = []
        assert self._stop is not None
        return Answer(tuple(lines), self._stop, "".join(self._said), self._reason)

    def _take(self, line: str) -> None:
        if self._is_thought(line):
            return
        fence = fence_of(line.rstrip())
        if fence is not None and self._takes_fence(*fence):
            return
        if not self._lines and self._begins(line):
            return
        self._release()
        if line.startswith(f"{NO_CHANGE}:") and line.strip() not in self._old:
            # Said behind the lines, it says nothing of them; but the text is over.
            self._stop = "end"
            return
        self._lines.append(line)
        if self._start and len(self._lines) <= START and _telling(self._lines)[:2] == self._start:
            self._stop = "echo"
        elif line.strip() not in self._old and _goes_round(self._lines):
            self._stop = "repetition"

    def _is_thought(self, line: str) -> bool:
        """Whether a line belongs to the model's reasoning. It may have begun before the answer."""
        if _CLOSED in line and not self._lines:
            self._thinking = False
            self._held.clear()
            return True
        if not self._lines and line.lstrip().startswith(_OPENED):
            self._thinking = True
        return self._thinking

    def _takes_fence(self, ticks: str, name: str) -> bool:
        """Open a fence of the model's own, or end at the closing one; false if the line is text."""
        short = len(ticks) < len(self._ticks)
        if not self._lines and (not short or self._held or (name and not self._prose)):
            self._ticks = ticks if name or self._held else self._ticks
            self._held.clear()
            return True
        if short:
            return False
        self._stop = "fence"
        return True

    def _begins(self, line: str) -> bool:
        """Whether a line at the start is not (yet) taken as text."""
        if not line.strip():
            self._held += [line] if self._held else []
            return True
        found = None if line.strip() in self._old else _NO_CHANGE.match(line)
        if found and not self._held:
            self._stop, self._reason = "no-change", found[1].strip()
            return True
        if line.strip() in self._old or not (_TALK.match(line) or _SENTENCE.match(line)):
            return False
        self._held.append(line)
        return True

    def _release(self) -> None:
        """Decide on the sentences at the start, behind which no fence was opened."""
        held, self._held = self._held, []
        talk = not self._prose and bool(held) and _TALK.match(held[0]) is not None
        self._lines += [] if talk else held


def _telling(lines: Sequence[str]) -> list[str]:
    """The lines that can be recognised; not imports, which may be left out of an answer later."""
    return [line.strip() for line in lines if sum(map(str.isalnum, line)) >= TELLING and not is_import(line)]


def _goes_round(lines: Sequence[str]) -> bool:
    """Whether the last lines are a few ones again and again."""
    if len(lines) < MOST_REPEATED or not any(line.strip() for line in lines[-LONGEST_PERIOD:]):
        return False
    last = lines[-MOST_REPEATED:]
    return any(last[:-period] == last[period:] for period in range(1, LONGEST_PERIOD + 1))


def _without_blank_ends(lines: Sequence[str]) -> list[str]:
    filled = [at for at, line in enumerate(lines) if line.strip()]
    return list(lines[filled[0] : filled[-1] + 1]) if filled else []


def _without_stray_fence(lines: list[str], prose: bool) -> list[str]:
    """The lines up to a fence that is shorter than it had to be, and closes nothing that was opened.

    In prose only one at the very end is surely none of the text.
    """
    at = [index for index, line in enumerate(lines) if fence_of(line)]
    stray = len(at) % 2 == 1 and at[-1] == len(lines) - 1 if prose else len(at) == 1
    return _without_blank_ends(lines[: at[-1]]) if stray else lines
