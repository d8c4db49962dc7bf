"""A change of two files at once in real editors.

Fathom makes such a change in one place only: `fathom.undoTurn`, when a turn has changed several files. Here a
turn is in the journal before the editor starts, as a program leaves it that has changed files in several
steps; one file of it is open, and the other one is either open as well or only on the disk. All comes as one
`workspace/applyEdit`, and in each file it is one step to undo.
"""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from lsp_server.edits import journal
from lsp_server.edits.journal import FileChange

from . import emacs
from .nvim import PACKAGES, install, open_editor
from .test_neovim import ATTACHED
from .test_neovim_edit import COMMAND, SERVER

pytestmark = [pytest.mark.editor, pytest.mark.timeout(200)]

SHOP = ("def total(a):\n    return sum(a)\n", "def total(a, tax):\n    return sum(a)\n")
SHOP_END = "def total(a, tax):\n    return sum(a) + tax\n"
PRICES = (
    "from shop import total\n\n# größer 😀\nprint(total([1]))\n\n\nlast = total([2])\n",
    "from shop import total\n\n# größer 😀\nprint(total([1], 0))\n\n\nlast = total([2], 0)\n",
)


@dataclass(frozen=True, slots=True)
class Turn:
    """Two files that a turn has changed in two steps: `shop` is opened by the editor."""

    shop: Path
    prices: Path


def finished_turn(project: Path, folder: Path) -> Turn:
    """Leave on the disk and in a journal what a turn has done."""
    (project / ".git").mkdir(parents=True)
    turn = Turn(project / "shop.py", project / "prices.py")
    turn.shop.write_text(SHOP_END, encoding="utf-8")
    turn.prices.write_text(PRICES[1], encoding="utf-8")
    shop, prices = turn.shop.as_uri(), turn.prices.as_uri()
    first = (FileChange(shop, turn.shop, *SHOP), FileChange(prices, turn.prices, *PRICES))
    journal.record(folder, "Ask for a tax", str(project), first)
    journal.record(folder, "Add the tax", str(project), [FileChange(shop, turn.shop, SHOP[1], SHOP_END)])
    return turn


# --- Neovim ---

BUFFER = """
local buffer = vim.fn.bufnr(...)
return buffer > 0 and vim.api.nvim_buf_is_loaded(buffer)
  and table.concat(vim.api.nvim_buf_get_lines(buffer, 0, -1, true), "\\n") .. "\\n"
"""
UNDO = """
return vim.api.nvim_buf_call(vim.fn.bufnr(...), function()
  vim.cmd("silent undo")
  return vim.fn.undotree().seq_cur
end)
"""
OPEN = "vim.cmd.edit(...)"


@pytest.mark.parametrize("both", [True, False], ids=["both open", "one open"])
@pytest.mark.parametrize("release", sorted(PACKAGES))
def test_a_turn_over_two_files_is_taken_back_at_once_in_neovim(
    release: str, both: bool, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    turn = finished_turn(tmp_path / "project", home / "state/fathom/journal")
    options: dict[str, object] = {"cmd": [sys.executable, "-c", SERVER.format(replies=[], delay=0.0)]}
    with open_editor(install(release), home, turn.shop, options) as editor:
        editor.until("the server to be attached", lambda: bool(editor.lua(ATTACHED)))
        if both:
            editor.lua(OPEN, str(turn.prices))
            editor.until("the server to be attached", lambda: bool(editor.lua(ATTACHED)))
        editor.lua(COMMAND, "fathom.undoTurn")
        for path, before, after in ((turn.shop, SHOP[0], SHOP_END), (turn.prices, *PRICES)):
            editor.until(f"{path} to be as before", lambda: editor.lua(BUFFER, str(path)) == before)  # noqa: B023
            assert editor.lua(UNDO, str(path)) == 0, "there was one step"
            assert editor.lua(BUFFER, str(path)) == after
    assert turn.prices.read_text("utf-8") == PRICES[1], "saving is left to the user"


# --- Emacs ---


@pytest.mark.parametrize("both", [True, False], ids=["both open", "one open"])
@pytest.mark.parametrize("client", ["eglot", "lsp-mode"])
def test_a_turn_over_two_files_is_taken_back_at_once_in_emacs(
    client: emacs.Client, both: bool, tmp_path: Path
) -> None:
    turn = finished_turn(tmp_path / "project", journal.journal_folder())
    server = tmp_path / "server.py"
    server.write_text(SERVER.format(replies=[], delay=0.0), encoding="utf-8")
    steps = f"""
    (fset 'y-or-n-p (lambda (&rest _) t))  ; eglot asks where a file is not open
    (defvar prices {json.dumps(str(turn.prices))})
    {"(with-current-buffer (find-file-noselect prices) (python-mode) (fathom-connect))" if both else ""}
    (fathom-command "fathom.undoTurn")
    (fathom-until-text {json.dumps(SHOP[0])})
    (fathom-until "the other file" (lambda () (get-file-buffer prices)))
    (with-current-buffer (get-file-buffer prices)
      (fathom-until-text {json.dumps(PRICES[0], ensure_ascii=False)}))
    (fathom-answer (mapcar (lambda (buffer) (with-current-buffer buffer (fathom-undo) (buffer-string)))
                           (list (current-buffer) (get-file-buffer prices))))
    """
    texts = emacs.run(client, tmp_path / "home", turn.shop, [sys.executable, str(server)], steps)
    assert texts == [SHOP_END, PRICES[1]]
    assert turn.prices.read_text("utf-8") == PRICES[1], "saving is left to the user"
