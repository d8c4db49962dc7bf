"""Where a completion is to stand: the text around the cursor, in lines, with line ends made equal."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

from lsp_server.prompts.brackets import Balance, balance

NEAR_BEFORE = 6000
NEAR_AFTER = 4000
"""Characters around the cursor that the rules look at."""

TAB = 4
"""Columns of a tab where indentations are compared."""

CLOSING_REST = re.compile(r"[)\]}>\"'`;,:\s]*\Z")
_LINE_END = re.compile(r"\r\n|\r")


@dataclass(frozen=True)
class Scene:
    """The text before and after the cursor, as the document has it."""

    before: str
    after: str
    language: str = ""

    @cached_property
    def line_end(self) -> str:
        """The line end of the document, as far as it can be seen."""
        found = re.search(r"\r\n|\n|\r", self.before + self.after)
        return found.group() if found else "\n"

    @cached_property
    def preceding(self) -> list[str]:
        """The lines before the cursor; the last one is the cursor's, up to the cursor."""
        return _LINE_END.sub("\n", self.before[-NEAR_BEFORE:]).split("\n")

    @cached_property
    def following(self) -> list[str]:
        """The lines after the cursor; the first one is the rest of the cursor's."""
        return _LINE_END.sub("\n", self.after[:NEAR_AFTER]).split("\n")

    @property
    def line(self) -> str:
        """The cursor's line before the cursor."""
        return self.preceding[-1]

    @property
    def rest(self) -> str:
        """The cursor's line after the cursor."""
        return self.following[0]

    @cached_property
    def above(self) -> str:
        """The nearest line above that is not blank, without its indentation."""
        return next((line.strip() for line in reversed(self.preceding[:-1]) if line.strip()), "")

    @cached_property
    def below(self) -> list[str]:
        """The next lines that are not blank."""
        return [line.rstrip() for line in self.following[1:] if line.strip()][:4]

    @cached_property
    def in_middle(self) -> bool:
        """Whether something other than closers follows on the line: then only one line can be filled in."""
        return CLOSING_REST.match(self.rest) is None

    @cached_property
    def one_line(self) -> bool:
        """Whether the text has to stay on the cursor's line: other items or the line's own block follow."""
        return self.in_middle or self.rest.strip() in (",", ";") or self.has_body

    @cached_property
    def has_body(self) -> bool:
        """Whether the block that the cursor's line begins follows already."""
        following = self.following[1] if len(self.following) > 1 else ""
        return bool(self.line.strip() and following.strip()) and width(following) > width(self.line)

    @cached_property
    def open_before(self) -> Balance:
        """What the text before the cursor leaves open."""
        return balance("\n".join(self.preceding), self.language)

    @cached_property
    def closed_after(self) -> Balance:
        """What the lines below the cursor's close."""
        return balance("\n".join(self.following[1:]), self.language)

    @cached_property
    def whole_before(self) -> bool:
        """Whether the rules see everything before the cursor."""
        return len(self.before) <= NEAR_BEFORE

    @cached_property
    def tabs(self) -> bool | None:
        """Whether lines are indented with tabs; None where none is indented."""
        indented = [
            line
            for line in (*self.preceding[:-1], *self.following[1:])
            if line[:1] in ("\t", " ") and line.strip()
        ]
        if not indented:
            return None
        return sum(line[0] == "\t" for line in indented) * 2 > len(indented)


def width(line: str) -> int:
    """The indentation of a line in columns."""
    return len(line[: len(line) - len(line.lstrip())].expandtabs(TAB))


def weight(line: str) -> int:
    """How much a line says: its letters and digits."""
    return sum(map(str.isalnum, line))


def scene_at(text: str, cursor: int, language: str) -> Scene:
    """The scene around a cursor in a text."""
    before = text[max(0, cursor - NEAR_BEFORE - 1) : cursor]
    return Scene(before, text[cursor : cursor + NEAR_AFTER + 1], language)


def taken_from(scene: Scene, selected: str | None) -> str:
    """What the popup would add if the user took its selected item: the model goes on from there."""
    if not selected:
        return ""
    for length in range(min(len(selected), len(scene.line)), 0, -1):
        if scene.line.endswith(selected[:length]):
            return selected[length:]
    inside_word = scene.line[-1:].isalnum() or scene.line[-1:] == "_"
    return "" if inside_word else selected
