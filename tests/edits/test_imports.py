"""Beside the part that it is for, a change may only bring whole lines that import something."""

from __future__ import annotations

from pathlib import Path

import pytest

from context.outline import Span
from lsp_server.edits.apply import spliced
from lsp_server.edits.check import check
from lsp_server.edits.imports import KEYWORDS, bring_only_imports, statements
from lsp_server.edits.rebase import rebase, rebase_onto
from lsp_server.edits.types import Edit, EditSet, FileEdit, Refusal, file_edit

SOURCES = {
    "c": "#include <a.h>\n",
    "cpp": '#include "a.h"\n',
    "csharp": "using A.B;\n",
    "go": 'import (\n\t"fmt"\n\tctx "context"\n)\n',
    "java": "import a.b.C;\n",
    "javascript": "import a from 'a';\n",
    "kotlin": "import a.b.C\n",
    "python": "from a import b\n",
    "rust": "use a::b;\n",
    "scala": "import a.b.C\n",
    "swift": "import A\n",
    "typescript": "import type { A } from './a'\n",
    "typescriptreact": "import * as a from 'a'\n",
}


def test_each_language_has_a_source() -> None:
    assert SOURCES.keys() == KEYWORDS.keys()


@pytest.mark.parametrize(("language", "source"), SOURCES.items(), ids=SOURCES)
def test_a_statement_is_found_without_its_line_end(language: str, source: str) -> None:
    assert [source[span.start : span.end] for span in statements(source, language)] == [source.strip()]


@pytest.mark.parametrize(
    ("source", "language"),
    [
        ("export { a } from 'a';\n", "typescript"),
        ("const a = require('a');\n", "javascript"),
        ("pub use a::b;\n", "rust"),
        ("import a", "no such language"),
    ],
)
def test_what_does_more_than_import_is_none(source: str, language: str) -> None:
    assert statements(source, language) == []


TEXT = "import os\n\n\ndef f():\n    return 1\n"
SCOPE = Span(12, len(TEXT))
ASYNC = Edit(12, 12, "async ")


def allowed(*edits: Edit) -> bool:
    after = spliced(TEXT, edits)
    assert isinstance(after, str)
    return bring_only_imports(TEXT, after, edits, SCOPE, "python")


@pytest.mark.parametrize(
    "edits",
    [
        [ASYNC],
        [Edit(10, 10, "import a\n"), ASYNC],
        [Edit(10, 10, "import a\r\n")],
        [Edit(0, 0, "from __future__ import a\n"), Edit(10, 10, "\nfrom a import (\n    b,\n)\n"), ASYNC],
        [Edit(10, 10, "import a; import b\n")],
    ],
)
def test_whole_lines_of_imports_above_are_let_through(edits: list[Edit]) -> None:
    assert allowed(*edits)


@pytest.mark.parametrize(
    "edit",
    [
        Edit(10, 10, "x = 1\n"),
        Edit(10, 10, "import a; x = 1\n"),
        Edit(10, 10, "import a\nx()\n"),
        Edit(10, 10, "import a  # noqa\n"),
        Edit(10, 10, "\n"),
        Edit(10, 10, "import a"),
        Edit(9, 9, "\nimport a\n"),
        Edit(7, 9, "re"),
        Edit(0, 10, "import a\n"),
        Edit(11, 13, "\nimport a\n"),
        Edit(10, 10, "'''\nimport a\n"),
    ],
)
def test_anything_else_outside_is_refused(edit: Edit) -> None:
    assert not allowed(edit)


def test_imports_behind_the_part_are_refused() -> None:
    after = f"{TEXT}import a\n"
    assert not bring_only_imports(
        TEXT, after, [Edit(len(TEXT), len(TEXT), "import a\n")], Span(0, 10), "python"
    )


def test_the_checks_know_them(tmp_path: Path) -> None:
    def reasons(*edits: Edit, scope: Span = SCOPE) -> list[str]:
        made = file_edit(tmp_path / "a.py", TEXT, edits, scope=scope)
        return [each.reason for each in check(EditSet("t", (made,)), {made.uri: TEXT}, [tmp_path])]

    assert reasons(Edit(10, 10, "import a\n"), ASYNC) == []
    assert reasons(Edit(10, 10, "x = 1\n"), ASYNC) == ["outside-scope"]


def test_lines_that_come_above_do_not_hide_that_lines_go(tmp_path: Path) -> None:
    text = "import os\n\n" + "".join(f"x = {number}\n" for number in range(9))
    edits = [
        Edit(10, 10, "import a\nimport b\nimport c\nimport d\nimport e\n"),
        Edit(11, len(text), "x = 0\n"),
    ]
    made = file_edit(tmp_path / "a.py", text, edits, scope=Span(11, len(text)))
    found = check(EditSet("t", (made,)), {made.uri: text}, [tmp_path])
    assert [each.reason for each in found] == ["deletion"]


# --- Carried over what was typed ---

MADE = file_edit(Path("/work/a.py"), TEXT, [Edit(10, 10, "import a\n"), ASYNC], scope=SCOPE)


def carried(*changes: Edit) -> str | Refusal:
    text = TEXT
    for change in changes:
        text = text[: change.start] + change.text + text[change.end :]
    landed = rebase(MADE, changes, text)
    return str(spliced(text, landed.edits)) if isinstance(landed, FileEdit) else landed


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (Edit(0, 0, "# top\n"), "# top\nimport os\nimport a\n\n\nasync def f():\n    return 1\n"),
        (Edit(11, 11, "x = 1\n"), "import os\nimport a\n\nx = 1\n\nasync def f():\n    return 1\n"),
        (Edit(10, 10, "import"), "import os\nimport a\nimport\n\nasync def f():\n    return 1\n"),
        (Edit(9, 9, "\nimport re"), "import os\nimport re\nimport a\n\n\nasync def f():\n    return 1\n"),
        (Edit(10, 11, ""), "import os\nimport a\n\nasync def f():\n    return 1\n"),
        (Edit(7, 9, "sys"), "import sys\nimport a\n\n\nasync def f():\n    return 1\n"),
    ],
)
def test_imports_move_otherwise_than_the_part_below(change: Edit, expected: str) -> None:
    assert carried(change) == expected


@pytest.mark.parametrize("change", [Edit(9, 10, ""), Edit(5, 11, "x\n"), Edit(20, 20, "x")])
def test_a_change_that_leaves_no_place_for_them_is_inside(change: Edit) -> None:
    landed = carried(change)
    assert isinstance(landed, Refusal)
    assert landed.reason == "typed-inside"


def test_where_only_the_texts_are_known_all_between_is_inside() -> None:
    landed = rebase_onto(MADE, TEXT, TEXT.replace("\n\n\n", "\n\nx = 1\n\n"))
    assert isinstance(landed, Refusal)
    top = "# one\n# two\n# three\n"
    made = file_edit(Path("/a.py"), top + TEXT, [Edit(31, 31, "import a\n"), Edit(33, 33, "async ")])
    above = rebase_onto(made, top + TEXT, "# zero\n" + top + TEXT)
    assert isinstance(above, FileEdit)
