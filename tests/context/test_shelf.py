"""Indexes side by side in a folder: whose they are, and how one of them goes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from context.index import Index
from context.indexing import sweep, writing
from context.shelf import GONE, ROOTS, Shelved, finish_removals, lock, remove, shelved
from context.store import LOCK, BusyError, opened

KEYS = "0" * 20, "1" * 20
OLD = 1_000_000.0


def made(shelf: Path, key: str, root: Path) -> Path:
    root.mkdir(exist_ok=True)
    (root / "main.py").write_text("def main(): ...\n")
    sweep([root], shelf / key, workers=0)
    return shelf / key


def grow_old(folder: Path) -> None:
    for path in folder.iterdir():
        os.utime(path, (OLD, OLD))


def is_old(index: Shelved) -> bool:
    return index.used <= OLD


def always(_: Shelved) -> bool:
    return True


def test_an_index_says_whose_it_is_and_when_it_was_used(tmp_path: Path) -> None:
    first, second = made(tmp_path, KEYS[0], tmp_path / "a"), made(tmp_path, KEYS[1], tmp_path / "b")
    (tmp_path / "CACHEDIR.TAG").touch()
    (tmp_path / ("2" * 20)).symlink_to(first)
    grow_old(second)
    found = shelved(tmp_path)
    assert [(each.folder, each.roots) for each in found] == [
        (second, (str(tmp_path / "b"),)),
        (first, (str(tmp_path / "a"),)),
    ]
    assert found[0].used == OLD < found[1].used
    with writing(second, [tmp_path / "b"], workers=0):
        pass
    assert shelved(tmp_path)[1].used > OLD


def test_it_is_orphaned_when_all_of_its_roots_are_gone(tmp_path: Path) -> None:
    a, b = tmp_path / "a", tmp_path / "b"
    a.mkdir()
    b.mkdir()
    sweep([a, b], tmp_path / KEYS[0], workers=0)
    a.rmdir()
    assert not shelved(tmp_path)[0].is_orphaned
    b.rmdir()
    assert shelved(tmp_path)[0].is_orphaned


@pytest.mark.parametrize("content", ["", "[]", "{", '["a"]', "[1]", "é", '"/a"', "[[]]"])
def test_an_index_that_does_not_say_whose_it_is_is_no_orphan(tmp_path: Path, content: str) -> None:
    folder = made(tmp_path, KEYS[0], tmp_path / "a")
    (folder / ROOTS).write_text(content)
    (index,) = shelved(tmp_path)
    assert index.roots == ()
    assert not index.is_orphaned


def test_a_root_that_cannot_be_looked_at_may_be_there(tmp_path: Path) -> None:
    folder = made(tmp_path, KEYS[0], tmp_path / "a")
    for root in ("/" + "x" * 300, "/a\0b"):
        (folder / ROOTS).write_text(json.dumps([root]))
        assert not shelved(tmp_path)[0].is_orphaned


def test_there_is_nothing_where_no_index_was_made(tmp_path: Path) -> None:
    assert shelved(tmp_path / "nothing") == []
    finish_removals(tmp_path / "nothing")


def test_what_is_removed_is_gone_with_all_of_it(tmp_path: Path) -> None:
    folder = made(tmp_path, KEYS[0], tmp_path / "a")
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    (index,) = shelved(tmp_path)
    assert remove(index, always) == size
    assert [path.name for path in tmp_path.iterdir()] == ["a"]
    assert remove(index, always) is None


def test_one_that_a_process_keeps_stays(tmp_path: Path) -> None:
    root = tmp_path / "a"
    folder = made(tmp_path, KEYS[0], root)
    (index,) = shelved(tmp_path)
    with opened(folder):
        assert remove(index, always) is None
    assert Index(folder).paths() == [str(root / "main.py")]


def test_one_that_was_used_meanwhile_stays(tmp_path: Path) -> None:
    folder = made(tmp_path, KEYS[0], tmp_path / "a")
    grow_old(folder)
    (index,) = shelved(tmp_path)
    made(tmp_path, KEYS[0], tmp_path / "a")
    assert remove(index, is_old) is None
    assert folder.exists()


def test_a_folder_without_a_lock_is_no_index_and_stays(tmp_path: Path) -> None:
    (tmp_path / KEYS[0]).mkdir()
    (tmp_path / KEYS[0] / "notes.txt").write_text("mine")
    (index,) = shelved(tmp_path)
    assert remove(index, always) is None
    assert (tmp_path / KEYS[0] / "notes.txt").exists()


def test_who_waited_for_one_that_was_removed_begins_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = made(tmp_path, KEYS[0], tmp_path / "a")
    holder = os.open(folder / LOCK, os.O_RDWR)
    assert lock(holder)

    def removed_meanwhile(_: float) -> None:
        folder.rename(tmp_path / "gone")
        made(tmp_path, KEYS[0], tmp_path / "a")
        os.close(holder)

    monkeypatch.setattr("time.sleep", removed_meanwhile)
    with pytest.raises(BusyError, match="removed"), opened(folder, patience=10):
        pass
    with opened(folder) as store:
        assert store.files()


REMOVER = """
import os, shutil, signal, sys
from pathlib import Path
from context import shelf

shutil.rmtree = lambda path, **_: os.kill(os.getpid(), signal.SIGKILL)
(index,) = shelf.shelved(Path(sys.argv[1]))
shelf.remove(index, lambda _: True)
"""


@pytest.mark.process
def test_a_removal_that_is_killed_is_finished_by_the_next_one(tmp_path: Path) -> None:
    root, shelf = tmp_path / "a", tmp_path / "shelf"
    shelf.mkdir()
    folder = made(shelf, KEYS[0], root)
    died = subprocess.run([sys.executable, "-c", REMOVER, str(shelf)], check=False)
    assert died.returncode == -signal.SIGKILL
    assert shelved(shelf) == []
    assert [path.name.startswith(GONE) for path in shelf.iterdir()] == [True]
    made(shelf, KEYS[0], root)
    finish_removals(shelf)
    assert [path.name for path in shelf.iterdir()] == [KEYS[0]]
    assert Index(folder).paths() == [str(root / "main.py")]
