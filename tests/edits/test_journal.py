"""The journal remembers every change, for its user alone, in bounded space, and never a half of one."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from lsp_server.edits import journal
from lsp_server.edits.journal import (
    FileChange,
    changes,
    find,
    forget,
    journal_folder,
    record,
    standing,
    turn_of,
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "state" / "journal"


def file(before: str | None = "a\r\n", after: str | None = "b\r\n") -> FileChange:
    return FileChange("file:///x.py", Path("/x.py"), before, after, 3)


def test_a_change_comes_back_as_it_was_recorded(folder: Path) -> None:
    odd = FileChange("untitled:x", None, None, "\ufeff\ud83e\u2028\r\n")
    change = record(folder, "Simplify", "turn-1", [file(), odd])
    assert find(folder, change.number) == change
    assert change.files == (file(), odd)
    assert list(changes(folder)) == [change]


def test_the_last_change_comes_first_and_numbers_rise(folder: Path) -> None:
    for title in "abc":
        record(folder, title, "", [file()])
    assert [(change.number, change.title) for change in changes(folder)] == [(3, "c"), (2, "b"), (1, "a")]


def test_only_the_user_can_read_it(folder: Path) -> None:
    record(folder, "t", "", [file()])
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}


def test_it_lies_in_the_state_directory_of_the_user(own_home: Path) -> None:
    assert journal_folder().is_relative_to(own_home)


def test_an_empty_journal_is_no_folder(folder: Path) -> None:
    assert list(changes(folder)) == []
    assert find(folder, 1) is None
    assert not folder.exists()


def test_the_oldest_go_when_there_are_too_many(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal, "MOST_CHANGES", 3)
    for title in "abcde":
        record(folder, title, "", [file()])
    assert [change.title for change in changes(folder)] == ["e", "d", "c"]


def test_the_oldest_go_when_they_are_too_large_but_never_the_last(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal, "MOST_BYTES", 1)
    for title in "ab":
        record(folder, title, "", [file()])
    assert [change.title for change in changes(folder)] == ["b"]
    assert record(folder, "c", "", [file()]).number == 3


@pytest.mark.parametrize("damage", [b"", b"\x1f\x8b", b"no gzip at all"])
def test_an_entry_that_is_damaged_is_left_out(damage: bytes, folder: Path) -> None:
    for title in "ab":
        record(folder, title, "", [file()])
    (folder / "0000000002.json.gz").write_bytes(damage)
    (folder / "notes.txt").write_bytes(b"mine")
    assert [change.title for change in changes(folder)] == ["a"]


def test_a_change_that_was_not_applied_can_be_forgotten(folder: Path) -> None:
    number = record(folder, "a", "", [file()]).number
    forget(folder, number)
    forget(folder, number)
    assert list(changes(folder)) == []


def test_what_was_taken_back_does_not_stand_unless_that_was_taken_back_too(folder: Path) -> None:
    def numbers() -> list[int]:
        return [change.number for change in standing(changes(folder))]

    for _ in range(3):
        record(folder, "t", "", [file()])
    record(folder, "undo 2 and 3", "", [file()], [3, 2])
    assert numbers() == [4, 1]
    record(folder, "undo that", "", [file()], [4])
    assert numbers() == [5, 3, 2, 1]


def test_changes_of_a_turn_belong_together(folder: Path) -> None:
    for turn in ("x", "y", "x", "", ""):
        record(folder, "t", turn, [file()])
    every = list(changes(folder))
    assert [change.number for change in turn_of(every[2], every)] == [3, 1]
    assert [change.number for change in turn_of(every[0], every)] == [5]
