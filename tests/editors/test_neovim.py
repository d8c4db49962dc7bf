"""The Neovim plugin in a real Neovim: its details with scripted answers, the whole with the default model."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import platformdirs.unix
import pytest

from .nvim import Editor, folders_of_the_test, install, open_editor

pytestmark = [pytest.mark.editor, pytest.mark.timeout(120)]

ATTACHED = """
local client = vim.lsp.get_clients({ name = "fathom", bufnr = 0 })[1]
return client ~= nil and client.initialized == true
"""

MODEL_DEADLINE = 120.0
"""Seconds for the first text of a model that has to be loaded, on two busy cores."""

Edit = Callable[..., Editor]


DRAWN_BY = [
    pytest.param("native", marks=pytest.mark.editor("Neovim 0.12")),
    pytest.param("own", marks=pytest.mark.editor("Neovim 0.11")),
]


@pytest.fixture(params=DRAWN_BY)
def ghost(request: pytest.FixtureRequest) -> str:
    """Who draws the ghost text: Neovim 0.12 itself, or the plugin in a Neovim 0.11."""
    return str(request.param)


def fathom() -> str:
    """Return the `fathom` of the environment that runs the tests."""
    beside = Path(sys.executable).with_name("fathom")
    return str(beside) if beside.exists() else str(shutil.which("fathom"))


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Edit]:
    """Open a file with this text in Neovim; `before` is Lua for the user's init file.

    For the plugin's own ghost text it is a Neovim that has no other, unless the test names the release.
    """
    with ExitStack() as stack:

        def open_file(
            text: str, options: dict[str, object] | None, before: str = "", release: str = ""
        ) -> Editor:
            own = options is not None and options.get("ghost") == "own"
            program = install(release or ("0.11" if own else "0.12"))
            file = tmp_path / "project" / "shop.py"
            file.parent.mkdir(exist_ok=True)
            file.write_text(text, encoding="utf-8")
            return stack.enter_context(open_editor(program, tmp_path / "home", file, options, before))

        yield open_file


@pytest.fixture
def edit(start: Edit, tmp_path: Path) -> Edit:
    """Open a file with a server that gives scripted replies, one a request to the model, and then nothing."""

    def open_file(
        text: str, replies: list[str], before: str = "", release: str = "", **options: object
    ) -> Editor:
        script = tmp_path / "replies.jsonl"
        script.write_text("".join(json.dumps(reply) + "\n" for reply in [*replies, ""]), encoding="utf-8")
        command = [fathom(), "serve", "--model", f"scripted:{script}"]
        editor = start(text, {"cmd": command, **options}, before, release)
        editor.until("the server to be attached", lambda: bool(editor.lua(ATTACHED)))
        return editor

    return open_file


ADD = "a, b):\n    return a + b"


@pytest.mark.shows("ghost text")
def test_tab_accepts_all_of_a_text_of_several_lines(edit: Edit, ghost: str) -> None:
    editor = edit("x = 1\n", [ADD], ghost=ghost)
    editor.type("odef add(")
    editor.until_ghost(ADD)
    editor.type("<Tab>")
    editor.until("the text", lambda: editor.lines == ["x = 1", "def add(a, b):", "    return a + b"])
    assert editor.cursor == (3, len("    return a + b"))
    editor.until_no_ghost()


def test_the_plugin_can_draw_the_text_where_neovim_could(edit: Edit) -> None:
    editor = edit("x = 1\n", [ADD], ghost="own", release="0.12")
    editor.type("odef add(")
    editor.until_ghost(ADD)
    editor.type("<M-Down>")
    editor.until_ghost("\n    return a + b")
    editor.type("<Tab>")
    editor.until_line(3, "    return a + b")


def test_undo_takes_an_accepted_text_back_in_one_step(edit: Edit, ghost: str) -> None:
    editor = edit("x = 1\n", [ADD], ghost=ghost)
    editor.type("odef add(")
    editor.until_ghost(ADD)
    editor.type("<Tab>")
    editor.until("the text", lambda: len(editor.lines) == 3)
    editor.type("<Esc>u")
    editor.until("the text to go", lambda: editor.lines == ["x = 1", "def add("])


@pytest.mark.shows("accept a word or a line")
def test_words_and_lines_are_accepted_one_after_the_other(edit: Edit, ghost: str) -> None:
    editor = edit("x = 1\n", [ADD], ghost=ghost)
    editor.type("odef add(")
    editor.until_ghost(ADD)
    editor.type("<M-Right>")
    editor.until_line(2, "def add(a")
    editor.until_ghost(", b):\n    return a + b")
    editor.type("<M-Down>")
    editor.until_line(2, "def add(a, b):")
    editor.until_ghost("\n    return a + b")
    editor.type("<C-Right>")
    editor.until_line(3, "    return")
    editor.until_ghost(" a + b")
    editor.type("<M-Down>")
    editor.until_line(3, "    return a + b")
    assert editor.cursor == (3, len("    return a + b"))


def test_typing_the_shown_text_keeps_the_rest_of_it(edit: Edit, ghost: str) -> None:
    editor = edit("x = 1\n", [ADD], ghost=ghost)
    editor.type("odef add(")
    editor.until_ghost(ADD)
    editor.type("a")
    editor.until_ghost(", b):\n    return a + b")
    editor.type(", b")
    editor.until_ghost("):\n    return a + b")
    editor.type("<Tab>")
    editor.until("the text", lambda: editor.lines == ["x = 1", "def add(a, b):", "    return a + b"])


def test_a_key_that_does_not_fit_takes_the_text_away_at_once(edit: Edit, ghost: str) -> None:
    editor = edit("x = 1\n", [ADD], ghost=ghost)
    editor.type("odef add(")
    editor.until_ghost(ADD)
    editor.type("z")
    editor.until_line(2, "def add(z")
    assert editor.ghost() == ""
    assert not editor.lua("return require('fathom').accept()")


def test_leaving_insert_mode_takes_the_text_away(edit: Edit, ghost: str) -> None:
    editor = edit("x = 1\n", [ADD], ghost=ghost)
    editor.type("odef add(")
    editor.until_ghost(ADD)
    editor.type("<Esc>")
    editor.until_no_ghost()


def test_a_closing_bracket_behind_the_cursor_is_not_doubled(edit: Edit, ghost: str) -> None:
    editor = edit("x = 1\n", [ADD], ghost=ghost)
    editor.type("odef add()<Left>")
    editor.until("ghost text", editor.ghost)
    editor.until("the line as it will be", lambda: editor.screen()[1] == "def add(a, b):")
    editor.type("<Tab>")
    editor.until("the text", lambda: editor.lines == ["x = 1", "def add(a, b):", "    return a + b"])
    assert editor.cursor == (3, len("    return a + b"))


def test_a_closing_bracket_stays_until_the_text_before_it_is_accepted(edit: Edit, ghost: str) -> None:
    editor = edit("x = 1\n", ["first, second)"], ghost=ghost)
    editor.type("oprint()<Left>")
    editor.until("ghost text", editor.ghost)
    editor.type("<M-Right>")
    editor.until_line(2, "print(first)")
    editor.until("the rest", editor.ghost)
    editor.type("<M-Right>")
    editor.until_line(2, "print(first,)")
    editor.until("the rest", editor.ghost)
    editor.type("<Tab>")
    editor.until_line(2, "print(first, second)")


def test_text_beyond_ascii_is_shown_and_replaced_at_the_right_column(edit: Edit, ghost: str) -> None:
    editor = edit("x = 1\n", ['"Füße 😀", naïve)'], ghost=ghost)
    assert editor.lua("return vim.lsp.get_clients({ name = 'fathom' })[1].offset_encoding") == "utf-8"
    editor.type("ogrüße_😀 = print()<Left>")
    editor.until("ghost text", editor.ghost)
    editor.until("the line as it will be", lambda: 'grüße_😀 = print("Füße 😀", naïve)' in editor.screen()[1])
    editor.type("<Tab>")
    editor.until_line(2, 'grüße_😀 = print("Füße 😀", naïve)')
    assert editor.cursor[1] == len('grüße_😀 = print("Füße 😀", naïve)'.encode())


def test_tab_is_a_tab_where_no_text_is_shown(edit: Edit, ghost: str) -> None:
    editor = edit("x = 1\n", [], ghost=ghost, before="vim.o.expandtab = true vim.o.softtabstop = 4")
    editor.type("o<Tab>y")
    editor.until_line(2, "    y")


@pytest.mark.parametrize(
    "mapping",
    [
        'vim.keymap.set("i", "<Tab>", function() return "mapped" end, { expr = true })',
        'vim.keymap.set("i", "<Tab>", function() vim.api.nvim_put({ "mapped" }, "c", false, true) end)',
        'vim.keymap.set("i", "<Tab>", "mapped")',
        'vim.cmd([[inoremap <expr> <Tab> "map" .. "ped"]])',
        "vim.cmd([[autocmd FileType python inoremap <buffer> <Tab> mapped]])",
    ],
)
def test_tab_keeps_the_mapping_that_the_user_has(edit: Edit, mapping: str) -> None:
    editor = edit("x = 1\n", [], before=mapping)
    editor.type("o<Tab>!")
    editor.until_line(2, "mapped!")


def test_keys_are_taken_out_when_ghost_text_is_disabled(edit: Edit, ghost: str) -> None:
    editor = edit("x = 1\n", [ADD], ghost=ghost)
    editor.command("Fathom disable")
    assert editor.status() == "Fathom: off"
    assert editor.lua("return vim.fn.maparg('<Tab>', 'i', false, true).buffer") != 1
    editor.command("Fathom toggle")
    editor.type("odef add(")
    editor.until_ghost(ADD)


def test_without_auto_the_text_comes_when_asked_for(edit: Edit, ghost: str) -> None:
    editor = edit("x = 1\n", [ADD], ghost=ghost, auto=False)
    editor.type("odef add(")
    editor.until_line(2, "def add(")
    editor.lua("require('fathom').complete()")
    editor.until_ghost(ADD)
    editor.type("<Tab>")
    editor.until_line(3, "    return a + b")


def test_the_server_can_be_started_again(edit: Edit, ghost: str) -> None:
    editor = edit("x = 1\n", [ADD], ghost=ghost)
    before = editor.lua("return vim.lsp.get_clients({ name = 'fathom' })[1].id")
    editor.command("Fathom restart")
    new = ATTACHED.replace("== true", "== true and client.id > ...")
    editor.until("a new client", lambda: bool(editor.lua(new, before)))
    editor.type("odef add(")
    editor.until_ghost(ADD)


@pytest.mark.shows("status and reasons")
def test_the_status_says_why_nothing_is_shown(edit: Edit, ghost: str) -> None:
    editor = edit("x = 1\n", [""], ghost=ghost)
    editor.type("odef add(")
    editor.until("a reason", lambda: editor.status().count(":") == 2)
    assert "empty" in editor.status()
    assert "Model: scripted" in editor.command("Fathom status")


def test_the_status_says_how_much_of_the_project_is_known(edit: Edit, tmp_path: Path) -> None:
    (tmp_path / "project/.git").mkdir(parents=True)
    editor = edit("x = 1\n", [])
    editor.until("an index", lambda: "Index: ready, 1 files" in editor.command("Fathom status"))


def test_a_file_in_no_project_has_no_index_and_the_status_says_so(edit: Edit) -> None:
    editor = edit("x = 1\n", ["2"])
    editor.type("odef add(")
    editor.until("a word of the server", lambda: "Index: none" in editor.command("Fathom status"))


def test_the_command_completes_its_words(edit: Edit) -> None:
    editor = edit("x = 1\n", [])
    assert editor.lua("return vim.fn.getcompletion('Fathom re', 'cmdline')") == ["restart"]
    assert editor.lua("return vim.fn.getcompletion('Fathom accept ', 'cmdline')") == ["whole", "line", "word"]
    with pytest.raises(RuntimeError, match="there is no :Fathom nonsense; known: accept, cancel, complete"):
        editor.command("Fathom nonsense")


def test_the_health_check_names_every_part(edit: Edit) -> None:
    editor = edit("x = 1\n", [])
    editor.command("checkhealth fathom")
    report = "\n".join(editor.lines)
    assert "vim.lsp.inline_completion" in report
    assert f"program {fathom()}" in report
    assert "positions in utf-8" in report
    assert "ERROR" not in report.partition("Model ~")[0]


def test_a_missing_program_is_said_with_what_to_do(start: Edit) -> None:
    editor = start("x = 1\n", {"cmd": ["fathom-of-nowhere", "serve"]})
    editor.until("a message", lambda: "fathom-of-nowhere" in editor.command("messages"))
    assert "setup({ cmd =" in editor.command("messages").replace("\n", "")
    editor.type("odef add(<Tab>")
    editor.command("checkhealth fathom")
    report = "\n".join(editor.lines)
    assert "ERROR" in report
    assert "pipx install" in report


def test_a_wrong_option_is_named_and_left_out(edit: Edit) -> None:
    editor = edit("x = 1\n", [ADD], debounse=10, ghost="everywhere")
    messages = editor.command("messages").replace("\n", "")
    assert "there is no option 'debounse'" in messages
    assert "none of auto, native, own" in messages
    editor.type("odef add(")
    editor.until_ghost(ADD)


def test_the_plugin_starts_itself_where_nobody_calls_setup(start: Edit) -> None:
    editor = start("x = 1\n", None)
    editor.until("the server to be attached", lambda: bool(editor.lua(ATTACHED)))


def test_the_plugin_stays_out_when_it_is_disabled(start: Edit) -> None:
    editor = start("x = 1\n", None, before="vim.g.fathom_disable = true")
    editor.until("the end of the start", lambda: editor.lua("return vim.v.vim_did_enter == 1"))
    assert editor.lua("return vim.fn.exists(':Fathom')") == 0


def test_each_of_two_windows_has_its_own_text(edit: Edit, ghost: str) -> None:
    editor = edit("x = 1\n", ["first)", "second)"], ghost=ghost)
    editor.type("oprint(")
    editor.until_ghost("first)")
    editor.type("<Esc>")
    editor.command("vsplit other.py")
    editor.until("the server to be attached", lambda: bool(editor.lua(ATTACHED)))
    editor.type("iprint(")
    editor.until_ghost("second)")
    editor.type("<Tab>")
    editor.until_line(1, "print(second)")
    editor.type("<Esc>")
    editor.command("wincmd p")
    assert editor.lines == ["x = 1", "print("]
    assert editor.command("messages") == ""


def test_a_bracket_that_an_autopairs_mapping_closes_while_typing_is_covered(edit: Edit, ghost: str) -> None:
    editor = edit("x = 1\n", ["int(text)"], ghost=ghost, before='vim.keymap.set("i", "(", "()<Left>")')
    editor.type("oy = ")
    editor.until_ghost("int(text)")
    editor.type("int(")
    editor.until_line(2, "y = int()")
    editor.until("ghost text", editor.ghost)
    editor.type("<Tab>")
    editor.until_line(2, "y = int(text)")


def test_a_server_that_dies_is_reported(edit: Edit, ghost: str) -> None:
    editor = edit("x = 1\n", [ADD], ghost=ghost)
    children = editor.lua("return vim.api.nvim_get_proc_children(vim.uv.os_getpid())")
    assert len(children) == 1
    os.kill(children[0], signal.SIGKILL)
    editor.until("a message", lambda: "Fathom: the server ended" in editor.command("messages"))
    editor.command("Fathom restart")
    editor.until("the server to be attached", lambda: bool(editor.lua(ATTACHED)))
    editor.type("odef add(")
    editor.until_ghost(ADD)


@pytest.mark.model
@pytest.mark.timeout(300)
def test_the_default_model_writes_a_line_of_a_real_project(default_model: Path, start: Edit) -> None:
    lines = Path(platformdirs.unix.__file__).read_text(encoding="utf-8").splitlines(keepends=True)
    row = next(index for index, line in enumerate(lines) if 'version("/var/cache", private=False)' in line)
    whole, typed = lines[row].rstrip(), "        return self._app"
    assert whole.startswith(typed)
    options: dict[str, object] = {"cmd": [fathom(), "serve"], "env": folders_of_the_test()}
    editor = start("".join(lines[:row] + lines[row + 1 :]), options)
    editor.until("the server to be attached", lambda: bool(editor.lua(ATTACHED)))
    editor.lua("vim.api.nvim_win_set_cursor(0, { ..., 0 })", row)
    editor.type("o<C-u>" + typed)
    shown = editor.until("ghost text of the model", editor.ghost, MODEL_DEADLINE)
    status = editor.lua("return require('fathom.status').get()")
    assert "qwen2.5-coder-0.5b" in status["model"].lower()
    assert shown.startswith("end_app_name_and_version(")
    editor.type("<Tab>")
    editor.until("the text", lambda: "\n".join(editor.lines[row:]).startswith(typed + shown))
    assert editor.lines[row].strip().startswith("return self._append_app_name_and_version(")
