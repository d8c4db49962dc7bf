"""A small workspace that is indexed in this process."""

from __future__ import annotations

import os
from pathlib import Path

from context.index import Index
from context.indexing import Progress, sweep

LONG_AGO = 1_600_000_000
ALL = {"cart.py", "in/mail.py", "in/deep/prices.py"}
"""The files of a shop."""


def shop(root: Path) -> Path:
    """Make a shop in a folder, and return it."""
    write(root / "cart.py", "class Cart: ...\n")
    write(root / "in/mail.py", "def send(): deliver()\n")
    write(root / "in/deep/prices.py", "def total(): ...\n")
    return root


def write(path: Path, text: str) -> None:
    """Write a file whose time is long ago, another one for each length of the text."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    os.utime(path, (LONG_AGO, LONG_AGO + len(text)))


def swept(folder: Path, *roots: Path) -> Progress:
    return sweep(roots, folder, workers=0)


def names(index: Index, root: Path) -> set[str]:
    return {os.path.relpath(path, root) for path in index.paths()}
