"""Which files of a workspace are worth reading, and for each of the others the reason why it is not.

`walk` goes through the roots, `explain` follows one path; both judge with the same functions, in this order:
what an entry is called, what it is, what ignore files say, and for a file its size and its beginning.

Nothing is run and no link is followed. A link to something in the workspace adds nothing, since that is
found under its own name, or is out by it; and one that leads out of it leads to what the user has not opened.

A walk keeps the folders that are still to come and the identity of those it has seen, and nothing of files.
It is stopped by closing the iterator, between any two entries.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from context.contents import BEGIN, first_line, unfit_begin, unfit_name
from context.disk import begin_of
from context.exclusions import NAMES, Denial, Exclusions, above, present_in
from context.ignore import Rule
from context.languages import language_of
from context.secrets import is_secret_path

Why = Literal[
    "secret",
    "version-control",
    "git-ignored",
    "denied",
    "installed",
    "link",
    "no-file",
    "loop",
    "too-deep",
    "too-large",
    "binary",
    "generated",
    "minified",
    "unreadable",
    "missing",
    "outside",
]
"""Why an entry is out. "installed" is what tools put there: packages, environments, caches. "no-file" is a
FIFO, a device or a socket. "missing" is also for what vanishes meanwhile."""

VERSION_CONTROL = frozenset({".git", ".hg", ".svn", ".jj", ".bzr", "CVS", "_darcs", ".pijul"})
INSTALLED = frozenset({"node_modules", "bower_components", "jspm_packages", "__pycache__"})
MARKERS = {"pyvenv.cfg": "a virtual environment", "CACHEDIR.TAG": "a cache"}
"""Files that say of their folder that a tool has made it, and can make it again."""


@dataclass(frozen=True, slots=True)
class WalkOptions:
    """What is too much."""

    max_bytes: int = 1_048_576
    """Size of a file. Longer ones are data more often than source."""
    max_depth: int = 200
    """Folders below a root."""
    known: Callable[[str, os.stat_result], str | None] = lambda _path, _status: None
    """The language of a file that was worth reading and has not changed, so that it need not be opened."""


@dataclass(frozen=True, slots=True)
class Found:
    """A file that is worth reading."""

    path: Path
    root: Path
    size: int
    """In bytes."""
    mtime_ns: int
    language: str
    inode: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder that is being read: how far a walk is, and what there is to watch."""

    path: Path
    root: Path


@dataclass(frozen=True, slots=True)
class Out:
    """A file that is not read, or a folder that is not entered."""

    path: Path
    why: Why
    detail: str = ""
    rule: Rule | None = None
    """The line of an ignore file that denies it."""


@dataclass(frozen=True, slots=True)
class _Place:
    """A folder with what holds in it."""

    path: str
    root: Path
    exclusions: Exclusions
    depth: int = 0


def walk(roots: Sequence[Path], options: WalkOptions = WalkOptions()) -> Iterator[Found | Folder | Out]:
    """Go through all roots, each folder once; a root inside another is walked as a root only."""
    owned = frozenset(map(_absolute, roots))
    seen: set[tuple[int, int]] = set()
    for root in sorted(owned):
        start = _start(root, owned)
        if isinstance(start, Out):
            yield start
            continue
        pending = [start]
        while pending:
            yield from _folder(pending.pop(), pending, owned, seen, options)


def walk_below(
    path: Path, roots: Sequence[Path], options: WalkOptions = WalkOptions()
) -> Iterator[Found | Folder | Out]:
    """What a walk of the roots comes upon at a path and below it."""
    owned = frozenset(map(_absolute, roots))
    judged = _followed(path, owned, options)
    if not isinstance(judged, _Place):
        yield judged
        return
    seen: set[tuple[int, int]] = set()
    pending = [judged]
    while pending:
        yield from _folder(pending.pop(), pending, owned, seen, options)
    inner = [Path(root) for root in owned if Path(judged.path) in Path(root).parents]
    for root in inner:
        if not any(other in root.parents for other in inner):
            yield from walk_below(root, roots, options)


def explain(path: Path, roots: Sequence[Path], options: WalkOptions = WalkOptions()) -> Found | Folder | Out:
    """Why a path is in or out: what a walk says of it, or of the folder at which it turns back before it."""
    judged = _followed(path, frozenset(map(_absolute, roots)), options)
    if isinstance(judged, _Place):
        place = _entered(judged, options)
        return place if isinstance(place, Out) else Folder(Path(place.path), place.root)
    return judged


def _followed(path: Path, owned: frozenset[str], options: WalkOptions) -> Found | _Place | Out:
    """Go from a root to a path, judging what is on the way. A folder there is not entered yet."""
    if "\0" in str(path):
        return Out(path, "missing", "no file has a NUL in its name")
    wanted = next((each for each in (_absolute(path), _real(path)) if _root_of(each, owned)), "")
    root = _root_of(wanted, owned)
    if not root:
        return Out(path, "outside", "it is in no folder of the workspace")
    judged: Found | _Place | Out = _start(root, owned)
    for name in Path(wanted).relative_to(root).parts:
        if isinstance(judged, Found):
            return Out(path, "missing", f"{judged.path} is a file")
        place = _entered(judged, options) if isinstance(judged, _Place) else judged
        if isinstance(place, Out):
            return place
        judged = _judged(place, str(Path(place.path, name)), name, options)
    return judged


