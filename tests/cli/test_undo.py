"""`fathom undo` from outside."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lsp_server.cli import main
from lsp_server.edits.save import save
from lsp_server.edits.types import Edit, EditSet, file_edit


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project in which the terminal stands."""
    project = tmp_path / "project"
    project.mkdir()
    monkeypatch.chdir(project)
    return project


def change(path: Path, text: str, turn: str = "", title: str = "Rewrite") -> None:
    """Give a file another text, as Fathom would."""
    before = path.read_text() if path.exists() else None
    edit = file_edit(path, before, [Edit(0, len(before or ""), text)])
    assert not hasattr(save(EditSet(title, (edit,)), turn), "reason")


def test_the_last_change_below_this_folder_is_taken_back(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "a.py").write_text("old\n")
    change(folder / "a.py", "new\n")
    change(tmp_path / "elsewhere.py", "x\n")
    assert main(["undo"]) == 0
    assert (folder / "a.py").read_text() == "old\n"
    assert (tmp_path / "elsewhere.py").exists()
    out = capsys.readouterr().out
    assert "Undone: 1  Rewrite" in out
    assert str(folder / "a.py") in out
    assert main(["undo"]) == 1
    assert "nothing to undo" in capsys.readouterr().err


def test_changes_are_taken_back_one_after_the_other(folder: Path) -> None:
    for text in ("1\n", "2\n", "3\n"):
        change(folder / "a.py", text)
    for expected in ("2\n", "1\n"):
        assert main(["undo"]) == 0
        assert (folder / "a.py").read_text() == expected
    assert main(["undo"]) == 0
    assert not (folder / "a.py").exists()


def test_a_change_can_be_named_and_its_undoing_undone(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    change(folder / "a.py", "1\n")
    change(folder / "b.py", "2\n")
    assert main(["undo", "1", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {
        "undone": [1], "change": 3, "files": [str(folder / "a.py")],
    }  # fmt: skip
    assert main(["undo", "1"]) == 1
    assert "no change 1" in capsys.readouterr().err
    assert main(["undo", "3"]) == 0
    assert (folder / "a.py").read_text() == "1\n"


def test_a_turn_is_taken_back_as_a_whole(folder: Path) -> None:
    change(folder / "a.py", "1\n")
    change(folder / "a.py", "2\n", "turn")
    change(folder / "b.py", "3\n", "turn")
    assert main(["undo", "--turn"]) == 0
    assert ((folder / "a.py").read_text(), (folder / "b.py").exists()) == ("1\n", False)


def test_later_work_is_not_lost(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    change(folder / "a.py", "1\n")
    (folder / "a.py").write_text("mine\n")
    assert main(["undo"]) == 1
    assert "was edited since" in capsys.readouterr().err
    assert main(["undo", "--json"]) == 1
    assert "was edited since" in json.loads(capsys.readouterr().out)["error"]
    assert (folder / "a.py").read_text() == "mine\n"


def test_the_list_says_what_was_changed_and_can_still_be_taken_back(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["undo", "--list"]) == 0
    assert "nothing" in capsys.readouterr().out
    change(folder / "a.py", "1\n", title="First\nthing")
    change(folder / "b.py", "2\n", "turn", title="Second")
    change(tmp_path / "c.py", "3\n")
    main(["undo"])
    capsys.readouterr()
    assert main(["undo", "--list"]) == 0
    head, row = capsys.readouterr().out.splitlines()
    assert head.split() == ["change", "when", "turn", "files", "what"]
    assert row.split()[0] == "1"
    assert row.endswith("a.py   First⟨U+000A⟩thing")
    assert main(["undo", "--list", "--json"]) == 0
    (described,) = json.loads(capsys.readouterr().out)
    assert described["files"] == [{"path": str(folder / "a.py"), "version": None}]
    assert (described["number"], described["title"]) == (1, "First\nthing")


def test_what_the_disk_refuses_is_said(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    change(folder / "a.py", "1\n")
    change(folder / "a.py", "2\n")
    monkeypatch.setattr(
        "os.replace", lambda *_: (_ for _ in ()).throw(OSError(28, "No space left on device"))
    )
    assert main(["undo"]) == 1
    assert "No space left" in capsys.readouterr().err
    assert (folder / "a.py").read_text() == "2\n"
