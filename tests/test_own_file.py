"""The chosen model in the user's own file: nothing else of it changes, and a broken file is left alone."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from lsp_server.config import config_path, read_own_file
from lsp_server.own_file import NotKeptError, keep_model, with_model

NAME = "qwen2.5-coder-1.5b"
LINE = f'model = "{NAME}"'


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", f"{LINE}\n"),
        ("enabled = true", f"{LINE}\nenabled = true"),
        ("# mine\n\n[edit]\nmax = 3 # few\n", f"{LINE}\n# mine\n\n[edit]\nmax = 3 # few\n"),
        ("[local]\r\nthreads = 2\r\n", f"{LINE}\r\n[local]\r\nthreads = 2\r\n"),
        ("a = 1\nmodel  =  'old'  # small\n\n[local]\n", f'a = 1\nmodel  =  "{NAME}"  # small\n\n[local]\n'),
        ('model = """a\nb"""\r\nx=1', f'model = "{NAME}"\r\nx=1'),
        ("\"model\"='old'", f'"model"="{NAME}"'),
        (f"  {LINE}\n", f"  {LINE}\n"),
    ],
)
def test_the_model_is_set_and_every_other_byte_stays(before: str, after: str) -> None:
    assert with_model(before, NAME) == after
    assert tomllib.loads(after)["model"] == NAME


@pytest.mark.parametrize("name", ['/a "b"/c\\d.gguf', "/ü/\n.gguf", "'''", "# none"])
def test_any_path_can_be_the_model(name: str) -> None:
    assert tomllib.loads(with_model("[local]\n", name)) == {"model": name, "local": {}}


def test_the_choice_is_read_as_a_setting() -> None:
    keep_model(NAME)
    options, problems = read_own_file(config_path())
    assert (options.model, problems) == (NAME, [])


def test_no_other_file_is_left_beside_it() -> None:
    keep_model("a")
    keep_model("b")
    assert [path.name for path in config_path().parent.iterdir()] == ["config.toml"]


def test_the_file_keeps_its_permissions(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text("")
    path.chmod(0o600)
    keep_model(NAME, path)
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    target, link = tmp_path / "dotfiles.toml", tmp_path / "config.toml"
    target.write_text("# mine\n")
    link.symlink_to(target)
    keep_model(NAME, link)
    assert link.is_symlink()
    assert target.read_text() == f"{LINE}\n# mine\n"


@pytest.mark.parametrize(
    "content",
    [b"model = ", b"\xff\xfe", b"[model]\nx = 1\n", b"model = 3", b"a = 1\na = 2\n", b"model.x = 1"],
)
def test_a_file_that_cannot_be_understood_is_left_as_it_is(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "config.toml"
    path.write_bytes(content)
    with pytest.raises(NotKeptError, match="cannot be understood") as problem:
        keep_model(NAME, path)
    assert path.read_bytes() == content
    assert str(path) in str(problem.value)
    assert LINE in str(problem.value)


def test_where_nothing_can_be_written_the_user_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(NotKeptError, match="cannot be written"):
        keep_model(NAME, tmp_path / "file/config.toml")
