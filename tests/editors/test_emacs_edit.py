"""Code actions in a real Emacs: with eglot, which knows neither progress nor resolve, and with lsp-mode."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from . import emacs
from .test_neovim_edit import DONE, REPLY, SERVER, TEXT

pytestmark = [pytest.mark.editor, pytest.mark.timeout(200)]

Run = Callable[..., Any]


@pytest.fixture(params=emacs.CLIENTS)
def run(request: pytest.FixtureRequest, tmp_path: Path) -> Run:
    """Run steps in TEXT, with a server whose model says these replies; words in capitals are texts."""

    def steps(lisp: str, *replies: str, delay: float = 0.0) -> Any:
        project = tmp_path / "project"
        (project / ".git").mkdir(parents=True)
        file = project / "shop.py"
        file.write_text(TEXT, encoding="utf-8")
        server = tmp_path / "server.py"
        server.write_text(SERVER.format(replies=list(replies or (REPLY,)), delay=delay), encoding="utf-8")
        for name, text in (("TEXT", TEXT), ("DONE", DONE)):
            lisp = lisp.replace(name, json.dumps(text, ensure_ascii=False))
        home = tmp_path / "home"
        return emacs.run(request.param, home, file, [sys.executable, str(server)], lisp)

    return steps


@pytest.mark.shows("code actions")
def test_the_menu_has_what_can_be_done_with_a_selection(run: Run) -> None:
    titles = run("(fathom-select 4 7) (fathom-answer (mapcar #'fathom-title (fathom-actions)))")
    assert {"Fathom: Simplify", "Fathom: Document", "Fathom: Explain"} <= {*titles}


@pytest.mark.shows("one undo step")
def test_a_change_is_applied_and_undone_in_one_step(run: Run) -> None:
    steps = """
    (fathom-select 4 7)
    (fathom-run "Fathom: Simplify")
    (fathom-until-text DONE)
    (fathom-undo)
    (fathom-answer (buffer-string))
    """
    assert run(steps) == TEXT


@pytest.mark.shows("one undo step")
def test_an_import_comes_with_the_change_and_goes_with_it(run: Run) -> None:
    steps = """
    (fathom-select 4 7)
    (fathom-run "Fathom: Simplify")
    (fathom-until "the import" (lambda () (string-match-p "^import cmath" (buffer-string))))
    (let ((changed (buffer-string)))
      (fathom-undo)
      (fathom-answer (list changed (buffer-string))))
    """
    reply = f"import cmath\n\n{REPLY}".replace("math.pi", "cmath.pi")
    changed = DONE.replace("math.pi", "cmath.pi").replace("math\n", "math\nimport cmath\n", 1)
    assert run(steps, reply) == [changed, TEXT]


@pytest.mark.shows("cancel")
def test_an_edit_is_cancelled(run: Run) -> None:
    steps = """
    (fathom-select 4 7)
    (fathom-run "Fathom: Simplify")
    (fathom-until-begun)
    (fathom-command "fathom.cancel")
    (fathom-until-cancelled)
    (fathom-answer (buffer-string))
    """
    assert run(steps, delay=0.5) == TEXT


@pytest.mark.shows("progress")
@pytest.mark.parametrize("run", emacs.CLIENTS[1:], indirect=True)
def test_lsp_mode_knows_of_the_progress_as_long_as_it_lasts(run: Run) -> None:
    steps = """
    (fathom-select 4 7)
    (fathom-run "Fathom: Simplify")
    (fathom-until-begun)
    (fathom-until-text DONE)
    (fathom-until "the end of the progress" (lambda () (= (fathom-tokens) 0)))
    (fathom-answer (buffer-string))
    """
    assert run(steps, delay=0.3) == DONE


def test_typing_above_moves_the_change(run: Run) -> None:
    steps = """
    (fathom-select 4 7)
    (fathom-run "Fathom: Simplify")
    (goto-char (point-min))
    (insert "# größer 😀\\n")
    (fathom-typed)
    (fathom-until-text (concat "# größer 😀\\n" DONE))
    (fathom-answer (buffer-string))
    """
    assert run(steps, delay=0.1) == "# größer 😀\n" + DONE


def test_typing_inside_stops_the_edit_with_a_message(run: Run) -> None:
    steps = """
    (fathom-select 4 7)
    (fathom-run "Fathom: Simplify")
    (fathom-until-begun)
    (goto-char (point-min)) (forward-line 4) (end-of-line)
    (insert "x")
    (fathom-typed)
    (fathom-until-said "You have edited the text")
    (fathom-answer (buffer-string))
    """
    assert run(steps, delay=0.3) == TEXT.replace("r * r", "r * rx")


@pytest.mark.shows("undo command")
def test_the_command_takes_the_change_back(run: Run) -> None:
    steps = """
    (fathom-select 4 7)
    (fathom-run "Fathom: Simplify")
    (fathom-until-text DONE)
    (fathom-typed)
    (fathom-command "fathom.undo")
    (fathom-until-text TEXT)
    (fathom-answer (buffer-string))
    """
    assert run(steps) == TEXT
