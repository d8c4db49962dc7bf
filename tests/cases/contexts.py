"""Reads context cases from Markdown: a small repository, and what of it is wanted at a cursor.

    src/cart.py:
    ```
    class Cart: ...
    ```

    ## The title of a case

    here: main.py

    ```
    from cart import Cart
    ‸
    ```
    wanted:
    ```
    src/cart.py Cart: imported here, not used yet
    ```

The files stand before the first title; all cases of a page share them. `here` is a file that is open, on disk
or not, with the cursor. What is `wanted` has to be found for the reason that is given, among others. One
definition has to be the likeliest of all; of several, each has to be among the first twice as many less one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent / "context"

_SECTION = re.compile(r"^## ", re.MULTILINE)
_BLOCK = re.compile(r"^(?:([\w./-]+):\n+)?(`{3,})[^\n]*\n(.*?)^\2$", re.MULTILINE | re.DOTALL)
_HERE = re.compile(r"^here: (.+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class ContextCase:
    """A cursor, and the definitions that are wanted there, with a reason for each."""

    page: str
    title: str
    here: str
    marked: str
    wanted: dict[str, str]

    def __str__(self) -> str:
        return f"{self.page}: {self.title}"


def read_context_cases() -> list[ContextCase]:
    """All cases, from a page for each language."""
    return [case for path in sorted(FOLDER.glob("*.md")) for case in _cases(path)]


@cache
def files_of_page(page: str) -> dict[str, str]:
    """The repository of a page, by paths."""
    head, *_ = _SECTION.split((FOLDER / f"{page}.md").read_text(encoding="utf-8"))
    return {name: text for name, _, text in _BLOCK.findall(head) if name}


def _cases(path: Path) -> Iterator[ContextCase]:
    for section in _SECTION.split(path.read_text(encoding="utf-8"))[1:]:
        title, _, body = section.partition("\n")
        blocks = {name: text for name, _, text in _BLOCK.findall(body)}
        here = _HERE.search(_BLOCK.sub("", body))
        if here is None or "" not in blocks or "wanted" not in blocks:
            raise ValueError(f"{path.name}: {title}: there is no place, no text or nothing wanted")
        lines = [line.partition(": ") for line in blocks["wanted"].splitlines()]
        yield ContextCase(
            path.stem, title.strip(), here[1], blocks[""], {name: why for name, _, why in lines}
        )
