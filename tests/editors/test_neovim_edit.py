"""Code actions in a real Neovim: listed, run, applied, undone in one step, cancelled."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from .nvim import RELEASES, Editor, install, open_editor
from .test_neovim import ATTACHED

pytestmark = [pytest.mark.editor, pytest.mark.timeout(120)]

TEXT = "import math\n\n\ndef area(r):\n    a = r * r\n    return math.pi * a\n\n\nprint('😀', area(2))\n"
REPLY = "def area(r):\n    return math.pi * r**2\n```"
DONE = "import math\n\n\ndef area(r):\n    return math.pi * r**2\n\n\nprint('😀', area(2))\n"

SERVER = """
import sys
import lsp_server.models.open as models
from lsp_server.cli import main
from lsp_server.models.scripted import ScriptedBackend
replies, delay = {replies!r}, {delay!r}
models.open_backend = lambda name, local: ScriptedBackend(replies, delay=delay)
sys.argv[1:] = ["serve"]
sys.exit(main())
"""

ACTIONS = """
local span = { start = { line = 3, character = 0 }, ["end"] = { line = 6, character = 0 } }
local params = { textDocument = vim.lsp.util.make_text_document_params(0), range = span }
params.context = { diagnostics = {} }
local answers = vim.lsp.buf_request_sync(0, "textDocument/codeAction", params, 5000)
local titles = {}
for _, answer in pairs(answers) do
  for _, action in ipairs(answer.result) do
    table.insert(titles, action.title .. (action.disabled and " (disabled)" or ""))
  end
end
return titles
"""

RUN = """
local title = ...
vim.lsp.buf.code_action({
  range = { start = { 4, 0 }, ["end"] = { 6, 22 } },
  filter = function(action) return action.title == title end,
  apply = true,
})
"""

BEFORE = """
vim.g.progress = {}
vim.api.nvim_create_autocmd("LspProgress", {
  callback = function(event)
    local seen = vim.g.progress
    table.insert(seen, { event.data.params.token, event.data.params.value.kind })
    vim.g.progress = seen
  end,
})
"""

CANCEL = """
local client = vim.lsp.get_clients({ name = "fathom" })[1]
client:notify("window/workDoneProgress/cancel", { token = vim.g.progress[1][1] })
"""

COMMAND = """
local client = vim.lsp.get_clients({ name = "fathom" })[1]
client:exec_cmd({ title = "", command = ..., arguments = {} })
"""

ASKED = """
local function asked(text)
  vim.g.asked = text
  return {answer}
end
vim.g.asked = ""
vim.fn.confirm = asked
vim.fn.inputlist = function(lines) return asked(lines[1]) end
"""
"""Neovim 0.12 asks about an annotation, 0.11 by a list."""

INPUT = """
vim.g.prompted = ""
vim.ui.input = function(options, answered)
  vim.g.prompted = options.prompt
  answered({text})
