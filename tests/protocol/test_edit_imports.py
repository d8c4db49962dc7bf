"""An import that an edit needs comes with it: in the same change, in one step, wherever the user typed."""

from __future__ import annotations

import pytest

from lsp_server.models.scripted import ScriptedBackend
from tests.protocol.author import TEXT, URI, begun, gated, open_author

NEW = "async def area(r):\n    await asyncio.sleep(1)\n    return math.pi * r * r\n"
REPLY = f"import asyncio\nimport math\n\n\n{NEW}```"
OLD = "def area(r):\n    return math.pi * r * r\n"
DONE = TEXT.replace("import math\n", "import math\nimport asyncio\n").replace(OLD, NEW)


async def test_it_is_one_versioned_change_with_the_lines() -> None:
    async with open_author(ScriptedBackend([REPLY])) as author:
        await author.start()
        author.open(TEXT)
        await author.act("simplify")
        await author.rest()
        assert author.text() == DONE
        (sent,) = author.sent("workspace/applyEdit")
        (document,) = sent["edit"]["documentChanges"]
        assert document["textDocument"] == {"uri": URI, "version": 1}
        assert document["edits"][0] == {
            "range": {"start": {"line": 1, "character": 0}, "end": {"line": 1, "character": 0}},
            "newText": "import asyncio\n",
        }
        assert [step[URI].string for step in author.steps] == [TEXT]
        await author.command("fathom.undo")
        await author.rest()
        assert author.text() == TEXT


@pytest.mark.parametrize(
    ("place", "new", "expected"),
    [
        ((0, 0, 0, 0), "# new\n", "# new\n" + DONE),
        ((1, 0, 1, 0), "import os\n", DONE.replace("asyncio\n", "asyncio\nimport os\n", 1)),
        ((2, 0, 2, 0), "x = 1\n", DONE.replace("asyncio\n\n", "asyncio\n\nx = 1\n", 1)),
        ((7, 0, 7, 5), "assert", DONE.replace("print", "assert")),
    ],
)
async def test_both_move_with_what_is_typed_elsewhere(
    place: tuple[int, int, int, int], new: str, expected: str
) -> None:
    gate, backend = gated(REPLY)
    async with open_author(backend) as author:
        await author.start()
        await begun(author, backend, gate)
        author.type(*place, new)
        gate.set()
        await author.rest()
        assert author.text() == expected
        assert author.sent("window/showMessageRequest") == []


async def test_where_the_line_of_the_imports_is_gone_nothing_is_applied() -> None:
    gate, backend = gated(REPLY)
    async with open_author(backend) as author:
        await author.start()
        await begun(author, backend, gate)
        author.type(0, 5, 1, 0, "")
        text = author.text()
        gate.set()
        await author.rest()
        assert author.text() == text
        assert author.ending() == ("refused", "typed-inside")
