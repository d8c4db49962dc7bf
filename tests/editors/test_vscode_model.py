"""VS Code with the real server, host and default model: the way of a new user, and bad moments."""

from __future__ import annotations

import argparse
import inspect
import json
import os
import pwd
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from .code_server import open_window
from .nvim import users_own
from .vscode import Window

pytestmark = [pytest.mark.editor("VS Code"), pytest.mark.model, pytest.mark.timeout(600)]

PATIENCE = 240.0
"""Seconds that a model may take to load and to answer on a busy machine."""
BEFORE = '''"""Statistics of numbers."""


def mean(values: list[float]) -> float:
    """The arithmetic mean of the values."""
    return '''
TITLE = "Qwen2.5-Coder 0.5B"
OTHER = "SmolLM2"


def program() -> Path:
    return Path(sys.executable).with_name("fathom")


@pytest.fixture(scope="module")
def shared_window(
    tmp_path_factory: pytest.TempPathFactory, shared_home: Path, default_model: Path, model_without_fim: Path
) -> Iterator[Window]:
    """A window with settings of its own, so that a model chosen in it is chosen in no other test."""
    home = tmp_path_factory.mktemp("vscode")
    settings = {"fathom.path": str(program()), "fathom.completion.timeout_ms": 60000}
    with open_window(home, home / "project", settings, {"XDG_CONFIG_HOME": str(home / "config")}) as window:
        window.wake()
        yield window


@pytest.fixture
def window(shared_window: Window) -> Iterator[Window]:
    yield shared_window
    shared_window.tidy()


def suggestion(window: Window, name: str) -> str:
    """What the model suggests where the mean is to be returned."""
    window.open(name, BEFORE[:-1])
    window.type(" ")
    return window.until("ghost text of the model", window.ghost, PATIENCE)


def hosts(model: Path) -> list[int]:
    """The processes that have loaded this model."""
    command = [str(program()), "status", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return [
        host["pid"] for host in json.loads(done.stdout) if Path(host["path"]).resolve() == model.resolve()
    ]


def test_the_default_model_writes_the_line_and_tab_takes_it(window: Window) -> None:
    shown = suggestion(window, "mean.py")
    assert "sum(values)" in shown
    window.picture("default-model")
    window.press("Tab")
    window.until("the line", lambda: "return sum(values)" in window.text)


@pytest.mark.shows("status and reasons")
def test_a_host_that_is_killed_comes_back_and_the_status_says_both(
    window: Window, default_model: Path
) -> None:
    suggestion(window, "before.py")
    window.press("Escape")
    said = window.watch_status()
    for pid in hosts(default_model):
        os.kill(pid, signal.SIGKILL)
    window.until("a word of the status", lambda: any("model restarts" in words for words in said()), 60)
    window.until("the model", lambda: hosts(default_model) and window.status.startswith("Fathom"), PATIENCE)
    assert any("loading" in words for words in said())
    assert "sum(values)" in suggestion(window, "after.py")


def test_the_status_says_that_a_long_file_is_being_read(window: Window) -> None:
    said = window.watch_status()
    window.open(
        "long.py", inspect.getsource(argparse).replace("argparse", "arguments") + "\n\n" + BEFORE[:-1]
    )
    window.type(" ")
    window.until("ghost text of the model", window.ghost, PATIENCE)
    assert any(re.search(r"reading \d+%", words) for words in said()), said()


@pytest.mark.shows("model picker")
def test_another_model_is_used_without_a_restart_and_the_first_again(window: Window) -> None:
    suggestion(window, "first.py")
    window.press("Escape")
    choose(window, OTHER)
    window.begin("fathom.menu")
    window.row("Choose a model", ".quick-input-widget")
    assert "smollm2" in window.page.locator(".quick-input-widget").inner_text().lower()
    window.press("Escape")
    choose(window, TITLE)
    assert "sum(values)" in suggestion(window, "again.py")


def choose(window: Window, title: str) -> None:
    """Choose a model in the picker and wait until it is used."""
    window.command("notifications.clearAll")
    window.begin("fathom.selectModel")
    row = window.row(title, ".quick-input-widget")
    window.picture("models")
    row.click()
    message = window.page.locator(".notification-list-item-message", has_text=f"Fathom uses {title}")
    message.first.wait_for(timeout=PATIENCE * 1000)


@pytest.mark.shows("ghost text", "model picker")
def test_the_way_of_a_new_user(
    tmp_path: Path, default_model: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A clean profile, no server anywhere: install the one that comes along, choose the model, type."""
    began = time.monotonic()
    with open_window(tmp_path, tmp_path / "project", {}, without_server(tmp_path)) as window:
        opened = time.monotonic()
        window.until_status("install the server")
        window.page.get_by_role("button", name="Install", exact=True).click()
        window.until("the server", lambda: window.status == "Fathom", PATIENCE)
        installed = time.monotonic()
        window.wake()
        choose(window, TITLE)
        assert suggestion(window, "mean.py")
        steps = {"window": opened - began, "server": installed - opened, "text": time.monotonic() - installed}
        window.picture("new-user")
    told = ", ".join(f"{name} {seconds:.0f} s" for name, seconds in steps.items())
    with capsys.disabled():
        sys.stdout.write(f"\nVS Code, from nothing to the first suggestion: {told}\n")


def without_server(home: Path) -> Mapping[str, str]:
    """An environment with a Python and no `fathom` on its path; pip finds what the user has kept."""
    programs = home / "programs"
    programs.mkdir()
    (programs / "python3").symlink_to(os.path.realpath(sys.executable))
    user = Path(pwd.getpwuid(os.getuid()).pw_dir)
    wheels = {str(path.parent) for path in (user / ".cache/fathom/wheels").glob("*/*.whl")}
    links = " ".join([*sorted(wheels), os.environ.get("PIP_FIND_LINKS", "")]).strip()
    kept = {name: value for name, value in users_own().items() if name.startswith("PIP_")}
    own = user / ".config/pip/pip.conf"
    if own.is_file():
        kept["PIP_CONFIG_FILE"] = str(own)
    config = {"XDG_CONFIG_HOME": str(home / "config"), "PIP_CACHE_DIR": str(user / ".cache/pip")}
    return {**kept, **config, "PIP_FIND_LINKS": links, "PATH": f"{programs}:/usr/bin:/bin"}
