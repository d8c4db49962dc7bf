"""The popup item for editors without ghost text."""

from __future__ import annotations

import pytest

from lsp_server.models.scripted import ScriptedBackend
from tests.protocol.editor import URI, Editor, items_of, open_editor

NUMBERS = "-".join(map(str, range(50)))


async def complete(editor: Editor, line: int, character: int) -> list[dict[str, object]]:
    params = {"textDocument": {"uri": URI}, "position": {"line": line, "character": character}}
    answer = await editor.answer(editor.request("textDocument/completion", params))
    assert answer["result"]["isIncomplete"] is True
    return items_of(answer)


async def test_the_item_replaces_the_word_that_editors_filter_by() -> None:
    async with open_editor(ScriptedBackend(["nt(total)"])) as editor:
        await editor.initialize({"textDocument": {}})
        editor.open("  pri")
        (item,) = await complete(editor, 0, 5)
        place = {"start": {"line": 0, "character": 2}, "end": {"line": 0, "character": 5}}
        assert item["textEdit"] == {"range": place, "newText": "print(total)"}
        assert item["label"] == item["filterText"] == "print(total)"
        assert item["insertTextFormat"] == 1
        assert str(item["sortText"]) > "zzzz"


async def test_the_label_is_the_first_line_and_the_detail_says_that_more_follow() -> None:
    async with open_editor(ScriptedBackend(["for x in y:\n    pass"])) as editor:
        await editor.initialize({})
        editor.open("")
        (item,) = await complete(editor, 0, 0)
        assert item["label"] == "for x in y:"
        assert item["detail"] == "Fathom: scripted, 2 lines"
        assert item["documentation"] == "for x in y:\n    pass"


@pytest.mark.parametrize(
    ("reply", "label"),
    [("\n    first\n    second", "first"), (NUMBERS[:120], NUMBERS[:120]), (NUMBERS, f"{NUMBERS[:120]} …")],
)
async def test_the_label_is_one_line_that_is_not_too_long(reply: str, label: str) -> None:
    async with open_editor(ScriptedBackend([reply])) as editor:
        await editor.initialize({})
        editor.open("")
        (item,) = await complete(editor, 0, 0)
        assert item["label"] == label


async def test_an_older_request_is_answered_when_a_newer_one_comes() -> None:
    async with open_editor() as editor:
        await editor.initialize({})
        editor.open("x = ")
        params = {"textDocument": {"uri": URI}, "position": {"line": 0, "character": 4}}
        first = editor.request("textDocument/completion", params)
        assert await complete(editor, 0, 4)
        assert items_of(editor.answers(first)[0]) == []


@pytest.mark.parametrize("method", ["textDocument/hover", "codeAction/resolve", "completionItem/resolve"])
async def test_what_is_not_offered_is_refused(method: str) -> None:
    async with open_editor() as editor:
        await editor.initialize({})
        answer = await editor.answer(editor.request(method, {}))
        assert answer["error"]["code"] == -32601
