"""Which ignore files hold where, and what they can do to each other."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from context.exclusions import DENYING
from context.files import Out, explain
from tests.context.trees import found, out, rules, write


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    folder.mkdir()
    return folder


# --- git's rules ---


def test_the_nearest_gitignore_decides(root: Path) -> None:
    rules(root / ".gitignore", "*.log", "/build/", "!keep.log")
    rules(root / "sub/.gitignore", "!*.log", "own.txt")
    write(root, "a.log", "keep.log", "build/a.py", "sub/a.log", "sub/build/a.py", "sub/own.txt", "own.txt")
    expected = {".gitignore", "sub/.gitignore", "keep.log", "sub/a.log", "sub/build/a.py", "own.txt"}
    assert found(root) == expected


def test_nothing_comes_back_out_of_a_folder_that_is_ignored(root: Path) -> None:
    rules(root / ".gitignore", "build/", "!build/keep.py")
    rules(root / "build/.gitignore", "!*")
    write(root, "build/keep.py")
    assert out(root) == {"build": "git-ignored"}


def test_the_folders_above_a_root_count_up_to_the_top_of_its_repository(root: Path) -> None:
    rules(root.parent / ".gitignore", "*.above")
    rules(root / ".gitignore", "*.top", "/sub/anchored")
    (root / ".git").mkdir()
    write(root, "sub/a.top", "sub/a.above", "sub/a.py", "sub/anchored")
    assert found(root / "sub") == {"a.above", "a.py"}


def test_a_folder_that_git_ignores_is_read_when_it_is_opened_itself(root: Path) -> None:
    rules(root / ".gitignore", "build/")
    (root / ".git").mkdir()
    write(root, "build/a.py")
    assert found(root) == {".gitignore"}
    assert found(root / "build") == {"a.py"}


def test_a_repository_has_rules_outside_of_its_tree(root: Path) -> None:
    rules(root / ".git/info/exclude", "mine.py", "again.py")
    rules(root / ".gitignore", "!again.py")
    write(root, "mine.py", "again.py")
    assert found(root) == {".gitignore", "again.py"}


def test_the_users_own_rules_count(root: Path) -> None:
    rules(Path(os.environ["XDG_CONFIG_HOME"]) / "git/ignore", "*.mine", "/top.py")
    write(root, "a.mine", "top.py", "sub/top.py")
    assert found(root) == {"sub/top.py"}
    (root / "sub/.git").mkdir()
    assert found(root) == set()


def test_a_worktree_shares_the_rules_of_its_repository(root: Path, tmp_path: Path) -> None:
    rules(tmp_path / "real/.git/info/exclude", "mine.py")
    rules(tmp_path / "real/.git/worktrees/one/commondir", "../..")
    rules(root / ".git", f"gitdir: {tmp_path}/real/.git/worktrees/one")
    write(root, "mine.py", "a.py")
    assert found(root) == {"a.py"}


def test_a_repository_inside_another_begins_anew(root: Path) -> None:
    rules(root / ".gitignore", "*.log")
    (root / "module/.git").mkdir(parents=True)
    write(root, "a.log", "module/a.log")
    assert found(root) == {".gitignore", "module/a.log"}


def test_rules_of_git_that_cannot_be_read_are_passed_over(root: Path) -> None:
    (root / ".gitignore").mkdir()
    os.mkfifo(root / "sub.fifo")
    write(root, "sub/a.py")
    (root / "sub/.gitignore").symlink_to(root / "sub.fifo")
    (root / ".git").write_text("gitdir: \0nowhere")
    assert found(root) == {"sub/a.py"}


# --- files that deny only ---


@pytest.mark.parametrize("name", DENYING)
def test_every_ignore_file_of_assistants_denies(root: Path, name: str) -> None:
    rules(root / name, "private/", "*.sql")
    write(root, "private/a.py", "sub/a.sql", "sub/a.py")
    assert found(root) == {name, "sub/a.py"}
    entry = explain(root / "sub/a.sql", [root])
    assert isinstance(entry, Out)
    assert entry.rule
    assert (entry.why, entry.rule.file, entry.rule.line) == ("denied", root / name, 2)


def test_none_of_them_brings_back_what_another_denies(root: Path) -> None:
    rules(root / ".gitignore", "git.py")
    rules(root / ".aiexclude", "ai.py", "own.py", "!own.py", "!git.py", "!cursor.py")
    rules(root / ".cursorignore", "cursor.py", "!ai.py", "!git.py")
    rules(root / "sub/.aiexclude", "!ai.py")
    rules(root / "sub/.gitignore", "!ai.py")
    write(root, "git.py", "ai.py", "cursor.py", "own.py", "sub/ai.py")
    assert {path for path in found(root) if path.endswith(".py")} == {"own.py"}


def test_what_they_deny_stays_out_when_it_is_opened_itself(root: Path) -> None:
    rules(root / ".aiexclude", "private/")
    (root / ".git").mkdir()
    write(root, "private/deep/a.py")
    for opened in (root / "private", root / "private/deep"):
        assert out(opened) == {".": "denied"}


def test_they_count_in_a_repository_inside(root: Path) -> None:
    rules(root / ".aiexclude", "*.sql")
    (root / "module/.git").mkdir(parents=True)
    write(root, "module/a.sql")
    assert out(root)["module/a.sql"] == "denied"


def test_a_folder_can_say_that_it_is_closed(root: Path) -> None:
    write(root, "sub/.noai", "sub/deep/a.py", "a.py")
    assert found(root) == {"a.py"}


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_one_that_cannot_be_read_denies_all_of_its_folder(root: Path) -> None:
    rules(root / "sub/.aiexclude", "nothing")
    write(root, "sub/a.py", "a.py")
    (root / "sub/.aiexclude").chmod(0)
    assert found(root) == {"a.py"}


def test_one_that_is_too_big_denies_all_of_its_folder(root: Path) -> None:
    write(root, "sub/a.py", "a.py")
    (root / "sub/.aiexclude").write_bytes(b"# " + b"x" * 1_000_001)
    assert found(root) == {"a.py"}
