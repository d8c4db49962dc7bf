"""What is told of folders that are watched; with real files, and the real kernel where there is inotify."""

from __future__ import annotations

import errno
import logging
import os
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from context import watch as watching
from context.changes import LOST, Changes, Pending
from context.watch import RULES, SWITCHED, Inotify, Recursive, Watch, budget
from tests.context.trees import rules, write

linux = pytest.mark.skipif(sys.platform != "linux", reason="this system has no inotify")
SOURCES = [pytest.param(Inotify, marks=linux), Recursive]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    folder.mkdir()
    return folder


@pytest.fixture(params=SOURCES)
def pending(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Pending:
    monkeypatch.setattr(watching, "open_source", request.param)
    return Pending()


@pytest.fixture
def watch(pending: Pending) -> Iterator[Watch]:
    opened = Watch(pending)
    yield opened
    opened.close()


def settled(pending: Pending, until: Callable[[Changes], object] = bool, seconds: float = 5.0) -> Changes:
    """All that is told until something is true of it."""
    files: frozenset[str] = frozenset()
    folders: frozenset[str] = frozenset()
    sweep, lost, hint = "", False, False
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        taken = pending.take(0.1)
        files, folders = files | taken.files, folders | taken.folders
        sweep, lost, hint = taken.sweep or sweep, taken.lost or lost, taken.hint or hint
        if until(Changes(files, folders, sweep, lost, hint)):
            break
    return Changes(files, folders, sweep, lost, hint)


def told_of(*paths: Path) -> Callable[[Changes], object]:
    return lambda changes: {*map(str, paths)} <= changes.files | changes.folders


# --- files ---


def test_a_file_that_is_written_is_told_of(root: Path, pending: Pending, watch: Watch) -> None:
    watch.add(str(root))
    write(root, "a.py")
    assert settled(pending).files == {str(root / "a.py")}
    (root / "a.py").write_text("other\n")
    assert settled(pending).files == {str(root / "a.py")}


def test_a_file_that_is_deleted_or_moved_is_told_of_under_all_its_names(
    root: Path, pending: Pending, watch: Watch
) -> None:
    write(root, "gone.py", "old.py", "out.py")
    watch.add(str(root))
    (root / "gone.py").unlink()
    (root / "old.py").rename(root / "new.py")
    (root / "out.py").rename(root.parent / "out.py")
    names = [root / name for name in ("gone.py", "old.py", "new.py", "out.py")]
    assert settled(pending, told_of(*names)).files == {*map(str, names)}


def test_a_file_that_replaces_another_is_told_of(root: Path, pending: Pending, watch: Watch) -> None:
    write(root, "a.py")
    watch.add(str(root))
    (root / ".a.swp").write_text("new\n")
    (root / ".a.swp").replace(root / "a.py")
    assert str(root / "a.py") in settled(pending, told_of(root / "a.py")).files


def test_reading_is_not_told_of(root: Path, pending: Pending, watch: Watch) -> None:
    write(root, "a.py", "b.py")
    watch.add(str(root))
    (root / "a.py").read_text()
    list(root.iterdir())
    write(root, "b.py")
    assert settled(pending).files == {str(root / "b.py")}


def test_a_folder_that_was_not_added_is_not_told_of(root: Path, pending: Pending, watch: Watch) -> None:
    write(root, "node_modules/left/pad.js", "src/a.py", "b.py")
    watch.add(str(root))
    watch.add(str(root / "src"))
    write(root, "node_modules/left/pad.js", "node_modules/right.js", "src/a.py", "b.py")
    changes = settled(pending, told_of(root / "src/a.py", root / "b.py"))
    assert changes.files == {str(root / "src/a.py"), str(root / "b.py")}


@linux
def test_a_file_is_told_of_at_once_after_another_was_moved_out_of_sight(root: Path) -> None:
    pending = Pending()
    watch = Watch(pending)
    watch.add(str(root))
    took = []
    for _ in range(3):  # a busy machine may be late once
        write(root, "a.py")
        settled(pending)
        (root / "a.py").rename(root.parent / "a.py")
        began = time.monotonic()
        write(root, "b.py")
        settled(pending, told_of(root / "b.py"))
        took.append(time.monotonic() - began)
    watch.close()
    assert min(took) < 0.4


@pytest.mark.skipif(sys.platform == "darwin", reason="names are UTF-8 there")
def test_a_name_that_is_no_text_is_told_of(root: Path, pending: Pending, watch: Watch) -> None:
    watch.add(str(root))
    name = os.fsencode(root) + b"/\xff.py"
    with open(name, "w") as file:  # noqa: PTH123 - a name of bytes
        file.write("text\n")
    assert settled(pending).files == {os.fsdecode(name)}


# --- folders ---


def test_a_new_folder_is_told_of_and_can_be_added(root: Path, pending: Pending, watch: Watch) -> None:
    watch.add(str(root))
    write(root, "new/a.py")
    assert str(root / "new") in settled(pending, told_of(root / "new")).folders
    watch.add(str(root / "new"))
    write(root, "new/b.py")
    assert str(root / "new/b.py") in settled(pending, told_of(root / "new/b.py")).files


def test_folders_that_are_never_entered_are_not_told_of(root: Path, pending: Pending, watch: Watch) -> None:
    watch.add(str(root))
    for name in ("node_modules", "__pycache__", "src"):
        (root / name).mkdir()
    assert settled(pending, told_of(root / "src")).folders == {str(root / "src")}


def test_a_folder_that_is_moved_is_told_of_under_both_names(
    root: Path, pending: Pending, watch: Watch
) -> None:
    write(root, "old/deep/a.py")
    for name in ("", "old", "old/deep"):
        watch.add(str(root / name))
    (root / "old").rename(root / "new")
    changes = settled(pending, told_of(root / "old", root / "new"))
    assert changes == Changes(folders=frozenset({str(root / "old"), str(root / "new")}))
    assert not watch.watches(str(root / "old"))
    assert not watch.watches(str(root / "old/deep"))
    for name in ("new", "new/deep"):
        watch.add(str(root / name))
    write(root, "new/deep/a.py")
    assert settled(pending, told_of(root / "new/deep/a.py")).files == {str(root / "new/deep/a.py")}


def test_a_folder_that_leaves_is_told_of(root: Path, pending: Pending, watch: Watch) -> None:
    write(root, "old/a.py", "unwatched/a.py")
    for name in ("", "old"):
        watch.add(str(root / name))
    (root / "unwatched").rename(root.parent / "unwatched")
    (root / "old").rename(root.parent / "old")
    assert settled(pending, told_of(root / "old")).folders == {str(root / "old")}


@linux
def test_a_folder_that_is_deleted_needs_no_sweep_and_may_come_back(root: Path) -> None:
    pending = Pending()
    watch = Watch(pending)
    write(root, "src/deep/a.py")
    for name in ("", "src", "src/deep"):
        watch.add(str(root / name))
    shutil.rmtree(root / "src")
    changes = settled(pending, told_of(root / "src/deep/a.py"))
    assert not changes.sweep
    (root / "src").mkdir()
    assert settled(pending, told_of(root / "src")).folders == {str(root / "src")}
    watch.add(str(root / "src"))
    write(root, "src/b.py")
    assert str(root / "src/b.py") in settled(pending, told_of(root / "src/b.py")).files
    watch.close()


def test_a_root_that_is_a_link_is_told_of_under_its_own_name(
    root: Path, pending: Pending, watch: Watch
) -> None:
    link = root.parent / "link"
    link.symlink_to(root)
    watch.add(str(link))
    write(root, "a.py")
    assert settled(pending).files == {str(link / "a.py")}


def test_folders_that_are_not_kept_are_told_of_no_longer(root: Path, pending: Pending, watch: Watch) -> None:
    write(root, "in/a.py", "out/a.py")
    for name in ("", "in", "out"):
        watch.add(str(root / name))
    watch.keep([str(root), str(root / "in")])
    write(root, "out/a.py", "in/a.py")
    assert settled(pending, told_of(root / "in/a.py")).files == {str(root / "in/a.py")}


# --- what asks for a sweep ---


@pytest.mark.parametrize("name", [".gitignore", ".cursorignore", "pyvenv.cfg"])
def test_what_says_which_files_are_read_asks_for_a_sweep(root: Path, name: str) -> None:
    pending = Pending()
    watch = Watch(pending)
    watch.add(str(root))
    rules(root / name, "*.log")
    assert settled(pending) == Changes(sweep=RULES)
    watch.close()


def test_another_branch_asks_for_a_sweep_and_the_index_of_git_is_a_hint(root: Path) -> None:
    pending = Pending()
    watch = Watch(pending)
    write(root, ".git/HEAD", ".git/index", ".git/refs/heads/main", "deep/er/a.py")
    watch.add_repository(str(root / "deep/er"))
    write(root, ".git/objects/ab/cd", ".git/config", ".git/FETCH_HEAD", ".git/index")
    assert settled(pending) == Changes(hint=True)
    (root / ".git/HEAD.lock").write_text("ref: refs/heads/other\n")
    (root / ".git/HEAD.lock").rename(root / ".git/HEAD")
    assert settled(pending) == Changes(sweep=SWITCHED)
    watch.keep([])
    write(root, ".git/index")
    assert settled(pending) == Changes(hint=True)
    watch.close()


def test_a_worktree_has_a_git_folder_elsewhere(root: Path) -> None:
    pending = Pending()
    watch = Watch(pending)
    write(root, "main/.git/worktrees/other/HEAD")
    rules(root / "other/.git", "gitdir: ../main/.git/worktrees/other")
    watch.add_repository(str(root / "other"))
    write(root, "main/.git/worktrees/other/HEAD")
    assert settled(pending) == Changes(sweep=SWITCHED)
    watch.close()


@linux
def test_lost_events_ask_for_a_sweep(root: Path, caplog: pytest.LogCaptureFixture) -> None:
    from watchdog.observers.inotify_c import InotifyConstants, InotifyEvent, Mask, WatchDescriptor

    caplog.set_level(logging.ERROR)
    pending = Pending()
    watch = Watch(pending)
    watch.add(str(root))
    source = watch._source
    assert isinstance(source, Inotify)
    # As the kernel tells it: of no folder in particular.
    source._inotify.handle_event(
        InotifyEvent(WatchDescriptor(-1), InotifyConstants.IN_Q_OVERFLOW, Mask(0), b"")
    )
    assert settled(pending) == Changes(sweep=LOST, lost=True)
    watch.close()


# --- limits and failures ---


def test_folders_beyond_the_budget_are_left_to_somebody_who_looks(root: Path, pending: Pending) -> None:
    write(root, "in/a.py", "out/a.py")
    watch = Watch(pending, most=2)
    for name in ("", "in"):
        watch.add(str(root / name))
    assert watch.complete
    watch.add(str(root / "in"))
    assert watch.complete
    watch.add(str(root / "out"))
    assert not watch.complete
    watch.close()


def test_a_folder_that_vanishes_meanwhile_is_no_failure(root: Path, watch: Watch) -> None:
    watch.add(str(root))
    watch.add(str(root / "gone"))
    assert watch.complete


@linux
@pytest.mark.parametrize("code", [errno.ENOSPC, errno.ENOMEM])
def test_a_system_without_any_watch_left_is_noticed(
    root: Path, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    watch = Watch(Pending())
    watch.add(str(root))
    assert watch.complete

    def refuse(source: Inotify, folder: str) -> None:
        raise OSError(code, "inotify watch limit reached")

    monkeypatch.setattr(Inotify, "add", refuse)
    watch.add(str(root / "src"))
    assert not watch.complete
    watch.close()


def test_a_system_that_watches_nothing_at_all_is_noticed(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(watch: Watch) -> Inotify:
        raise OSError(errno.EMFILE, "inotify instance limit reached")

    monkeypatch.setattr(watching, "open_source", refuse)
    watch = Watch(Pending())
    watch.add(str(root))
    assert not watch.complete
    assert watch.alive
    watch.close()


def test_a_watch_whose_thread_has_ended_is_noticed(root: Path, watch: Watch) -> None:
    watch.add(str(root))
    assert watch.alive
    source = watch._source
    assert source is not None
    source.close()
    assert not watch.alive


def test_a_watch_that_is_closed_tells_nothing(root: Path, pending: Pending) -> None:
    watch = Watch(pending)
    watch.add(str(root))
    watch.close()
    write(root, "a.py")
    assert not pending.take(0.1)


def test_half_of_what_the_user_may_watch_is_left_to_others() -> None:
    limit = int(watching.LIMIT.read_text()) if watching.LIMIT.exists() else 2 * watching.MOST
    assert 0 < budget() <= min(watching.MOST, limit // 2)
