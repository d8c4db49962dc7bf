"""Which files of a workspace are read, and why the others are not."""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from context.files import Folder, Found, Out, WalkOptions, explain, walk
from tests.context.trees import found, out, rules, write


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    folder.mkdir()
    return folder


# --- what is in ---


def test_a_file_is_found_with_what_is_known_of_it(root: Path) -> None:
    write(root, "src/main.py")
    path = root / "src/main.py"
    status = path.stat()
    entries = list(walk([root]))
    assert entries == [
        Folder(root, root),
        Folder(root / "src", root),
        Found(path, root, 5, status.st_mtime_ns, "python"),
    ]


def test_files_without_any_known_ending_are_in(root: Path) -> None:
    write(root, "README", "a.newlang", ".hidden", ".github/workflows/ci.yml", "empty")
    (root / "empty").write_text("")
    (root / "tool").write_text("#!/usr/bin/env python3\n")
    languages = {entry.path.name: entry.language for entry in walk([root]) if isinstance(entry, Found)}
    assert languages == {
        "README": "plaintext",
        "a.newlang": "newlang",
        ".hidden": "plaintext",
        "ci.yml": "yaml",
        "empty": "plaintext",
        "tool": "python",
    }


def test_a_walk_stops_when_it_is_closed(root: Path) -> None:
    write(root, *(f"{number}/a.py" for number in range(20)))
    entries = walk([root])
    assert isinstance(entries, Iterator)
    next(entries)
    next(entries)
    entries.close()  # type: ignore[attr-defined]
    assert list(entries) == []


# --- what an entry is ---


def test_secret_files_and_version_control_are_out_by_their_names(root: Path) -> None:
    write(root, ".env", ".ssh/config", "gh/hosts.yml", ".git/config", ".hg/hgrc", "a.pem")
    write(root, "secrets/db.yaml", "secrets/reader.py")
    rules(root / ".gitignore", "!.env")
    assert out(root) == {
        ".env": "secret",
        ".ssh": "secret",
        "gh/hosts.yml": "secret",
        ".git": "version-control",
        ".hg": "version-control",
        "a.pem": "secret",
        "secrets/db.yaml": "secret",
    }


def test_a_root_that_is_secret_is_not_walked(tmp_path: Path) -> None:
    write(tmp_path, ".ssh/config")
    assert out(tmp_path / ".ssh") == {".": "secret"}


def test_no_link_is_followed(root: Path, tmp_path: Path) -> None:
    write(root, "real/a.py")
    write(tmp_path, "outside/b.py", "outside/.env")
    (root / "real/up").symlink_to(root)
    (root / "twin").symlink_to(root / "real")
    (root / "a.py").symlink_to("real/a.py")
    (root / "away").symlink_to(tmp_path / "outside")
    (root / "plain.txt").symlink_to(tmp_path / "outside/.env")
    (root / "self").symlink_to("self")
    (root / "nowhere").symlink_to("nothing")
    assert found(root) == {"real/a.py"}
    assert set(out(root).values()) == {"link"}


def test_a_root_may_be_a_link_and_keeps_its_name(root: Path, tmp_path: Path) -> None:
    write(root, "a.py")
    (tmp_path / "link").symlink_to(root)
    entries = [entry for entry in walk([tmp_path / "link"]) if isinstance(entry, Found)]
    assert [entry.path for entry in entries] == [tmp_path / "link/a.py"]
    assert isinstance(explain(root / "a.py", [root]), Found)
    assert isinstance(explain(tmp_path / "link/a.py", [tmp_path / "link"]), Found)


def test_the_same_folder_is_walked_once_under_two_names(root: Path, tmp_path: Path) -> None:
    write(root, "a.py")
    (tmp_path / "link").symlink_to(root)
    entries = list(walk([root, tmp_path / "link", root]))
    assert len([entry for entry in entries if isinstance(entry, Found)]) == 1
    assert [entry.why for entry in entries if isinstance(entry, Out)] == ["loop"]