end
"""

Edit = Callable[..., Editor]


@pytest.fixture(params=RELEASES)
def edit(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Edit]:
    """Open TEXT in a Neovim, with a server whose model says these replies."""
    with ExitStack() as stack:

        def open_file(*replies: str, delay: float = 0.0, before: str = "", **more: object) -> Editor:
            file = tmp_path / "project" / "shop.py"
            file.parent.mkdir()
            file.write_text(TEXT, encoding="utf-8")
            program = SERVER.format(replies=list(replies), delay=delay)
            options: dict[str, object] = {"cmd": [sys.executable, "-c", program], **more}
            home = tmp_path / "home"
            nvim = install(request.param)
            editor = stack.enter_context(open_editor(nvim, home, file, options, BEFORE + before))
            editor.until("the server to be attached", lambda: bool(editor.lua(ATTACHED)))
            return editor

        yield open_file


def until_text(editor: Editor, text: str) -> None:
    editor.until(f"the text {text!r}", lambda: "\n".join([*editor.lines, ""]) == text)


def kinds(editor: Editor) -> list[str]:
    return [kind for _, kind in editor.lua("return vim.g.progress")]


@pytest.mark.shows("code actions")
def test_the_menu_has_what_can_be_done_with_a_selection(edit: Edit) -> None:
    editor = edit(REPLY)
    titles = editor.lua(ACTIONS)
    assert "Fathom: Simplify" in titles
    assert "Fathom: Explain" in titles
    assert "Fathom: Rewrite with an instruction" in titles


@pytest.mark.shows("one undo step", "progress")
def test_a_change_is_applied_and_undone_in_one_step(edit: Edit) -> None:
    editor = edit(REPLY)
    editor.lua(RUN, "Fathom: Simplify")
    until_text(editor, DONE)
    editor.type("u")
    until_text(editor, TEXT)
    assert editor.lua("return vim.fn.undotree().seq_cur") == 0
    editor.until("the end of the progress", lambda: kinds(editor)[-1:] == ["end"])
    assert kinds(editor)[0] == "begin"


@pytest.mark.shows("one undo step")
def test_an_import_comes_with_the_change_and_goes_with_it(edit: Edit) -> None:
    editor = edit(f"import cmath\n\n{REPLY}".replace("math.pi", "cmath.pi"))
    editor.lua(RUN, "Fathom: Simplify")
    until_text(editor, DONE.replace("math.pi", "cmath.pi").replace("math\n", "math\nimport cmath\n", 1))
    editor.type("u")
    until_text(editor, TEXT)
    assert editor.lua("return vim.fn.undotree().seq_cur") == 0


@pytest.mark.shows("cancel")
def test_an_edit_is_cancelled_by_its_progress(edit: Edit) -> None:
    editor = edit(REPLY, delay=0.5)
    editor.lua(RUN, "Fathom: Simplify")
    editor.until("the progress", lambda: kinds(editor))
    editor.lua(CANCEL)
    editor.until("the end of the progress", lambda: kinds(editor)[-1:] == ["end"])
    until_text(editor, TEXT)


def test_typing_above_moves_the_change(edit: Edit) -> None:
    editor = edit(REPLY, delay=0.05)
    editor.lua(RUN, "Fathom: Simplify")
    editor.until("the progress", lambda: kinds(editor))
    editor.type("ggO# größer 😀<Esc>")
    until_text(editor, "# größer 😀\n" + DONE)


def test_typing_inside_stops_the_edit_with_a_message(edit: Edit) -> None:
    editor = edit(REPLY, delay=0.2)
    editor.lua(RUN, "Fathom: Simplify")
    editor.until("the progress", lambda: kinds(editor))
    editor.type("5GAx<Esc>")
    editor.until("the end of the progress", lambda: kinds(editor)[-1:] == ["end"])
    editor.until("a message", lambda: "You have edited the text" in editor.command("messages"))
    until_text(editor, TEXT.replace("r * r", "r * rx"))


def test_an_instruction_in_a_comment_is_taken(edit: Edit) -> None:
    editor = edit(REPLY)
    editor.type("4GO# fathom: use a power<Esc>")
    editor.until_line(4, "# fathom: use a power")
    editor.lua(RUN.replace("6, 22", "7, 22"), "Fathom: Rewrite with an instruction")
    until_text(editor, DONE)


def test_the_action_without_an_instruction_asks_for_one(edit: Edit) -> None:
    editor = edit(REPLY, before=INPUT.format(text="'use a power'"))
    editor.lua(RUN, "Fathom: Rewrite with an instruction")
    until_text(editor, DONE)
    assert "what is to be done" in editor.lua("return vim.g.prompted")


def test_nothing_is_asked_of_the_model_if_the_user_gives_no_instruction(edit: Edit) -> None:
    editor = edit(REPLY, before=INPUT.format(text="nil"))
    editor.lua(RUN, "Fathom: Rewrite with an instruction")
    editor.until("the question", lambda: editor.lua("return vim.g.prompted"))
    editor.lua(RUN, "Fathom: Explain")
    editor.until("the answer in words", lambda: editor.lua("return vim.fn.expand('%:e')") == "md")
    assert "".join(editor.lines).startswith("def area(r)"), "the first reply, so nothing was asked before"


def test_lines_are_changed_by_a_command_with_a_range(edit: Edit) -> None:
    editor = edit(REPLY)
    editor.command("4,6Fathom edit use a power")
    until_text(editor, DONE)
    editor.command("Fathom undo")
    until_text(editor, TEXT)


@pytest.mark.shows("undo command")
def test_the_command_takes_the_change_back(edit: Edit) -> None:
    editor = edit(REPLY)
    editor.lua(RUN, "Fathom: Simplify")
    until_text(editor, DONE)
    editor.lua(COMMAND, "fathom.undo")
    until_text(editor, TEXT)
    editor.lua(COMMAND, "fathom.undo")
    editor.until("a message", lambda: "nothing of Fathom's to undo" in editor.command("messages"))


def test_an_explanation_is_opened_in_a_window(edit: Edit) -> None:
    editor = edit("It gives the *area*.")
    editor.lua(RUN, "Fathom: Explain")
    editor.until("the text", lambda: editor.lines == ["It gives the *area*."])
    assert editor.lua("return vim.fn.expand('%:e')") == "md"


@pytest.mark.parametrize("answer", [1, 2])
def test_a_doubt_is_asked_first(edit: Edit, answer: int) -> None:
    before = ASKED.format(answer=answer)
    editor = edit("def area(r:\n    return 1\n```", before=before)
    editor.lua(RUN, "Fathom: Simplify")
    editor.until("the question", lambda: editor.lua("return vim.g.asked"))
    editor.until("the end of the progress", lambda: kinds(editor)[-1:] == ["end"])
    assert ("def area(r:" in editor.lines) is (answer == 1)
    assert ("It was not applied." in editor.command("messages")) is (answer == 2)


# --- The preview ---

PREVIEW = """
local rows = {}
local id = vim.api.nvim_get_namespaces()["fathom.preview"]
for _, mark in ipairs(id and vim.api.nvim_buf_get_extmarks(0, id, 0, -1, { details = true }) or {}) do
  table.insert(rows, mark[2] + 1)
  for _, line in ipairs(mark[4].virt_lines or {}) do
    table.insert(rows, line[1][1])
  end
