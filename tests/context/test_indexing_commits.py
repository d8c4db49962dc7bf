"""What of an index is seen when, and what is left of it after errors of disks and of the text search."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from context import indexing as pipeline
from context.index import Index
from context.indexing import Indexing, writing
from context.store import BusyError, StoreError
from tests.context.shops import ALL, names, shop, swept, write


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return shop(tmp_path / "shop")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "index"


@pytest.fixture
def index(folder: Path) -> Iterator[Index]:
    index = Index(folder)
    yield index
    index.close()


@pytest.fixture
def writer(root: Path, folder: Path) -> Iterator[Indexing]:
    with writing(folder, [root], workers=0) as indexing:
        list(indexing.sweep())
        yield indexing


# --- commits ---


def test_what_is_there_so_far_is_seen_while_a_sweep_goes_on(
    root: Path, folder: Path, index: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pipeline, "BATCH_FILES", 1)
    with writing(folder, [root], workers=0) as indexing:
        seen = [(progress.parsed, len(index.paths()), progress.done) for progress in indexing.sweep()]
    assert seen[:3] == [(1, 1, False), (2, 2, False), (3, 3, False)]
    assert [done for _, _, done in seen] == [False] * (len(seen) - 1) + [True]


def test_a_sweep_that_is_given_up_keeps_what_it_has_and_goes_on_later(
    root: Path, folder: Path, index: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pipeline, "BATCH_FILES", 1)
    with writing(folder, [root], workers=0) as indexing:
        for _ in indexing.sweep():
            break
        assert len(index.paths()) == 1
        assert [progress.parsed for progress in indexing.sweep()][-1] == 2
    assert names(index, root) == ALL
    assert len(index.find(["deliver"], 5)) == 1


def test_an_update_between_two_steps_of_a_sweep_counts_more(
    root: Path, folder: Path, index: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pipeline, "BATCH_FILES", 1)
    with writing(folder, [root], workers=0) as indexing:
        list(indexing.sweep())
        for number, path in enumerate(sorted(root.rglob("*.py"))):
            write(path, f"def before{number}(): ...\n")
        steps = indexing.sweep()
        next(steps)
        for number, path in enumerate(sorted(root.rglob("*.py"))):
            write(path, f"def after{number:>20}(): ...\n".replace(" ", "_", 20))
        (root / "cart.py").unlink()
        write(root / "new.py", "def new(): ...\n")
        indexing.update([root])
        now = {path: index.text(path) for path in index.paths()}
        list(steps)
        assert {path: index.text(path) for path in index.paths()} == now
        assert names(index, root) == (ALL - {"cart.py"}) | {"new.py"}


def test_an_update_of_very_many_paths_is_a_sweep(
    root: Path, writer: Indexing, index: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pipeline, "MOST_PLACES", 2)
    (root / "cart.py").unlink()
    write(root / "new.py", "def new(): ...\n")
    progress = writer.update([root / name for name in ("cart.py", "new.py", "none.py", "in")])
    assert (progress.parsed, progress.removed) == (1, 1)
    assert names(index, root) == (ALL - {"cart.py"}) | {"new.py"}


def test_paths_of_nowhere_change_nothing(root: Path, writer: Indexing, index: Index, tmp_path: Path) -> None:
    before = index.version()
    (tmp_path / "outside.py").touch()
    for path in (tmp_path / "outside.py", root / "none.py", root / "none/none.py", Path("/")):
        assert writer.update([path]).parsed == 0
    assert writer.update([]).files == 0
    assert names(index, root) == ALL
    assert index.version() == before


def test_an_event_without_a_change_costs_no_commit(root: Path, writer: Indexing, index: Index) -> None:
    before = index.version()
    assert writer.update([root / "cart.py", root / "in"]).unchanged == 3
    assert index.version() == before


def test_the_search_learns_of_updates_when_it_is_told_to(root: Path, writer: Indexing, index: Index) -> None:
    write(root / "in/mail.py", "def send(): hand_over()\n")
    writer.update([root / "in/mail.py"])
    write(root / "in/mail.py", "def send(): give_it_away()\n")
    write(root / "new.py", "def new(): hand_out()\n")
    writer.update([root / "in/mail.py", root / "new.py"])
    assert [index.find([word], 5) for word in ("deliver", "hand_over", "give_it_away", "hand_out")] == [
        []
    ] * 4
    writer.settle()
    found = {
        word: len(index.find([word], 5)) for word in ("deliver", "hand_over", "give_it_away", "hand_out")
    }
    assert found == {"deliver": 0, "hand_over": 0, "give_it_away": 1, "hand_out": 1}


def test_a_search_that_knows_everything_costs_no_commit(writer: Indexing, index: Index) -> None:
    before = index.version()
    writer.settle()
    assert index.version() == before


def test_updates_of_which_the_search_has_not_learned_are_made_up_for(
    root: Path, folder: Path, index: Index
) -> None:
    with writing(folder, [root], workers=0) as indexing:
        list(indexing.sweep())
        write(root / "new.py", "def new(): hand_over()\n")
        (root / "in/mail.py").unlink()
        indexing.update([root / "new.py", root / "in/mail.py"])
    assert index.find(["hand_over"], 5) == []
    swept(folder, root)
    assert len(index.find(["hand_over"], 5)) == 1
    assert index.find(["deliver"], 5) == []


# --- errors ---


def test_a_second_writer_is_refused(root: Path, folder: Path, writer: Indexing) -> None:
    with pytest.raises(BusyError):
        swept(folder, root)


def test_a_fault_while_something_is_stored_leaves_the_last_commit(
    root: Path, folder: Path, index: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    swept(folder, root)
    write(root / "new.py", "def new(): ...\n")
    with monkeypatch.context() as patch:
        patch.setattr(Indexing, "_put", _fail)
        with pytest.raises(StoreError, match="no space left"):
            swept(folder, root)
    assert names(index, root) == ALL
    swept(folder, root)
    assert names(index, root) == ALL | {"new.py"}


@pytest.mark.parametrize("said", ["No space left on device", "FileAlreadyExists"])
def test_a_search_that_cannot_be_written_is_made_whole_later(
    root: Path, folder: Path, index: Index, monkeypatch: pytest.MonkeyPatch, said: str
) -> None:
    swept(folder, root)
    write(root / "new.py", "def new(): hand_over()\n")

    def fail(_: object) -> None:
        raise ValueError(said)

    with monkeypatch.context() as patch:
        patch.setattr("context.search.Search.commit", fail)
        with pytest.raises(StoreError, match=rf"text search .* {said}|again and again"):
            swept(folder, root)
    assert len(index.find(["deliver"], 5)) == (1 if said.startswith("No space") else 0)
    swept(folder, root)
    for word in ("hand_over", "deliver"):
        assert len(index.find([word], 5)) == 1


def test_a_search_that_cannot_learn_now_learns_later(
    root: Path, writer: Indexing, index: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: object) -> None:
        raise ValueError("No space left on device")

    write(root / "new.py", "def new(): hand_over()\n")
    writer.update([root / "new.py"])
    with monkeypatch.context() as patch:
        patch.setattr("context.search.Search.commit", fail)
        with pytest.raises(StoreError, match="No space"):
            writer.settle()
    assert names(index, root) == ALL | {"new.py"}
    writer.settle()
    for word in ("hand_over", "deliver"):
        assert len(index.find([word], 5)) == 1


@pytest.mark.parametrize("damage", ["removed", "emptied", "cut off"])
def test_a_damaged_search_is_made_anew(root: Path, folder: Path, index: Index, damage: str) -> None:
    swept(folder, root)
    for path in [path for path in (folder / "search").rglob("*") if path.is_file()]:
        if damage == "removed":
            path.unlink()
        else:
            path.write_bytes(b"" if damage == "emptied" else path.read_bytes()[:-20])
    index.close()
    index.find(["deliver"], 5)
    index.find_sites(["cart"], 5)
    write(root / "new.py", "def new(): hand_over()\n")
    swept(folder, root)
    assert names(index, root) == ALL | {"new.py"}
    for word in ("hand_over", "deliver"):
        assert len(index.find([word], 5)) == 1
    assert len(index.find_sites(["cart"], 5)) == 1


def _fail(*_: object) -> None:
    error = sqlite3.OperationalError("database or disk is full")
    error.sqlite_errorcode = sqlite3.SQLITE_FULL
    raise error
