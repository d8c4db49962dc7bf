"""Completion and code actions in a real Kate, which shows no ghost text and says nothing of changes."""

from __future__ import annotations

from pathlib import Path

import pytest

from .kate import open_kate
from .programs import until
from .test_neovim_edit import DONE, REPLY, TEXT

pytestmark = [pytest.mark.editor("Kate"), pytest.mark.timeout(120)]


@pytest.mark.shows("completion item")
def test_a_text_of_several_lines_is_taken_from_the_menu(tmp_path: Path) -> None:
    text, reply = "x = '😀'; pri", "nt(x)\nprint(x)"
    with open_kate(tmp_path, text, [reply] * 5) as kate:
        kate.press("ctrl+End", "ctrl+space")
        until("the menu", kate.menus)
        kate.press("Return")
        until("the end of the menu", lambda: not kate.menus())
        assert kate.text().rstrip() == "x = '😀'; print(x)\nprint(x)"


@pytest.mark.shows("code actions", "one undo step")
def test_a_change_is_applied_and_undone_in_one_step(tmp_path: Path) -> None:
    with open_kate(tmp_path, TEXT, [REPLY]) as kate:
        kate.press("ctrl+Home", "Down", "Down", "Down", "shift+Down", "shift+Down", "shift+Down")
        kate.press("alt+Return")
        # That is "Fathom: Simplify", since Kate is offered nothing that needs an instruction.
        kate.click_first_of_menu()
        until("the answer to the change", lambda: kate.heard('"applied": true'))
        assert kate.text() == DONE
        kate.press("ctrl+z")
        assert kate.text() == TEXT