def test_what_is_no_file_is_never_opened(root: Path) -> None:
    os.mkfifo(root / "fifo.py")
    with socket.socket(socket.AF_UNIX) as listener:
        here = Path.cwd()
        os.chdir(root)  # the path of a socket may have about 100 characters only
        try:
            listener.bind("socket.py")
        finally:
            os.chdir(here)
        assert out(root) == {"fifo.py": "no-file", "socket.py": "no-file"}
    null = explain(Path("/dev/null"), [Path("/dev")])
    assert isinstance(null, Out)
    assert (null.why, null.detail) == ("no-file", "a device")


def test_what_tools_install_is_out(root: Path) -> None:
    write(
        root,
        "node_modules/a/index.js",
        "env/pyvenv.cfg",
        "env/lib/a.py",
        "target/CACHEDIR.TAG",
        "target/a.rs",
    )
    assert out(root) == dict.fromkeys(["node_modules", "env", "target"], "installed")
    assert found(root / "env") == {"lib/a.py", "pyvenv.cfg"}


def test_files_that_are_no_source_are_out(root: Path) -> None:
    write(root, "logo.png", "yarn.lock", "a.min.js")
    (root / "data").write_bytes(b"\0\1")
    (root / "api.go").write_text("// Code generated by x. DO NOT EDIT.\n")
    (root / "long.js").write_text("x" * 6000)
    (root / "big.json").write_text("[\n" * 600_000)
    assert out(root) == {
        "logo.png": "binary",
        "yarn.lock": "generated",
        "a.min.js": "minified",
        "data": "binary",
        "api.go": "generated",
        "long.js": "minified",
        "big.json": "too-large",
    }


def test_limits_are_the_callers(root: Path) -> None:
    write(root, "a.py", "one/b.py", "one/two/c.py")
    entries = list(walk([root], WalkOptions(max_bytes=4, max_depth=1)))
    assert [entry.why for entry in entries if isinstance(entry, Out)].count("too-large") == 2
    assert [entry.path for entry in entries if isinstance(entry, Out) and entry.why == "too-deep"] == [
        root / "one/two"
    ]


# --- several roots ---


def test_a_root_inside_another_is_walked_once_as_its_own(root: Path) -> None:
    write(root, "a.py", "sub/b.py", "sub/deep/c.py")
    entries = [entry for entry in walk([root, root / "sub"]) if isinstance(entry, Found)]
    assert {(entry.path, entry.root) for entry in entries} == {
        (root / "a.py", root),
        (root / "sub/b.py", root / "sub"),
        (root / "sub/deep/c.py", root / "sub"),
    }


def test_a_root_inside_another_is_walked_even_if_git_ignores_it_there(root: Path) -> None:
    rules(root / ".gitignore", "sub/")
    write(root, "sub/b.py")
    assert found(root, root / "sub") == {".gitignore", "sub/b.py"}


def test_a_root_inside_another_is_out_if_the_other_denies_it(root: Path) -> None:
    rules(root / ".cursorignore", "sub/")
    write(root, "sub/b.py")
    assert found(root, root / "sub") == {".cursorignore"}


def test_a_root_that_is_not_there_is_missing(root: Path) -> None:
    assert out(root / "none") == {".": "missing"}
    assert found(root / "none", root) == set()


# --- hostile trees ---


def test_names_that_are_no_text_survive(root: Path) -> None:
    if sys.platform == "darwin":
        pytest.skip("file names are UTF-8 here")
    names = ["a\nb.py", "\udcff\udcfe.py", "café.py", "cafe\u0301.py", " .py", "*.py", "\\.py", "\x1b[31m.py"]
    rules(root / ".gitignore", "*.log")
    write(root, *names, "\udcff\n.log")
    assert found(root) == {*names, ".gitignore"}
    assert all(isinstance(explain(root / name, [root]), Found) for name in names)


