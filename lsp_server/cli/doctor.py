"""`fathom doctor`: what is installed, what is missing, and what to do about it."""

from __future__ import annotations

import argparse
import asyncio
import json
import platform
import shutil
import sys
from dataclasses import asdict
from importlib import metadata
from pathlib import Path
from typing import Any

from lsp_server.cli.indexed import look_at_index
from lsp_server.config import config_path, read_own_file
from lsp_server.features.doctor import Diagnosis, Surroundings, diagnose
from lsp_server.features.findings import Finding
from lsp_server.features.index_findings import Indexed
from lsp_server.log import log_path
from lsp_server.models.backend import ModelError
from lsp_server.models.describe import Build, describe
from lsp_server.models.host.link import HostStatus, running_hosts
from lsp_server.models.host.places import runtime_dir
from lsp_server.models.memory import machine_memory

PACKAGES = ("fathom-ls", "pygls", "lsprotocol", "huggingface-hub", "llama-cpp-python")


def add(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register the command."""
    parser = subparsers.add_parser(
        "doctor",
        help="say what works here and what does not",
        description="Say what is installed, what is missing, and what to do about it. "
        "The exit code is 1 if something keeps completions from working.",
    )
    parser.add_argument("--json", action="store_true", help="one JSON object, for scripts and bug reports")
    parser.add_argument("--model", metavar="NAME", help="a model's name, or the path of a GGUF file")
    parser.add_argument(
        "--root",
        type=Path,
        default=Path(),
        metavar="FOLDER",
        help="whose index is looked at (default: this folder)",
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    around = asyncio.run(_look(arguments.model, arguments.root))
    diagnosis = diagnose(around)
    if arguments.json:
        print(json.dumps(_described(diagnosis, around), indent=2))
    else:
        _show(diagnosis)
    return 0 if diagnosis.ok else 1


async def _look(model: str | None, root: Path) -> Surroundings:
    """Find out what only the shell can: settings, places, processes, the index."""
    build, hosts = await asyncio.gather(_build(), _hosts())
    options, problems = read_own_file(config_path())
    return Surroundings(
        program=(_program(), *_on_the_path()),
        model=options.model if model is None else model,
        local=options.local,
        enabled=options.enabled,
        problems=tuple(problems),
        config=config_path(),
        log=log_path(),
        sockets=_sockets(),
        build=build,
        hosts=hosts,
        memory=machine_memory(),
        index=look_at_index(root, is_wanted=options.index),
    )


async def _build() -> Build | ModelError:
    try:
        return await describe()
    except ModelError as error:
        return error


async def _hosts() -> tuple[HostStatus, ...]:
    try:
        return tuple(await running_hosts())
    except ModelError:  # about the directory, which has a finding of its own
        return ()


def _sockets() -> Path | ModelError:
    try:
        return runtime_dir()
    except ModelError as error:
        return error


def versions() -> dict[str, str | None]:
    """The versions of what Fathom is made of; None for what is not installed."""
    found: dict[str, str | None] = {}
    for package in PACKAGES:
        try:
            found[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            found[package] = None
    return {"python": platform.python_version(), **found}


def _program() -> Finding:
    found = versions()
    parts = [f"{name} {version}" for name, version in found.items() if name != "fathom-ls" and version]
    here = Path(__file__).parents[1]
    return Finding("program", "ok", f"Fathom {found['fathom-ls']} in {here}, with {', '.join(parts)}.")


def _on_the_path() -> list[Finding]:
    """Editors start what the PATH leads to."""

    own, found = Path(sys.executable).with_name("fathom"), shutil.which("fathom")
    if found is None:
        advice = f"Tell your editor to start {own}, or link it into a folder of the PATH."
        return [Finding("PATH", "note", "There is no `fathom` on the PATH.", advice)]
    if own.exists() and Path(found).resolve() != own.resolve():
        return [Finding("PATH", "note", f"`fathom` on the PATH is another one: {found}, not {own}.")]
    return [Finding("PATH", "ok", f"`fathom` is {found}.")]


def _show(diagnosis: Diagnosis) -> None:
    for finding in diagnosis.findings:
        print(f"{finding.mark:8} {finding.name:10} {finding.message}")
        if finding.advice:
            print(f"{'':8} {'':10} -> {finding.advice}")
    print(f"\n{diagnosis.plan}")


def _described(diagnosis: Diagnosis, around: Surroundings) -> dict[str, Any]:
    """The same for programs. `checks` is what the health checks of editors show."""

    return {
        "ok": diagnosis.ok,
        "plan": diagnosis.plan,
        "checks": [_check(finding) for finding in diagnosis.findings],
        "versions": versions(),
        "executable": sys.executable,
        "system": platform.platform(),
        "memory": asdict(around.memory),
        "llama_cpp": asdict(around.build) if isinstance(around.build, Build) else None,
        "hosts": [asdict(host) for host in around.hosts],
        "index": _index(around.index),
    }


def _index(about: Indexed) -> dict[str, Any]:
    """Figures are null where there is no index."""
    figures = asdict(about.figures) if about.figures else None
    return {"root": str(about.root), "folder": str(about.folder), "figures": figures}


def _check(finding: Finding) -> dict[str, str]:
    """A finding in the words of health checks: ok, info, warn or error."""
    noted = "warn" if finding.advice else "info"
    status = {"ok": "ok", "note": noted, "problem": "error"}[finding.mark]
    check = {"name": finding.name, "status": status, "message": finding.message}
    return {**check, "advice": finding.advice} if finding.advice else check
