"""Edit cases and what is made of them; to add a case, write it into a page of tests/cases/edits."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from context.outline import Span
from context.parse import syntax_faults
from lsp_server.cli import main
from lsp_server.cli.bench.edit import figures_of, outside
from lsp_server.cli.bench.edit_cases import EditCase, read_edit_cases
from lsp_server.edits.types import Edit, EditSet, file_edit
from lsp_server.features.edit_request import Edited
from lsp_server.features.instructions import find, instruction_in
from lsp_server.models.backend import Usage

FOLDER = Path(__file__).parents[2] / "cases/edits"
CASES = read_edit_cases(FOLDER)


def test_there_are_cases_for_several_languages() -> None:
    assert len(CASES) >= 30
    assert {"python", "typescript", "go", "rust"} <= {case.language for case in CASES}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_case_makes_sense(case: EditCase) -> None:
    selected = case.text[case.start : case.end].split("\n")
    assert case.instruction or find(case.action) or instruction_in(selected, case.language)
    assert not syntax_faults(case.text, case.language)
    assert case.misses(case.text)
    if case.expected:
        assert outside(case, case.expected) == 0


PAGE = """\
# Edits

## One line

instruction: Double it

```
a = 1
«b = 2
»c = 3
```
expected:
```
a = 1
b = 4
c = 3
```

## Two lines

action: simplify

````
«x = (1)
y = (2)
»```
````
contains: `^x = 1$`
lacks: `\\(`
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "python.md").write_text(PAGE)
    return tmp_path


def test_cases_are_read(folder: Path) -> None:
    one, two = read_edit_cases(folder)
    assert (one.name, one.language, one.text) == ("python: One line", "python", "a = 1\nb = 2\nc = 3\n")
    assert one.text[one.start : one.end] == "b = 2\n"
    assert one.misses("a = 1\nb = 4\nc = 3") == ()
    assert two.text == "x = (1)\ny = (2)\n```\n"
    assert two.misses("x = 1\ny = (2)\n") == ("not \\(",)


@pytest.mark.parametrize("page", ["## A\n\n```\nx\n```\ncontains: `x`\n", "## A\n\n```\n«x»\n```\n"])
def test_a_case_that_is_not_whole_is_an_error(tmp_path: Path, page: str) -> None:
    (tmp_path / "python.md").write_text(page)
    with pytest.raises(ValueError, match=r"python\.md: A"):
        read_edit_cases(tmp_path)


@pytest.mark.parametrize(
    ("after", "count"),
    [("a = 1\nbb = 4\nc = 3\n", 0), ("a = 9\nb = 2\nc = 3\n", 6), ("a = 1\nb = 2\n", 6), ("", 12)],
)
def test_what_changes_outside_is_counted(folder: Path, after: str, count: int) -> None:
    assert outside(read_edit_cases(folder)[0], after) == count


def test_cases_are_measured(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    script = folder / "replies.jsonl"
    replies = ["b = 4\n```", "x = (1\n```", "x = (1)\ny = 2\n```"]
    script.write_text("".join(f"{json.dumps(reply)}\n" for reply in replies))
    command = ["bench", "edit", str(folder), "--model", f"scripted:{script}"]
    assert main([*command, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["model"] == "scripted"
    one, two = found["cases"]
    assert (one["landed"], one["first"], one["valid"], one["right"], one["outside"]) == (True,) * 4 + (0,)
    assert (two["landed"], two["first"], two["right"], two["tries"]) == (True, False, False, 2)
    assert two["missing"] == "^x = 1$, not \\("


@pytest.mark.parametrize(("head", "outside"), [("import b\n", 0), ("b()\n", 14)])
def test_imports_that_come_are_not_counted_as_a_change_outside(
    head: str, outside: int, tmp_path: Path
) -> None:
    page = "## One\n\ninstruction: Use b\n\n```\nimport a\n\nx()\n«y()»\n```\ncontains: `b`\n"
    (tmp_path / "python.md").write_text(page)
    (case,) = read_edit_cases(tmp_path)
    edits = [Edit(9, 9, head), Edit(case.start, case.start, "b.")]
    made = file_edit(tmp_path / "case.py", case.text, edits, scope=Span(case.start, case.end))
    figures = figures_of(case, Edited(EditSet("t", (made,)), (), 1, "m", Usage(), 1.0))
    assert figures.outside == outside


def test_the_table_shows_the_misses(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    script = folder / "reply.txt"
    script.write_text("b = 4\n```")
    command = ["bench", "edit", str(folder), "--only", "One", "--diffs", "--model", f"scripted:{script}"]
    assert main(command) == 0
    shown = capsys.readouterr().out
    assert "1 cases with scripted" in shown
    assert "python: One line  1      yes     yes" in shown
    assert "+b = 4" in shown


def test_a_folder_without_cases_is_an_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "edit", str(tmp_path), "--model", "scripted:none"]) == 1
    assert "there are no such cases" in capsys.readouterr().err
