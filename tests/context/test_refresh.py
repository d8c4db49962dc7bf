"""An index that is kept fresh, with real files, a real watch and real processes that parse."""

from __future__ import annotations

import logging
import shutil
import sys
import time
from pathlib import Path

import pytest

from context import refresh as refreshing
from context.changes import STORM
from context.refresh import Times
from context.watch import RULES, SWITCHED, Watch
from tests.context.kept import NEVER, define, kept
from tests.context.trees import rules, write

pytestmark = pytest.mark.process


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    folder.mkdir()
    return folder


# --- what is told ---


def test_what_is_there_is_indexed_and_what_is_saved_follows(root: Path) -> None:
    define(root / "a.py", "first")
    with kept(root) as found:
        found.until_ready()
        found.until_defined("first")
        define(root / "a.py", "second")
        found.until_defined("second")
        found.until(lambda: not found.index.named(["first"]))
        define(root / "b.py", "third")
        found.until_defined("third")
        assert found.sweeps() == [refreshing.STARTED]


def test_files_that_are_moved_and_deleted_follow(root: Path) -> None:
    write(root, "gone.py", "old.py", "stays.py")
    with kept(root) as found:
        found.until_names("gone.py", "old.py", "stays.py")
        found.until_ready()
        (root / "gone.py").unlink()
        (root / "old.py").rename(root / "new.py")
        found.until_names("new.py", "stays.py")


def test_new_folders_are_read_and_watched_with_all_below(root: Path) -> None:
    with kept(root) as found:
        found.until_ready()
        write(root, "a/b/c/d.py", "a/node_modules/e.py")
        found.until_names("a/b/c/d.py")
        write(root, "a/b/c/f.py")
        found.until_names("a/b/c/d.py", "a/b/c/f.py")
        assert found.sweeps() == [refreshing.STARTED]


def test_a_folder_that_is_filled_while_it_is_made_is_read_in_full(root: Path) -> None:
    with kept(root) as found:
        found.until_ready()
        names = [f"new/{number % 7}/{number % 3}/{number}.py" for number in range(200)]
        write(root, *names)
        found.until_names(*names)


def test_a_moved_folder_is_read_under_its_new_name_and_watched(root: Path) -> None:
    define(root / "old/deep/a.py", "first")
    with kept(root) as found:
        found.until_ready()
        (root / "old").rename(root / "new")
        found.until_names("new/deep/a.py")
        define(root / "new/deep/a.py", "second")
        found.until_defined("second")


def test_a_folder_that_leaves_and_comes_back_follows(root: Path) -> None:
    write(root, "src/a.py", "b.py")
    with kept(root) as found:
        found.until_ready()
        (root / "src").rename(root.parent / "aside")
        found.until_names("b.py")
        write(root.parent / "aside", "c.py")
        (root.parent / "aside").rename(root / "src")
        found.until_names("b.py", "src/a.py", "src/c.py")
        shutil.rmtree(root / "src")
        found.until_names("b.py")


def test_a_root_that_is_a_link_is_kept_under_its_own_name(root: Path) -> None:
    link = root.parent / "link"
    link.symlink_to(root)
    write(root, "src/a.py")
    with kept(link) as found:
        found.until_names("src/a.py")
        found.until_ready()
        write(root, "src/b.py")
        found.until_names("src/a.py", "src/b.py")


def test_a_file_that_another_program_tells_of_is_read(root: Path) -> None:
    with kept(root) as found:
        found.until_ready()
        found.refresh.close()  # as on a file system that tells nothing
        found.pending.file(str(root / "a.py"))
        write(root, "a.py")
        found.until_names("a.py")


# --- sweeps ---


def test_ignore_files_take_effect_when_they_are_saved(root: Path) -> None:
    write(root, "a.py", "logs/b.py", "logs/deep/c.py")
    with kept(root) as found:
        found.until_names("a.py", "logs/b.py", "logs/deep/c.py")
        found.until_ready()
        rules(root / ".gitignore", "logs/")
        found.until_names(".gitignore", "a.py")
        rules(root / ".gitignore", "*.txt")
        found.until_names(".gitignore", "a.py", "logs/b.py", "logs/deep/c.py")
        write(root, "logs/deep/d.py")
        found.until(lambda: "logs/deep/d.py" in found.names())
        found.until(lambda: RULES in found.sweeps())


def test_very_many_changes_are_one_sweep(root: Path) -> None:
    with kept(root) as found:
        found.until_ready()
        names = [f"{number}.py" for number in range(3 * STORM)]
        write(root, *names)
        found.until_names(*names)
        found.until_ready()
        assert len(found.sweeps()) <= 3


def test_another_branch_is_a_sweep(root: Path) -> None:
    write(root, ".git/HEAD", "a.py")
    with kept(root) as found:
        found.until_ready()
        write(root, ".git/HEAD")
        found.until(lambda: SWITCHED in found.sweeps())


