"""What tests need of other programs: whether they are there, a server with scripted answers, and waiting."""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

import pytest

from .test_neovim_edit import SERVER

T = TypeVar("T")

LISTENING = """
import os, threading
real = os.dup(0)
out, into = os.pipe()
os.dup2(out, 0)
def copy():
    with open({heard!r}, "ab", buffering=0) as heard:
        while data := os.read(real, 65536):
            heard.write(data)
            os.write(into, data)
    os.close(into)
threading.Thread(target=copy, daemon=True).start()
"""
"""Keeps what the editor says in a file, so that a test can wait for it."""


def need(editor: str, programs: Sequence[str], packages: str) -> None:
    """Skip with a reason that is seen unless all programs are there."""
    lacking = [name for name in programs if shutil.which(name) is None]
    if lacking:
        skip(editor, f"no {', '.join(lacking)}", packages)


def skip(editor: str, why: str, packages: str) -> None:
    reason = f"NOT TESTED WITH {editor.upper()}: {why}; on Debian: apt-get install {packages}"
    sys.stderr.write(f"\nSKIPPED: {reason}\n")
    pytest.skip(reason)


def server(folder: Path, replies: Sequence[str]) -> list[str]:
    """The command of a server whose model gives these replies; `heard` in the folder has what it is told."""
    program = folder / "server.py"
    listening = LISTENING.format(heard=str(folder / "heard"))
    program.write_text(listening + SERVER.format(replies=list(replies), delay=0.0), encoding="utf-8")
    return [sys.executable, str(program)]


def until(what: str, ask: Callable[[], T], seconds: float = 60.0) -> T:
    """Wait until the answer is true, and return it; there is nothing that would tell of it."""
    end = time.monotonic() + seconds
    while not (answer := ask()):
        assert time.monotonic() < end, f"waited in vain for {what}"
        time.sleep(0.05)
    return answer
