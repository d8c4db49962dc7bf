"""Reads edit cases from Markdown: code with a marked selection, an instruction, and what has to come of it.

    ## The title of a case

    language: python · instruction: Add type hints

    ```
    «def area(radius):
        return 3 * radius
    »
    ```
    contains: `radius: float`

A case has `instruction`, or `action` with the id of one that Fathom brings, or an instruction in a comment at
the top of the selection. `problem` is what a compiler says of the selection. The language is the name of the
file where none is given. What has to come of it is `expected`, a block with the whole text; or regular
expressions in backticks, one a line, with `^` and `$` for ends of lines: `contains` and `keeps` have to match
somewhere in the new text, `lacks` must not..
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

OPEN, CLOSE = "«", "»"

_SECTION = re.compile(r"^## ", re.MULTILINE)
_BLOCK = re.compile(r"^(?:(expected):\n+)?(`{3,})[^\n]*\n(.*?)^\2$", re.MULTILINE | re.DOTALL)
_PATTERN = re.compile(r"^(contains|keeps|lacks): `(.+)`$", re.MULTILINE)
_FIELD = re.compile(r"(language|instruction|action|problem): (.*?)(?: · |$)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class EditCase:
    """A selection in a text, and what has to come of it."""

    name: str
    language: str
    text: str
    start: int
    end: int
    instruction: str
    action: str
    problem: str
    expected: str
    contains: tuple[str, ...]
    lacks: tuple[str, ...]

    def misses(self, after: str) -> tuple[str, ...]:
        """What of the expectations the new text does not meet."""
        found = [pattern for pattern in self.contains if not re.search(pattern, after, re.MULTILINE)]
        found += [f"not {pattern}" for pattern in self.lacks if re.search(pattern, after, re.MULTILINE)]
        if self.expected and after.rstrip() != self.expected.rstrip():
            found.append("the text that was expected")
        return tuple(found)


def read_edit_cases(folder: Path) -> list[EditCase]:
    """All cases of a folder. Raises OSError, and ValueError for a case that is not whole."""
    return [case for path in sorted(folder.glob("*.md")) for case in _cases(path)]


def _cases(path: Path) -> Iterator[EditCase]:
    for section in _SECTION.split(path.read_text(encoding="utf-8"))[1:]:
        title, _, body = section.partition("\n")
        blocks = {name or "text": text for name, _, text in _BLOCK.findall(body)}
        rest = _BLOCK.sub("", body)
        patterns = _PATTERN.findall(rest)
        fields = dict(_FIELD.findall(_PATTERN.sub("", rest)))
        before, opened, marked = blocks.get("text", "").partition(OPEN)
        selected, closed, after = marked.partition(CLOSE)
        if not opened or not closed or not (patterns or "expected" in blocks):
            raise ValueError(f"{path.name}: {title}: a selection or what is expected is missing")
        yield EditCase(
            name=f"{path.stem}: {title.strip()}",
            language=fields.get("language", path.stem),
            text=before + selected + after,
            start=len(before),
            end=len(before) + len(selected),
            instruction=fields.get("instruction", ""),
            action=fields.get("action", ""),
            problem=fields.get("problem", ""),
            expected=blocks.get("expected", ""),
            contains=tuple(pattern for kind, pattern in patterns if kind != "lacks"),
            lacks=tuple(pattern for kind, pattern in patterns if kind == "lacks"),
        )
