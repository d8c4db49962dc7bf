"""From what the model says to what may be shown: where to stop, what to leave out, what to replace.

docs/PROMPT.md lists the rules by name.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from lsp_server.prompts.brackets import CLOSER, OPENER, Mark, balance
from lsp_server.prompts.scan import SUBSTANTIAL, Ending, Scan
from lsp_server.prompts.scene import TAB, Scene, weight, width

MAX_LINES = 12
PUNCTUATION = ":;,"
SPACES = 4
"""Spaces that stand for a tab in a file indented with tabs."""

RULES: Mapping[str, str] = {
    "above": "The model repeated the line above.",
    "blank-line": "The model left the line blank and went on with something else.",
    "block-end": "The model went on with something behind this block.",
    "brackets": "The model closed a bracket that is not open.",
    "dedent": "The model went on with something outside of this block.",
    "fence": "The model gave nothing but the frame of a code block.",
    "max-lines": "The model gave nothing but blank lines.",
    "nothing-new": "The model said only what stands after the cursor already.",
    "one-line": "The model put nothing on this line.",
    "repetition": "The model repeated itself.",
    "rest": "The model repeated the rest of the line.",
    "suffix": "The model repeated the text after the cursor.",
    "token": "The model gave nothing but control tokens.",
    "too-long": "The model wrote an endless line.",
}
"""Every rule that can withhold a text, and what the user is told."""


@dataclass(frozen=True, slots=True)
class Cleaned:
    """Text to insert at the cursor in place of the next `covered` characters, which lie on the cursor's line.

    `rule` is the rule that withheld everything, where `text` is empty; "" where the model said nothing.
    `stop` is what ended the text.
    """

    text: str
    covered: int = 0
    rule: str = ""
    stop: str = ""


class Cleaner:
    """Is fed the model's text in any pieces, says when there is enough, and gives what is left of it."""

    def __init__(self, scene: Scene, max_lines: int = MAX_LINES) -> None:
        self._scene = scene
        self._scan = Scan(scene, max_lines)

    @property
    def enough(self) -> bool:
        """Whether nothing that may still come can change the result."""
        return self._scan.rule != ""

    def feed(self, piece: str) -> None:
        """Read on in the model's text."""
        self._scan.feed(piece)

    def finish(self, ending: Ending = "stop") -> Cleaned:
        """What may be shown of the text."""
        self._scan.finish(ending)
        stop = self._scan.rule
        text = _joined(self._scan.kept)
        if self._scan.fenced:
            text = _without_repeated_start(text, self._scene)
        if not text.strip():
            return Cleaned("", rule="" if stop in ("stop", "length") else stop, stop=stop)
        return replace(_fitted(text, self._scene), stop=stop)


def clean(raw: str, scene: Scene, max_lines: int = MAX_LINES) -> Cleaned:
    """What may be shown of a text that the model has ended itself."""
    cleaner = Cleaner(scene, max_lines)
    cleaner.feed(raw)
    return cleaner.finish()


def covering(text: str, scene: Scene) -> int:
    """How many characters after the cursor `text` says itself, closers and the punctuation behind them."""
    rest = scene.rest
    if scene.in_middle or not rest.strip():
        return 0
    closers = _closers_of(rest)
    marks = _outer_closers(text, scene)
    matched = _matched(marks, closers)
    at = closers[matched - 1].at + len(closers[matched - 1].character) if matched else 0
    begin = marks[matched - 1].at + len(marks[matched - 1].character) if matched else 0
    line = text[begin:].partition("\n")[0].rstrip()
    left = rest[at:].strip()
    if left and matched == len(closers) and set(left) <= set(PUNCTUATION) and line.endswith(left):
        return len(rest.rstrip())
    return at


def _fitted(text: str, scene: Scene) -> Cleaned:
    """Fit the text into its line and its surroundings."""
    text = _indented(text, scene)
    text = _before_rest(text, scene) if scene.in_middle else _balanced(text, scene)
    if not text.strip():
        return Cleaned("", rule="rest" if scene.in_middle else "brackets")
    if not scene.in_middle or not scene.rest[:1].strip():
        text = text.rstrip()
    rule = _withheld(text, scene)
    if rule:
        return Cleaned("", rule=rule)
    covered = covering(text, scene)
    if text.rstrip() == scene.rest[:covered].rstrip():
        return Cleaned("", rule="nothing-new")
    return Cleaned(text.replace("\n", scene.line_end), covered)


def _joined(lines: list[str]) -> str:
    """The lines as one text without blank lines at its end."""
    while len(lines) > 1 and not lines[-1].strip():
        lines = lines[:-1]
    return (
        "\n".join(line.rstrip() for line in lines[:-1])
        + "\n" * (len(lines) > 1)
        + (lines[-1] if lines else "")
    )


def _without_repeated_start(text: str, scene: Scene) -> str:
    """An answer in a fence often begins with what stands before the cursor already."""
    begun = scene.line.strip()
    return text.lstrip()[len(begun) :] if begun and text.lstrip().startswith(begun) else text


def _withheld(text: str, scene: Scene) -> str:
    """The rule by which nothing is shown, if there is one."""
    whole = (scene.line + text).strip()
    if "\n" not in text and weight(whole) >= SUBSTANTIAL and whole == scene.above:
        return "above"
    return ""


