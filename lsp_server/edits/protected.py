"""Which files no change may touch, which only after a question about this very file, and which run code.

A path alone decides. Names are compared as the most lenient file system would: without case, in one Unicode
form, without characters that cannot be seen, and without what Windows ignores at their ends. A file need not
exist: a setting that is not there yet is the easier prey.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from fnmatch import translate
from itertools import pairwise
from pathlib import Path, PurePath

import platformdirs

from context.secrets import is_secret_path

NEVER = """
    .git .gitmodules .gitattributes .gitconfig .hg .svn .bzr .jj
    .bashrc .bash_profile .bash_login .bash_logout .profile .zshrc .zshenv .zprofile .zlogin .kshrc .inputrc
    config.fish .ssh .gnupg crontab autostart
"""
"""Version control, whose hooks and settings run programs, and what shells run. A folder is all in it."""

ASKED = """
    .vscode *.code-workspace .idea *.iml .zed .helix .nvim.lua .exrc .nvimrc .vimrc .vim .emacs.d .emacs
    .dir-locals.el .dir-locals-2.el *.sublime-project .fleet .kateproject
    .cursor .cursorrules .claude .gemini .qwen .cline* .roo* .kiro .amazonq .continue .codex .windsurf
    .windsurfrules .aider* .mcp.json agents.md qwen.md claude.md gemini.md copilot-instructions.md
    .fathom .fathomignore .ignore .gitignore .aiexclude .aiignore .cursorignore .cursorindexingignore
    .codeiumignore .continueignore .geminiignore .qwenignore .kilocodeignore .augmentignore .copilotignore
    .tabnineignore .noai
    .tool-versions mise.toml .mise.toml .devcontainer .devcontainer.json
    .gitlab-ci.yml .pre-commit-config.yaml .husky .lefthook.yml lefthook.yml
    sitecustomize.py usercustomize.py *.pth rust-toolchain*
"""
"""Settings of editors and assistants, what those must not read, and what runs when a folder is opened."""

ASKED_PLACES = ".github/workflows .github/actions .cargo/config .cargo/config.toml .config/mise.toml"
"""The same, for names that say enough only together with the folder above."""

RUNNING = """
    conftest.py setup.py noxfile.py build.rs makefile gnumakefile justfile taskfile.yml package.json
    dockerfile cmakelists.txt build.gradle build.gradle.kts gulpfile.js gruntfile.js rakefile
"""
"""Files that run when the project is built or tested: an edit is as usual, but who sees it should know."""


def is_never_changed(path: PurePath) -> bool:
    """Whether a file belongs to version control or to a shell, or cannot be judged by its name."""
    return any(_is_never(part) or _HIDES.search(part) for part in _parts(path))


def is_secret(path: PurePath) -> bool:
    """Whether a file is one that Fathom does not read either."""
    return is_secret_path(Path(*(_plain(part) for part in path.parts)))


def is_asked_about(path: PurePath) -> bool:
    """Whether the user has to allow a change of this file by its name."""
    parts = _parts(path)
    places = {f"{folder}/{name}" for folder, name in pairwise(parts)}
    return any(map(_is_asked, parts)) or not places.isdisjoint(ASKED_PLACES.split())


def runs_code(path: PurePath) -> bool:
    """Whether the file runs when the project is built or tested, to be said beside a change of it."""
    return _plain(path.name) in RUNNING.split()


def own_folders() -> tuple[Path, ...]:
    """The folders of this program, with its settings, its state and what it keeps."""
    kinds = (platformdirs.user_config_path, platformdirs.user_state_path)
    return tuple(
        kind("fathom") for kind in (*kinds, platformdirs.user_cache_path, platformdirs.user_data_path)
    )


def _parts(path: PurePath) -> list[str]:
    return [_plain(part) for part in path.parts if part != path.anchor]


def _plain(part: str) -> str:
    """A name as file systems compare it that know neither case nor characters that cannot be seen."""
    part = unicodedata.normalize("NFKC", part)
    seen = "".join(character for character in part if unicodedata.category(character) not in ("Cf", "Cn"))
    return unicodedata.normalize("NFKC", seen.casefold()).rstrip(". ") or part


def _matcher(patterns: str) -> Callable[[str], bool]:
    match = re.compile("|".join(translate(pattern) for pattern in patterns.split())).match
    return lambda name: match(name) is not None


_is_never, _is_asked = _matcher(NEVER), _matcher(ASKED)
_HIDES = re.compile(r"^(?:git|hg)~\d|::?\$|[\x00-\x1f]")
"""Short names and streams of Windows, and control characters: another name for a file, or nothing good."""
