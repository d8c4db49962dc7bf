"""The view of what was sent, in a real VS Code: what `fathom context` says, and usable by everybody."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Frame

from .code_server import EXTENSION, open_window, scripted_server
from .vscode import Window

pytestmark = [pytest.mark.editor("VS Code"), pytest.mark.timeout(180)]

SHAPES = '''"""Shapes."""


class Circle:
    """A round shape."""

    def __init__(self, radius: float) -> None:
        self.radius = radius

    def scaled_area(self, factor: float) -> float:
        """The area, scaled."""
        return 3.14 * self.radius**2 * factor


def unit_circle() -> Circle:
    return Circle(1.0)
'''
MAIN = "from shapes import Circle, unit_circle\n\n\ndef total(circles: list[Circle]) -> float:\n    return "
EVIL = "def unit_square() -> str:\n    return '<img src=x onerror=alert(1)><b>'\n"
SERIOUS = {"serious", "critical"}
ROWS = """
(list) => [...list.querySelectorAll("li")].map((row) => [
  row.querySelector(".place").textContent,
  row.querySelector(":scope > div:not(.bar):not(.place)").textContent,
])
"""


@contextmanager
def open_project(home: Path) -> Iterator[Window]:
    """A window on a project of three files, which the index knows."""
    program, reply = scripted_server(home)
    project = home / "project"
    project.mkdir()
    subprocess.run(["git", "init", "--quiet", str(project)], check=True)
    (project / "shapes.py").write_text(SHAPES)
    (project / "pages.py").write_text(EVIL)
    (project / "start.py").write_text(MAIN)
    # What the program has read is there when the server starts.
    assert said_by_program(f"{project / 'start.py'}:5:12")
    reply.write_text("sum(circle.scaled_area(1) for circle in circles)\n")
    with open_window(home, project, {"fathom.path": str(program)}) as window:
        window.wake()
        yield window


@pytest.fixture(scope="module")
def shared_window(tmp_path_factory: pytest.TempPathFactory, shared_home: object) -> Iterator[Window]:
    with open_project(tmp_path_factory.mktemp("vscode")) as window:
        yield window


@pytest.fixture
def window(shared_window: Window) -> Iterator[Window]:
    """The window of all tests but one, after a suggestion."""
    # A file of its own: VS Code would see that another test has written the same one.
    name = f"main{len(list(shared_window.folder.glob('main*')))}.py"
    suggest(shared_window, name)
    yield shared_window
    shared_window.tidy()


def suggest(window: Window, name: str) -> None:
    """Type until there is a suggestion."""
    window.open(name, MAIN[:-1])
    window.type(" ")
    window.until_ghost("scaled_area")


def view(window: Window) -> Frame:
    """The page of the view, with something on it."""
    frame = window.frame("main#main")
    window.until("the list", lambda: frame.query_selector("li"))
    return frame


def rows(frame: Frame) -> list[tuple[str, str]]:
    """The places that are listed, each with what is said of it."""
    return [(place, about) for place, about in frame.eval_on_selector("ol", ROWS)]


@pytest.mark.shows("context inspector")
def test_the_view_says_what_fathom_context_says(tmp_path: Path) -> None:
    """In a window of its own: a server knows what else was typed and visited, and the program does not."""
    with open_project(tmp_path) as window:
        name = "main.py"
        suggest(window, name)
        window.press("Escape")
        window.press("Control+s")
        window.until("the same in the view and in the terminal", lambda: agree(window, name))
        assert {path for path, _, _ in map(parsed, rows(view(window)))} >= {"shapes.py", name}
        window.picture("inspector")


def agree(window: Window, name: str) -> bool:
    """Both are asked anew each time: what was just saved comes into the index a moment later."""
    window.command("workbench.action.focusActiveEditorGroup")
    window.command("fathom.showContext")
    shown = {row for row in map(parsed, rows(view(window))) if row[0] != name}
    return shown == said_by_program(f"{window.folder / name}:5:12")


def parsed(row: tuple[str, str]) -> tuple[str, int, str]:
    """Path, first line and reason of a row."""
    found = re.fullmatch(r"(.+?):(\d+).*", row[0])
    assert found is not None
    return found[1], int(found[2]), row[1].split(" · ")[1]


def said_by_program(spot: str) -> set[tuple[str, int, str]]:
    """The same from `fathom context`."""
    command = [sys.executable, "-c", "import sys; from lsp_server.cli import main; sys.exit(main())"]
    words = ["context", spot, "--json", "--estimate"]
    done = subprocess.run([*command, *words], capture_output=True, text=True, check=True)
    return {(part["path"], part["lines"][0], part["reason"]) for part in json.loads(done.stdout)["parts"]}


def test_the_view_tells_of_the_last_suggestion_and_what_became_of_it(window: Window) -> None:
    window.press("Escape")
    window.command("fathom.refreshContext")
    frame = view(window)
    window.until("the place", lambda: ".py:5:12" in frame.inner_text("h2"))
    assert "tokens" in frame.inner_text("p")
    assert any(place.startswith("shapes.py:") for place, _ in rows(frame))


def test_a_click_or_enter_opens_the_place(window: Window) -> None:
    window.command("fathom.refreshContext")
    frame = view(window)
    button = frame.locator("button.place", has_text="shapes.py").first
    button.focus()
    window.page.keyboard.press("Enter")
    window.until("the file", lambda: "A round shape" in window.text)
    window.command("workbench.action.closeActiveEditor")
    window.until("another file", lambda: "A round shape" not in window.text)
    button.click()
    window.until("the file again", lambda: "A round shape" in window.text)


def test_axe_finds_nothing_serious(window: Window) -> None:
    """axe-core, run in the page of the view itself."""
    window.command("fathom.refreshContext")
    frame = view(window)
    frame.evaluate((EXTENSION / "node_modules/axe-core/axe.min.js").read_text(encoding="utf-8"))
    found = frame.evaluate("axe.run(document).then((result) => result.violations)")
    assert [each["id"] for each in found if each["impact"] in SERIOUS] == []


def test_the_page_may_load_nothing_from_elsewhere(window: Window) -> None:
    window.command("fathom.refreshContext")
    policy = view(window).get_attribute("meta[http-equiv]", "content") or ""
    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy


def test_what_was_sent_is_text_and_never_markup(window: Window) -> None:
    window.open("use.py", "from pages import unit_square\n\nprint(unit_square()")
    window.type(" ")
    window.until_ghost("scaled_area")
    window.command("fathom.showContext")
    frame = view(window)
    window.until("the evil text", lambda: "onerror" in frame.evaluate("document.body.textContent"))
    assert frame.query_selector("img") is None
