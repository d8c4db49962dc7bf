"""`fathom index`: the index and its figures, why a path is in or out, and the table of languages."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from context.indexing import writing
from context.languages import LANGUAGES
from lsp_server.cli import main
from lsp_server.index_places import index_folder


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "src").mkdir()
    (tmp_path / "src/main.py").write_text("print()\n")
    (tmp_path / "src/lib.rs").write_text("fn main() {}\n")
    (tmp_path / "src/more.py").write_text("pass\n")
    (tmp_path / ".gitignore").write_text("# of tools\n*.log\n")
    (tmp_path / "a.log").write_text("x")
    (tmp_path / ".env").write_text("KEY=1")
    return tmp_path


def answer(capsys: pytest.CaptureFixture[str]) -> Any:
    return json.loads(capsys.readouterr().out)


def test_figures_are_shown_as_tables(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["index", str(root)]) == 0
    shown = capsys.readouterr()
    lines = [line.split() for line in shown.out.splitlines()]
    assert lines[0] == ["LANGUAGE", "FILES", "SIZE", "PARSED", "AS"]
    assert lines[1][:2] == ["python", "2"]
    assert ["git-ignored", "1"] in lines
    assert ["secret", "1"] in lines
    assert shown.out.splitlines()[-1].startswith("4 files, ")
    assert "in 2 folders" in shown.out
    assert shown.err == ""


def test_json_has_all_figures(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["index", str(root), "--json"]) == 0
    figures = answer(capsys)
    assert figures["roots"] == [str(root)]
    assert (figures["files"], figures["folders"]) == (4, 2)
    assert figures["bytes"] == 8 + 13 + 5 + 17
    assert {language: each["files"] for language, each in figures["languages"].items()} == {
        "python": 2,
        "rust": 1,
        "ignore": 1,
    }
    assert figures["languages"]["python"]["bytes"] == 13
    assert figures["out"] == {"git-ignored": 1, "secret": 1}
    assert figures["seconds"] >= 0


def test_what_was_parsed_once_is_not_parsed_again(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["index", str(root), "--json"]) == 0
    assert answer(capsys)["index"]["parsed"] == 4
    (root / "src/more.py").write_text("def more(): ...\n")
    (root / "src/lib.rs").unlink()
    assert main(["index", str(root), "--json"]) == 0
    index = answer(capsys)["index"]
    assert (index["parsed"], index["removed"], index["parsed_bytes"]) == (1, 1, 16)
    assert Path(index["folder"], "index.sqlite").exists()
    assert main(["index", str(root)]) == 0
    assert "0 parsed (0.0 MB)" in capsys.readouterr().out


def test_where_another_process_writes_the_figures_are_shown_all_the_same(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with writing(index_folder([root]), [root], workers=0) as indexing:
        list(indexing.sweep())
        assert main(["index", str(root)]) == 0
        shown = capsys.readouterr()
        assert "Another process keeps this index up to date." in shown.err
        assert "parsed" not in shown.out
        assert "4 files, " in shown.out
        assert main(["index", str(root), "--find", "main"]) == 0
        assert "lib.rs:1: function: fn main()" in capsys.readouterr().out


def test_an_index_that_is_no_good_is_made_anew(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["index", str(root)])
    Path(index_folder([root]), "index.sqlite").write_bytes(b"no database")
    capsys.readouterr()
    assert main(["index", str(root), "--json"]) == 0
    assert answer(capsys)["index"]["parsed"] == 4


def test_an_index_that_cannot_be_written_is_said(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = index_folder([root])
    folder.touch()
    assert main(["index", str(root)]) == 1
    assert f"fathom index: The index in {folder} cannot be written: " in capsys.readouterr().err


def test_the_folder_one_is_in_is_the_root_if_none_is_named(
    root: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(root / "src")
    assert main(["index", "--json"]) == 0
    assert answer(capsys)["files"] == 3


def test_several_roots_are_walked_together(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["index", str(root), str(root / "src"), "--json"]) == 0
    assert answer(capsys)["files"] == 4


def test_a_rule_is_named_with_its_file_and_line(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = root / "a.log"
    assert main(["index", str(root), "--explain", str(path)]) == 1
    assert capsys.readouterr().out == f"{path}: out, git-ignored: {root}/.gitignore:2: *.log\n"
    assert main(["index", str(root), "--explain", str(path), "--json"]) == 1
    assert answer(capsys) == {
        "path": str(path),
        "in": False,
        "why": "git-ignored",
        "detail": "",
        "rule": {"file": str(root / ".gitignore"), "line": 2, "text": "*.log"},
    }


def test_a_file_that_is_in_is_explained_too(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = root / "src/main.py"
    assert main(["index", str(root), "--explain", str(path)]) == 0
    assert capsys.readouterr().out == f"{path}: in, as python, 8 bytes\n"
    assert main(["index", str(root), "--explain", str(path), "--json"]) == 0
    assert answer(capsys) == {
        "path": str(path),
        "in": True,
        "language": "python",
        "bytes": 8,
        "root": str(root),
    }


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("src", "in, a folder"),
        (".env", "out, secret"),
        ("none.py", "out, missing: No such file or directory"),
        ("..", "out, outside: it is in no folder of the workspace"),
    ],
)
def test_whatever_there_is_has_an_explanation(
    root: Path, capsys: pytest.CaptureFixture[str], path: str, words: str
) -> None:
    main(["index", str(root), "--explain", str(root / path)])
    assert capsys.readouterr().out.rstrip().endswith(words)


def test_a_folder_that_is_closed_as_a_whole_is_said_so(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (root / "src/.noai").touch()
    assert main(["index", str(root), "--explain", str(root / "src/main.py")]) == 1
    assert f"{root}/src/.noai as a whole" in capsys.readouterr().out


def test_a_name_cannot_break_the_line_it_is_shown_in(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = root / "a\n\x1b[31m\udcff.py"
    path.write_text("x")
    assert main(["index", str(root), "--explain", str(path)]) == 0
    assert capsys.readouterr().out == f"{root}/a\\n\\x1b[31m\\udcff.py: in, as python, 1 bytes\n"


def test_a_root_that_is_no_folder_is_refused(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["index", str(root / "none")]) == 1
    assert "there is no folder" in capsys.readouterr().err


def test_the_languages_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["index", "--languages"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == len(LANGUAGES) + 1
    assert next(line for line in lines if line.startswith("go.mod ")).split()[2:5] == [
        "Module",
        ".mod",
        "go.mod",
    ]
    assert main(["index", "--languages", "--json"]) == 0
    python = next(each for each in answer(capsys) if each["id"] == "python")
    assert python["line_comments"] == ["#"]
    assert python["blocks"] == "indent"
    assert python["parsed_as"]
