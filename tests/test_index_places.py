"""Where indexes lie."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from context.files import Out, explain
from lsp_server.index_places import TAG, find_shelf, index_folder, place_of, refusal


def test_indexes_lie_in_the_cache_of_the_user_for_nobody_else_to_read(own_home: Path) -> None:
    shelf = find_shelf()
    assert shelf.folder == own_home / "cache_home/fathom/index"
    assert shelf.notice == ""
    assert shelf.folder.stat().st_mode & 0o777 == 0o700
    assert [path.name for path in shelf.folder.iterdir()] == [TAG]


def test_a_cache_that_cannot_be_written_is_replaced_by_a_private_folder(own_home: Path) -> None:
    (own_home / "cache_home/fathom").write_text("a file where a folder should be\n")
    first, second = find_shelf(), find_shelf()
    assert first.folder != second.folder
    assert first.folder.stat().st_mode & 0o777 == 0o700
    assert "temporary" in first.notice
    assert str(own_home) in first.notice
    for shelf in (first, second):
        shelf.folder.rmdir()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_without_leave_to_write_is_noticed(own_home: Path) -> None:
    folder = own_home / "cache_home/fathom/index"
    folder.mkdir(parents=True)
    folder.chmod(0o500)
    shelf = find_shelf()
    assert shelf.notice
    shelf.folder.rmdir()


def test_a_workspace_that_contains_the_cache_does_not_read_the_index(own_home: Path) -> None:
    shelf = find_shelf()
    written = shelf.folder / "key/index.sqlite"
    written.parent.mkdir()
    written.write_text("text\n")
    told = explain(written, [own_home])
    assert isinstance(told, Out)
    assert told.why == "installed"


def test_two_names_of_a_folder_have_one_index(tmp_path: Path) -> None:
    shelf = find_shelf()
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    real, link = (place_of(tmp_path / name, shelf) for name in ("real", "link"))
    assert link.folder == real.folder
    assert link.root == tmp_path / "link"
    assert link.real == real.real == tmp_path / "real"
    assert place_of(tmp_path, shelf).folder != real.folder


def test_commands_find_the_index_of_the_server_and_make_its_place_ready(
    own_home: Path, tmp_path: Path
) -> None:
    folder = index_folder([tmp_path])
    assert folder.parent.stat().st_mode & 0o777 == 0o700
    assert [path.name for path in folder.parent.iterdir()] == [TAG]
    assert folder == place_of(tmp_path, find_shelf()).folder


def test_several_folders_have_an_index_of_their_own_in_any_order(tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    assert index_folder([one, two]) == index_folder([two, one, one])
    assert index_folder([one, two]) != index_folder([one])


def test_a_cache_that_cannot_be_written_is_left_for_the_writer_to_tell(
    own_home: Path, tmp_path: Path
) -> None:
    (own_home / "cache_home/fathom").write_text("a file where a folder should be\n")
    assert index_folder([tmp_path]).parent == own_home / "cache_home/fathom/index"


def test_what_is_more_than_a_project_is_refused_under_all_its_names(own_home: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(own_home)
    (own_home / "project").mkdir()
    assert "is your home directory" in refusal(own_home)
    assert "is your home directory" in refusal(tmp_path / "link")
    assert "has all of your home directory in it" in refusal(Path("/"))
    assert "has all of your home directory in it" in refusal(own_home.parent)
    for root in (own_home / "project", own_home / "project/not there", tmp_path):
        assert refusal(root) == ""


def test_without_a_home_directory_the_top_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "")
    assert refusal(Path("/"))


def test_names_that_are_no_text_have_a_place(tmp_path: Path) -> None:
    shelf = find_shelf()
    name = Path(os.fsdecode(b"\xff"))
    assert place_of(tmp_path / name, shelf).folder.parent == shelf.folder
