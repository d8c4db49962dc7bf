"""The user hears once of a pinned file that is not shown."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.context.places import write
from tests.protocol.editor import GHOST_TEXT, open_editor

SHOWN = "window/showMessage"


def mentions(name: str) -> Any:
    return lambda message: message.get("method") == SHOWN and name in message["params"]["message"]


async def test_a_pinned_file_that_is_not_there_or_secret_is_told_once(tmp_path: Path) -> None:
    write(tmp_path, {"terms.md": "A basket.\n", ".env": "A=1\n"})
    folders = [{"uri": tmp_path.as_uri(), "name": "root"}]
    async with open_editor() as editor:
        options = {"pinned": ["terms.md", "gone.md"], "index": False}
        await editor.initialize(GHOST_TEXT, workspaceFolders=folders, initializationOptions=options)
        await editor.wait_for(mentions("gone.md"))
        settings = {"fathom": {"pinned": ["gone.md", ".env"], "index": False}}
        editor.notify("workspace/didChangeConfiguration", {"settings": settings})
        await editor.wait_for(mentions(".env"))
        told = [each["message"] for each in editor.sent(SHOWN)]
        assert len(told) == 2
        assert not any("terms.md" in message for message in told)
        assert editor.server.session.options.pinned == ("gone.md", ".env")


async def test_a_list_that_is_none_is_told(tmp_path: Path) -> None:
    async with open_editor() as editor:
        await editor.initialize(GHOST_TEXT, initializationOptions={"pinned": "terms.md", "index": False})
        message = await editor.wait_for(mentions("pinned"))
        assert "no list" in message["params"]["message"]
