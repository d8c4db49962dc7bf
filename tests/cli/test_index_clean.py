"""`fathom index --clean`, and what a server removes by itself."""

from __future__ import annotations

import json
import os
import shutil
import time
from pathlib import Path

import pytest

from context.indexing import sweep, writing
from lsp_server.cli import main
from lsp_server.index_places import DAY, UNUSED, clean_daily, find_shelf, index_folder, place_of, shelf_folder
from tests.e2e.client import serve

LONG_AGO = UNUSED + DAY


def made(root: Path) -> Path:
    """An index of a folder, with a log."""
    root.mkdir()
    (root / "main.py").write_text("def main(): ...\n")
    folder = index_folder([root])
    sweep([root], folder, workers=0)
    log = place_of(root, find_shelf()).log
    log.parent.mkdir(parents=True, exist_ok=True)
    log.write_text("said\n")
    return folder


def grow(folder: Path, seconds: float) -> None:
    """Let an index be so old."""
    then = time.time() - seconds
    for path in folder.iterdir():
        os.utime(path, (then, then))


def test_indexes_of_folders_that_are_gone_or_long_unused_are_removed_and_shown(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    gone, unused, fresh = (made(tmp_path / name) for name in ("gone", "unused", "fresh"))
    shutil.rmtree(tmp_path / "gone")
    grow(unused, LONG_AGO)
    grow(fresh, UNUSED - DAY)
    assert main(["index", "--clean"]) == 0
    head, first, second, _, total = capsys.readouterr().out.splitlines()
    assert head.split() == ["FOLDER", "LAST", "OPENED", "SIZE", "WHY"]
    assert first.startswith(f"{tmp_path}/unused  61 d ago  ")
    assert first.endswith(" MB  not opened for 60 days")
    assert second.startswith(f"{tmp_path}/gone ")
    assert second.endswith("there is no such folder")
    assert total.startswith("2 indexes removed, ")
    assert total.endswith(f" MB; 1 left in {shelf_folder()}.")
    assert [gone.exists(), unused.exists(), fresh.exists()] == [False, False, True]
    assert not place_of(tmp_path / "gone", find_shelf()).log.exists()
    assert place_of(tmp_path / "fresh", find_shelf()).log.exists()
    assert sorted(path.name for path in shelf_folder().iterdir()) == sorted(["CACHEDIR.TAG", fresh.name])


def test_as_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["index", "--clean", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"removed": [], "left": 0}
    folder = made(tmp_path / "root")
    shutil.rmtree(tmp_path / "root")
    assert main(["index", "--clean", "--json"]) == 0
    (removed,) = json.loads(capsys.readouterr().out)["removed"]
    assert (removed["roots"], removed["folder"]) == ([str(tmp_path / "root")], str(folder))
    assert removed["why"] == "no folder"
    assert removed["bytes"] > 0


def test_one_that_is_in_use_stays_however_old_it_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = made(tmp_path / "root")
    with writing(folder, [tmp_path / "root"], workers=0):
        shutil.rmtree(tmp_path / "root")
        grow(folder, LONG_AGO)
        assert main(["index", "--clean"]) == 0
        assert clean_daily() == []
    assert capsys.readouterr().out.startswith("0 indexes removed, ")
    assert folder.exists()


def test_a_server_removes_only_what_is_long_unused(tmp_path: Path) -> None:
    gone, unused = made(tmp_path / "gone"), made(tmp_path / "unused")
    shutil.rmtree(tmp_path / "gone")
    grow(unused, LONG_AGO)
    (removed,) = clean_daily()
    assert (removed.index.folder, removed.why) == (unused, "unused")
    assert gone.exists()


def test_a_server_looks_once_a_day(tmp_path: Path) -> None:
    assert clean_daily() == []
    assert not shelf_folder().exists()
    folder = made(tmp_path / "root")
    assert clean_daily() == []
    grow(folder, LONG_AGO)
    assert clean_daily() == []
    stamp = shelf_folder() / ".cleaned"
    yesterday = time.time() - DAY - 1
    os.utime(stamp, (yesterday, yesterday))
    assert [removed.index.folder for removed in clean_daily()] == [folder]


@pytest.mark.process
def test_a_server_that_starts_removes_what_is_long_unused(tmp_path: Path) -> None:
    folder = made(tmp_path / "root")
    grow(folder, LONG_AGO)
    with serve(tmp_path) as client:
        client.initialize()
        end = time.monotonic() + 20
        while folder.exists():
            assert time.monotonic() < end
            time.sleep(0.02)  # the disk tells nobody
        assert client.end() == 0