def make_deep(folder: Path, name: str, depth: int) -> None:
    """Make a folder in a folder and so on, deeper than any path can name."""
    current = os.open(folder, os.O_RDONLY)
    for _ in range(depth):
        os.mkdir(name, dir_fd=current)
        current, above = os.open(name, os.O_RDONLY, dir_fd=current), current
        os.close(above)
    os.close(current)


def remove_deep(folder: Path, name: str) -> None:
    """Take away what make_deep has made, from the top: what is left moves up."""
    while (folder / name / name).exists():
        (folder / name / name).rename(folder / "rest")
        (folder / name).rmdir()
        (folder / "rest").rename(folder / name)


def test_a_tree_without_end_is_left_at_some_depth(root: Path) -> None:
    make_deep(root, "d", 10_000)
    try:
        assert list(out(root).values()) == ["too-deep"]
    finally:
        remove_deep(root, "d")


def test_a_path_longer_than_the_system_allows_has_a_reason(root: Path) -> None:
    name = "d" * 250
    make_deep(root, name, 20)
    try:
        assert list(out(root).values()) == ["unreadable"]
    finally:
        remove_deep(root, name)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_what_may_not_be_read_has_a_reason(root: Path) -> None:
    write(root, "closed/a.py", "closed.py", "a.py")
    (root / "closed").chmod(0)
    (root / "closed.py").chmod(0)
    try:
        assert out(root) == {"closed": "unreadable", "closed.py": "unreadable"}
        assert found(root) == {"a.py"}
    finally:
        (root / "closed").chmod(0o700)


def test_what_vanishes_meanwhile_is_missing(root: Path) -> None:
    write(root, "sub/a.py", "sub/b.py", "z/c.py")
    entries = walk([root])
    seen = []
    for entry in entries:
        seen.append(entry)
        if entry == Folder(root, root):
            (root / "z/c.py").unlink()
            (root / "z").rmdir()
            (root / "sub/a.py").unlink()
    names = {entry.path.name for entry in seen if isinstance(entry, Found)}
    assert names == {"b.py"}
    assert {entry.why for entry in seen if isinstance(entry, Out)} <= {"missing"}


# --- explain ---


def test_explain_says_what_a_walk_says(root: Path) -> None:
    rules(root / ".gitignore", "*.log", "build/")
    rules(root / "sub/.aiexclude", "b.py")
    write(root, "a.py", "a.log", "build/x/y.py", "sub/b.py", "sub/c.py", ".env", "a.png", "node_modules/x.js")
    for entry in walk([root]):
        assert explain(entry.path, [root]) == entry


def test_explain_names_the_folder_that_is_not_entered(root: Path) -> None:
    rules(root / ".gitignore", "# tools", "build/")
    write(root, "build/x/y.py")
    entry = explain(root / "build/x/y.py", [root])
    assert isinstance(entry, Out)
    assert entry.rule
    assert (entry.path, entry.why) == (root / "build", "git-ignored")
    assert (entry.rule.file, entry.rule.line, entry.rule.text) == (root / ".gitignore", 2, "build/")


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("none.py", "missing"),
        ("none/a.py", "missing"),
        ("a.py/b.py", "missing"),
        ("a\0b", "missing"),
        ("../other.py", "outside"),
        ("..", "outside"),
    ],
)
def test_explain_of_what_is_not_there(root: Path, path: str, why: str) -> None:
    write(root, "a.py")
    write(root.parent, "other.py")
    entry = explain(root / path, [root])
    assert isinstance(entry, Out)
    assert entry.why == why


def test_explain_understands_a_path_through_a_link(root: Path, tmp_path: Path) -> None:
    write(root, "a.py")
    (tmp_path / "link").symlink_to(root)
    assert isinstance(explain(tmp_path / "link/a.py", [root]), Found)