def _folder(
    place: _Place,
    pending: list[_Place],
    owned: frozenset[str],
    seen: set[tuple[int, int]],
    options: WalkOptions,
) -> Iterator[Found | Folder | Out]:
    """What is in a folder; folders in it are put off, so that only one is open at a time."""
    try:
        status = Path(place.path).stat()
        if (status.st_dev, status.st_ino) in seen:
            yield Out(Path(place.path), "loop", "the same folder was read under another name")
            return
        seen.add((status.st_dev, status.st_ino))
        entered = _entered(place, options)
        if isinstance(entered, Out):
            yield entered
            return
        yield Folder(Path(place.path), place.root)
        with os.scandir(place.path) as entries:
            for entry in entries:
                if entry.path in owned:
                    continue
                judged = _judged(entered, entry.path, entry.name, options)
                if isinstance(judged, _Place):
                    pending.append(judged)
                else:
                    yield judged
    except OSError as error:
        yield _unreadable(place.path, error)


def _start(root: str, owned: frozenset[str]) -> _Place | Out:
    """A root, unless it is not to be entered either."""
    if is_secret_path(Path(root)):
        return Out(Path(root), "secret")
    try:
        exclusions = above(root, owned)
    except OSError as error:
        return _unreadable(root, error)
    if isinstance(exclusions, Denial):
        return _denied(root, exclusions)
    return _Place(root, Path(root), exclusions)


def _entered(place: _Place, options: WalkOptions) -> _Place | Out:
    """A folder with its own ignore files, unless it is not to be entered."""
    if place.depth > options.max_depth:
        return Out(Path(place.path), "too-deep", f"more than {options.max_depth} folders below its root")
    try:
        present = present_in(place.path, NAMES | MARKERS.keys())
    except OSError as error:
        return _unreadable(place.path, error)
    marker = next((name for name in MARKERS if name in present), None)
    if marker and place.depth:
        return Out(Path(place.path), "installed", f"{marker} marks it as {MARKERS[marker]}")
    exclusions = place.exclusions.inside(place.path, present & NAMES)
    return _Place(place.path, place.root, exclusions, place.depth)


def _judged(place: _Place, path: str, name: str, options: WalkOptions) -> Found | _Place | Out:
    """An entry of a folder that has been entered."""
    if name in VERSION_CONTROL:
        return Out(Path(path), "version-control")
    try:
        status = os.lstat(path)
        if _is_secret(place, name, status):
            return Out(Path(path), "secret")
        if kind := _no_file(path, status):
            return kind
        is_folder = stat.S_ISDIR(status.st_mode)
        if denial := place.exclusions.denial(path, is_folder):
            return _denied(path, denial)
        if not is_folder:
            return _file(place, path, name, status, options)
    except OSError as error:
        return _unreadable(path, error)
    if name in INSTALLED:
        return Out(Path(path), "installed")
    return _Place(path, place.root, place.exclusions, place.depth + 1)


def _is_secret(place: _Place, name: str, status: os.stat_result) -> bool:
    """Judges by the folder and the name alone: the folders above have been judged by their own names."""
    short = f"{place.path.rpartition(os.sep)[2]}/{name}"
    # `secrets/` may be a package of Python; of `.ssh/`, nothing is read whatever it is.
    return is_secret_path(Path(f"{short}/any.py" if stat.S_ISDIR(status.st_mode) else short))


def _no_file(path: str, status: os.stat_result) -> Out | None:
    """Links, junctions of Windows, and what one cannot read to its end."""
    if stat.S_ISLNK(status.st_mode) or getattr(status, "st_reparse_tag", 0) == _JUNCTION:
        return Out(Path(path), "link", f"it leads to {Path(path).readlink()}")
    if not stat.S_ISDIR(status.st_mode) and not stat.S_ISREG(status.st_mode):
        return Out(Path(path), "no-file", _KINDS.get(stat.S_IFMT(status.st_mode), ""))
    return None


def _file(place: _Place, path: str, name: str, status: os.stat_result, options: WalkOptions) -> Found | Out:
    if unfit := unfit_name(name):
        return Out(Path(path), unfit, "by its name")
    if status.st_size > options.max_bytes:
        return Out(Path(path), "too-large", f"{status.st_size:,} bytes, more than {options.max_bytes:,}")
    if language := options.known(path, status):
        return _found(place, path, status, language)
    begin = begin_of(path, BEGIN)
    if sign := unfit_begin(begin):
        return Out(Path(path), *sign)
    return _found(place, path, status, language_of(Path(path), first_line(begin)))


def _found(place: _Place, path: str, status: os.stat_result, language: str) -> Found:
    return Found(Path(path), place.root, status.st_size, status.st_mtime_ns, language, status.st_ino)


def _denied(path: str, denial: Denial) -> Out:
    return Out(Path(path), denial.why, rule=denial.rule)


def _unreadable(path: str, error: OSError) -> Out:
    gone = isinstance(error, FileNotFoundError | NotADirectoryError)
    return Out(Path(path), "missing" if gone else "unreadable", error.strerror or str(error))


def _absolute(path: Path) -> str:
    """The path without `..`, under the name that the user knows: links are left as they are."""
    return os.path.abspath(path)  # noqa: PTH100 - pathlib has no other that leaves links alone


def _real(path: Path) -> str:
    """Where a path leads when the folders above it are links; the last part may be one."""
    folder, name = os.path.split(_absolute(path))
    return str(Path(os.path.realpath(folder), name))


def _root_of(path: str, owned: frozenset[str]) -> str:
    """The deepest root that a path is in; empty if it is in none."""
    places = (path, *map(str, Path(path).parents)) if path else ()
    return next((place for place in places if place in owned), "")


_JUNCTION = getattr(stat, "IO_REPARSE_TAG_MOUNT_POINT", -1)
_KINDS = {
    stat.S_IFIFO: "a FIFO",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}
