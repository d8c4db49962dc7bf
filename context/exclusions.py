"""Which ignore files hold in a folder, and what they say together about an entry of it.

There are two kinds, and an entry is out when either says so.

The rules of git, as gitignore(5) tells: of all its files the one nearest to an entry that says anything
decides, so `!` in a deeper `.gitignore` brings back what a higher one denies; the user's own file and
`.git/info/exclude` come last. A repository inside another begins anew. git is not run and its configuration
is not read, since that may name programs: `core.excludesFile` is not honoured, nor is a file known to be
tracked although a rule denies it.

The files in DENYING can deny only, each for itself. `!` in one takes back what the lines above it in the
same file deny, and nothing else: not what git ignores, not what another of these files denies, not even one
of the same name in a folder above. One that cannot be read, or is too big to be meant, denies all of its
folder: somebody wanted something kept out.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Literal

from context.disk import NoFileError, begin_of, begin_of_linked
from context.ignore import ALL, IgnoreFile, Rule

GITIGNORE = ".gitignore"
DENYING = (
    ".ignore",
    ".fathomignore",
    ".aiexclude",
    ".aiignore",
    ".cursorignore",
    ".cursorindexingignore",
    ".codeiumignore",
    ".aiderignore",
    ".continueignore",
    ".geminiignore",
    ".qwenignore",
    ".clineignore",
    ".rooignore",
    ".kilocodeignore",
    ".augmentignore",
    ".copilotignore",
    ".tabnineignore",
)
"""Ours, that of ripgrep and its kin, and those in which people tell other assistants what not to read."""
NO_AI = ".noai"
"""With this file, even an empty one, the assistants of JetBrains are off in a folder, and so are we."""
REPOSITORY = ".git"
NAMES = frozenset({GITIGNORE, *DENYING, NO_AI, REPOSITORY})
"""The entries of a folder that say something about the others."""

MOST_BYTES = 1_000_000


@dataclass(frozen=True, slots=True)
class Denial:
    """Why an entry is out: git ignores it, or another file denies it, and with which rule."""

    why: Literal["git-ignored", "denied"]
    rule: Rule


@dataclass(frozen=True, slots=True)
class Exclusions:
    """The ignore files that hold in a folder."""

    git: tuple[IgnoreFile, ...] = ()
    """The nearest last."""
    denying: tuple[IgnoreFile, ...] = ()

    def inside(self, folder: str, present: Collection[str]) -> Exclusions:
        """What holds in a folder below: `present` are its entries with one of NAMES."""
        if not present:
            return self
        git = self.git
        if REPOSITORY in present:
            git = tuple(_of_repository(folder))
        if GITIGNORE in present:
            git += tuple(_opened(Path(folder, GITIGNORE), folder))
        names = [name for name in (*DENYING, NO_AI) if name in present]
        more = tuple(_denying(Path(folder, name), folder) for name in names)
        return replace(self, git=git, denying=self.denying + more)

    def denial(self, path: str, is_folder: bool) -> Denial | None:
        """Why an entry of the folder, or of one below it without ignore files of its own, is out."""
        return self.denial_for_all(path, is_folder) or self._git_denial(path, is_folder)

    def denial_for_all(self, path: str, is_folder: bool) -> Denial | None:
        """The same without git: what nobody may read, even where it is opened expressly."""
        for file in self.denying:
            pattern = file.pattern_for(path, is_folder)
            if pattern and pattern.denies:
                return Denial("denied", pattern.rule)
        return None

    def _git_denial(self, path: str, is_folder: bool) -> Denial | None:
        for file in reversed(self.git):
            pattern = file.pattern_for(path, is_folder)
            if pattern:
                return Denial("git-ignored", pattern.rule) if pattern.denies else None
        return None


def above(root: str, roots: Collection[str]) -> Exclusions | Denial:
    """What the folders above a root say, up to the top of its repository or another root. Raises OSError.

    What git ignores is read if it is opened expressly; what the other files deny is not.
    """
    chain = [str(folder) for folder in (*reversed(Path(root).parents), root)]
    tops = {*roots, root, _repository(root)}
    top = next(at for at, folder in enumerate(chain) if folder in tops)
    exclusions = Exclusions(_of_user(chain[top]))
    for folder, below in pairwise(chain[top:]):
        exclusions = exclusions.inside(folder, present_in(folder, NAMES))
        if denial := exclusions.denial_for_all(below, is_folder=True):
            return denial
    return exclusions


def present_in(folder: str, names: Collection[str]) -> frozenset[str]:
    """Which of some names a folder has. Raises OSError."""
    with os.scandir(folder) as entries:
        return frozenset(entry.name for entry in entries if entry.name in names)


def _repository(folder: str) -> str:
    """The top of the repository that a folder is in; empty if it is in none."""
    places = (Path(folder), *Path(folder).parents)
    return next((str(place) for place in places if os.path.lexists(place / REPOSITORY)), "")


def _of_user(folder: str) -> tuple[IgnoreFile, ...]:
    """The user's own rules for git, as they hold in a repository, or a folder that is in none."""
    settings = os.environ.get("XDG_CONFIG_HOME") or f"{os.environ.get('HOME', '')}/.config"
    return tuple(_opened(Path(settings, "git", "ignore"), folder))


def _of_repository(folder: str) -> Iterator[IgnoreFile]:
    yield from _of_user(folder)
    yield from _opened(_git_folder(Path(folder)) / "info" / "exclude", folder)


def _git_folder(folder: Path) -> Path:
    """Where git keeps what all worktrees of a repository share; in a worktree a file says where that is."""
    path = folder / REPOSITORY
    try:
        path = folder / _line(path, "gitdir: ")
        return path / _line(path / "commondir", "")
    except OSError:
        return path


def _line(path: Path, label: str) -> str:
    return os.fsdecode(begin_of(path, 4096)).strip().removeprefix(label).replace("\0", "")


def _opened(path: Path, folder: str) -> Iterator[IgnoreFile]:
    """The file, if there is one that can be read: git goes on without it, too."""
    try:
        yield IgnoreFile(path, folder, begin_of_linked(path, MOST_BYTES))
    except OSError:
        return


def _denying(path: Path, folder: str) -> IgnoreFile:
    if path.name == NO_AI:
        return _closed(path, folder)
    try:
        content = begin_of_linked(path, MOST_BYTES + 1)
    except (NoFileError, FileNotFoundError):
        return IgnoreFile(path, folder, b"")
    except OSError:
        return _closed(path, folder)
    return _closed(path, folder) if len(content) > MOST_BYTES else IgnoreFile(path, folder, content)


def _closed(path: Path, folder: str) -> IgnoreFile:
    return IgnoreFile(path, folder, ALL.encode(), first_line=0)
