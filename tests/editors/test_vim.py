"""The completion item in a real Vim with ALE, in a terminal that tmux keeps."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from .programs import need, server, skip, until

pytestmark = [pytest.mark.editor("Vim ALE"), pytest.mark.timeout(120)]

PACKAGES = "vim-nox vim-ale tmux"

SETTINGS = """
set nocompatible noswapfile completeopt=menu,menuone,noinsert
filetype plugin on
let g:ale_linters_explicit = 1
let g:ale_linters = {{'python': ['fathom']}}
let g:ale_completion_enabled = 1
packadd ale
call ale#linter#Define('python', {{
  \\ 'name': 'fathom', 'lsp': 'stdio', 'executable': '{program}', 'command': '%e {argument}',
  \\ 'project_root': {{buffer -> fnamemodify(bufname(buffer), ':p:h')}}, 'language': 'python'}})
"""


@dataclass(frozen=True, slots=True)
class Vim:
    file: Path
    socket: Path

    def tmux(self, *arguments: str) -> str:
        command = ["tmux", "-S", str(self.socket), "-f", os.devnull, *arguments]
        return subprocess.run(command, capture_output=True, text=True, timeout=30, check=False).stdout

    def keys(self, *keys: str) -> None:
        self.tmux("send-keys", *keys)

    def screen(self) -> str:
        return self.tmux("capture-pane", "-p")


@contextmanager
def open_vim(folder: Path, text: str, reply: str) -> Iterator[Vim]:
    """Open a file with this text, with the server attached, or skip."""
    need("Vim", ("vim", "tmux"), PACKAGES)
    if not Path("/usr/share/vim-ale").exists():
        skip("Vim", "no ALE", PACKAGES)
    file, vimrc = folder / "shop.py", folder / "vimrc"
    file.write_text(text, encoding="utf-8")
    program, argument = server(folder, [reply] * 9)
    vimrc.write_text(SETTINGS.format(program=program, argument=argument), encoding="utf-8")
    # A name of its own, since a server that is told to end takes a moment; and a path that is short enough.
    vim = Vim(file, Path(os.environ["HOME"], folder.name))
    vim.tmux("new-session", "-d", "-x", "100", "-y", "30", "vim", "-N", "-u", str(vimrc), str(file))
    try:
        heard = folder / "heard"
        until("the server to hear of the file", lambda: heard.exists() and b"didOpen" in heard.read_bytes())
        yield vim
    finally:
        vim.tmux("kill-server")


@pytest.mark.shows("completion item")
@pytest.mark.parametrize(
    ("reply", "taken"),
    [
        ("al = first + second", "total = first + second"),
        pytest.param("al = area(3)", "total = area", id="ALE itself leaves out what comes after a bracket"),
    ],
)
def test_the_item_is_taken_from_the_menu(tmp_path: Path, reply: str, taken: str) -> None:
    with open_vim(tmp_path, "first = second = 1\n", reply) as vim:
        vim.keys("o", "t", "o", "t")
        until("the menu", lambda: "Fathom: scripted" in vim.screen())
        vim.keys("C-n", "C-y", "Escape")
        vim.keys(":w", "Enter")
        until("the text", lambda: vim.file.read_text() == f"first = second = 1\n{taken}\n")
