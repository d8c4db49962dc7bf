"""`fathom models`: what each command prints, and how it fails."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from lsp_server.cli import main
from lsp_server.config import config_path, read_own_file
from lsp_server.models import catalogue, download
from lsp_server.models.model import HubSource, ModelFile
from tests.models.hub_server import PATIENCE, Hub, hub_server
from tests.models.tiny import CONTENT, hash_of, install, listed, put, tiny, tiny_file

KNOWN = catalogue.CATALOGUE
TINY = tiny()
OTHER = tiny(name="other", licence="Qwen-Research")


@pytest.fixture(autouse=True)
def two_models(monkeypatch: pytest.MonkeyPatch) -> None:
    listed(monkeypatch, TINY, OTHER)


def output(*arguments: str, capsys: pytest.CaptureFixture[str], code: int = 0) -> str:
    """What a command prints for programs; nothing but that may be on stdout."""
    assert main(["models", *arguments]) == code
    return capsys.readouterr().out


def complaint(*arguments: str, capsys: pytest.CaptureFixture[str]) -> str:
    assert main(["models", *arguments]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("fathom: ")
    return err


# --- list ---


def test_the_list_has_a_row_for_each_model(capsys: pytest.CaptureFixture[str]) -> None:
    install(TINY)
    head, *rows, _, note, where = output("list", capsys=capsys).splitlines()
    assert head.split() == ["NAME", "SIZE", "LICENCE", "WINDOW", "FIM", "CHAT", "MEMORY", "INSTALLED"]
    assert [row.split()[-1] for row in rows] == ["yes", "no"]
    assert rows[0].startswith("*  tiny ")
    assert "Qwen-Research" in rows[1]
    assert note.startswith("* is the default.")
    assert str(download.models_dir()) in where


def test_programs_get_the_list_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    path = install(TINY)
    first, second = json.loads(output("list", "--json", capsys=capsys))
    assert (first["name"], first["default"], first["installed"], first["path"]) == (
        "tiny",
        True,
        True,
        str(path),
    )
    assert first["files"] == [{"name": "tiny.gguf", "size": len(CONTENT), "sha256": hash_of(CONTENT)}]
    assert (second["installed"], second["path"]) == (False, None)
    assert first["memory"]["needed"] > len(CONTENT)


def test_the_size_of_a_model_that_nobody_knows_is_about_right(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    listed(monkeypatch, tiny(ModelFile("tiny.gguf", ())))
    assert "~0.0 MB" in output("list", capsys=capsys)


# --- use ---


def test_the_model_to_use_is_set_in_the_users_file(capsys: pytest.CaptureFixture[str]) -> None:
    install(TINY)
    assert output("use", "Tiny", capsys=capsys).startswith("tiny is used from now on")
    assert config_path().read_text() == 'model = "tiny"\n'


def test_a_file_of_the_users_own_can_be_used(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "own.gguf"
    path.write_bytes(CONTENT)
    assert str(path) in output("use", str(path), capsys=capsys)
    assert read_own_file(config_path())[0].model == str(path)


def test_what_cannot_be_used_is_not_set(capsys: pytest.CaptureFixture[str]) -> None:
    assert "Did you mean tiny" in complaint("use", "tinny", capsys=capsys)
    assert not config_path().exists()


def test_a_broken_file_of_settings_is_not_changed(capsys: pytest.CaptureFixture[str]) -> None:
    install(TINY)
    config_path().parent.mkdir(parents=True, exist_ok=True)
    config_path().write_text("model = ")
    assert "cannot be understood" in complaint("use", "tiny", capsys=capsys)
    assert config_path().read_text() == "model = "


# --- path, verify, rm ---


@pytest.mark.parametrize("name", [[], ["tiny"], ["TINY"]])
def test_the_path_of_a_model_is_printed_alone(name: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    path = install(TINY)
    assert output("path", *name, capsys=capsys) == f"{path}\n"


@pytest.mark.parametrize("command", ["path", "verify"])
def test_what_is_not_installed_says_how_to_get_it(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert (
        complaint(command, capsys=capsys) == "fathom: tiny is not installed: run `fathom models pull tiny`.\n"
    )


def test_a_whole_model_is_verified(capsys: pytest.CaptureFixture[str]) -> None:
    install(TINY)
    assert output("verify", capsys=capsys) == "tiny is whole: every file has its sha256.\n"


def test_a_damaged_model_is_not_verified(capsys: pytest.CaptureFixture[str]) -> None:
    path = install(TINY)
    path.write_bytes(CONTENT[::-1])
    assert main(["models", "verify"]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert f"fathom: {path} is damaged: its sha256 is {hash_of(CONTENT[::-1])}" in err
    assert "Traceback" not in err


def test_a_removed_model_says_what_it_freed(capsys: pytest.CaptureFixture[str]) -> None:
    install(TINY)
    assert output("rm", "tiny", capsys=capsys) == "Removed tiny: 0.0 MB.\n"
    assert output("rm", "tiny", capsys=capsys) == "tiny was not there.\n"
    assert not download.folder_of(TINY).exists()


def test_nothing_is_removed_without_a_name(capsys: pytest.CaptureFixture[str]) -> None:
    path = install(TINY)
    with pytest.raises(SystemExit) as end:
        main(["models", "rm"])
    assert end.value.code == 2
    assert "NAME" in capsys.readouterr().err
    assert path.exists()


# --- pull ---


def test_what_is_installed_is_not_pulled_again(capsys: pytest.CaptureFixture[str]) -> None:
    path = install(TINY)
    assert main(["models", "pull"]) == 0
    assert capsys.readouterr() == (f"{path}\n", "")


def test_a_file_that_is_there_already_is_verified_and_used(capsys: pytest.CaptureFixture[str]) -> None:
    path = put(TINY)
    assert main(["models", "pull", "tiny"]) == 0
    out, err = capsys.readouterr()
    assert out == f"{path}\n"
    assert "verifying tiny: 100 %" in err


def test_the_licence_is_said_before_a_model_that_is_not_free_is_fetched(
    capsys: pytest.CaptureFixture[str],
) -> None:
    put(OTHER)
    assert main(["models", "pull", "other"]) == 0
    assert capsys.readouterr().err.startswith("Tiny has the licence Qwen-Research. For tests.\n")


def test_a_model_that_no_source_gives_is_said_in_a_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    listed(monkeypatch, tiny(tiny_file(sources=())))
    assert "fathom: tiny could not be fetched" in complaint("pull", capsys=capsys)


# --- names and help ---


@pytest.mark.parametrize("command", ["pull", "path", "rm", "verify"])
def test_an_unknown_name_gets_a_hint(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    said = complaint(command, "tinny", capsys=capsys)
    assert said == (
        "fathom: No model is called 'tinny'. Did you mean tiny? `fathom models list` shows them all.\n"
    )


@pytest.mark.parametrize("command", ["list", "pull", "path", "rm", "verify"])
def test_each_command_has_a_help(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main(["models", command, "--help"])
    assert end.value.code == 0
    assert f"usage: fathom models {command}" in capsys.readouterr().out


def test_no_command_shows_which_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main(["models"])
    assert end.value.code == 2
    assert "usage: fathom models" in capsys.readouterr().err


# --- a real process ---


@pytest.mark.process
def test_a_pull_that_the_user_stops_ends_quietly_and_can_go_on(
    monkeypatch: pytest.MonkeyPatch, own_home: Path
) -> None:
    model = next(model for model in KNOWN if model.name == "qwen2.5-coder-1.5b")
    (file,) = model.files
    (source,) = file.sources
    assert isinstance(source, HubSource)
    hub = Hub(source=source, etag=file.sha256, size=file.size, gate=threading.Event())
    with hub_server(hub):
        monkeypatch.setenv("HF_ENDPOINT", hub.address)
        command = [Path(sys.executable).with_name("fathom"), "models", "pull", model.name]
        with subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
            try:
                assert process.stderr
                assert process.stderr.readline().startswith("fetching qwen2.5-coder-1.5b: 0 % of 1.6 GB")
                process.send_signal(signal.SIGINT)
                out, err = process.communicate(timeout=PATIENCE)
            finally:
                process.kill()
    assert process.returncode == 130
    assert out == ""
    assert "Stopped. `fathom models pull qwen2.5-coder-1.5b` goes on from here." in err
    assert "Traceback" not in err
    assert len(list(own_home.rglob("*.hub"))) == 1
