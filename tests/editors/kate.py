"""A real Kate for tests, on a screen that nobody sees; keys are pressed by xdotool."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from .programs import need, server, until

PROGRAMS = ("kate", "Xvfb", "xdotool", "dbus-run-session")
PACKAGES = "kate xvfb xdotool dbus-x11"

SETTINGS = """
[General]
Show welcome view for new window=false

[Kate Plugins]
lspclientplugin=true

[KTextEditor View]
Word Completion=false
Keyword Completion=false

[lspclient]
AllowedServerCommandLines={command}
"""
"""No menu but that of the server, and no question before the server is started."""

BUS = """
<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:tmpdir=/tmp</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/> <allow eavesdrop="true"/> <allow own="*"/>
  </policy>
</busconfig>
"""
"""A bus that starts no services: Kate would wait up to 25 seconds for one that cannot be had here."""


@dataclass(frozen=True, slots=True)
class Kate:
    file: Path
    heard_by_server: Path
    environment: Mapping[str, str]
    window: str

    def press(self, *keys: str) -> None:
        self._xdotool("key", *keys)

    def type(self, text: str) -> None:
        self._xdotool("type", "--delay", "50", text)

    def heard(self, words: str) -> int:
        """How often the editor has said this to the server."""
        there = self.heard_by_server
        return there.read_text(encoding="utf-8", errors="replace").count(words) if there.exists() else 0

    def menus(self) -> set[str]:
        return _windows(self.environment) - {self.window}

    def click_first_of_menu(self) -> None:
        """Choose the first entry. A menu hears nothing for a moment after it is seen."""
        window = until("a menu", self.menus).pop()
        click = ("mousemove", "--window", window, "60", "12", "click", "1")
        until("the menu to close", lambda: self._xdotool(*click) or window not in self.menus())

    def text(self) -> str:
        """Save the file, and return what is in it."""
        before = self.heard("textDocument/didSave")
        self.press("ctrl+s")
        until("the file to be saved", lambda: self.heard("textDocument/didSave") > before)
        return self.file.read_text(encoding="utf-8")

    def _xdotool(self, *arguments: str) -> str:
        return _xdotool(self.environment, *arguments)


@contextmanager
def open_kate(folder: Path, text: str, replies: Sequence[str]) -> Iterator[Kate]:
    """Open a file with this text, with the server attached, or skip."""
    need("Kate", PROGRAMS, PACKAGES)
    file = folder / "project" / "shop.py"
    (file.parent / ".git").mkdir(parents=True)
    file.write_text(text, encoding="utf-8")
    home = folder / "home"
    _configure(home, server(folder, replies))
    with ExitStack() as stack:
        display = stack.enter_context(_display())
        environment = {**os.environ, **_places(home), "DISPLAY": display, "QT_QPA_PLATFORM": "xcb"}
        bus = home / "bus.conf"
        bus.write_text(BUS, encoding="utf-8")
        kate = ["dbus-run-session", f"--config-file={bus}", "--", "kate", "--block", "--new", str(file)]
        stack.enter_context(_running(kate, {**environment, "LANG": "C.UTF-8"}, folder / "kate.log"))
        window = until("the window", lambda: _windows(environment)).pop()
        _xdotool(environment, "windowfocus", window)
        editor = Kate(file, folder / "heard", environment, window)
        until("the server to hear of the file", lambda: editor.heard("textDocument/didOpen"))
        yield editor


def _windows(environment: Mapping[str, str]) -> set[str]:
    """Those of Kate that are visible: its own, and menus."""
    return {*_xdotool(environment, "search", "--onlyvisible", "--class", "kate").split()}


def _xdotool(environment: Mapping[str, str], *arguments: str) -> str:
    command = ["xdotool", *arguments]
    return subprocess.run(
        command, env=environment, capture_output=True, text=True, timeout=30, check=False
    ).stdout


def _configure(home: Path, command: list[str]) -> None:
    entry = {"command": command, "rootIndicationFileNames": [".git"], "highlightingModeRegex": "^Python$"}
    settings = home / "config/kate/lspclient/settings.json"
    settings.parent.mkdir(parents=True)
    settings.write_text(json.dumps({"servers": {"python": entry}}), encoding="utf-8")
    (home / "config/katerc").write_text(SETTINGS.format(command=" ".join(command)), encoding="utf-8")


def _places(home: Path) -> dict[str, str]:
    (home / "runtime").mkdir(mode=0o700)
    kinds = {"CONFIG_HOME": "config", "DATA_HOME": "data", "CACHE_HOME": "cache", "RUNTIME_DIR": "runtime"}
    return {"HOME": str(home), **{f"XDG_{kind}": str(home / name) for kind, name in kinds.items()}}


@contextmanager
def _display() -> Iterator[str]:
    """A screen with a number that was free."""
    out, into = os.pipe()
    command = ["Xvfb", "-displayfd", str(into), "-screen", "0", "1280x800x24"]
    process = subprocess.Popen(command, pass_fds=[into], stderr=subprocess.DEVNULL)
    os.close(into)
    try:
        with os.fdopen(out) as said:
            yield f":{said.readline().strip()}"
    finally:
        process.terminate()
        process.wait(20)


@contextmanager
def _running(command: list[str], environment: Mapping[str, str], log: Path) -> Iterator[None]:
    with log.open("wb") as out:
        process = subprocess.Popen(
            command, env=environment, stdout=out, stderr=subprocess.STDOUT, start_new_session=True
        )
    try:
        yield
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(20)
