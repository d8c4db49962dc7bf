"""`fathom status`: which models are loaded on this machine, how they are used, and how the index here is."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from dataclasses import asdict
from pathlib import Path

from lsp_server.cli.indexed import look_at_index
from lsp_server.cli.table import duration, lines_of
from lsp_server.config import config_path, read_own_file
from lsp_server.features.index_findings import index
from lsp_server.models.backend import ModelError
from lsp_server.models.fetch import megabytes
from lsp_server.models.host import link
from lsp_server.models.host.link import HostStatus

HEAD = ("PID", "MODEL", "STATE", "CLIENTS", "DEVICE", "WINDOW", "MEMORY", "REQUESTS", "UP")


def add(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register the command."""
    parser = subparsers.add_parser(
        "status",
        help="say what runs on this machine",
        description="Say which models are loaded on this machine, and how the index of this folder is. "
        "Exit code 0, whether there is one or not.",
    )
    parser.add_argument("--json", action="store_true", help="the models alone, as one JSON array")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    try:
        hosts = asyncio.run(link.running_hosts())
    except ModelError as error:
        print(f"fathom: {error}", file=sys.stderr)
        return 1
    if arguments.json:
        print(json.dumps([asdict(host) for host in hosts], indent=2))
        return 0
    if not hosts:
        print("No model is loaded; the first completion loads one.")
    else:
        print("\n".join(lines_of([HEAD, *map(_row, hosts)])))
        _explain(hosts)
        _explain_silence(hosts)
    _tell_of_index()
    return 0


def _tell_of_index() -> None:
    options, _ = read_own_file(config_path())
    print("\nIndex:")
    for finding in index(look_at_index(Path(), is_wanted=options.index)):
        print(f"  {finding.message}")


def _row(host: HostStatus) -> tuple[str, ...]:
    if host.phase == "silent":
        return (str(host.pid), "?", host.phase, *"?" * (len(HEAD) - 3))
    return (
        str(host.pid),
        host.model,
        host.phase,
        str(host.clients),
        host.device,
        f"{host.context:,}",
        megabytes(host.memory),
        str(host.requests),
        duration(host.uptime_s),
    )


def _explain(hosts: list[HostStatus]) -> None:
    """How each model was opened, and what there is to know of that."""
    for host in hosts:
        if host.plan:
            print(f"\n{host.pid}: {' '.join(filter(None, (host.plan, host.note)))}")


def _explain_silence(hosts: list[HostStatus]) -> None:
    silent = " ".join(str(host.pid) for host in hosts if host.phase == "silent")
    if silent:
        print(f"\nA silent process does not answer: wait, or end it with `kill {silent}`.")