def _indented(text: str, scene: Scene) -> str:
    """Indent as the document does, and not twice where the cursor stands indented already."""
    lines = text.split("\n")
    if scene.tabs is True:
        lines = [lines[0], *(re.sub(r"^ +", _as_tabs, line) for line in lines[1:])]
    elif scene.tabs is False:
        lines = [
            lines[0],
            *(re.sub(r"^\t+", lambda found: " " * TAB * len(found.group()), line) for line in lines[1:]),
        ]
    if not scene.line or scene.line.strip():
        return "\n".join(lines)
    if not lines[0].strip():
        lines = _from_first_line(lines, scene)
    extra = len(lines[0]) - len(lines[0].lstrip())
    if not extra:
        return "\n".join(lines)
    if width(scene.line + "|") < _expected_indentation(scene):
        return "\n".join(lines)
    shifted = len(lines) > 1 and all(
        width(line) >= width(scene.line + lines[0]) for line in lines[1:] if line.strip()
    )
    lines[1:] = [line[extra:] if shifted and line[:extra].isspace() else line for line in lines[1:]]
    lines[0] = lines[0].lstrip()
    return "\n".join(lines)


def _from_first_line(lines: list[str], scene: Scene) -> list[str]:
    """The lines without blank ones in front: the cursor stands on a line that is indented for the first."""
    first = next(index for index, line in enumerate(lines) if line.strip())
    if not lines[first].startswith(scene.line):
        return lines
    return [lines[first][len(scene.line) :], *lines[first + 1 :]]


def _as_tabs(found: re.Match[str]) -> str:
    count = len(found.group())
    return "\t" * (count // SPACES) + " " * (count % SPACES)


def _expected_indentation(scene: Scene) -> int:
    """The indentation that the line above asks for, in columns."""
    above = next((line for line in reversed(scene.preceding[:-1]) if line.strip()), "")
    return width(above) + (1 if above.rstrip()[-1:] in (*CLOSER, ":") and above.strip() else 0)


def _before_rest(text: str, scene: Scene) -> str:
    """The text up to where it begins to say the rest of the line, which stays as it is."""
    rest = scene.rest.rstrip()
    bare = rest.strip()
    if len(bare) > 2 and bare in text:
        return text[: text.index(bare)] if rest[:1].strip() else text[: text.index(bare)].rstrip()
    text = _up_to_common_closer(text, scene)
    for length in range(min(len(rest), len(text)), 0, -1):
        if text.endswith(rest[:length]) and _apart(text[:-length], rest):
            return text[:-length]
    return text


def _up_to_common_closer(text: str, scene: Scene) -> str:
    """The text up to a bracket or quote that the rest of the line closes: it says that in other words."""
    quote = scene.open_before.quote
    closed = balance(scene.rest, scene.language, quote).closers
    opened = len(balance(scene.line, scene.language).openers) + (quote != "")
    marks, own = _outer_closers(text, scene), max(0, opened - len(closed))
    return text[: marks[own].at] if closed and len(marks) > own else text


def _apart(head: str, tail: str) -> bool:
    """Whether the tail does not begin inside a word."""
    return not (head[-1:].isalnum() and tail[:1].isalnum())


def _balanced(text: str, scene: Scene) -> str:
    """The text up to a closer that fits no opener."""
    marks, closers = _outer_closers(text, scene), _closers_of(scene.rest)
    matched = _matched(marks, closers)
    if matched == len(marks):
        return text
    if matched < len(closers):
        return text[: marks[matched].at]
    extra = _first_excess(marks[matched:], closers, scene)
    return text if extra is None else text[: extra.at]


def _first_excess(marks: tuple[Mark, ...], closers: list[Mark], scene: Scene) -> Mark | None:
    """The first closer for which there is no opener, or whose opener is closed below already."""
    brackets = sum(closer.character in OPENER for closer in closers)
    openers = [mark.character for mark in scene.open_before.openers]
    openers = openers[: len(openers) - brackets] if brackets else openers
    spare = len(openers) - len(scene.closed_after.closers)
    below = scene.below[0].strip()[:1] if scene.below else ""
    for mark in marks:
        if mark.character not in OPENER:
            continue
        if not openers:
            return mark if scene.whole_before else None
        if CLOSER[openers.pop()] != mark.character or (spare <= 0 and below == mark.character):
            return mark
        spare -= 1
    return None


def _outer_closers(text: str, scene: Scene) -> tuple[Mark, ...]:
    """The closers in the text that close something before the cursor."""
    quote = scene.open_before.quote
    marks = list(balance(text, scene.language, quote).closers)
    expected = [closer.character for closer in _closers_of(scene.rest)]
    if quote and expected:
        # In an interpolated string the closers before its end count as well, if they stand there already.
        inside = [closer.character for closer in _closers_of(scene.rest.partition(quote)[0])]
        string = balance(text[: marks[0].at] if marks else text, "", "").closers
        if quote not in expected:
            # The text has to end the string by itself.
            marks, inside = marks[1:], []
        marks = [*(mark for mark in string[: len(inside)] if mark.character in inside), *marks]
    if ">" in expected:
        marks = sorted((*marks, *_outer_angles(text)[: expected.count(">")]), key=lambda mark: mark.at)
    return tuple(marks)


def _outer_angles(text: str) -> list[Mark]:
    """Each > that closes a < before the text, where the file has such brackets: of a type or a tag."""
    depth, found = 0, []
    for match in re.finditer(r"(?<![=-])>(?!=)|<(?![=<])", text):
        depth += 1 if match.group() == "<" else -1
        if depth < 0:
            found.append(Mark(match.start(), ">"))
            depth = 0
    return found


def _closers_of(rest: str) -> list[Mark]:
    """The closers after the cursor. Quotes among them close the string that the cursor is in."""
    return [Mark(found.start(), found.group()) for found in re.finditer(r"\"\"\"|'''|[)\]}>\"'`]", rest)]


def _matched(marks: tuple[Mark, ...], closers: list[Mark]) -> int:
    """How many of the closers after the cursor the text says itself, in order."""
    count = 0
    for mark, closer in zip(marks, closers, strict=False):
        if mark.character != closer.character:
            break
        count += 1
    return count
