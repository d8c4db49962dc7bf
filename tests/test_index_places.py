"""Where indexes lie."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from context.files import Out, explain
from lsp_server.index_places import TAG, find_shelf, place_of


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


def test_names_that_are_no_text_have_a_place(tmp_path: Path) -> None:
    shelf = find_shelf()
    name = Path(os.fsdecode(b"\xff"))
    assert place_of(tmp_path / name, shelf).folder.parent == shelf.folder
