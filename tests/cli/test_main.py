"""The command line as such: help, version, unknown commands, interruption."""

from __future__ import annotations

import argparse
import socket
import subprocess
import sys
from types import ModuleType

import pytest

from lsp_server import __version__, cli
from lsp_server.cli import COMMANDS, main


@pytest.fixture
def interrupted(monkeypatch: pytest.MonkeyPatch) -> None:
    """A command that the user interrupts."""

    def run(_: argparse.Namespace) -> int:
        raise KeyboardInterrupt

    def add(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
        subparsers.add_parser("wait").set_defaults(run=run)

    module = ModuleType("lsp_server.cli.wait")
    module.add = add  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, module.__name__, module)
    monkeypatch.setattr(cli, "COMMANDS", (("wait", "wait"),))


def test_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main(["--help"])
    assert end.value.code == 0
    shown = capsys.readouterr().out
    assert [name for name, _ in COMMANDS if f"\n    {name} " not in shown] == []


def test_the_version_is_the_programs(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--version"])
    assert capsys.readouterr().out == f"fathom {__version__}\n"


def test_no_command_shows_the_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    assert "serve" in capsys.readouterr().err


def test_an_unknown_command_is_named_together_with_those_that_exist(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit) as end:
        main(["sevre"])
    assert end.value.code == 2
    shown = capsys.readouterr().err
    assert "sevre" in shown
    assert "serve" in shown


@pytest.mark.parametrize("name", [name for name, _ in COMMANDS])
def test_every_command_has_its_own_help(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main([name, "--help"])
    assert end.value.code == 0
    assert f"fathom {name}" in capsys.readouterr().out


@pytest.mark.usefixtures("interrupted")
def test_an_interruption_by_the_user_is_not_a_crash() -> None:
    assert main(["wait"]) == 130


def test_the_help_imports_no_command_and_nothing_heavy() -> None:
    program = (
        "import sys; from lsp_server.cli import main\n"
        "try: main(['--help'])\n"
        "except SystemExit: pass\n"
        "sys.exit(', '.join(name for name in sys.modules if name.split('.')[0] in "
        "('asyncio', 'lsprotocol', 'httpx', 'context') or name.startswith('lsp_server.cli.')) or None)"
    )
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr


@pytest.mark.parametrize("port", ["99999", "-1", "http", ""])
def test_what_is_no_port_is_refused(port: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main(["serve", f"--tcp={port}"])
    assert end.value.code == 2
    assert "is no port" in capsys.readouterr().err


def test_a_port_that_is_taken_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        assert main(["serve", "--tcp", str(port)]) == 1
    assert f"port {port} cannot be used" in capsys.readouterr().err
