"""The file with the user's own actions: read, and read again when it has changed."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from lsp_server.features.instructions import OWN, Action, find
from lsp_server.features.own_actions import OwnActions, read_again, read_own_actions

OURS = """\
[[action]]
name = "Early returns"
instruction = "Use early returns."

[[action]]
name = "Übersetze!"
instruction = "Translate the comments to German."
kind = "source.translate"
scope = "file"
"""


def test_own_actions_are_read(tmp_path: Path) -> None:
    path = tmp_path / "actions.toml"
    path.write_text(OURS, encoding="utf-8")
    own = read_own_actions(path)
    assert own.problems == ()
    assert own.actions == (
        Action(f"{OWN}early-returns", "Early returns", "refactor.rewrite", "Use early returns.", "selection"),
        Action(
            f"{OWN}übersetze", "Übersetze!", "source.translate", "Translate the comments to German.", "file"
        ),
    )
    assert find("own.early-returns", own.actions) == own.actions[0]


def test_no_file_is_no_error(tmp_path: Path) -> None:
    own = read_own_actions(tmp_path / "none.toml")
    assert (own.actions, own.problems) == ((), ())
    assert read_own_actions(tmp_path / "none" / "none.toml").problems == ()


@pytest.mark.parametrize("content", [b"[[action]", b"\xff", b"name = ", b"#" * 100_000])
def test_a_file_that_cannot_be_read_says_so(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "actions.toml"
    path.write_bytes(content)
    own = read_own_actions(path)
    assert own.actions == ()
    assert own.problems[0].startswith(f"{path} cannot be read")


def test_what_is_no_file_is_not_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "actions.toml"
    os.mkfifo(path)
    assert "no file with text" in read_own_actions(path).problems[0]


def test_a_file_is_read_again_as_soon_as_it_is_another_one(tmp_path: Path) -> None:
    path = tmp_path / "actions.toml"
    own = read_own_actions(path)
    assert read_again(own) is own
    path.write_text(OURS, encoding="utf-8")
    ours = read_again(own)
    assert [action.title for action in ours.actions] == ["Early returns", "Übersetze!"]
    assert read_again(ours) is ours
    other = tmp_path / "other.toml"
    other.write_text(OURS.replace("Early", "Later"), encoding="utf-8")
    stamp = path.stat()
    os.utime(other, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
    other.replace(path)
    assert read_again(ours).actions[0].title == "Later returns"
    path.unlink()
    assert read_again(ours).actions == ()


def test_a_file_that_only_was_touched_has_nothing_new_to_say(tmp_path: Path) -> None:
    path = tmp_path / "actions.toml"
    path.write_text("[[action]]", encoding="utf-8")
    own = read_own_actions(path)
    os.utime(path, ns=(1, 1))
    again = read_again(own)
    assert again is not own
    assert again.content == own.content


def test_without_a_file_to_look_for_there_are_none() -> None:
    own = OwnActions()
    assert read_again(own) is own
