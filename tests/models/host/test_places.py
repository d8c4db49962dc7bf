"""The directory in which hosts and servers meet."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from lsp_server.models.backend import ModelError
from lsp_server.models.host.places import LONGEST_SOCKET, place_of, places, runtime_dir


@pytest.fixture(autouse=True)
def base(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A runtime directory of a test; not under `tmp_path`, which may be too long for the path of a socket."""
    with TemporaryDirectory(prefix="fathom-", dir="/tmp") as folder:
        monkeypatch.setenv("XDG_RUNTIME_DIR", folder)
        yield Path(folder)


def test_the_directory_is_for_its_user_alone(base: Path) -> None:
    assert stat.S_IMODE(runtime_dir().stat().st_mode) == 0o700


def test_a_directory_that_is_open_to_others_is_closed(base: Path) -> None:
    folder = runtime_dir()
    folder.chmod(0o755)
    assert stat.S_IMODE(runtime_dir().stat().st_mode) == 0o700


def test_a_link_in_place_of_the_directory_is_refused(base: Path) -> None:
    (base / "elsewhere").mkdir()
    (base / "fathom").symlink_to(base / "elsewhere")
    with pytest.raises(ModelError, match="no directory"):
        runtime_dir()


def test_a_directory_of_somebody_else_is_refused(base: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = runtime_dir()
    own = folder.stat().st_uid
    monkeypatch.setattr("os.getuid", lambda: own + 1)
    with pytest.raises(ModelError, match="somebody else"):
        runtime_dir()


def test_a_file_in_its_place_is_named(base: Path) -> None:
    (base / "fathom").touch()
    with pytest.raises(ModelError, match="XDG_RUNTIME_DIR"):
        runtime_dir()


def test_the_path_of_a_socket_is_never_too_long(base: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(base / ("x" * 90)))
    assert len(str(place_of(Path("model.gguf")).socket)) <= LONGEST_SOCKET


def test_two_names_of_one_file_have_one_host(tmp_path: Path) -> None:
    (tmp_path / "model.gguf").touch()
    (tmp_path / "link.gguf").symlink_to("model.gguf")
    assert place_of(tmp_path / "link.gguf") == place_of(tmp_path / "model.gguf")
    assert place_of(tmp_path / "other.gguf") != place_of(tmp_path / "model.gguf")


def test_another_version_of_fathom_has_hosts_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    ours = place_of(Path("/model.gguf"))
    monkeypatch.setattr("lsp_server.models.host.places.__version__", "99.0")
    assert place_of(Path("/model.gguf")).socket != ours.socket


def test_places_are_known_by_their_locks(tmp_path: Path) -> None:
    place = place_of(tmp_path / "model.gguf")
    assert list(places()) == []
    place.lock.touch()
    assert list(places()) == [place]
