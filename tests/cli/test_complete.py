"""`fathom complete` with a scripted model: the picture, the JSON, and what bad input gets."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lsp_server.cli import main
from lsp_server.models.backend import ModelError
from lsp_server.models.host.settings import LocalOptions

SOURCE = "def add(a, b):\n    return \n\n\nprint(add(1, 2))\n"
Fathom = Callable[..., int]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "sums.py"
    path.write_text(SOURCE)
    return path


@pytest.fixture
def complete(tmp_path: Path) -> Fathom:
    """Run the command with a model that says `reply`."""

    def run(*arguments: str, reply: str = "a + b\n\nprint(add(3, 4))") -> int:
        script = tmp_path / "reply.txt"
        script.write_text(reply)
        return main(["complete", *arguments, "--model", f"scripted:{script}"])

    return run


def test_the_text_is_shown_in_its_place(
    complete: Fathom, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert complete(f"{file}:2:12") == 0
    shown = capsys.readouterr()
    assert "    2 │     return ⟦a + b⟧\n    3 │ \n" in shown.out
    assert "    5 │ print(add(1, 2))" in shown.out
    assert "scripted:" in shown.err
    assert "evaluated" in shown.err


def test_several_lines_are_shown_with_the_rest_of_the_line_behind_them(
    complete: Fathom, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "call.py"
    path.write_text("call()\r\nmore()")
    assert complete(f"{path}:1:6", reply="\n    first,\n    second") == 0
    assert capsys.readouterr().out == (
        "    1 │ call(\n    2 │ ⟦    first,⟧\n    3 │ ⟦    second⟧)\n    4 │ more()\n"
    )


def test_json_has_all_that_is_known(complete: Fathom, file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert complete(f"{file}:2:12", "--json") == 0
    answer: dict[str, Any] = json.loads(capsys.readouterr().out)
    assert answer["text"] == "a + b"
    assert answer["range"] == {
        "start": {"line": 1, "character": 11},
        "end": {"line": 1, "character": 11},
    }
    assert (answer["reason"], answer["model"]) == ("shown", "scripted")
    assert answer["tokens"].keys() == {"prompt", "cached", "evaluated", "generated"}
    assert answer["ms"].keys() == {"context", "queue", "prefill", "first", "total"}


def test_the_range_ends_behind_the_bracket_that_the_text_has_itself(
    complete: Fathom, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "fox.py"
    path.write_text('print("🦊", )\n')
    assert complete(f"{path}:1:12", "--json", reply="1)") == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["range"]["start"]["character"] == 11
    assert answer["range"]["end"]["character"] == 12


def test_the_prompt_is_shown_on_request(
    complete: Fathom, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert complete(f"{file}:2:12", "--show-prompt") == 0
    shown = capsys.readouterr().out
    assert shown.startswith(
        "<|fim_prefix|><|fim_suffix|>\n\n\nprint(add(1, 2))\n<|fim_middle|>def add(a, b):"
    )
    assert complete(f"{file}:2:12", "--show-prompt", "--json") == 0
    assert json.loads(capsys.readouterr().out)["prompt"].startswith("<|fim_prefix|>")


def test_nothing_has_a_reason(complete: Fathom, file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert complete(f"{file}:2:12", reply=" ") == 0
    shown = capsys.readouterr()
    assert shown.out == ""
    assert "nothing (empty). The model had nothing to add." in shown.err


@pytest.mark.parametrize(
    ("place", "taken"), [("900:1", "6:1"), ("2:900", "2:12"), ("900:900", "6:1"), ("1:16", "1:15")]
)
def test_a_place_past_the_end_is_moved_and_that_is_said(
    complete: Fathom, file: Path, capsys: pytest.CaptureFixture[str], place: str, taken: str
) -> None:
    assert complete(f"{file}:{place}") == 0
    shown = capsys.readouterr().err
    assert (f"{place} is past the end; taken as {taken}." in shown) == (place != taken)


@pytest.mark.parametrize(
    "spot", ["a.py", "a.py:1", "a.py:x:1", "a.py:1:", ":1:1", "a.py:0:1", "a.py:1:0", ""]
)
def test_what_is_no_place_is_refused(complete: Fathom, capsys: pytest.CaptureFixture[str], spot: str) -> None:
    with pytest.raises(SystemExit) as end:
        complete(spot)
    assert end.value.code == 2
    assert repr(spot) in capsys.readouterr().err


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"\0\1\2", "is a binary file"), (b"\xff\xfe\xfd", "is no UTF-8 text")],
    ids=["NUL", "no UTF-8"],
)
def test_a_file_that_is_no_text_is_refused(
    complete: Fathom, tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes, words: str
) -> None:
    path = tmp_path / "data.py"
    path.write_bytes(content)
    assert complete(f"{path}:1:1") == 1
    assert words in capsys.readouterr().err


def test_a_file_that_is_not_there_or_is_a_folder_is_refused(
    complete: Fathom, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert complete(f"{tmp_path}/none.py:1:1") == 1
    assert complete(f"{tmp_path}:1:1") == 1
    shown = capsys.readouterr().err
    assert "there is no file" in shown
    assert "is a directory" in shown


def test_an_empty_file_can_be_completed(
    complete: Fathom, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "empty.py"
    path.write_text("")
    assert complete(f"{path}:1:1", reply="import os") == 0
    assert capsys.readouterr().out == "    1 │ ⟦import os⟧\n"


def test_a_byte_order_mark_counts_no_column(
    complete: Fathom, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "marked.py"
    path.write_text("\ufeffx = ")
    assert complete(f"{path}:1:5", reply="1") == 0
    assert capsys.readouterr().out == "    1 │ x = ⟦1⟧\n"


def test_a_secret_file_is_never_given_to_a_model(
    complete: Fathom, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / ".env"
    path.write_text("KEY=")
    assert complete(f"{path}:1:5", "--json") == 1
    assert json.loads(capsys.readouterr().out)["reason"] == "excluded"


def test_a_missing_model_says_how_to_get_it(
    file: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_model(name: str, local: LocalOptions, linger: float) -> None:
        raise ModelError("no-model", "Run `fathom models pull`.", permanent=True)

    monkeypatch.setattr("lsp_server.models.open.open_backend", no_model)
    assert main(["complete", f"{file}:2:12"]) == 1
    assert "fathom models pull" in capsys.readouterr().err
    assert main(["complete", f"{file}:2:12", "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["reason"] == "no-model"
