"""The menu as each client can read it; and that listing costs nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from context.complaints import Complaint
from lsp_server.config import Options
from lsp_server.features.instructions import Action
from lsp_server.features.own_actions import OwnActions, read_own_actions
from lsp_server.models.backend import Backend, ModelState
from lsp_server.models.scripted import ScriptedBackend
from tests.protocol.author import PLAIN, SELECTION, TEXT, URI, Author, as_range, open_author
from tests.protocol.editor import CLIENTS, open_editor
from tests.protocol.test_initialize import read_client

LITERALS = {"textDocument": {"codeAction": {"codeActionLiteralSupport": {}}}}
DISABLED = {"textDocument": {"codeAction": {"codeActionLiteralSupport": {}, "disabledSupport": True}}}
WRONG = {"range": as_range((7, 6, 7, 10)), "message": "undefined: area", "severity": 1, "code": "F821"}


def question(span: tuple[int, int, int, int] = SELECTION, **context: object) -> dict[str, object]:
    document = {"uri": URI}
    return {"textDocument": document, "range": as_range(span), "context": {"diagnostics": [], **context}}


async def menu(author: Author, *span: int, **context: object) -> list[dict[str, Any]]:
    where = (span[0], span[1], span[2], span[3]) if span else SELECTION
    found: list[dict[str, Any]] = await author.ask("textDocument/codeAction", question(where, **context))
    return found


@pytest.mark.parametrize("path", CLIENTS, ids=lambda path: path.stem)
async def test_every_real_editor_lists_an_action_and_gets_its_change(path: Path) -> None:
    capabilities, info = read_client(path)
    wanted = capabilities.get("textDocument", {}).get("codeAction") is not None
    no_edits = capabilities.get("workspace", {}).get("applyEdit") is False
    encodings = capabilities.get("general", {}).get("positionEncodings", ["utf-16"])
    async with open_author(encoding=encodings[0]) as author:
        offered = await author.start(capabilities, clientInfo=info)
        provider = offered["capabilities"].get("codeActionProvider")
        assert (provider is not None) == (wanted and not no_edits)
        author.open(TEXT)
        found = await menu(author)
        if no_edits:
            assert found == []
            return
        entry = next(each for each in found if each["title"] == "Fathom: Simplify")
        command = entry["command"] if isinstance(entry["command"], dict) else entry
        assert await author.command(command["command"], *command["arguments"]) is None
        await author.rest()
        assert author.text() == TEXT.replace("r * r", "r**2")
        assert len(author.steps) == 1
        assert (
            author.sent("window/workDoneProgress/create") == [] or capabilities["window"]["workDoneProgress"]
        )
        assert author.sent("fathom/edit") == []


async def test_an_action_is_a_command_that_carries_all_that_it_needs() -> None:
    async with open_author() as author:
        await author.start(LITERALS)
        author.open(TEXT)
        (fix,) = await menu(author, 7, 0, 7, 0, diagnostics=[WRONG], only=["quickfix"])
        assert fix["kind"] == "quickfix"
        assert fix["diagnostics"] == [WRONG]
        assert not {"edit", "isPreferred", "data", "disabled", "tags"} & fix.keys()
        assert fix["command"]["command"] == "fathom.edit"
        assert fix["command"]["arguments"] == [
            {
                "action": "fix",
                "uri": URI,
                "version": 1,
                "range": WRONG["range"],
                "diagnostics": [{"range": WRONG["range"], "message": "undefined: area"}],
            }
        ]


async def test_a_client_that_knows_commands_only_gets_commands() -> None:
    async with open_author() as author:
        await author.start(PLAIN)
        author.open(TEXT)
        found = await menu(author)
        assert found
        assert {each["command"] for each in found} == {"fathom.edit"}
        assert {tuple(each) for each in found} == {("title", "command", "arguments")}


async def test_what_a_model_is_behind_is_marked_where_that_is_shown() -> None:
    actions = {"codeActionLiteralSupport": {}, "tagSupport": {"valueSet": [1]}}
    async with open_author() as author:
        await author.start({"textDocument": {"codeAction": actions}})
        author.open(TEXT)
        assert all(each["tags"] == [1] for each in await menu(author))


async def test_an_action_that_cannot_be_used_is_shown_with_a_reason_or_not_at_all() -> None:
    for capabilities, shown in ((DISABLED, True), (LITERALS, False), (PLAIN, False)):
        async with open_author() as author:
            await author.start(capabilities)
            author.open(TEXT)
            found = [each for each in await menu(author) if "with an instruction" in each["title"]]
            assert bool(found) is shown
            assert all("comment" in each["disabled"]["reason"] for each in found)
            assert all("command" not in each for each in found)


async def test_a_model_that_has_failed_is_the_reason_of_all() -> None:
    backend = ScriptedBackend(["x"])
    async with open_author(backend) as author:
        await author.start(DISABLED)
        author.open(TEXT)
        author.server.session.backend()
        backend.enter(ModelState("failed", message="It crashed five times."))
        reasons = {each["disabled"]["reason"] for each in await menu(author, only=["refactor.explain"])}
        assert reasons == {"It crashed five times."}


async def test_a_client_that_asks_for_instructions_is_offered_the_rewrite() -> None:
    capabilities = {**LITERALS, "experimental": {"fathom": {"instruction": True}}}
    async with open_author() as author:
        await author.start(capabilities)
        author.open(TEXT)
        assert "Fathom: Rewrite with an instruction" in [each["title"] for each in await menu(author)]


async def test_an_editor_that_looks_by_itself_gets_one_entry_at_most() -> None:
    async with open_author() as author:
        await author.start(LITERALS)
        author.open(TEXT)
        assert await menu(author, triggerKind=2) == []
        assert len(await menu(author, triggerKind=2, diagnostics=[WRONG, WRONG])) == 1
        assert await menu(author, triggerKind=2, diagnostics=[WRONG], only=["source.organizeImports"]) == []


async def test_actions_of_the_user_are_offered_and_run() -> None:
    async with open_author(backend := ScriptedBackend(["def area(r):\n    return 1\n```"])) as author:
        await author.start(LITERALS)
        shout = Action("own.shout", "Shout", "refactor.rewrite", "Make it loud.", "selection")
        author.server.own_actions = OwnActions(actions=(shout,))
        author.open(TEXT)
        entry = next(each for each in await menu(author) if each["title"] == "Fathom: Shout")
        await author.command("fathom.edit", *entry["command"]["arguments"])
        await author.rest()
        assert "Make it loud." in str(backend.prompts[0])
        assert "return 1" in author.text()


def table(name: str) -> str:
    return f'[[action]]\nname = "{name}"\ninstruction = "Make it {name}."\n'


async def test_actions_that_the_user_writes_are_in_the_next_menu_and_what_is_wrong_is_said_once(
    tmp_path: Path,
) -> None:
    path = tmp_path / "actions.toml"
    async with open_author() as author:
        await author.start(LITERALS)
        author.server.own_actions = read_own_actions(path)
        author.open(TEXT)

        async def own() -> list[str]:
            return [each["title"] for each in await menu(author) if each["title"].startswith("Fathom: l")]

        assert await own() == []
        path.write_text(table("loud"))
        assert await own() == ["Fathom: loud"]
        path.write_text(table("loud") + table("long") + "[[action]]")
        assert await own() == await own() == ["Fathom: loud", "Fathom: long"]
        assert author.said() == [f"Fathom's actions: {path}: action 3 has no name."]
        path.touch()
        await own()
        assert len(author.said()) == 1
        path.unlink()
        assert await own() == []


async def test_a_document_that_is_not_open_has_no_actions() -> None:
    async with open_author() as author:
        await author.start(LITERALS)
        assert await menu(author) == []


async def test_listing_opens_no_model_and_is_answered_before_the_next_message() -> None:
    opened: list[str] = []

    def opener(name: str) -> Backend:
        opened.append(name)
        return ScriptedBackend(["x"])

    long = "".join(f"def area_{number}(r):\n    return r\n\n\n" for number in range(500))
    assert long.count("\n") == 2_000
    async with open_editor(opener=opener, options=Options(index=False)) as editor:
        await editor.initialize(LITERALS)
        editor.open(long, URI)
        number = editor.request("textDocument/codeAction", question((1001, 4, 1001, 4)))
        (answer,) = editor.answers(number)
        assert "Fathom: Document: area_250" in [each["title"] for each in answer["result"]]
        assert opened == []


async def test_the_columns_of_the_client_are_counted() -> None:
    text = 'x = "😀", f(1)\n'
    for encoding, column in (("utf-8", 11), ("utf-16", 9), ("utf-32", 8)):
        async with open_author(ScriptedBackend(['x = "😀", f(2)\n```']), encoding) as author:  # type: ignore[arg-type]
            await author.start({**LITERALS, "general": {"positionEncodings": [encoding]}})
            author.open(text)
            found = await menu(author, 0, column, 0, column + 4, only=["refactor.rewrite.simplify"])
            await author.command("fathom.edit", *found[0]["command"]["arguments"])
            await author.rest()
            assert author.text() == text.replace("1", "2")


@pytest.mark.parametrize("end", ["\n", "\r\n"])
async def test_line_ends_are_kept(end: str) -> None:
    reply = "def area(r):\n    a = r**2\n    return math.pi * a\n```"
    async with open_author(ScriptedBackend([reply])) as author:
        await author.start()
        author.open(TEXT.replace("\n", end))
        await author.act("simplify")
        await author.rest()
        expected = TEXT.replace("    return math.pi * r * r", "    a = r**2\n    return math.pi * a")
        assert author.text() == expected.replace("\n", end)


async def test_what_the_client_says_of_the_lines_is_kept_until_it_says_something_else() -> None:
    async with open_author() as author:
        await author.start(LITERALS)
        author.open(TEXT)
        workspace = author.server.session.workspace
        await menu(author, 7, 0, 7, 0, diagnostics=[WRONG])
        assert workspace.snapshot.complaints == {URI: (Complaint(7, 7, WRONG["message"]),)}
        await menu(author, 1, 0, 1, 0)
        assert workspace.snapshot.complaints
        await menu(author, 7, 0, 7, 0)
        assert not workspace.snapshot.complaints
        await menu(author, 7, 0, 7, 0, diagnostics=[WRONG])
        author.notify("textDocument/didClose", {"textDocument": {"uri": URI}})
        assert not workspace.snapshot.complaints
