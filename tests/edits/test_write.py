"""Files are written whole and together, or stay as they were, whatever ends the program."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from lsp_server.edits.write import ChangedError, FileWrite, recover, write_all
from tests.edits import end_at_step
from tests.edits.end_at_step import NEW, OLD

SCRIPT = Path(end_at_step.__file__)


@pytest.fixture
def records(tmp_path: Path) -> Path:
    return tmp_path / "state" / "records"


@pytest.fixture
def quick_folder() -> Iterator[Path]:
    """A folder in memory, where there is one: these tests wait for the disk thousands of times."""
    memory = Path("/dev/shm")
    with TemporaryDirectory(dir=memory if memory.is_dir() else None) as folder:
        yield Path(folder)


def files_in(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


AFTER = {name: data for name, data in NEW.items() if data is not None}


def left_in(records: Path) -> list[str]:
    return [path.name for path in records.iterdir() if path.name != "lock"] if records.exists() else []


def ended(top: Path, how: str) -> list[Path]:
    """The folders of a run that was ended at each step."""
    top.mkdir()
    command = [sys.executable, str(SCRIPT), str(top), how]
    root = str(Path(__file__).parents[2])
    subprocess.run(command, check=True, env={**os.environ, "PYTHONPATH": root}, cwd=root)
    return sorted(top.iterdir())


@pytest.mark.process
def test_a_kill_at_any_step_leaves_every_file_old_or_new_and_the_next_start_all_of_one_kind(
    quick_folder: Path,
) -> None:
    folders = ended(quick_folder / "killed", "kill")
    outcomes = set()
    for folder in folders:
        for name, data in files_in(folder / "files").items():
            if not name.rpartition("/")[2].startswith(".fathom-"):
                assert data in (OLD.get(name), NEW.get(name)), (folder, name)
        recover(folder / "records")
        files = files_in(folder / "files")
        assert files in (OLD, AFTER), folder
        assert left_in(folder / "records") == []
        assert stat.S_IMODE((folder / "files" / "a.txt").stat().st_mode) == 0o750
        assert (folder / "files" / "new").exists() == (files == AFTER)
        outcomes.add(((folder / "killed").exists(), files == AFTER))
    assert len(folders) > 30
    assert outcomes == {(True, False), (True, True), (False, True)}


@pytest.mark.process
@pytest.mark.parametrize("how", ["fail", "stay"])
def test_a_full_disk_at_any_step_leaves_all_files_old_or_all_new_and_says_which(
    how: str, quick_folder: Path
) -> None:
    for folder in ended(quick_folder / "failed", how):
        files = {name: data for name, data in files_in(folder / "files").items() if ".fathom-" not in name}
        if (folder / "written").exists():
            assert files == AFTER, folder
        else:
            assert files == OLD, folder
        recover(folder / "records")
        assert files_in(folder / "files") == files
        assert left_in(folder / "records") == []


@pytest.mark.process
def test_a_kill_while_mending_is_mended_by_the_next_start(quick_folder: Path) -> None:
    for folder in ended(quick_folder / "killed", "mend"):
        recover(folder / "records")
        assert files_in(folder / "files") in (OLD, AFTER), folder
        assert left_in(folder / "records") == []


def test_rights_stay_and_a_new_file_has_the_usual_ones(tmp_path: Path, records: Path) -> None:
    script, new = tmp_path / "run.sh", tmp_path / "new.sh"
    script.write_bytes(b"old")
    script.chmod(0o755)
    write_all([FileWrite(script, b"old", b"new"), FileWrite(new, None, b"x")], records)
    assert stat.S_IMODE(script.stat().st_mode) == 0o755
    other = tmp_path / "other"
    other.touch()
    assert new.stat().st_mode == other.stat().st_mode
    assert script.read_bytes() == b"new"


def test_links_stay_links(tmp_path: Path, records: Path) -> None:
    real, link = tmp_path / "real" / "a", tmp_path / "link"
    real.parent.mkdir()
    real.write_bytes(b"old")
    link.symlink_to(real)
    write_all([FileWrite(link, b"old", b"new")], records)
    assert (link.is_symlink(), real.read_bytes()) == (True, b"new")


def test_the_records_are_for_the_user_alone(tmp_path: Path, records: Path) -> None:
    write_all([FileWrite(tmp_path / "a", None, b"x")], records)
    assert stat.S_IMODE(records.stat().st_mode) == 0o700
    assert stat.S_IMODE((records / "lock").stat().st_mode) == 0o600
    assert files_in(tmp_path) == {"a": b"x", "state/records/lock": b""}


@pytest.mark.parametrize(
    "write",
    [
        FileWrite(Path("b"), b"other", b"new"),
        FileWrite(Path("b"), None, b"new"),
        FileWrite(Path("missing"), b"x", b"new"),
    ],
)
def test_a_file_that_is_not_as_it_should_be_stops_all(
    write: FileWrite, tmp_path: Path, records: Path
) -> None:
    (tmp_path / "a").write_bytes(b"old")
    (tmp_path / "b").write_bytes(b"old")
    writes = [
        FileWrite(tmp_path / "a", b"old", b"new"),
        FileWrite(tmp_path / write.path, write.before, write.after),
    ]
    with pytest.raises(ChangedError):
        write_all(writes, records)
    assert files_in(tmp_path) == {"a": b"old", "b": b"old", "state/records/lock": b""}


def test_a_file_that_must_not_be_written_stops_all(
    tmp_path: Path, records: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a").write_bytes(b"old")
    monkeypatch.setattr(os, "access", lambda path, mode: False)  # root may write anything
    with pytest.raises(PermissionError):
        write_all([FileWrite(tmp_path / "a", b"old", b"new")], records)
    assert (tmp_path / "a").read_bytes() == b"old"


def test_a_folder_that_cannot_be_written_stops_all(tmp_path: Path, records: Path) -> None:
    (tmp_path / "a").write_bytes(b"old")
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(OSError, match="file"):
        write_all(
            [FileWrite(tmp_path / "a", b"old", b"new"), FileWrite(tmp_path / "file/x", None, b"new")], records
        )
    assert (tmp_path / "a").read_bytes() == b"old"
    assert left_in(records) == []


def test_what_somebody_has_written_since_is_not_overwritten_by_the_next_start(
    tmp_path: Path, records: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A program was killed between two files; then the user edits one of them."""
    one, two = tmp_path / "one", tmp_path / "two"
    writes = []
    for path in (one, two):
        path.write_bytes(b"old")
        writes.append(FileWrite(path, b"old", b"new"))
    replaced = os.replace

    def stop(old: str, new: str) -> None:
        if Path(new) == two:
            raise KeyboardInterrupt
        replaced(old, new)

    monkeypatch.setattr(os, "replace", stop)
    with pytest.raises(KeyboardInterrupt):
        write_all(writes, records)
    monkeypatch.undo()
    assert (one.read_bytes(), two.read_bytes()) == (b"new", b"old")
    two.write_bytes(b"mine")
    recover(records)
    assert (one.read_bytes(), two.read_bytes()) == (b"old", b"mine")
    assert left_in(records) == []


def test_a_record_that_makes_no_sense_is_thrown_away(records: Path) -> None:
    records.mkdir(parents=True)
    (records / "x.commit").write_bytes(b'[{"target"')
    (records / "y.prepare").write_bytes(b"")
    recover(records)
    assert left_in(records) == []


def test_a_start_without_any_record_makes_no_folder(records: Path) -> None:
    recover(records)
    assert not records.exists()
