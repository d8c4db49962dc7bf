"""What finds the definitions of `fathom bench context`: Fathom's parser, jedi, and TypeScript's service."""

from __future__ import annotations

from pathlib import Path

import pytest

from lsp_server.cli.bench.recall import jedi_uses, own, typescript_uses
from lsp_server.cli.bench.recall.cases import Use

WIDGETS = """\
class Gadget:
    weight: int = 3

    def turn_around(self, degrees):
        return degrees


def make_widget(size):
    return Gadget()
"""
APP = """\
from widgets import make_widget

def run():
    widget = make_widget(3)
    return widget.turn_around(180)
"""


def tree(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return root


def found(root: Path, language: str) -> dict[str, Use]:
    return {use.name: use for use in own.uses_of(own.files_of(root), language)}


def test_uses_lead_to_the_line_in_the_other_file(tmp_path: Path) -> None:
    uses = found(tree(tmp_path, {"widgets.py": WIDGETS, "app.py": APP}), "python")
    assert {name: use.access for name, use in uses.items()} == {
        "make_widget": "imported",
        "turn_around": "member",
    }
    called = uses["make_widget"]
    assert (called.path, called.line, called.character) == ("app.py", 3, 13)
    assert [(target.path, target.line, target.text) for target in called.targets] == [
        ("widgets.py", 7, "def make_widget(size):")
    ]


def test_a_name_that_the_file_defines_or_that_many_define_is_no_use(tmp_path: Path) -> None:
    others = {f"other_{number}.py": "def make_widget(size):\n    return 1\n" for number in range(3)}
    uses = found(tree(tmp_path, {"widgets.py": WIDGETS, "app.py": APP, **others}), "python")
    assert "make_widget" not in uses
    own_one = APP.replace("def run", "def turn_around(): ...\n\ndef run")
    assert "turn_around" not in found(tree(tmp_path, {"app.py": own_one}), "python")


def test_a_name_from_somewhere_else_is_no_use(tmp_path: Path) -> None:
    elsewhere = APP.replace("from widgets", "from collections.abc")
    uses = found(tree(tmp_path, {"widgets.py": WIDGETS, "app.py": elsewhere}), "python")
    assert "make_widget" not in uses


def test_a_header_and_a_source_are_two_definitions_of_one_name(tmp_path: Path) -> None:
    files = {
        "widget.h": "int make_widget(int size);\n",
        "widget.c": '#include "widget.h"\nint make_widget(int size) {\n  return size;\n}\n',
        "app.c": '#include "widget.h"\nint main(void) {\n  return make_widget(3);\n}\n',
    }
    use = found(tree(tmp_path, files), "c")["make_widget"]
    assert use.access == "not-imported"
    assert {target.path for target in use.targets} == {"widget.h", "widget.c"}


def test_a_variable_of_the_file_itself_is_no_use(tmp_path: Path) -> None:
    files = {
        "widget.c": "int make_widget(int size) {\n  return size;\n}\n",
        "app.c": "int main(void) {\n  int make_widget = 3;\n  return make_widget + 1;\n}\n",
    }
    assert found(tree(tmp_path, files), "c") == {}


def test_jedi_looks_up_names_that_stand_in_code() -> None:
    names = {use.name: use.access for use in jedi_uses.names_in("app.py", APP)}
    assert names["make_widget"] == "imported"
    assert names["turn_around"] == "member"
    assert jedi_uses.names_in("app.py", "def broken(:\n") == []


def test_jedi_finds_members_by_their_types(tmp_path: Path) -> None:
    pytest.importorskip("jedi")
    root = tree(tmp_path, {"widgets.py": WIDGETS, "app.py": APP})
    texts = dict(own.texts_of(root))
    uses = {use.name: use for use in jedi_uses.uses_of(root, texts, 2, "1")}
    assert uses["turn_around"].targets[0].line == 3
    assert uses["make_widget"].targets[0].path == "widgets.py"


def test_what_typescript_says_becomes_a_use() -> None:
    texts = {
        "a.ts": "import { makeWidget } from './b'\nconst 𝔸 = '𝔸' + makeWidget(3)\n",
        "b.ts": "export function makeWidget(size: number) {\n}\n",
    }
    said = {
        "path": "a.ts",
        "line": 1,
        "character": 18,
        "name": "makeWidget",
        "targets": [{"path": "b.ts", "line": 0}],
    }
    use = typescript_uses.use_of(said, texts)
    assert use is not None
    assert (use.character, use.access) == (16, "imported")
    assert use.targets[0].text == "export function makeWidget(size: number) {"
    assert typescript_uses.use_of({**said, "character": 3}, texts) is None
    assert typescript_uses.use_of({**said, "line": 99}, texts) is None


def test_imported_names_of_javascript_are_seen_in_all_their_forms() -> None:
    text = (
        "import a, { b, c as d } from 'x'\nimport * as e from 'y'\nimport type { F } from 'z'\n"
        "const { g, h: i } = require('./w')\nconst j = require('k')\n"
    )
    assert {"a", "b", "d", "F", "g", "i", "j"} <= typescript_uses.imported(text)