end
return rows
"""
"""The line below which it stands, from 1, its title, and its lines."""

WRITTEN = ["def area(r):", "    return math.pi * r**2"]


def preview(editor: Editor) -> list[Any]:
    return list(editor.lua(PREVIEW))


@pytest.mark.shows("preview")
def test_new_lines_are_shown_as_they_come_and_go_at_the_end(edit: Edit) -> None:
    editor = edit(REPLY, delay=0.15)
    editor.lua(RUN, "Fathom: Simplify")
    editor.until("a title", lambda: preview(editor)[:1] == [6])
    assert preview(editor)[1].startswith("Fathom: Simplify: ")
    editor.until("the first line", lambda: preview(editor)[2:] == WRITTEN[:1])
    below = editor.screen()[5:8]
    assert below[1].startswith("Fathom: Simplify: 1 line …")
    assert below[2] == "def area(r):"
    assert "\n".join([*editor.lines, ""]) == TEXT, "nothing is in the buffer yet"
    until_text(editor, DONE)
    editor.until("the preview to go", lambda: preview(editor) == [])


def test_the_preview_moves_with_what_is_typed_above(edit: Edit) -> None:
    editor = edit(REPLY, delay=0.15)
    editor.lua(RUN, "Fathom: Simplify")
    editor.until("a line", lambda: preview(editor)[2:])
    editor.type("ggO# new<Esc>")
    editor.until("the preview to move", lambda: preview(editor)[:1] == [7])
    until_text(editor, "# new\n" + DONE)
    editor.until("the preview to go", lambda: preview(editor) == [])


def test_the_preview_of_an_edit_that_is_cancelled_goes(edit: Edit) -> None:
    editor = edit(REPLY, delay=0.3)
    editor.lua(RUN, "Fathom: Simplify")
    editor.until("a line", lambda: preview(editor)[2:])
    editor.command("Fathom cancel")
    editor.until("the preview to go", lambda: preview(editor) == [])
    until_text(editor, TEXT)


def test_what_was_written_before_another_try_is_taken_away(edit: Edit) -> None:
    editor = edit("def area(r:\n```", REPLY, delay=0.15)
    editor.lua(RUN, "Fathom: Simplify")
    editor.until("the first try", lambda: preview(editor)[2:] == ["def area(r:"])
    editor.until("the second one", lambda: preview(editor)[2:] == WRITTEN[:1])
    until_text(editor, DONE)


def test_a_preview_ends_with_the_server(edit: Edit) -> None:
    editor = edit(REPLY, delay=0.5)
    editor.lua(RUN, "Fathom: Simplify")
    editor.until("a line", lambda: preview(editor)[2:])
    editor.lua("vim.lsp.get_clients({ name = 'fathom' })[1]:stop(true)")
    editor.until("the preview to go", lambda: preview(editor) == [])
    until_text(editor, TEXT)


def test_the_preview_can_be_switched_off(edit: Edit) -> None:
    seen = """
    vim.g.seen = false
    vim.api.nvim_create_autocmd("LspProgress", {
      callback = function()
        vim.g.seen = vim.g.seen or next((function() PREVIEW end)()) ~= nil
      end,
    })
    """.replace("PREVIEW", PREVIEW)
    editor = edit(REPLY, delay=0.05, before=seen, preview=False)
    editor.lua(RUN, "Fathom: Simplify")
    until_text(editor, DONE)
    assert not editor.lua("return vim.g.seen")
