"""One ignore file: the rules of gitignore(5), and git itself as the reference."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from context.files import Out, walk
from context.ignore import MOST_RULES, IgnoreFile


def denied(rules: str | bytes, path: str) -> bool | None:
    """What rules say of a path, of a folder if it ends in a slash; None if they say nothing."""
    content = rules.encode() if isinstance(rules, str) else rules
    file = IgnoreFile(Path("/top/.gitignore"), "/top", content)
    pattern = file.pattern_for(f"/top/{path.rstrip('/')}", path.endswith("/"))
    return pattern.denies if pattern else None


@pytest.mark.parametrize(
    ("rules", "fits", "fits_not"),
    [
        ("foo", ["foo", "foo/", "a/foo", "a/b/foo/"], ["food", "a/foo/b", "Foo"]),
        ("foo/", ["foo/", "a/foo/"], ["foo", "a/foo"]),
        ("/foo", ["foo", "foo/"], ["a/foo"]),
        ("a/foo", ["a/foo", "a/foo/"], ["foo", "b/a/foo"]),
        ("/a/foo/", ["a/foo/"], ["a/foo", "b/a/foo/"]),
        ("*.o", ["x.o", "a/.o", "a/x.o"], ["x.oo", "o"]),
        ("a/*", ["a/x", "a/x/"], ["a/", "a/x/y"]),
        ("**/foo", ["foo", "a/foo", "a/b/foo"], ["foo/x"]),
        ("a/**/b", ["a/b", "a/x/b", "a/x/y/b"], ["b", "x/a/b", "ab"]),
        ("a/**", ["a/x", "a/x/y", "a/x/"], ["a/", "b/a/x"]),
        ("**", ["x", "a/x", "a/"], []),
        ("a**b", ["ab", "axb", "c/axyb"], ["a/b"]),
        ("**/a/**/b/**/c", ["a/b/c", "x/a/y/b/z/z/c"], ["a/c", "a/b", "b/a/c"]),
        ("?.c", ["a.c"], [".c", "ab.c", "é.c"]),
        ("??.c", ["é.c", "ab.c"], ["a.c"]),
        ("[a-c]x", ["ax", "cx"], ["dx", "-x"]),
        ("[!a-c]x", ["dx"], ["ax"]),
        ("[^a]x", ["bx"], ["ax"]),
        ("[]x]", ["]", "x"], ["["]),
        ("[[:digit:]]x", ["1x"], ["ax"]),
        (r"\*", ["*"], ["a"]),
        (r"\#a", ["#a"], ["a"]),
        (r"\!a", ["!a"], ["a"]),
        ("#a", [], ["#a", "a"]),
        ("a ", ["a"], ["a "]),
        ("a\\ ", ["a "], ["a"]),
        (" a", [" a"], ["a"]),
        ("a\t", ["a\t"], ["a"]),
        ("a\\", [], ["a", "a\\"]),
        ("a//b", [], ["a/b"]),
        ("/", [], ["a", "a/"]),
        ("!", [], ["a", "!"]),
        ("", [], ["a"]),
        ("a\nb", ["a", "b"], ["a\nb"]),
        ("a?b", ["a\nb"], ["ab"]),
        ("{a,b}", ["{a,b}"], ["a"]),
        ("~", ["~"], ["a"]),
        ("é", ["é"], ["e"]),
    ],
)
def test_a_rule_fits_as_gitignore_says(rules: str, fits: list[str], fits_not: list[str]) -> None:
    assert [path for path in fits if not denied(rules, path)] == []
    assert [path for path in fits_not if denied(rules, path)] == []


def test_the_last_rule_that_fits_decides() -> None:
    assert denied("*.log\n!keep.log", "keep.log") is False
    assert denied("*.log\n!keep.log\nkeep.*", "keep.log") is True
    assert denied("!keep.log\n*.log", "keep.log") is True
    assert denied("/a/b\n!b", "a/b") is False
    assert denied("!b\n/a/b", "a/b") is True


def test_what_no_rule_fits_is_left_to_other_files() -> None:
    assert denied("*.log", "main.py") is None


def test_line_ends_of_windows_and_a_byte_order_mark_are_no_part_of_a_rule() -> None:
    assert denied(b"\xef\xbb\xbfa\r\nb\r\n", "a")
    assert denied(b"\xef\xbb\xbfa\r\nb\r\n", "b")


def test_names_and_rules_need_not_be_utf_8() -> None:
    assert denied(b"caf\xe9", "caf\udce9")
    assert denied(b"caf?", "caf\udce9")


def test_a_name_in_another_normal_form_is_another_name() -> None:
    assert denied("caf\u00e9", "caf\u00e9")
    assert denied("caf\u00e9", "cafe\u0301") is None


def test_a_pattern_knows_its_line() -> None:
    file = IgnoreFile(Path("/top/.gitignore"), "/top", b"# of tools\r\n\r\nbuild/  \r\n")
    pattern = file.pattern_for("/top/a/build", True)
    assert pattern
    assert (pattern.rule.file, pattern.rule.line) == (Path("/top/.gitignore"), 3)
    assert pattern.rule.text == "build/"


def test_many_stars_take_no_longer_than_few() -> None:
    assert not denied("*a" * 30 + "*b", "a" * 250)
    assert not denied("/".join(["**", "a"] * 30) + "/b", "/".join(["a"] * 250))


def test_a_file_without_end_is_read_to_some_rule() -> None:
    rules = "\n".join(f"x{number}" for number in range(MOST_RULES + 10))
    assert denied(rules, "x0")
    assert denied(rules, f"x{MOST_RULES + 5}") is None


# --- git itself ---

NAMES = ["a", "b", "ab", ".a", "a b", "é", "a.q", "[a]", "A", "!a", "#a"]
PARTS = [
    *NAMES,
    "*",
    "**",
    "?",
    "*.o",
    "[ab]",
    "[!a]",
    "[^b]",
    "[a-c]",
    "[[:alpha:]]",
    r"\a",
    r"\*",
    "a*",
    "a**",
    " ",
]


@st.composite
def lines(draw: st.DrawFn) -> str:
    parts = draw(st.lists(st.sampled_from(PARTS), min_size=1, max_size=4))
    start, end = draw(st.sampled_from(["", "", "!", "/", "!/"])), draw(st.sampled_from(["", "", "/", " "]))
    return start + draw(st.sampled_from(["/", "/", ""])).join(parts) + end


files = st.lists(lines(), max_size=5).map("\n".join)


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("repository")
    subprocess.run(["git", "init", "--quiet", root], check=True)
    for folder in ["a", "b", "ab", ".a", "é"]:
        for inner in ["a", "b", "a b", "[a]"]:
            (root / folder / inner).mkdir(parents=True)
            for name in ["a", "a.q", "!a"]:
                (root / folder / inner / f"x{name}").touch()
                (root / folder / inner / name).touch()
    for name in ["A", "a.q", "#a", "a b", "[a]"]:
        (root / name).touch()
    return root


@pytest.mark.process
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(files, files, files)
@example("", "", "a\n!/a**")
@example("", "", "a**/*")
@example("", "", "a\n!/***")
@example("", "", "/a**/b/x?a\n!a/**/[a]")
def test_git_ignores_the_same(repository: Path, top: str, inner: str, exclude: str) -> None:
    (repository / ".gitignore").write_text(top)
    (repository / "a/.gitignore").write_text(inner)
    (repository / ".git/info/exclude").write_text(exclude)
    entries = list(walk([repository]))
    ours = {entry.path for entry in entries if not isinstance(entry, Out)}
    all_paths = [path for path in repository.rglob("*") if ".git" not in path.parts]
    asked = "\0".join(str(path) for path in all_paths)
    answer = subprocess.run(
        ["git", "-C", repository, "check-ignore", "--no-index", "--stdin", "-z"],
        input=asked,
        capture_output=True,
        text=True,
    )
    theirs = {Path(line) for line in answer.stdout.split("\0") if line}
    assert {path for path in all_paths if path not in ours} == theirs
