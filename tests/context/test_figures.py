"""An index seen from the outside."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from context.figures import figures_of
from context.indexing import sweep, writing
from tests.context.trees import write


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    write(folder, "a.py", "in/b.py", "in/deep/and/deeper/c.py")
    return folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "index"


def test_where_there_is_no_index_there_are_no_figures(root: Path, folder: Path) -> None:
    assert figures_of(folder, root) is None
    folder.mkdir()
    (folder / "lock").write_text("")
    assert figures_of(folder, root) is None


def test_an_index_says_how_much_is_in_it_and_how_large_and_old_it_is(root: Path, folder: Path) -> None:
    sweep([root], folder, workers=0)
    os.utime(folder / "index.sqlite", (1_700_000_000, 1_700_000_000))
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    figures = figures_of(folder, root)
    assert figures is not None
    assert (figures.files, figures.folders, figures.bytes) == (3, 5, size)
    assert figures.is_readable
    assert not figures.is_kept
    again = figures_of(folder, root)
    assert again is not None
    assert again.changed == figures.changed == 1_700_000_000


def test_an_index_that_a_process_keeps_is_known(root: Path, folder: Path) -> None:
    with writing(folder, [root], workers=0) as indexing:
        list(indexing.sweep())
        figures = figures_of(folder, root)
        assert figures is not None
        assert (figures.files, figures.is_kept) == (3, True)
    after = figures_of(folder, root)
    assert after is not None
    assert not after.is_kept


def test_a_damaged_index_is_no_readable_one(root: Path, folder: Path) -> None:
    folder.mkdir()
    (folder / "index.sqlite").write_bytes(b"nonsense" * 1000)
    figures = figures_of(folder, root)
    assert figures is not None
    assert (figures.files, figures.is_readable) == (0, False)
