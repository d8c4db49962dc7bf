"""Changes on request in a real VS Code, with scripted answers: lightbulb, instruction, preview, undo."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from playwright.sync_api import Error, Locator

from .code_server import open_window, scripted_server
from .test_vscode import DELAY, Scene
from .vscode import Window

pytestmark = [pytest.mark.editor("VS Code"), pytest.mark.timeout(180)]

TEXT = "import math\n\n\ndef area(r):\n    a = r * r\n    return math.pi * a\n\n\nprint('😀', area(2))\n"
REPLY = "def area(r):\n    return math.pi * r**2\n```"
DONE = "import math\n\n\ndef area(r):\n    return math.pi * r**2\n\n\nprint('😀', area(2))\n"
LONG = "def area(r):\n" + "".join(f"    a{n} = r * r\n" for n in range(150)) + "    return math.pi\n```"


@pytest.fixture(scope="module")
def shared_scene(tmp_path_factory: pytest.TempPathFactory, shared_home: object) -> Iterator[Scene]:
    home = tmp_path_factory.mktemp("vscode")
    program, reply = scripted_server(home, DELAY)
    with open_window(
        home, home / "project", {"fathom.path": str(program), "fathom.trigger": "manual"}
    ) as window:
        window.wake()
        yield Scene(window, reply)


@pytest.fixture
def window(shared_scene: Scene) -> Iterator[Window]:
    """The window of all tests, with a function selected in a file of this test."""
    window = shared_scene.answer(REPLY)
    window.open(f"area{len(list(window.folder.glob('area*')))}.py", TEXT, 3)
    window.select((3, 0), (6, 0))
    yield window
    window.press("Escape")
    window.command("fathom.cancel")
    window.tidy()


def lightbulb(window: Window, title: str) -> Locator:
    """Open the menu of the lightbulb, and return the row with this title."""
    row = window.page.locator(".action-widget .monaco-list-row", has_text=title).first

    def is_open() -> bool:
        # A message that comes in this moment takes the focus, and with it the key.
        window.command("workbench.action.focusActiveEditorGroup")
        window.press("Control+.")
        with suppress(Error):
            row.wait_for(timeout=5000)
        return row.is_visible()

    window.until(f"the action {title!r}", is_open)
    return row


def choose(window: Window, title: str) -> None:
    """Press the lightbulb and choose an action."""
    lightbulb(window, title).click()


@pytest.mark.shows("code actions", "one undo step")
def test_an_action_of_the_lightbulb_lands_and_is_undone_in_one_step(window: Window) -> None:
    row = lightbulb(window, "Simplify")
    window.picture("lightbulb")
    row.click()
    window.until_text(DONE)
    window.press("Control+z")
    window.until_text(TEXT)
    window.press("Control+y")
    window.until_text(DONE)


def test_the_instruction_is_asked_for(window: Window) -> None:
    window.begin("fathom.rewrite")
    window.page.locator(".quick-input-widget input").first.wait_for()
    window.type("square it")
    window.press("Enter")
    window.until_text(DONE)


def test_an_action_that_needs_an_instruction_asks_for_it(window: Window) -> None:
    choose(window, "Rewrite with an instruction")
    window.page.locator(".quick-input-widget input").first.wait_for()
    window.press("Control+a")
    window.type("square it")
    window.press("Enter")
    window.until_text(DONE)


def test_no_instruction_changes_nothing(window: Window) -> None:
    window.begin("fathom.rewrite")
    window.page.locator(".quick-input-widget input").first.wait_for()
    window.press("Escape")
    window.page.locator(".quick-input-widget input").first.wait_for(state="hidden")
    assert window.text == TEXT


@pytest.mark.shows("undo command")
def test_the_command_takes_the_last_change_back(window: Window) -> None:
    choose(window, "Simplify")
    window.until_text(DONE)
    window.begin("fathom.undoChange")
    window.until_text(TEXT)


def test_a_change_with_a_new_syntax_error_is_confirmed_in_the_refactor_preview(window: Window) -> None:
    reply_of(window).write_text("def area(r:\n    return 1\n```")
    choose(window, "Simplify")
    panel = window.page.locator(".bulk-edit-panel")
    panel.wait_for(timeout=30000)
    assert window.text == TEXT
    window.picture("refactor-preview")
    for box in panel.locator("input[type=checkbox], .edit-checkbox").all():
        if not box.is_checked():
            box.click()
    window.page.get_by_role("button", name="Apply").first.click()
    window.until("the change", lambda: "def area(r:\n    return 1\n" in window.text)
    window.press("Control+z")
    window.until_text(TEXT)


@pytest.mark.shows("progress", "preview")
def test_a_change_can_be_watched_as_a_difference_and_lands_at_its_end(window: Window) -> None:
    reply_of(window).write_text(LONG)
    choose(window, "Simplify")
    window.page.locator(".notification-list-item", has_text="Simplify").first.wait_for(timeout=20000)
    window.command("fathom.showPreview")
    find = "vscode.workspace.textDocuments.find((each) => each.uri.scheme === 'fathom-preview')"
    written = f"return {find}?.getText() ?? ''"
    window.until("lines in the preview", lambda: "a9 = r * r" in window.run(written))
    assert "import math\n\n\ndef area(r):" in window.run(written)
    assert "print('😀', area(2))" in window.run(written)
    window.picture("preview")
    window.until("the change", lambda: "a149 = r * r" in text_of(window), 60)
    open_diffs = (
        "return vscode.window.tabGroups.all.flatMap((g) => g.tabs).filter((t) => t.input?.modified).length"
    )
    window.until("the preview to close", lambda: window.run(open_diffs) == 0)


@pytest.mark.shows("cancel")
def test_the_progress_can_be_cancelled(window: Window) -> None:
    reply_of(window).write_text(LONG)
    choose(window, "Simplify")
    notice = window.page.locator(".notification-list-item", has_text="Simplify").first
    notice.wait_for(timeout=20000)
    notice.hover()
    notice.get_by_role("button", name="Cancel").click()
    notice.wait_for(state="hidden", timeout=20000)
    assert window.text == TEXT


def test_what_is_typed_above_moves_the_change_and_what_is_typed_inside_stops_it(window: Window) -> None:
    reply_of(window).write_text(LONG)
    choose(window, "Simplify")
    window.page.locator(".notification-list-item", has_text="Simplify").first.wait_for(timeout=20000)
    window.run(
        "await vscode.window.activeTextEditor.edit((e) => e.insert(new vscode.Position(0, 0), '# above\\n'))"
    )
    window.run(
        "await vscode.window.activeTextEditor.edit((e) => e.insert(new vscode.Position(5, 4), 'b = '))"
    )
    window.page.locator(".notification-list-item-message", has_text="You have edited").first.wait_for(
        timeout=20000
    )
    assert window.text == "# above\n" + TEXT.replace("    a = r", "    b = a = r")


def test_an_explanation_is_shown_beside_the_file(window: Window) -> None:
    reply_of(window).write_text("It multiplies the square by pi.")
    choose(window, "Explain")
    window.until("the explanation", lambda: "multiplies the square by pi" in window.text)


def reply_of(window: Window) -> Path:
    """The file that says what the model says."""
    return window.home / "reply.txt"


def text_of(window: Window) -> str:
    """The text of the file of this test, whichever editor is active."""
    newest = max(window.folder.glob("area*"), key=lambda path: int(path.stem[4:]))
    code = (
        "return vscode.workspace.textDocuments.find((each) => each.uri.fsPath === values[0])?.getText() ?? ''"
    )
    return str(window.run(code, str(newest)))
