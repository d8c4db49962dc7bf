"""A real VS Code for tests: code-server in a headless Chromium, with the extension as users install it.

Two ways lead into it: Playwright, which presses keys and reads the screen as a user does, and a second
extension of a few lines, which runs code of a test in the extension host and gives back what it returns.
"""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import pytest
from playwright.sync_api import Frame, Locator, Page

DEADLINE = 30.0
"""How long a test waits for anything that needs no model, in seconds."""

T = TypeVar("T")


@dataclass
class Window:
    """A window of VS Code with a folder open."""

    page: Page
    door: Path
    home: Path
    folder: Path
    log: Path
    pictures: Path

    def run(self, code: str, *values: object) -> Any:
        """Run JavaScript in the extension host; it has `vscode` and `values`, and its result is returned."""
        with socket.socket(socket.AF_UNIX) as peer:
            peer.settimeout(DEADLINE)
            peer.connect(str(self.door))
            peer.sendall(f"const values = {json.dumps(values)};\n{code}".encode())
            peer.shutdown(socket.SHUT_WR)
            answer = json.loads(b"".join(iter(lambda: peer.recv(65536), b"")))
        if "error" in answer:
            raise RuntimeError(answer["error"])
        return answer["value"]

    def open(self, name: str, text: str, line: int | None = None, column: int = 0) -> Path:
        """Write a file and open it with the cursor at a place, both counted from 0; None for the end."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())
        self.run(OPEN, str(path), line, column)
        self.page.locator(".monaco-editor.focused").first.wait_for(timeout=DEADLINE * 1000)
        return path

    def wake(self) -> None:
        """Let the editor make what it makes only when it has time; before that it asks for no ghost text."""
        self.until("the server", lambda: self.status not in ("", "Fathom: starting"))
        self.open("../wake.txt", "")
        self.command("editor.action.inlineSuggest.trigger")
        self.command("editor.action.inlineSuggest.hide")

    def tidy(self) -> None:
        """Close all files, saved, so that no question about them is left open, and all messages."""
        self.run("await vscode.workspace.saveAll(false)")
        self.command("workbench.action.closeAllEditors")
        self.command("notifications.clearAll")

    def watch_status(self) -> Callable[[], list[str]]:
        """Keep all that the status bar says of Fathom from now on, however short; the result gives it."""
        self.page.evaluate(WATCH)
        return lambda: list(self.page.evaluate("window.fathomSaid"))

    def select(self, start: tuple[int, int], end: tuple[int, int]) -> None:
        """Select from one place to another, each a line and a character counted from 0."""
        self.run(SELECT, *start, *end)

    def type(self, text: str) -> None:
        """Type as a user does."""
        self.page.keyboard.type(text, delay=15)

    def press(self, keys: str) -> None:
        self.page.keyboard.press(keys)

    def command(self, name: str, *words: object) -> Any:
        """Run a command of VS Code by its id."""
        return self.run(
            "return vscode.commands.executeCommand(values[0], ...values[1]).then(() => null)", name, words
        )

    def begin(self, name: str, *words: object) -> None:
        """The same, without waiting for its end."""
        self.run("void vscode.commands.executeCommand(values[0], ...values[1])", name, words)

    def set(self, name: str, value: object) -> None:
        """Change a setting of the user."""
        self.run(
            "await vscode.workspace.getConfiguration().update(values[0], values[1] ?? undefined, true)",
            name,
            value,
        )

    @property
    def text(self) -> str:
        """The text of the active editor, as VS Code has it."""
        return str(self.run("return vscode.window.activeTextEditor?.document.getText() ?? ''"))

    @property
    def status(self) -> str:
        """What the status bar says of Fathom."""
        item = self.page.locator('[id="fathom.fathom.fathom.status"]')
        return " ".join(item.inner_text().split()) if item.count() else ""

    def ghost(self) -> str:
        """The ghost text as it is shown, its lines joined."""
        spans = self.page.locator(".ghost-text-decoration, .ghost-text-decoration-preview").all_inner_texts()
        lines = self.page.locator(".suggest-preview-text").all_inner_texts()
        return "\n".join(["".join(spans), *dict.fromkeys(lines)]).replace("\xa0", " ").strip("\n")

    def until_ghost(self, text: str, seconds: float = DEADLINE) -> None:
        """Wait until the ghost text has this text in it."""
        self.until(f"the ghost text {text!r}", lambda: text in self.ghost(), seconds)

    def until_text(self, text: str, seconds: float = DEADLINE) -> None:
        """Wait until the active editor has exactly this text."""
        self.until(f"the text {text!r}", lambda: self.text == text, seconds)

    def until_status(self, words: str, seconds: float = DEADLINE) -> None:
        """Wait until the status bar says these words."""
        self.until(f"the status {words!r}", lambda: words in self.status, seconds)

    def until(self, what: str, ask: Callable[[], T], seconds: float = DEADLINE) -> T:
        """Ask until the answer is true and return it; fail with all that is known after the deadline."""
        end = time.monotonic() + seconds
        while not (answer := ask()):
            if time.monotonic() > end:
                pytest.fail(f"waited {seconds} s in vain for {what}; {self.describe()}")
            self.page.wait_for_timeout(30)
        return answer

    def row(self, words: str, list_of: str) -> Locator:
        """A row with these words in a list that is shown, such as `.quick-input-widget`."""
        row = self.page.locator(f"{list_of} .monaco-list-row", has_text=words).first
        row.wait_for(timeout=DEADLINE * 1000)
        return row

    def frame(self, selector: str) -> Frame:
        """The frame of a web view that has this element."""

        def find() -> Frame | None:
            for frame in self.page.frames:
                with suppress(Exception):  # a frame may go away while it is looked at
                    if frame.query_selector(selector):
                        return frame
            return None

        found = self.until(f"a view with {selector}", find)
        assert found is not None
        return found

    def picture(self, name: str) -> None:
        """Keep a picture of the window."""
        self.pictures.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=self.pictures / f"{name}.png")

    def describe(self) -> str:
        """What a failed test needs to be understood; the picture is beside it."""
        self.picture("failed")
        with suppress(Exception):
            notices = self.page.locator(".notification-list-item-message").all_inner_texts()
            return json.dumps(
                {"text": self.text[-500:], "ghost": self.ghost(), "status": self.status, "notices": notices}
            )
        return f"the window does not answer; picture in {self.pictures}"


OPEN = """
const [path, line, column] = values;
const document = await vscode.workspace.openTextDocument(path);
const end = document.lineAt(document.lineCount - 1).range.end;
const place = line === null ? end : new vscode.Position(line, column);
await vscode.window.showTextDocument(document, { preview: false, selection: new vscode.Range(place, place) });
// A command of the window comes after all that was asked of it before, so the cursor is there at its end.
await vscode.commands.executeCommand("workbench.action.focusActiveEditorGroup");
"""
WATCH = """
() => {
  window.fathomSaid = [];
  const hear = () => {
    const words = document.getElementById("fathom.fathom.fathom.status")?.textContent.trim() ?? "";
    if (window.fathomSaid.at(-1) !== words) window.fathomSaid.push(words);
  };
  window.fathomEar?.disconnect();
  window.fathomEar = new MutationObserver(hear);
  window.fathomEar.observe(document.body, { subtree: true, childList: true, characterData: true });
}
"""
SELECT = """
const editor = vscode.window.activeTextEditor;
editor.selection = new vscode.Selection(...values);
await vscode.commands.executeCommand("workbench.action.focusActiveEditorGroup");
"""
