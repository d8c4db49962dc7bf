"""What speaks against a change is said before anything of it is shown."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from context.outline import Span
from lsp_server.edits.check import check, deletion_refusal, path_refusal, syntax_refusal
from lsp_server.edits.protected import is_never_changed, own_folders, runs_code
from lsp_server.edits.types import Edit, EditSet, Refusal, file_edit

GOOD = "def f(x):\n    return x\n"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "repo"
    folder.mkdir()
    (folder / "a.py").write_text(GOOD)
    return folder


def found(refusals: Sequence[Refusal]) -> list[tuple[str, bool]]:
    assert all(refusal.message.endswith(".") for refusal in refusals)
    return [(refusal.reason, refusal.confirmable) for refusal in refusals]


def checked(
    path: Path, root: Path, *edits: Edit, scope: Span | None = None, instruction: str = ""
) -> list[tuple[str, bool]]:
    made = file_edit(path, GOOD, edits, scope=scope)
    return found(check(EditSet("t", (made,)), {made.uri: GOOD}, [root], instruction))


RETURN_2 = Edit(21, 22, "2")


def test_a_good_change_is_let_through(root: Path) -> None:
    assert checked(root / "a.py", root, RETURN_2) == []


def test_a_file_that_is_to_be_created_is_let_through(root: Path) -> None:
    made = file_edit(root / "new" / "b.py", None, [Edit(0, 0, GOOD)])
    assert check(EditSet("t", (made,)), {}, [root]) == ()
    assert found(check(EditSet("t", (made,)), {made.uri: ""}, [root])) == [("base-changed", False)]


def test_a_document_that_lies_on_no_disk_is_checked_by_its_text_alone() -> None:
    from dataclasses import replace

    made = replace(file_edit(Path("/x.py"), GOOD, [RETURN_2]), uri="untitled:x", path=None)
    assert check(EditSet("t", (made,)), {"untitled:x": GOOD}, []) == ()


@pytest.mark.parametrize(
    "name",
    [
        "../repo-evil/a.py",
        "../a.py",
        "/etc/passwd",
        "sub/../../a.py",
        "link/a.py",
        "out.py",
        "a\0.py",
        "\ud800",
    ],
)
def test_a_file_outside_of_the_workspace_is_refused(name: str, root: Path) -> None:
    (root.parent / "repo-evil").mkdir()
    (root.parent / "a.py").write_text(GOOD)
    (root / "link").symlink_to(root.parent / "repo-evil")
    (root / "out.py").symlink_to(root.parent / "a.py")
    refusal = path_refusal(root / name, [root])
    assert refusal is not None
    assert (refusal.reason in ("outside-root", "not-a-file"), refusal.confirmable) == (True, False)


def test_the_workspace_may_be_named_by_a_link(root: Path) -> None:
    (root.parent / "name").symlink_to(root)
    assert path_refusal(root.parent / "name" / "a.py", [root.parent / "name"]) is None
    assert path_refusal(root.parent / "name" / "a.py", [root]) is None
    assert path_refusal(root / "a.py", [root.parent / "name"]) is None


@pytest.mark.parametrize(
    "name",
    [
        ".git/hooks/pre-commit", ".GIT/config", "sub/.git/config", ".git", ".ｇit/config",
        ".git\u200c/config", ".git /x", ".git./x", ".git::$INDEX_ALLOCATION/x", "GIT~1/config",
        ".gitmodules", ".gitattributes", ".hg/hgrc", ".bashrc", ".ssh/config", "a\nb.py",
    ],
)  # fmt: skip
def test_version_control_and_shells_are_never_changed_whether_they_exist_or_not(
    name: str, root: Path
) -> None:
    refusal = path_refusal(root / name, [root])
    assert refusal is not None
    assert (refusal.reason, refusal.confirmable) == ("protected", False)


@pytest.mark.parametrize("name", [".env", "keys/id_rsa", ".ENV.local", "secrets.yaml", ".en\u200bv"])
def test_secrets_are_never_changed(name: str, root: Path) -> None:
    refusal = path_refusal(root / name, [root])
    assert refusal is not None
    assert (refusal.reason, refusal.confirmable) == ("secret", False)


@pytest.mark.parametrize(
    "name",
    [
        ".vscode/settings.json", ".VsCode/tasks.json", "x.code-workspace", ".idea/workspace.xml", ".exrc",
        ".dir-locals.el", "sub/AGENTS.md", ".cursor/mcp.json", ".mcp.json", ".github/workflows/ci.yml",
        ".cargo/config.toml", ".fathomignore", ".pre-commit-config.yaml", "x.pth",
    ],
)  # fmt: skip
def test_settings_of_tools_are_asked_about(name: str, root: Path) -> None:
    refusal = path_refusal(root / name, [root])
    assert refusal is not None
    assert (refusal.reason, refusal.confirmable) == ("protected", True)


@pytest.mark.parametrize(
    "name",
    [
        "git.py",
        "src/vscode/a.ts",
        ".github/README.md",
        "a b.py",
        "é.py",
        "..a.py",
        "environment.py",
        "Makefile",
    ],
)
def test_other_names_are_let_through(name: str, root: Path) -> None:
    assert path_refusal(root / name, [root]) is None


def test_what_runs_when_the_project_is_built_is_marked() -> None:
    assert runs_code(Path("sub/Makefile"))
    assert runs_code(Path("conftest.py"))
    assert not runs_code(Path("sub/make.py"))


def test_the_programs_own_files_are_never_changed(root: Path) -> None:
    for folder in own_folders():
        refusal = path_refusal(folder / "config.toml", [root, folder.parent])
        assert refusal is not None
        assert (refusal.reason, refusal.confirmable) == ("protected", False)


def test_a_link_to_a_protected_file_is_as_protected(root: Path) -> None:
    (root / ".vscode").mkdir()
    (root / "plain.json").symlink_to(root / ".vscode" / "settings.json")
    (root / "hook").symlink_to(root / ".git" / "hooks" / "x")
    (root / ".envrc").symlink_to(root / "a.py")
    for name in ("plain.json", "hook", ".envrc"):
        assert path_refusal(root / name, [root]) is not None, name


def test_what_is_no_file_is_refused_and_other_names_of_it_are_asked_about(root: Path) -> None:
    (root / "folder").mkdir()
    os.mkfifo(root / "fifo")
    for name in ("folder", "fifo"):
        refusal = path_refusal(root / name, [root])
        assert refusal is not None
        assert (refusal.reason, refusal.confirmable) == ("not-a-file", False)
    (root / "b.py").hardlink_to(root / "a.py")
    refusal = path_refusal(root / "a.py", [root])
    assert refusal is not None
    assert (refusal.reason, refusal.confirmable) == ("hard-link", True)


@given(st.text(max_size=20).filter(lambda name: name.strip("./")))
def test_any_name_gets_an_answer(name: str) -> None:
    path_refusal(Path("/nowhere", name), [Path("/nowhere")])
    is_never_changed(Path(name))


def test_a_change_beyond_what_was_selected_is_refused(root: Path) -> None:
    assert checked(root / "a.py", root, RETURN_2, scope=Span(10, 22)) == []
    assert checked(root / "a.py", root, RETURN_2, scope=Span(0, 21)) == [("outside-scope", False)]


def test_a_change_of_nothing_is_refused(root: Path) -> None:
    assert checked(root / "a.py", root, Edit(21, 22, "x")) == [("identical", False)]


def test_edits_that_overlap_and_a_base_that_changed_are_refused(root: Path) -> None:
    assert checked(root / "a.py", root, Edit(0, 4, ""), Edit(2, 5, "")) == [("overlap", False)]
    made = file_edit(root / "a.py", GOOD + "\n", [RETURN_2])
    assert found(check(EditSet("t", (made,)), {made.uri: GOOD}, [root])) == [("base-changed", False)]
    made = file_edit(root / "a.py", GOOD, [RETURN_2])
    assert found(check(EditSet("t", (made, made)), {made.uri: GOOD}, [root])) == [("overlap", False)]


def test_what_stands_for_a_secret_is_not_written(root: Path) -> None:
    assert checked(root / "a.py", root, Edit(21, 22, "'«secret:github**»'")) == [("placeholder", False)]


def test_a_schema_that_editors_would_fetch_is_asked_about(root: Path) -> None:
    made = file_edit(root / "a.json", "{}\n", [Edit(1, 1, '"$schema": "https://evil.example/?d=1"')])
    assert found(check(EditSet("t", (made,)), {made.uri: "{}\n"}, [root])) == [("remote-schema", True)]


def test_the_editor_knows_the_language_better_than_the_name_of_the_file(root: Path) -> None:
    made = file_edit(root / "notes", "x = 1\n", [Edit(4, 5, "(")])
    assert check(EditSet("t", (made,)), {made.uri: "x = 1\n"}, [root]) == ()
    refusals = check(EditSet("t", (made,)), {made.uri: "x = 1\n"}, [root], "", {made.uri: "python"})
    assert found(refusals) == [("syntax", True)]


def test_a_new_syntax_error_is_named_by_its_place(root: Path) -> None:
    made = file_edit(root / "a.py", GOOD, [Edit(21, 22, "(x")])
    (refusal,) = check(EditSet("t", (made,)), {made.uri: GOOD}, [root])
    assert (refusal.reason, refusal.confirmable) == ("syntax", True)
    assert " error at 2:" in refusal.message


@pytest.mark.parametrize(
    "broken", ["def f():\nx = 1\n", "class A:\ndef f(self): ...\n", "if x:\n    a = 1\n  b = 2\n"]
)
def test_a_block_of_python_that_is_not_indented_is_an_error(broken: str) -> None:
    refusal = syntax_refusal(GOOD, GOOD + "\n\n" + broken, "python")
    assert refusal is not None
    assert "syntax error at line" in refusal.message
    assert syntax_refusal(broken, broken + "y = 1\n", "python") is None, "it was broken before"


@pytest.mark.parametrize("odd", ["x = '\\d'\n", "x" + ".y" * 50_000 + "\n", "(" * 150 + ")" * 150 + "\n"])
def test_python_that_its_parser_cannot_judge_is_let_through(odd: str) -> None:
    assert syntax_refusal(GOOD, GOOD + "\n\n" + odd, "python") is None


def test_an_old_syntax_error_is_nobodys_fault() -> None:
    broken = "def g(:\n    pass\n\n\n" + GOOD
    assert syntax_refusal(broken, broken.replace("return x", "return 2"), "python") is None
    assert syntax_refusal(broken, GOOD, "python") is None
    assert syntax_refusal(GOOD, GOOD + "\n\nx = (\n", "python") is not None
    assert syntax_refusal("(", "((", "plaintext") is None


TEN = "".join(f"line {number}\n\n" for number in range(10))


@pytest.mark.parametrize(
    ("after", "instruction", "refused"),
    [
        ("line 1\n" * 3, "make it faster", True),
        ("line 1\n" * 4, "make it faster", False),
        ("", "document this", True),
        ("", "remove this", False),
        ("line 1\n", "Simplify the code", False),
        ("x\n" * 10, "rewrite all", False),
    ],
)
def test_most_lines_go_only_where_somebody_spoke_of_it(after: str, instruction: str, refused: bool) -> None:
    assert (deletion_refusal(TEN, after, instruction) is not None) == refused


def test_a_few_lines_may_become_one() -> None:
    assert deletion_refusal("a\nb\nc\nd\n", "e\n", "rewrite") is None


def test_lines_are_counted_in_what_was_selected(root: Path) -> None:
    text = TEN + "end\n" * 100
    made = file_edit(root / "x.txt", text, [Edit(0, len(TEN), "one\n")], scope=Span(0, len(TEN)))
    assert found(check(EditSet("t", (made,)), {made.uri: text}, [root], "rewrite")) == [("deletion", True)]
