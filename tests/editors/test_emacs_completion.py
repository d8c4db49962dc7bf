"""Fathom's text as an item of the completion menu in a real Emacs, which knows no ghost text."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from . import emacs
from .test_neovim_edit import SERVER

pytestmark = [pytest.mark.editor, pytest.mark.timeout(200)]

Run = Callable[..., Any]

TEXT = "grüße = '😀'\n"
FROM_THE_LIST = """
(completion-help-at-point)
(save-window-excursion (switch-to-completions) (choose-completion))
"""


@pytest.fixture(params=emacs.CLIENTS)
def run(request: pytest.FixtureRequest, tmp_path: Path) -> Run:
    """Type something at the end of TEXT, take what the model's reply makes of it, and return the text."""

    def steps(typed: str, reply: str, take: str = "(completion-at-point)") -> Any:
        project = tmp_path / "project"
        (project / ".git").mkdir(parents=True)
        file = project / "shop.py"
        file.write_text(TEXT, encoding="utf-8")
        server = tmp_path / "server.py"
        server.write_text(SERVER.format(replies=[reply], delay=0.0), encoding="utf-8")
        text = json.dumps(typed, ensure_ascii=False)
        lisp = f"""
        (fathom-offer-completions)
        (goto-char (point-max)) (insert {text}) (fathom-typed)
        {take}
        (fathom-answer (buffer-string))
        """
        home = tmp_path / "home"
        return emacs.run(request.param, home, file, [sys.executable, str(server)], lisp)

    return steps


@pytest.mark.shows("completion item")
def test_the_item_is_taken_after_a_word(run: Run) -> None:
    assert run("print('😀', gr", "üße)") == TEXT + "print('😀', grüße)"


def test_the_item_is_taken_where_no_word_stands(run: Run) -> None:
    assert run("total = ", "len(grüße)") == TEXT + "total = len(grüße)"


def test_a_text_of_several_lines_is_taken_whole_from_the_list(run: Run) -> None:
    reply = "(a, b):\n    return a + b"
    assert run("def add", reply, FROM_THE_LIST) == TEXT + "def add(a, b):\n    return a + b"


@pytest.mark.parametrize("run", emacs.CLIENTS[:1], indirect=True)
def test_a_text_of_several_lines_is_taken_whole_without_a_list(run: Run) -> None:
    reply = "(a, b):\n    return a + b"
    assert run("def add", reply) == TEXT + "def add(a, b):\n    return a + b"
