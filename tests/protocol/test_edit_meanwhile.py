"""What the user does while an edit is made: types, closes, asks for another one, cancels."""

from __future__ import annotations

import pytest

from lsp_server.models.scripted import ScriptedBackend
from tests.protocol.author import (
    DONE,
    PLAIN,
    TEXT,
    URI,
    begun,
    command,
    gated,
    open_author,
)

# --- The user goes on typing ---


async def test_what_is_typed_above_moves_the_change() -> None:
    gate, backend = gated()
    async with open_author(backend) as author:
        await author.start()
        await begun(author, backend, gate)
        author.type(0, 0, 0, 0, "# 𝕏 new\n")
        author.type(8, 0, 8, 5, "assert")
        gate.set()
        await author.rest()
        assert author.text() == "# 𝕏 new\n" + DONE.replace("print", "assert")
        (sent,) = author.sent("workspace/applyEdit")
        assert sent["edit"]["documentChanges"][0]["textDocument"]["version"] == 3


async def test_a_document_that_is_sent_whole_is_compared() -> None:
    gate, backend = gated()
    async with open_author(backend) as author:
        await author.start()
        await begun(author, backend, gate)
        new = "# one\n" + TEXT + "# two\n"
        author.type(0, 0, 9, 0, "")
        author.type(0, 0, 0, 0, new)
        gate.set()
        await author.rest()
        assert author.text() == new
        assert author.ending() == ("cancelled", "typed-inside")
        await author.act("simplify", (4, 0, 6, 0))
        document = {"uri": URI, "version": 9}
        author.versions[URI] = 9
        changes = [{"text": "# zero\n" + new}]
        author.notify("textDocument/didChange", {"textDocument": document, "contentChanges": changes})
        await author.rest()
        assert author.ending() == ("applied", None)


async def test_what_is_typed_inside_stops_the_edit_and_says_so() -> None:
    gate, backend = gated()
    async with open_author(backend) as author:
        await author.start()
        await begun(author, backend, gate)
        author.type(4, 4, 4, 4, "x = ")
        await author.rest()
        assert backend.running == 0
        assert author.ending() == ("cancelled", "typed-inside")
        assert author.said() == ["Fathom: Simplify: You have edited the text that it was to change."]
        assert author.sent("workspace/applyEdit") == []


async def test_a_document_that_is_closed_stops_its_edit() -> None:
    gate, backend = gated()
    async with open_author(backend) as author:
        await author.start()
        await begun(author, backend, gate)
        author.close()
        await author.rest()
        assert author.ending() == ("cancelled", "closed")


async def test_a_document_that_gets_out_of_sync_stops_its_edit() -> None:
    gate, backend = gated()
    async with open_author(backend) as author:
        await author.start()
        await begun(author, backend, gate)
        document = {"uri": URI, "version": 2}
        author.notify("textDocument/didChange", {"textDocument": document, "contentChanges": [{}]})
        await author.rest()
        assert author.ending() == ("cancelled", "out-of-sync")


async def test_a_document_that_is_opened_again_stops_its_edit() -> None:
    gate, backend = gated()
    async with open_author(backend) as author:
        await author.start()
        await begun(author, backend, gate)
        author.open("# new\n" + TEXT)
        await author.rest()
        assert author.ending() == ("cancelled", "out-of-sync")


async def test_a_version_that_goes_back_stops_the_edit() -> None:
    gate, backend = gated()
    async with open_author(backend) as author:
        await author.start()
        await begun(author, backend, gate)
        author.versions[URI] = 0
        author.type(0, 0, 0, 0, "# new\n")
        await author.rest()
        assert author.ending() == ("cancelled", "out-of-sync")


async def test_another_edit_of_the_document_replaces_the_first() -> None:
    gate, backend = gated()
    async with open_author(backend) as author:
        await author.start()
        await begun(author, backend, gate)
        await author.act("errors")
        gate.set()
        await author.rest()
        ends = [event for event in author.sent("fathom/edit") if event["kind"] == "end"]
        assert [(each["outcome"], each.get("reason")) for each in ends] == [
            ("cancelled", "replaced"),
            ("applied", None),
        ]
        assert author.said() == ["Fathom: Simplify: Another edit of this document was begun."]
        assert author.text() == DONE


async def test_two_documents_are_edited_at_once() -> None:
    gate, backend = gated()
    async with open_author(backend) as author:
        await author.start()
        other = "file:///project/other.py"
        author.open(TEXT, other)
        await begun(author, backend, gate)
        await author.act("simplify", uri=other)
        author.type(4, 4, 4, 4, "x = ")
        gate.set()
        await author.rest()
        assert author.text(other) == DONE
        assert author.text() == TEXT.replace("return", "x = return")


# --- Cancelling ---


@pytest.mark.parametrize("way", ["progress", "command", "command for all"])
async def test_an_edit_is_cancelled_while_the_model_works(way: str) -> None:
    gate, backend = gated()
    async with open_author(backend) as author:
        await author.start()
        await begun(author, backend, gate)
        if way == "progress":
            author.notify("window/workDoneProgress/cancel", {"token": author.sent("fathom/edit")[0]["id"]})
        else:
            await author.command("fathom.cancel", *([{"uri": URI}] if way == "command" else []))
        await author.rest()
        assert backend.running == 0
        assert author.ending() == ("cancelled", "cancelled")
        assert author.sent("$/progress")[-1]["value"]["kind"] == "end"
        assert author.sent("workspace/applyEdit") == []
        assert author.said() == []


async def test_an_edit_is_cancelled_before_its_first_step() -> None:
    async with open_author() as author:
        await author.start(PLAIN)
        author.open(TEXT)
        author.request("workspace/executeCommand", command())
        author.request("workspace/executeCommand", {"command": "fathom.cancel"})
        await author.rest()
        assert author.said() == ["Fathom: Simplify: It was cancelled."]
        assert author.server.running == []


async def test_an_edit_is_cancelled_while_the_user_is_asked() -> None:
    async with open_author(ScriptedBackend(["def area(r:\n```"])) as author:
        await author.start()
        author.open(TEXT)
        await author.act("simplify")
        await author.until_asked("window/showMessageRequest")
        await author.command("fathom.cancel")
        await author.rest()
        assert author.ending() == ("cancelled", "cancelled")
        assert author.text() == TEXT


async def test_what_has_been_sent_is_not_cancelled_but_follows_the_answer() -> None:
    async with open_author() as author:
        await author.start()
        author.answers_to["workspace/applyEdit"] = ...
        author.open(TEXT)
        await author.act("simplify")
        sent = await author.until_asked("workspace/applyEdit")
        await author.command("fathom.cancel")
        author.receive(id=sent["id"], result={"applied": True})
        await author.rest()
        assert author.ending() == ("applied", None)


async def test_another_document_is_not_cancelled() -> None:
    gate, backend = gated()
    async with open_author(backend) as author:
        await author.start()
        await begun(author, backend, gate)
        await author.command("fathom.cancel", {"uri": "file:///project/other.py"})
        author.notify("window/workDoneProgress/cancel", {"token": "another"})
        author.notify("window/workDoneProgress/cancel", None)
        gate.set()
        await author.rest()
        assert author.text() == DONE
