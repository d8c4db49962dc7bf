"""Reads cases of tool calls from Markdown: what a model said, and what comes of it.

    ## The title of a case

    source: ggml-org/llama.cpp#24807 · finish: length

    ```
    what the model said
    ```
    expected:
    ```
    "what is shown of it"
    ["tool", {"parameter": "value"}]
    ["tool", {"parameter": "value"}, ["a note"]]
    ["tool", "the reason for which a call is refused"]
    ```

Each line of `expected` is JSON. `source` is where the like was reported. ␣ → ␍ stand for what is not seen.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from lsp_server.prompts.tool_arguments import Parameter, ToolSpec
from tests.cases.reader import SIGNS

FOLDER = Path(__file__).parent / "tool_calls"

_SECTION = re.compile(r"^## ", re.MULTILINE)
_BLOCK = re.compile(r"^(?:(\w+):\n+)?(`{3,})[^\n]*\n(.*?)\n?^\2$", re.MULTILINE | re.DOTALL)
_FIELD = re.compile(r"(\w+): (.*?)(?: · |$)", re.MULTILINE)


def _tool(name: str, *required: str, **optional: str) -> ToolSpec:
    first = [Parameter(each) for each in required]
    return ToolSpec(name, (*first, *(Parameter(key, kind, "", False) for key, kind in optional.items())))  # type: ignore[arg-type]


TOOLS = (
    _tool("read_file", "path", start_line="integer", end_line="integer"),
    _tool("list_files", path="string", glob="string"),
    _tool("search", "pattern", path="string", glob="string"),
    _tool("edit_file", "path", "old_string", "new_string", replace_all="boolean"),
    _tool("write_file", "path", "content"),
    _tool("diagnostics", path="string"),
    _tool("run_command", "command", timeout_s="number"),
    _tool("ask_user", "question", options="array"),
)


@dataclass(frozen=True, slots=True)
class Case:
    """An answer of a model, and the events in it as JSON values."""

    name: str
    raw: str
    finish: str
    expected: tuple[object, ...]
    source: str


def read_cases() -> list[Case]:
    """All cases of the folder."""
    return [case for path in sorted(FOLDER.glob("*.md")) for case in _cases(path)]


def _cases(path: Path) -> Iterator[Case]:
    for section in _SECTION.split(path.read_text(encoding="utf-8"))[1:]:
        title, _, body = section.partition("\n")
        blocks = {name or "raw": _signs(text) for name, _, text in _BLOCK.findall(body)}
        fields = dict(_FIELD.findall(_BLOCK.sub("", body)))
        yield Case(
            name=f"{path.stem}: {title.strip()}",
            raw=blocks["raw"],
            finish=fields.get("finish", "stop"),
            expected=tuple(json.loads(line) for line in blocks["expected"].splitlines()),
            source=fields.get("source", ""),
        )


def _signs(text: str) -> str:
    for sign, character in SIGNS.items():
        text = text.replace(sign, character)
    return text
