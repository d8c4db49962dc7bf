"""Model files on this machine, as far as no source is needed: finding, adopting, verifying and removing."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from lsp_server.models import download
from lsp_server.models.backend import ModelError
from lsp_server.models.model import Model
from tests.models.tiny import CONTENT, Heard, hash_of, install, listed, put, tiny, tiny_file

DAMAGED = CONTENT[:-1] + b"\x01"


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever happens in this file, nothing may look for a host or connect to one."""

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("the network was used")

    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.setattr(socket.socket, "connect", refuse)


def refused(model: Model, heard: Heard | None = None) -> ModelError:
    with pytest.raises(ModelError) as error:
        download.verify(model, heard or Heard())
    return error.value


# --- where models are ---


def test_models_are_in_the_users_data(own_home: Path) -> None:
    assert download.models_dir() == own_home / "data_home/fathom/models"


def test_another_folder_can_be_named(monkeypatch: pytest.MonkeyPatch, own_home: Path) -> None:
    monkeypatch.setenv("FATHOM_HOME", "~/elsewhere")
    assert download.models_dir() == own_home / "elsewhere/models"


# --- what counts as installed ---


def test_a_model_without_files_is_not_installed() -> None:
    assert download.installed(tiny()) is None


def test_an_adopted_file_is_installed() -> None:
    model = tiny()
    path = install(model)
    assert download.installed(model) == path
    assert path.read_bytes() == CONTENT


def test_a_file_that_nobody_verified_is_not_installed() -> None:
    put(tiny())
    assert download.installed(tiny()) is None


def test_a_file_that_changed_is_not_installed_any_more() -> None:
    model = tiny()
    path = install(model)
    path.write_bytes(CONTENT + b"more")
    assert download.installed(model) is None


def test_a_file_of_the_same_size_that_was_written_later_is_not_trusted() -> None:
    model = tiny()
    path = install(model)
    path.write_bytes(DAMAGED)
    os.utime(path, ns=(1, 1))
    assert download.installed(model) is None


def test_a_model_with_a_part_missing_is_not_installed() -> None:
    model = tiny(tiny_file(name="a.gguf"), tiny_file(name="b.gguf"))
    for name in ("a.gguf", "b.gguf"):
        (put(model).parent / name).write_bytes(CONTENT)
    first = download.pull(model, Heard())
    assert (first.name, download.installed(model)) == ("a.gguf", first)
    (first.parent / "b.gguf").unlink()
    assert download.installed(model) is None


def test_a_new_hash_in_the_catalogue_makes_an_old_file_unknown() -> None:
    install(tiny())
    assert download.installed(tiny(tiny_file(CONTENT + b"new version"))) is None


@pytest.mark.parametrize("marker", ["", "[]", "{", '{"tiny.gguf": 3}', '{"tiny.gguf": {"size": "x"}}'])
def test_an_unreadable_marker_means_that_nothing_is_known(marker: str) -> None:
    model = tiny()
    path = install(model)
    path.with_name(download.MARKER).write_text(marker)
    assert download.installed(model) is None
    assert download.pull(model, Heard()) == path


# --- verifying ---


def test_a_whole_model_is_verified_and_its_progress_told() -> None:
    model = tiny()
    install(model)
    heard = Heard()
    download.verify(model, heard)
    assert heard.kinds == {"verifying"}
    assert heard.reports[-1].done == heard.reports[-1].total == len(CONTENT)


def test_a_damaged_model_is_named_with_both_hashes_and_is_not_used_again() -> None:
    model = tiny()
    path = install(model)
    before = path.stat()
    path.write_bytes(DAMAGED)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert download.installed(model) == path  # a look at size and time cannot see it
    error = refused(model)
    assert error.code == "bad-model"
    assert all(part in str(error) for part in (str(path), hash_of(CONTENT), hash_of(DAMAGED), "pull tiny"))
    assert download.installed(model) is None


def test_verifying_makes_a_file_that_was_put_there_usable() -> None:
    model = tiny()
    path = put(model)
    download.verify(model, Heard())
    assert download.installed(model) == path


def test_what_is_not_installed_cannot_be_verified() -> None:
    assert "`fathom models pull tiny`" in str(refused(tiny()))


def test_a_missing_file_cannot_be_verified() -> None:
    model = tiny()
    path = install(model)
    path.unlink()
    assert f"{path} is missing" in str(refused(model))


# --- removing ---


def test_a_removed_model_is_gone_with_what_belongs_to_it() -> None:
    model = tiny()
    folder = install(model).parent
    (folder / ".unfinished").mkdir()
    (folder / ".unfinished/tiny.gguf.wheels").write_bytes(bytes(1000))
    assert download.remove(model, Heard()) > len(CONTENT) + 1000
    assert not folder.exists()
    assert download.installed(model) is None


def test_removing_what_is_not_there_frees_nothing() -> None:
    assert download.remove(tiny(), Heard()) == 0


def test_removing_one_model_leaves_the_others() -> None:
    kept, gone = tiny(name="kept"), tiny(name="gone")
    paths = [install(kept), install(gone)]
    download.remove(gone, Heard())
    assert [path.exists() for path in paths] == [True, False]


def test_only_the_link_to_a_folder_is_removed(tmp_path: Path) -> None:
    model = tiny()
    folder = install(model).parent
    elsewhere = folder.rename(tmp_path / "big-disk")
    folder.symlink_to(elsewhere)
    download.remove(model, Heard())
    assert not folder.exists()
    assert (elsewhere / "tiny.gguf").read_bytes() == CONTENT


# --- trouble ---


def test_a_file_in_the_place_of_the_folder_is_said_in_a_sentence(own_home: Path) -> None:
    download.models_dir().parent.mkdir(parents=True)
    download.models_dir().write_text("not a folder")
    with pytest.raises(ModelError, match=r"Cannot write in .*: .*FATHOM_HOME"):
        download.pull(tiny(), Heard())


def test_a_damaged_file_in_place_is_noted_before_it_is_fetched_again(monkeypatch: pytest.MonkeyPatch) -> None:
    model = tiny(tiny_file(sources=()))
    listed(monkeypatch, model)
    path = put(model, DAMAGED)
    heard = Heard()
    with pytest.raises(ModelError, match="could not be fetched"):
        download.pull(model, heard)
    assert heard.notes == [f"{path} is damaged and is fetched again."]
    assert path.exists()  # what is there goes only when something better has come
