"""What the editor and its user say to a change."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from lsp_server.edits import journal
from lsp_server.models.scripted import ScriptedBackend
from lsp_server.protocol import land
from tests.protocol.author import (
    ALL,
    DONE,
    TEXT,
    open_author,
)

# --- The editor's answer ---


async def test_a_change_that_came_too_late_is_tried_once_more() -> None:
    async with open_author() as author:
        await author.start()
        author.open(TEXT)
        author.before_applying = [(0, 0, 0, 0, "# new\n")]
        await author.act("simplify")
        await author.rest()
        assert author.text() == "# new\n" + DONE
        assert len(author.sent("workspace/applyEdit")) == 2
        (change,) = journal.changes(journal.journal_folder())
        assert change.files[0].before == "# new\n" + TEXT


async def test_an_editor_that_tells_of_typing_later_is_waited_for() -> None:
    async with open_author() as author:
        await author.start()
        author.open(TEXT)
        author.before_applying = [(0, 0, 0, 0, "# new\n")]
        author.held = []
        await author.act("simplify")
        await author.until_asked("workspace/applyEdit")
        for _ in range(20):
            await asyncio.sleep(0)
        (news,) = author.held
        author.notify("textDocument/didChange", news)
        await author.rest()
        assert author.text() == "# new\n" + DONE


async def test_it_is_not_tried_a_third_time() -> None:
    async with open_author() as author:
        await author.start()
        author.open(TEXT)
        author.before_applying = [(0, 0, 0, 0, "# 1\n"), (0, 0, 0, 0, "# 2\n")]
        await author.act("simplify")
        await author.rest()
        assert author.text() == "# 2\n# 1\n" + TEXT
        assert len(author.sent("workspace/applyEdit")) == 2
        assert author.ending() == ("refused", "not-applied")


async def test_what_is_typed_inside_at_the_last_moment_is_kept() -> None:
    async with open_author() as author:
        await author.start()
        author.open(TEXT)
        author.before_applying = [(4, 4, 4, 10, "yield")]
        await author.act("simplify")
        await author.rest()
        assert author.text() == TEXT.replace("return", "yield")
        assert author.ending() == ("refused", "typed-inside")


@pytest.mark.parametrize("answer", ["false", "error", "nothing"])
async def test_a_change_that_is_not_applied_is_shown_and_forgotten(
    answer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(land, "NEWS", 0.0)
    async with open_author() as author:
        await author.start()
        results: dict[str, Any] = {
            "false": {"applied": False, "failureReason": "read-only"},
            "error": RuntimeError("read-only"),
            "nothing": None,
        }
        author.answers_to["workspace/applyEdit"] = results[answer]
        author.open(TEXT)
        await author.act("simplify")
        await author.rest()
        assert author.ending() == ("refused", "not-applied")
        (shown,) = author.sent("window/showDocument")
        assert shown["uri"].endswith(".diff")
        assert len(author.sent("workspace/applyEdit")) == 1
        assert list(journal.changes(journal.journal_folder())) == []
        assert (": read-only. It is shown as a diff." in author.said()[0]) is (answer != "nothing")


async def test_a_journal_that_cannot_be_written_does_not_cost_the_edit() -> None:
    folder = journal.journal_folder()
    folder.parent.mkdir(parents=True)
    folder.write_text("no folder")
    async with open_author() as author:
        await author.start()
        author.open(TEXT)
        await author.act("simplify")
        await author.rest()
        assert author.text() == DONE
        assert author.ending() == ("applied", None)


# --- Doubts ---

BROKEN = "def area(r:\n    return 1\n```"


ANNOTATIONS = {"documentChanges": True, "changeAnnotationSupport": {"groupsOnLabel": True}}
ASKS = {**ALL, "workspace": {"workspaceEdit": ANNOTATIONS}}


async def test_a_client_with_annotations_asks_its_user_itself() -> None:
    async with open_author(ScriptedBackend([BROKEN])) as author:
        await author.start(ASKS)
        author.open(TEXT)
        await author.act("simplify")
        await author.rest()
        (sent,) = author.sent("workspace/applyEdit")
        (annotation,) = sent["edit"]["changeAnnotations"].values()
        assert annotation["needsConfirmation"] is True
        assert "syntax error" in annotation["description"]
        (document,) = sent["edit"]["documentChanges"]
        assert {each["annotationId"] for each in document["edits"]} == set(sent["edit"]["changeAnnotations"])
        assert author.sent("window/showMessageRequest") == []
        assert author.ending() == ("applied", None)


@pytest.mark.parametrize("applied", [True, False])
async def test_a_user_who_says_no_is_believed_whatever_the_editor_says(
    applied: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(land, "NEWS", 0.0)
    async with open_author(ScriptedBackend([BROKEN])) as author:
        author.answers_to["workspace/applyEdit"] = {"applied": applied}
        await author.start(ASKS)
        author.open(TEXT)
        await author.act("simplify")
        await author.rest()
        assert author.ending() == ("refused", "declined")
        assert len(author.sent("workspace/applyEdit")) == 1
        assert author.sent("window/showDocument") == []
        assert list(journal.changes(journal.journal_folder())) == []


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ({"title": "Apply"}, None),
        ({"title": "Cancel"}, "declined"),
        (None, "declined"),
        (RuntimeError("no such method"), "syntax"),
    ],
)
async def test_other_clients_are_asked_by_a_message(answer: Any, reason: str | None) -> None:
    async with open_author(ScriptedBackend([BROKEN])) as author:
        author.answers_to["window/showMessageRequest"] = answer
        await author.start()
        author.open(TEXT)
        await author.act("simplify")
        await author.rest()
        (asked,) = author.sent("window/showMessageRequest")
        assert [each["title"] for each in asked["actions"]] == ["Apply", "Cancel"]
        assert author.ending() == ("refused" if reason else "applied", reason)
        assert (author.text() == TEXT) is bool(reason)
        if reason == "syntax":
            assert "cannot ask you" in author.said()[0]


async def test_what_is_typed_while_the_user_is_asked_is_kept() -> None:
    async with open_author(ScriptedBackend([BROKEN])) as author:
        await author.start()
        author.open(TEXT)
        await author.act("simplify")
        asked = await author.until_asked("window/showMessageRequest")
        author.type(0, 0, 0, 0, "# new\n")
        author.receive(id=asked["id"], result={"title": "Apply"})
        await author.rest()
        assert author.text().startswith("# new\nimport math\n\n\ndef area(r:\n")
