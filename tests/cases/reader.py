"""Reads completion cases from Markdown: code with a cursor mark, what a model said, what is to be shown.

    ## The title of a case

    language: python · covers: 1 · stop: stop

    ```
    print(‸)
    ```
    raw:
    ```
    x)
    ```
    expected:
    ```
    x)
    ```

Only the title and the first block are required; the language is the file's name where none is given.
`covers` counts the characters after the cursor that are replaced (default 0), `rule` is what withheld
everything, `stop` what ended the text. The last line end of a block belongs to the frame, so a text that ends
with one has an empty last line. Inside blocks ␣ is a blank, → a tab, ␍ a carriage return and ␀ a NUL.

A real case has `source`, which says where the code is from, and `pattern`: a regular expression that has to
match somewhere in the shown text, instead of raw and expected.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent
CURSOR = "‸"
SIGNS = {"␣": " ", "→": "\t", "␍": "\r", "␀": "\0"}

_SECTION = re.compile(r"^## ", re.MULTILINE)
_BLOCK = re.compile(r"^(?:(\w+):\n+)?(`{3,})[^\n]*\n(.*?)\n?^\2$", re.MULTILINE | re.DOTALL)
_FIELD = re.compile(r"(\w+): (.*?)(?: · |$)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Case:
    """One completion, expected of the rules or of the real model."""

    name: str
    language: str
    before: str
    after: str
    raw: str
    expected: str
    covers: int
    rule: str
    stop: str | None
    pattern: str
    source: str

    @property
    def text(self) -> str:
        """The file without the mark."""
        return self.before + self.after


def read_cases(folder: str) -> list[Case]:
    """All cases of a folder beside this file."""
    paths = sorted((FOLDER / folder).glob("*.md"))
    return [case for path in paths for case in _cases(path)]


def _cases(path: Path) -> Iterator[Case]:
    for section in _SECTION.split(path.read_text(encoding="utf-8"))[1:]:
        title, _, body = section.partition("\n")
        blocks = {name or "text": _signs(text) for name, _, text in _BLOCK.findall(body)}
        fields = dict(_FIELD.findall(_BLOCK.sub("", body)))
        before, mark, after = blocks["text"].partition(CURSOR)
        if not mark:
            raise ValueError(f"{path.name}: {title}: there is no cursor")
        yield Case(
            name=f"{path.stem}: {title.strip()}",
            language=fields.get("language", path.stem),
            before=before,
            after=after,
            raw=blocks.get("raw", ""),
            expected=blocks.get("expected", ""),
            covers=int(fields.get("covers", 0)),
            rule=fields.get("rule", ""),
            stop=fields.get("stop"),
            pattern=fields.get("pattern", ""),
            source=fields.get("source", ""),
        )


def _signs(text: str) -> str:
    for sign, character in SIGNS.items():
        text = text.replace(sign, character)
    return text
