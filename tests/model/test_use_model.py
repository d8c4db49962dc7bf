"""One real model in place of another: the old host goes, the new one answers, and what waits is answered."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest

from lsp_server.config import Options
from lsp_server.models.open import open_backend
from tests.model.hosts import another
from tests.models.gguf_writer import write
from tests.protocol.editor import Editor, items_of, open_editor

pytestmark = [pytest.mark.model, pytest.mark.timeout(300)]

TEXT = "def add(a, b):\n    return "
LOADED = 120.0


async def use(editor: Editor, name: Path) -> dict[str, object]:
    """The answer, however long loading takes."""
    number = editor.request("fathom/useModel", {"name": str(name)})
    answer: dict[str, object] = await editor.wait_for(
        lambda message: message.get("id") == number and "method" not in message, LOADED
    )
    return answer


async def test_a_suggestion_that_waits_in_one_model_comes_from_the_next(
    default_model: Path, tmp_path: Path
) -> None:
    first, second = another(default_model, "used-first"), another(default_model, "used-second")
    options = Options(index=False, model=str(first))
    async with open_editor(options=options, opener=partial(open_backend, linger=0.0)) as editor:
        await editor.initialize()
        editor.open(TEXT)
        waiting = editor.ask_ghost(1, 11)
        assert (await use(editor, second))["result"] == {"model": str(second)}
        (item,) = items_of(await editor.answer(waiting))
        assert "a + b" in item["insertText"]
        assert editor.sent("fathom/status")[-1]["model"] == str(second)

        broken = write(tmp_path / "broken.gguf", b"GGUF, but no model")
        assert "error" in await use(editor, broken)
        editor.open(TEXT, uri="file:///project/other.py")
        (item,) = items_of(await editor.answer(editor.ask_ghost(1, 11, uri="file:///project/other.py")))
        assert "a + b" in item["insertText"]
        assert editor.sent("window/showMessage") == []
