"""`fathom edit` with a scripted model: the diff, what is written and taken back, and what bad input gets."""

from __future__ import annotations

import asyncio
import json
import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from lsp_server.cli import main
from lsp_server.cli.edit import Lines, lines_of
from lsp_server.config import actions_path
from lsp_server.models.host.settings import LocalOptions
from lsp_server.models.scripted import ScriptedBackend

SOURCE = "def add(a, b):\n    return a\n\n\nprint(add(1, 2))\n"
CHANGED = SOURCE.replace("return a", "return a + b")
REPLY = "    return a + b\n```\n"
Fathom = Callable[..., int]


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "sums.py"
    path.write_text(SOURCE)
    return path


@pytest.fixture
def edit(tmp_path: Path) -> Fathom:
    """Run the command with a model that says `replies`, one a try."""

    def run(*arguments: str, replies: tuple[str, ...] = (REPLY,)) -> int:
        script = tmp_path / "replies.jsonl"
        script.write_text("".join(f"{json.dumps(reply)}\n" for reply in replies))
        return main(["edit", *arguments, "--model", f"scripted:{script}"])

    return run


def test_a_diff_is_printed_and_nothing_written(
    edit: Fathom, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert edit("sums.py:2", "Add b") == 0
    shown = capsys.readouterr()
    assert shown.out == (
        "--- a/sums.py\n+++ b/sums.py\n@@ -1,5 +1,5 @@\n def add(a, b):\n-    return a\n+    return a + b\n"
        " \n \n print(add(1, 2))\n"
    )
    assert "reading about" in shown.err
    assert "scripted:" in shown.err
    assert file.read_text() == SOURCE


def test_a_file_that_runs_when_the_project_is_tested_is_named(
    edit: Fathom, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file.rename("conftest.py")
    assert edit("conftest.py:2", "Add b") == 0
    assert "conftest.py runs when the project is built or tested" in capsys.readouterr().err


def test_a_change_is_written_and_can_be_taken_back(
    edit: Fathom, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert edit("sums.py:2-2", "Add b", "--write") == 0
    assert file.read_text() == CHANGED
    shown = capsys.readouterr()
    assert shown.out == ""
    assert "written; `fathom undo 1` takes it back" in shown.err
    assert main(["undo"]) == 0
    assert file.read_text() == SOURCE


def test_all_of_a_file_is_the_default(edit: Fathom, file: Path) -> None:
    assert edit("sums.py", "Say no more", "--write", replies=("x = 1\ny = 2\nz = 3\n```",)) == 0
    assert file.read_text() == "x = 1\ny = 2\nz = 3\n"


def test_bytes_that_do_not_change_stay(edit: Fathom, file: Path) -> None:
    file.write_bytes(b"\xef\xbb\xbfa = 1\r\nb = 2 \r\nc = 3")
    assert edit("sums.py:1", "Change a", "--write", replies=("a = 4\n```",)) == 0
    assert file.read_bytes() == b"\xef\xbb\xbfa = 4\r\nb = 2 \r\nc = 3"


def test_the_instruction_may_stand_in_a_comment(edit: Fathom, file: Path) -> None:
    file.write_text("a = 1\n# fathom: double it\nb = 2\n")
    assert edit("sums.py:2-3", "--write", replies=("b = 4\n```",)) == 0
    assert file.read_text() == "a = 1\nb = 4\n"


def test_an_action_has_its_own_instruction(
    edit: Fathom, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert edit("sums.py:2", "--action", "simplify") == 0
    actions_path().parent.mkdir(parents=True)
    actions_path().write_text('[[action]]\nname = "Sum up"\ninstruction = "Add b."\n[[action]]\nname = "x"\n')
    assert edit("sums.py:2", "--action", "own.sum-up") == 0
    assert "action 2 has no instruction" in capsys.readouterr().err


def test_an_action_for_a_definition_needs_one_line_of_it_only(edit: Fathom, file: Path) -> None:
    replies = ("def add(a, b):\n    return b\n```",)
    assert edit("sums.py:2", "--action", "types", "--write", replies=replies) == 0
    assert file.read_text() == SOURCE.replace("return a", "return b")


def test_the_prompt_can_be_shown(edit: Fathom, file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert edit("sums.py:2", "Add b", "--show-prompt") == 0
    shown = capsys.readouterr()
    assert "<|im_start|>assistant\nLine 2, rewritten:\n```python\n" in shown.err
    assert "im_start" not in shown.out


def test_an_action_that_there_is_not_lists_them(
    edit: Fathom, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert edit("sums.py:2", "--action", "none") == 1
    assert "there are fix, rewrite, simplify, types, errors, document, convert." in capsys.readouterr().err


BROKEN = "    return (a +\n```"


def test_a_doubtful_change_is_shown_but_not_written(
    edit: Fathom, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert edit("sums.py:2", "Add b", "--write", replies=(BROKEN,)) == 1
    shown = capsys.readouterr().err
    assert "trying again: The text would have a syntax error" in shown
    assert "nothing was written; look at it with --diff, or write it with --anyway." in shown
    assert file.read_text() == SOURCE
    assert edit("sums.py:2", "Add b", "--diff", replies=(BROKEN,)) == 1
    assert "+    return (a +" in capsys.readouterr().out


def test_a_doubtful_change_is_written_where_that_is_wanted(edit: Fathom, file: Path) -> None:
    assert edit("sums.py:2", "Add b", "--write", "--anyway", replies=(BROKEN,)) == 0
    assert "return (a +" in file.read_text()


def test_json_has_all_that_is_known(edit: Fathom, file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert edit("sums.py:2", "Add b", "--json") == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["diff"].startswith("--- a/sums.py\n")
    assert (answer["reason"], answer["change"], answer["doubts"], answer["tries"]) == ("edited", None, [], 1)
    assert answer["tokens"]["generated"] > 0


def test_no_change_has_its_reason(edit: Fathom, file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    reply = ("NO CHANGE: it is fine.",)
    assert edit("sums.py:2", "Add b", replies=reply) == 1
    assert "The model would change nothing: it is fine." in capsys.readouterr().err
    assert edit("sums.py:2", "Add b", "--json", replies=reply) == 1
    assert json.loads(capsys.readouterr().out)["reason"] == "no-change"


def test_a_file_that_is_not_there_or_is_no_text_is_refused(
    edit: Fathom, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("latin.py").write_bytes(b"x = '\xe4'\n")
    Path("binary.py").write_bytes(b"\0")
    for name, said in (
        ("none.py", "there is no file none.py."),
        (".", "cannot be read"),
        ("latin.py", "is not text in UTF-8"),
        ("binary.py", "is a binary file"),
    ):
        assert edit(name, "Do it") == 1
        assert said in capsys.readouterr().err


def test_no_instruction_is_refused(edit: Fathom, file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert edit("sums.py:2") == 1
    assert "Say what is to be done" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("a.py", Lines(Path("a.py"))),
        ("a.py:3", Lines(Path("a.py"), 3, 3)),
        ("a.py:3-5", Lines(Path("a.py"), 3, 5)),
        ("a:b.py", Lines(Path("a:b.py"))),
    ],
)
def test_lines_are_named(text: str, lines: Lines) -> None:
    assert lines_of(text) == lines


@pytest.mark.parametrize("text", ["a.py:0", "a.py:5-3", ":3"])
def test_lines_that_make_no_sense_are_refused(
    text: str, edit: Fathom, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        edit(text, "Do it")
    assert "is not FILE, FILE:LINE or FILE:FIRST-LAST" in capsys.readouterr().err


def test_lines_past_the_end_are_refused(edit: Fathom, file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert edit("sums.py:40-50", "Do it") == 1
    assert "has 5 lines" in capsys.readouterr().err


def test_ctrl_c_ends_the_work_and_changes_nothing(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Interrupted(ScriptedBackend):
        async def _wait(self) -> None:
            os.kill(os.getpid(), signal.SIGINT)
            await asyncio.Event().wait()

    backend = Interrupted([REPLY])

    def opened(name: str, local: LocalOptions, linger: float) -> ScriptedBackend:
        return backend

    monkeypatch.setattr("lsp_server.models.open.open_backend", opened)
    assert main(["edit", "sums.py:2", "Add b", "--write"]) == 130
    assert backend.running == 0
    assert file.read_text() == SOURCE
