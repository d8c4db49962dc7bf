"""Reads outline cases from Markdown: source text, and what is expected to be found in it.

    ## The title of a case

    language: python

    ```
    def area(shape): ...
    ```
    outline:
    ```
    1 function area: def area(shape)
    uses name: shape
    ```

The language is the file's name where none is given. A definition is shown as its lines (from 1, with the
comment before it), its kind, its qualified name and its signature, then its doc comment behind "«". Lines are
joined with ↵. Imports are shown as `import MODULE NAME as ALIAS`, with - for what is empty. Uses of names are
put together by their kind, each name once. "broken" as the last line says that the source has errors.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from context.outline import Definition, Outline
from context.text import Text

FOLDER = Path(__file__).parent / "outline"

_SECTION = re.compile(r"^## ", re.MULTILINE)
_BLOCK = re.compile(r"^(?:(\w+):\n+)?(`{3,})[^\n]*\n(.*?)\n?^\2$", re.MULTILINE | re.DOTALL)
_LANGUAGE = re.compile(r"^language: (\w+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class OutlineCase:
    """A source and its outline as text."""

    name: str
    language: str
    source: str
    expected: str


def read_outline_cases() -> list[OutlineCase]:
    """All cases, from a file for each language."""
    return [case for path in sorted(FOLDER.glob("*.md")) for case in _cases(path)]


def _cases(path: Path) -> Iterator[OutlineCase]:
    for section in _SECTION.split(path.read_text(encoding="utf-8"))[1:]:
        title, _, body = section.partition("\n")
        blocks = {name or "source": text for name, _, text in _BLOCK.findall(body)}
        language = _LANGUAGE.search(_BLOCK.sub("", body))
        yield OutlineCase(
            name=f"{path.stem}: {title.strip()}",
            language=language[1] if language else path.stem,
            source=blocks["source"],
            expected=blocks.get("outline", ""),
        )


def shown(outline: Outline, source: str) -> str:
    """An outline as the cases write it."""
    text = Text(source)
    lines = [_definition(definition, text) for definition in outline.definitions]
    lines += [
        f"import {each.module or '-'} {each.name or '-'}" + (f" as {each.alias}" if each.alias else "")
        for each in outline.imports
    ]
    for use in ("call", "type", "member", "name"):
        names = dict.fromkeys(each.name for each in outline.references if each.use == use)
        lines += [f"uses {use}: {' '.join(names)}"] if names else []
    return "\n".join(lines if outline.complete else [*lines, "broken"])


def _definition(definition: Definition, text: Text) -> str:
    first, last = (
        text.line_at(definition.start) + 1,
        text.line_at(max(definition.start, definition.end - 1)) + 1,
    )
    numbers = f"{first}" if first == last else f"{first}-{last}"
    doc = f" « {definition.doc}" if definition.doc else ""
    line = f"{numbers} {definition.kind} {definition.qualified}: {definition.signature}{doc}"
    return re.sub(r"\s*\n\s*", " ↵ ", line)
