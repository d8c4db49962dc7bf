"""Archives of package indexes into a cache folder, by the indexes' own clients, and unpacked there.

Nothing of a package is run. pip keeps a source archive only once it has asked the package's build backend for
its name and version, so it finds backends here that give it what the archive says of itself.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import platformdirs

from lsp_server.cli.bench.recall.repositories import Archive, Repository

BACKENDS = (
    "flit_core.buildapi",
    "hatchling.build",
    "maturin",
    "mesonpy",
    "pdm.backend",
    "poetry.core.masonry.api",
    "scikit_build_core.build",
    "scikit_build_core.setuptools.build_meta",
    "setuptools.build_meta",
)
BACKEND = '''\
"""Says what a source archive says of itself."""

from email import message_from_string
from pathlib import Path


def get_requires_for_build_wheel(config_settings=None):
    return []


def prepare_metadata_for_build_wheel(metadata_directory, config_settings=None):
    text = Path("PKG-INFO").read_text(encoding="utf-8")
    said = message_from_string(text)
    folder = Path(metadata_directory, f"{said['Name'].replace('-', '_')}-{said['Version']}.dist-info")
    folder.mkdir()
    Path(folder, "METADATA").write_text(text, encoding="utf-8")
    return folder.name


class __legacy__:
    get_requires_for_build_wheel = staticmethod(get_requires_for_build_wheel)
    prepare_metadata_for_build_wheel = staticmethod(prepare_metadata_for_build_wheel)
'''


def cache_folder() -> Path:
    """Where archives, trees and results are kept."""
    return platformdirs.user_cache_path("fathom") / "bench"


def tree(repository: Repository, cache: Path) -> Path:
    """The folder of a repository, fetched and unpacked if it is not there yet. Raises OSError, ValueError."""
    root = cache / "trees" / f"{repository.name}-{repository.archive.version}"
    if root.is_dir():
        return root
    archive = _archive(repository.archive, cache)
    root.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=root.parent) as unfinished:
        _unpack(archive, repository, Path(unfinished, "tree"))
        Path(unfinished, "tree").rename(root)
    return root


def _archive(archive: Archive, cache: Path) -> Path:
    """An archive that is what it was when it was pinned."""
    kept = cache / "archives" / archive.sha256
    if kept.is_file():
        return kept
    kept.parent.mkdir(parents=True, exist_ok=True)
    print(f"fathom bench context: fetching {archive.package} {archive.version}", file=sys.stderr)
    with tempfile.TemporaryDirectory(dir=kept.parent) as folder:
        fetched = _fetched(archive, Path(folder))
        found = hashlib.sha256(fetched.read_bytes()).hexdigest()
        if found != archive.sha256:
            raise ValueError(
                f"{archive.package} {archive.version} is another file than the pinned one: {found}"
            )
        fetched.rename(kept)
    return kept


def _fetched(archive: Archive, folder: Path) -> Path:
    files = folder / "files"
    files.mkdir()
    if archive.index == "npm":
        _run(["npm", "pack", "--silent", f"{archive.package}@{archive.version}"], files, {})
    else:
        backends = folder / "backends"
        write_backends(backends)
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-binary", ":all:"]
        command += ["--no-build-isolation", "--use-pep517", f"{archive.package}=={archive.version}"]
        _run(command, files, {"PYTHONPATH": str(backends)})
    fetched = list(files.iterdir())
    if len(fetched) != 1:
        raise ValueError(f"{archive.package} {archive.version} did not come as one file")
    return fetched[0]


def write_backends(folder: Path) -> None:
    """Write the build backends that run nothing."""
    for name in BACKENDS:
        *packages, module = name.split(".")
        place = folder
        for package in packages:
            place = place / package
            place.mkdir(parents=True, exist_ok=True)
            Path(place, "__init__.py").touch()
        place.mkdir(parents=True, exist_ok=True)
        Path(place, f"{module}.py").write_text(BACKEND, encoding="utf-8")


def _run(command: Sequence[str], folder: Path, environment: dict[str, str]) -> None:
    """Run a client of an index. Raises OSError if it is not there, ValueError if it fails."""
    done = subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    if done.returncode:
        said = done.stderr.strip().splitlines() or [f"exit code {done.returncode}"]
        raise ValueError(f"{command[-1]} could not be fetched: {said[-1]}")


def _unpack(archive: Path, repository: Repository, to: Path) -> None:
    """Unpack what belongs to a repository, without the archive's one folder at the top."""
    to.mkdir()
    with tarfile.open(archive) as packed:
        for member, name in _members(packed, repository):
            packed.extract(member.replace(name=name), to, filter="data")
    if not any(to.iterdir()):
        raise ValueError(f"there is nothing of {repository.name} in its archive")


def _members(packed: tarfile.TarFile, repository: Repository) -> Iterator[tuple[tarfile.TarInfo, str]]:
    front = f"{repository.folder}/" if repository.folder else ""
    for member in packed:
        _, _, name = member.name.partition("/")
        if not member.isfile() or not name.startswith(front):
            continue
        name = name.removeprefix(front)
        kept = repository.keep or (name,)
        if any(name == each or name.startswith(f"{each}/") for each in kept):
            yield member, name


def forget(repository: Repository, cache: Path) -> None:
    """Remove the tree of a repository, so that it is unpacked anew."""
    shutil.rmtree(cache / "trees" / f"{repository.name}-{repository.archive.version}", ignore_errors=True)