def test_what_git_writes_leads_to_a_sweep_a_little_later(root: Path) -> None:
    write(root, ".git/index")
    with kept(root, Times(look=0.05, hint=0.2, poll=3600, safety=3600, share=0)) as found:
        found.until_ready()
        write(root, ".git/index")
        found.until(lambda: refreshing.HINTED in found.sweeps())


def test_everything_is_looked_at_from_time_to_time(root: Path) -> None:
    with kept(root, Times(look=0.05, safety=0.3, share=0)) as found:
        found.until_ready()
        found.refresh._watch.keep([])  # type: ignore[union-attr]
        write(root, "a.py")
        found.until_names("a.py")
        found.until(lambda: refreshing.SAFETY in found.sweeps())


def test_folders_beyond_the_budget_are_polled_and_the_user_is_told(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(refreshing, "Watch", lambda pending: Watch(pending, most=1))
    write(root, "a/b.py")
    with kept(root, Times(look=0.05, poll=0.3, safety=3600, share=0)) as found:
        found.until_ready()
        assert "max_user_watches" in found.reports[-1].message
        write(root, "a/c.py")
        found.until_names("a/b.py", "a/c.py")
        found.until(lambda: refreshing.UNWATCHED in found.sweeps())


# --- failures ---


def test_after_lost_events_everything_is_looked_at_and_watched_anew(root: Path) -> None:
    write(root, "src/a.py")
    with kept(root) as found:
        found.until_ready()
        found.refresh._watch.keep([])  # type: ignore[union-attr]
        write(root, "src/b.py")
        found.pending.lost()
        found.until_names("src/a.py", "src/b.py")
        found.until_ready()
        write(root, "src/c.py")
        found.until_names("src/a.py", "src/b.py", "src/c.py")


def test_a_watch_that_dies_is_replaced(root: Path) -> None:
    write(root, "src/a.py")
    with kept(root) as found:
        found.until_ready()
        source = found.refresh._watch._source  # type: ignore[union-attr]
        assert source is not None
        source.close()
        write(root, "src/b.py")
        found.until_names("src/a.py", "src/b.py")
        found.until(lambda: refreshing.DEAD in found.sweeps())
        found.until_ready()
        write(root, "src/c.py")
        found.until_names("src/a.py", "src/b.py", "src/c.py")


def test_a_root_that_vanishes_keeps_its_index_and_is_read_again_when_it_is_back(root: Path) -> None:
    write(root, "src/a.py")
    with kept(root) as found:
        found.until_ready()
        root.rename(root.parent / "elsewhere")
        found.until(lambda: found.reports[-1].phase == "missing")
        assert str(root) in found.reports[-1].message
        assert found.names() == {"src/a.py"}
        write(root.parent / "elsewhere", "src/b.py")
        (root.parent / "elsewhere").rename(root)
        found.until_names("src/a.py", "src/b.py")
        found.until_ready()
        write(root, "src/c.py")
        found.until_names("src/a.py", "src/b.py", "src/c.py")


def test_another_folder_in_the_place_of_a_root_is_read(root: Path) -> None:
    write(root, "src/a.py")
    with kept(root) as found:
        found.until_ready()
        write(root.parent, "other/b.py")
        root.rename(root.parent / "elsewhere")
        (root.parent / "other").rename(root)
        found.until_names("b.py")
        found.until_ready()
        write(root, "c.py")
        found.until_names("b.py", "c.py")


def test_a_root_that_is_not_there_yet_is_waited_for(root: Path) -> None:
    root.rmdir()
    with kept(root) as found:
        found.until(lambda: found.reports and found.reports[-1].phase == "missing")
        time.sleep(4 * NEVER.look)
        assert len(found.reports) < 8  # it does not look again and again
        write(root, "a.py")
        found.until_names("a.py")


@pytest.mark.skipif(sys.platform != "linux", reason="this system has no inotify")
def test_a_system_that_cannot_watch_at_all_is_polled(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from context import watch as watching

    def refuse(watch: Watch) -> watching.Inotify:
        raise OSError(24, "inotify instance limit reached")

    logging.getLogger(watching.__name__).setLevel("ERROR")
    monkeypatch.setattr(watching, "open_source", refuse)
    with kept(root, Times(look=0.05, poll=0.2, safety=3600, share=0)) as found:
        found.until_ready()
        write(root, "a.py")
        found.until_names("a.py")
        monkeypatch.undo()
        found.until(lambda: not found.reports[-1].message)


def test_it_stops_in_the_middle_of_a_sweep(root: Path) -> None:
    write(root, *(f"{number}.py" for number in range(1500)))
    with kept(root) as found:
        found.until(lambda: found.reports)
        began = time.monotonic()
    assert time.monotonic() - began < 3
