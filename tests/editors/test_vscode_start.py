"""How VS Code finds the server: what an untrusted folder may not do, and what a failed installation says."""

from __future__ import annotations

from pathlib import Path

import pytest

from .code_server import extension, open_window, scripted_server
from .test_vscode_model import without_server
from .vscode import Window

pytestmark = [pytest.mark.editor("VS Code"), pytest.mark.timeout(240)]

LARGEST = 1_000_000
"""Bytes of the extension."""
TRUST = {"security.workspace.trust.enabled": True, "security.workspace.trust.startupPrompt": "never"}


def test_a_folder_that_is_not_trusted_gives_no_server_and_one_that_is_does(tmp_path: Path) -> None:
    project = tmp_path / "project"
    programs = project / ".venv/bin"
    programs.mkdir(parents=True)
    program, reply = scripted_server(tmp_path)
    marker = tmp_path / "was-run"
    (programs / "fathom").write_text(f'#!/bin/sh\ntouch {marker}\nexec {program} "$@"\n')
    (programs / "fathom").chmod(0o755)
    reply.write_text("1\n")
    with open_window(tmp_path, project, TRUST, without_server(tmp_path)) as window:
        window.until_status("install the server")
        window.open("a.py", "")
        window.type("x = ")
        assert not marker.exists()
        trust(window)
        window.until("the server", lambda: window.status == "Fathom", 60)
        assert marker.exists()


def trust(window: Window) -> None:
    """Trust the folder, as a user does in the editor for that."""
    window.run("await vscode.workspace.saveAll(false)")
    window.begin("workbench.trust.manage")
    window.page.get_by_role("button", name="Trust", exact=True).first.click()


def test_a_folder_names_neither_the_server_nor_what_is_installed(tmp_path: Path) -> None:
    """Settings of a folder come from whoever wrote it, also where it is trusted."""
    project = tmp_path / "project"
    (project / ".vscode").mkdir(parents=True)
    marker = tmp_path / "was-run"
    trap = project / "trap"
    trap.write_text(f"#!/bin/sh\ntouch {marker}\n")
    trap.chmod(0o755)
    (project / ".vscode/settings.json").write_text(f'{{"fathom.path": "{trap}", "fathom.package": "{trap}"}}')
    with open_window(tmp_path, project, {}, without_server(tmp_path)) as window:
        window.until_status("install the server")
        assert window.run("return vscode.workspace.getConfiguration('fathom').get('path')") == ""
        assert not marker.exists()


def test_an_installation_that_fails_says_why(tmp_path: Path) -> None:
    settings = {"fathom.package": str(tmp_path / "there-is-no-such-package")}
    with open_window(tmp_path, tmp_path / "project", settings, without_server(tmp_path)) as window:
        window.until_status("install the server")
        window.begin("fathom.installServer")
        message = window.page.locator(".notification-list-item-message", has_text="Fathom was not installed")
        message.first.wait_for(timeout=90000)
        assert "there-is-no-such-package" in message.first.inner_text()
        assert window.status == "Fathom: install the server"


def test_a_server_that_cannot_start_is_given_up_with_its_last_words(tmp_path: Path) -> None:
    broken = tmp_path / "fathom"
    broken.write_text("#!/bin/sh\necho the disk is made of cheese >&2\nexit 3\n")
    broken.chmod(0o755)
    with open_window(tmp_path, tmp_path / "project", {"fathom.path": str(broken)}) as window:
        message = window.page.locator(".notification-list-item-message", has_text="is not started again")
        message.first.wait_for(timeout=90000)
        assert "ended with 3" in message.first.inner_text()
        assert "cheese" in message.first.inner_text()
        window.until_status("server stopped")


def test_a_server_that_is_too_old_is_told_of(tmp_path: Path) -> None:
    program, _ = scripted_server(tmp_path)
    text = program.read_text(encoding="utf-8")
    old = text.replace(
        "import lsp_server.models.open",
        "import lsp_server\nlsp_server.__version__ = '0.0.9'\nimport lsp_server.models.open",
    )
    program.write_text(old, encoding="utf-8")
    with open_window(tmp_path, tmp_path / "project", {"fathom.path": str(program)}) as window:
        message = window.page.locator(".notification-list-item-message", has_text="0.0.9")
        message.first.wait_for(timeout=90000)
        assert "needs fathom 0.1.0 or newer" in message.first.inner_text()


def test_the_walkthrough_has_a_step_for_each_thing(tmp_path: Path) -> None:
    program, _ = scripted_server(tmp_path)
    with open_window(tmp_path, tmp_path / "project", {"fathom.path": str(program)}) as window:
        window.begin("fathom.openWalkthrough")
        for step in ("Install the server", "Choose a model", "Type, and press Tab", "Change code on request"):
            window.page.get_by_text(step, exact=True).first.wait_for(timeout=60000)


def test_the_extension_is_small() -> None:
    assert extension().stat().st_size < LARGEST
