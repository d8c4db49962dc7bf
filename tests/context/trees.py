"""Trees of files for tests of walks, and what a walk says of them."""

from __future__ import annotations

import os
from pathlib import Path

from context.files import Found, Out, walk


def write(root: Path, *names: str) -> None:
    """Make files with a line of text."""
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("text\n")


def rules(path: Path, *lines: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines) + "\n")


def found(*roots: Path) -> set[str]:
    """The files that are in, by their paths below the first root."""
    return {os.path.relpath(entry.path, roots[0]) for entry in walk(roots) if isinstance(entry, Found)}


def out(*roots: Path) -> dict[str, str]:
    """Why entries are out."""
    entries = [entry for entry in walk(roots) if isinstance(entry, Out)]
    return {os.path.relpath(entry.path, roots[0]): entry.why for entry in entries}
