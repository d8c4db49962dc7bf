"""A tree of two million lines: three large repositories side by side."""

from __future__ import annotations

from pathlib import Path

from lsp_server.cli.bench.recall.fetch import tree
from lsp_server.cli.bench.recall.repositories import Archive, Repository

PARTS = (
    Archive("pip", "django", "5.2.19", "ad03d8abc51dbff95ebf34b27123cf0c26a3b62db7ba0cd520783686362533d1"),
    Archive("pip", "pandas", "3.1.1", "05fed3e3b7c99b226f160e29d7d6cb7ef39638c758cbfe42b3f24ba34f04b859"),
    Archive("pip", "sympy", "1.14.0", "d3d3fe8df1e5a0b42f0e7bdf50541697dbe7d23746e894990c030e2b05e72517"),
)


def big_tree(cache: Path) -> Path:
    """The folder of the tree, fetched if it is not there yet. Raises OSError and ValueError."""
    inside = cache / "big-tree"
    for archive in PARTS:
        tree(Repository(archive.package, archive, (), "development"), inside)
    return inside / "trees"
