"""An action from its command to the change in the editor, and why there may be none."""

from __future__ import annotations

import asyncio

import pytest

from lsp_server.models.backend import ModelState
from lsp_server.models.scripted import ScriptedBackend
from lsp_server.protocol import edit_report
from tests.protocol.author import (
    ALL,
    DONE,
    NEW,
    PLAIN,
    REPLY,
    TEXT,
    URI,
    begun,
    command,
    gated,
    open_author,
    started,
)


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


async def test_while_a_long_prompt_is_read_the_progress_says_how_far_it_is() -> None:
    gate = asyncio.Event()
    backend = ScriptedBackend([REPLY], gate=gate, reads=(40,))
    backend.listen(lambda state: gate.clear() if state.phase == "reading" else None)
    async with open_author(backend) as author:
        await author.start()
        author.open(TEXT)
        await author.act("simplify")
        gate.set()
        shown = await author.wait_for(lambda message: "40 %" in str(message.get("params")))
        assert shown["params"]["value"]["message"].startswith("reading about ")
        gate.set()
        await author.rest()
        assert author.text() == DONE


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


@pytest.mark.parametrize(
    ("path", "ending"),
    [
        ("/elsewhere/shop.py", ("applied", None)),
        ("/elsewhere/.git/hooks/shop.py", ("refused", "excluded")),
        ("/home/me/.config/autostart/shop.py", ("refused", "refused")),
    ],
)
async def test_a_file_that_is_opened_by_itself_is_changed_unless_it_is_protected(
    path: str, ending: tuple[str, str | None]
) -> None:
    async with open_author() as author:
        await author.start()
        author.open(TEXT, f"file://{path}")
        await author.act("simplify", uri=f"file://{path}")
        await author.rest()
        assert author.ending() == ending


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
