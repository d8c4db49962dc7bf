"""Taking changes back in the editor: the last one, or a turn; never what was done later."""

from __future__ import annotations

from pathlib import Path

import pytest

from lsp_server.edits import journal
from lsp_server.edits.journal import FileChange
from lsp_server.models.scripted import ScriptedBackend
from tests.protocol.author import ALL, DONE, REPLY, TEXT, URI, Author, open_author


async def edited(author: Author) -> None:
    author.open(TEXT)
    await author.act("simplify")
    await author.rest()
    assert author.text() == DONE


async def undo(author: Author, name: str = "fathom.undo", uri: str | None = URI) -> None:
    assert await author.command(name, *([] if uri is None else [{"uri": uri}])) is None
    await author.rest()


def standing() -> list[str]:
    return [change.title for change in journal.standing(journal.changes(journal.journal_folder()))]


@pytest.mark.parametrize("uri", [URI, None])
async def test_the_last_change_is_taken_back_in_one_step_and_that_is_remembered(uri: str | None) -> None:
    async with open_author() as author:
        await author.start()
        await edited(author)
        await undo(author, uri=uri)
        assert author.text() == TEXT
        assert len(author.steps) == 2
        assert author.sent("workspace/applyEdit")[-1]["label"] == "Undo: Fathom: Simplify"
        assert standing() == ["Undo: Fathom: Simplify"]
        await undo(author, uri=uri)
        assert author.text() == TEXT
        assert author.said() == ["There is nothing of Fathom's to undo here."]


async def test_what_was_done_later_elsewhere_stays() -> None:
    async with open_author() as author:
        await author.start()
        await edited(author)
        author.type(0, 0, 0, 0, "# 1\n# 2\n# 3\n")
        await undo(author)
        assert author.text() == "# 1\n# 2\n# 3\n" + TEXT


async def test_later_work_in_the_same_lines_is_not_destroyed() -> None:
    async with open_author() as author:
        await author.start()
        await edited(author)
        author.type(4, 4, 4, 4, "x = 1; ")
        await undo(author)
        assert author.text() == DONE.replace("return", "x = 1; return")
        assert "was edited since in the same lines" in author.said()[0]


async def test_a_change_that_the_user_has_undone_by_hand_is_passed_over() -> None:
    async with open_author(ScriptedBackend([REPLY, "print(area(3))\n```"])) as author:
        await author.start()
        await edited(author)
        await author.act("simplify", (7, 0, 8, 0))
        await author.rest()
        assert author.text() == DONE.replace("2))", "3))")
        author.type(7, 11, 7, 12, "2")
        await undo(author)
        assert author.text() == TEXT


async def test_a_change_that_the_editor_does_not_take_back_stays_in_the_journal() -> None:
    async with open_author() as author:
        await author.start()
        await edited(author)
        author.refuses = ["read-only"]
        await undo(author)
        assert author.text() == DONE
        assert author.said() == ["Undo: Fathom: Simplify: read-only"]
        assert standing() == ["Fathom: Simplify"]


async def test_a_whole_turn_is_taken_back_also_in_files_that_are_not_open(tmp_path: Path) -> None:
    files = [tmp_path / name for name in ("a.py", "b.py", "new.py")]
    for file in files:
        file.write_text("new\n")
    first = [FileChange(file.as_uri(), file, "old\n", "new\n") for file in files[:2]]
    made = FileChange(files[2].as_uri(), files[2], None, "new\n")
    journal.record(journal.journal_folder(), "One", "turn", first)
    journal.record(journal.journal_folder(), "Two", "turn", [made])
    async with open_author() as author:
        await author.start(root=tmp_path)
        for file in files[:2]:
            author.open("new\n", file.as_uri())
        author.texts.pop(files[1].as_uri())
        author.notify("textDocument/didClose", {"textDocument": {"uri": files[1].as_uri()}})
        await undo(author, "fathom.undoTurn", None)
        (sent,) = author.sent("workspace/applyEdit")
        changes = sent["edit"]["documentChanges"]
        assert [each["textDocument"]["version"] for each in changes if "edits" in each] == [1, None]
        assert [each["uri"] for each in changes if each.get("kind") == "delete"] == [files[2].as_uri()]
        assert standing() == ["Undo: Two"]


async def test_a_file_that_the_editor_cannot_delete_keeps_the_change(tmp_path: Path) -> None:
    file = tmp_path / "new.py"
    file.write_text("new\n")
    journal.record(journal.journal_folder(), "Add", "", [FileChange(file.as_uri(), file, None, "new\n")])
    async with open_author() as author:
        await author.start({**ALL, "workspace": {}}, root=tmp_path)
        await undo(author, uri=None)
        assert author.said() == ["Undo: Add: The editor can neither make nor delete files."]
        assert standing() == ["Add"]


async def test_changes_of_other_folders_are_not_taken_back(tmp_path: Path) -> None:
    file = tmp_path / "a.py"
    file.write_text("new\n")
    journal.record(journal.journal_folder(), "Other", "", [FileChange(file.as_uri(), file, "old\n", "new\n")])
    async with open_author() as author:
        await author.start()
        await undo(author, uri=None)
        assert author.said() == ["There is nothing of Fathom's to undo here."]
