"""An action from its command to the change in the editor, and all that can come between."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from lsp_server.edits import journal
from lsp_server.models.backend import ModelState
from lsp_server.models.scripted import ScriptedBackend
from lsp_server.protocol import edit_report
from tests.protocol.author import ALL, NEW, PLAIN, REPLY, TEXT, URI, Author, open_author, started

DONE = TEXT.replace("r * r", "r**2")
SHORT = "def area(r):\n    return 1\n```"


def gated(*replies: str) -> tuple[asyncio.Event, ScriptedBackend]:
    """A model that says nothing until the gate is opened."""
    gate = asyncio.Event()
    return gate, ScriptedBackend(replies or (REPLY,), gate=gate)


async def begun(author: Author, backend: ScriptedBackend, gate: asyncio.Event, **more: Any) -> None:
    """An edit of which the model has been asked and has said nothing yet."""
    author.open(TEXT)
    await author.act("simplify", **more)
    await started(gate, backend)


async def test_an_edit_is_one_versioned_change_that_touches_only_what_differs() -> None:
    async with open_author() as author:
        await author.start()
        author.open(TEXT)
        await author.act("simplify", version=1)
        await author.rest()
        assert author.text() == DONE
        (sent,) = author.sent("workspace/applyEdit")
        assert sent["label"] == "Fathom: Simplify"
        (document,) = sent["edit"]["documentChanges"]
        assert document["textDocument"] == {"uri": URI, "version": 1}
        assert len(document["edits"]) == 1
        assert "changeAnnotations" not in sent["edit"]
        assert [step[URI].string for step in author.steps] == [TEXT]
        assert author.said() == []
        assert author.server.running == []


async def test_what_becomes_of_an_edit_is_told_while_it_is_made() -> None:
    async with open_author() as author:
        await author.start()
        author.open(TEXT)
        await author.act("simplify")
        await author.rest()
        assert author.events() == ["begin", "lines", "lines", "end"]
        first, *lines, last = author.sent("fathom/edit")
        assert (first["title"], first["version"], first["uri"]) == ("Fathom: Simplify", 1, URI)
        assert first["range"]["start"] == {"line": 3, "character": 0}
        assert [line for event in lines for line in event["lines"]] == NEW.splitlines()
        assert (last["outcome"], last["id"]) == ("applied", first["id"])
        (token,) = {params["token"] for params in author.sent("$/progress")}
        assert token == first["id"]
        begin, *reports, end = [params["value"] for params in author.sent("$/progress")]
        assert (begin["kind"], begin["title"], begin["cancellable"]) == ("begin", "Fathom: Simplify", True)
        assert all(value["kind"] == "report" for value in reports)
        assert end["kind"] == "end"


async def test_a_client_that_does_not_ask_for_the_preview_gets_none() -> None:
    async with open_author() as author:
        await author.start({**ALL, "experimental": None})
        author.open(TEXT)
        await author.act("simplify")
        await author.rest()
        assert author.text() == DONE
        assert author.events() == []


async def test_a_client_with_nothing_at_all_gets_plain_changes_and_a_word_at_start_and_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(edit_report, "PATIENCE", 0.0)
    gate, backend = gated()
    async with open_author(backend) as author:
        await author.start(PLAIN)
        author.server.session.backend()
        backend.enter(ModelState("ready"))
        await begun(author, backend, gate)
        await author.until_asked("window/showMessage")
        gate.set()
        await author.rest()
        assert author.text() == DONE
        (sent,) = author.sent("workspace/applyEdit")
        assert list(sent["edit"]) == ["changes"]
        assert author.said() == [
            "Fathom: Simplify: working … `fathom.cancel` stops it.",
            "Fathom: Simplify: done.",
        ]
        assert author.sent("$/progress") == []


async def test_what_is_quick_needs_no_word_in_a_client_without_progress() -> None:
    async with open_author() as author:
        await author.start(PLAIN)
        author.open(TEXT)
        await author.act("simplify")
        await author.rest()
        assert author.text() == DONE
        assert author.said() == []


async def test_a_model_that_is_being_loaded_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(edit_report, "PATIENCE", 0.0)
    _, backend = gated()
    async with open_author(backend) as author:
        await author.start(PLAIN)
        author.server.session.backend()
        backend.enter(ModelState("loading"))
        author.open(TEXT)
        await author.act("simplify")
        shown = await author.until_asked("window/showMessage")
        assert "the model is being loaded" in shown["params"]["message"]


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
async def test_a_change_that_is_not_applied_is_shown_and_forgotten(answer: str) -> None:
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


async def test_a_client_with_annotations_asks_its_user_itself() -> None:
    edit = {**ALL["workspace"]["workspaceEdit"], "changeAnnotationSupport": {"groupsOnLabel": True}}  # type: ignore[dict-item]
    async with open_author(ScriptedBackend([BROKEN])) as author:
        await author.start({**ALL, "workspace": {"workspaceEdit": edit}})
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


# --- What cannot be done ---


async def test_an_edit_that_is_refused_is_said_in_a_message() -> None:
    async with open_author(ScriptedBackend(["NO CHANGE: it is simple\n"])) as author:
        await author.start()
        author.open(TEXT)
        await author.act("simplify")
        await author.rest()
        assert author.ending() == ("refused", "no-change")
        assert author.said() == ["Fathom: Simplify: The model would change nothing: it is simple"]
        assert author.sent("window/showMessage")[0]["type"] == 3


def command(**more: object) -> dict[str, object]:
    span = {"start": {"line": 3, "character": 0}, "end": {"line": 5, "character": 0}}
    return {
        "command": "fathom.edit",
        "arguments": [{"action": "simplify", "uri": URI, "range": span, **more}],
    }


@pytest.mark.parametrize(
    "more", [{"action": "nothing"}, {"action": None}, {"uri": 3}, {"range": None}, {"range": {"start": 1}}]
)
async def test_a_command_without_sense_is_an_error(more: dict[str, object]) -> None:
    async with open_author() as author:
        await author.start()
        author.open(TEXT)
        answer = await author.answer(author.request("workspace/executeCommand", command(**more)))
        assert answer["error"]["code"] == -32602


@pytest.mark.parametrize(
    ("more", "message"), [({"version": 7}, "has changed since"), ({"uri": "file:///x.py"}, "not opened")]
)
async def test_an_action_for_another_text_is_not_begun(more: dict[str, object], message: str) -> None:
    async with open_author() as author:
        await author.start()
        author.open(TEXT)
        await author.act("simplify", **more)
        assert message in author.said()[0]
        assert author.server.running == []


async def test_a_definition_is_looked_for_at_the_cursor() -> None:
    async with open_author() as author:
        await author.start()
        author.open(TEXT)
        await author.act("document", (4, 10, 4, 10))
        await author.rest()
        assert author.text() == DONE
        assert author.sent("fathom/edit")[0]["range"]["start"] == {"line": 3, "character": 0}
        await author.act("document", (0, 3, 0, 3))
        await author.rest()
        assert "There is no definition at the cursor" in author.said()[-1]


async def test_a_diagnostic_goes_to_the_model() -> None:
    backend = ScriptedBackend(["print(area(3))\n```"])
    async with open_author(backend) as author:
        await author.start()
        author.open(TEXT)
        span = {"start": {"line": 7, "character": 6}, "end": {"line": 7, "character": 10}}
        wrong = {"range": span, "message": "undefined: area"}
        await author.act("fix", (7, 6, 7, 10), diagnostics=[wrong, 3, {"message": "x"}])
        await author.rest()
        assert "undefined: area" in str(backend.prompts[0])
        assert author.text() == TEXT.replace("2", "3")


async def test_an_instruction_of_the_client_goes_to_the_model() -> None:
    backend = ScriptedBackend([REPLY])
    async with open_author(backend) as author:
        await author.start()
        author.open(TEXT)
        await author.act("rewrite", instruction="use a power")
        await author.rest()
        assert "use a power" in str(backend.prompts[0])
        assert author.text() == DONE


async def test_an_instruction_in_a_comment_is_taken_and_goes() -> None:
    backend = ScriptedBackend([REPLY])
    async with open_author(backend) as author:
        await author.start()
        author.open(TEXT.replace("def area", "# fathom: use a power\ndef area"))
        await author.act("rewrite", (3, 0, 6, 0))
        await author.rest()
        assert "use a power" in str(backend.prompts[0])
        assert author.text() == DONE


async def test_a_failure_inside_is_said_and_ends_the_edit(monkeypatch: pytest.MonkeyPatch) -> None:
    async with open_author() as author:
        await author.start()
        author.open(TEXT)

        async def fail(*_: object) -> None:
            raise ZeroDivisionError

        monkeypatch.setattr(type(author.server.session), "edit", fail)
        await author.act("simplify")
        await author.rest()
        assert author.ending() == ("refused", "failed")
        assert author.server.running == []


async def test_an_edit_that_runs_when_the_server_stops_is_ended_quietly() -> None:
    gate, backend = gated()
    async with open_author(backend) as author:
        await author.start()
        await begun(author, backend, gate)
        await author.ask("shutdown")
    assert author.said() == []
    assert backend.running == 0


# --- Words instead of changes ---


async def test_an_explanation_is_shown_in_a_document_and_changes_nothing() -> None:
    async with open_author(ScriptedBackend(["It gives the *area*."])) as author:
        await author.start()
        author.open(TEXT)
        await author.act("explain")
        await author.rest()
        (shown,) = author.sent("window/showDocument")
        assert shown["uri"].endswith(".md")
        assert author.ending() == ("shown", None)
        assert author.text() == TEXT
        assert author.said() == []


async def test_an_explanation_is_a_message_where_no_document_can_be_shown() -> None:
    async with open_author(ScriptedBackend(["It gives the *area*."])) as author:
        await author.start(PLAIN)
        author.open(TEXT)
        await author.act("explain")
        await author.rest()
        assert author.said() == ["It gives the *area*.\n"]


async def test_typing_does_not_stop_an_explanation() -> None:
    gate, backend = gated("It gives the area.")
    async with open_author(backend) as author:
        await author.start()
        author.open(TEXT)
        await author.act("explain")
        await started(gate, backend)
        author.type(4, 4, 4, 4, "x = ")
        gate.set()
        await author.rest()
        assert author.ending() == ("shown", None)
