"""`fathom bench`: how long things take on this machine."""

from __future__ import annotations

import argparse

from lsp_server.cli.bench import cancel, context, edit, mixed, soak, sync, typing

BENCHES = (sync, typing, mixed, cancel, soak, context, edit)


def add(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = subparsers.add_parser("bench", help="measure")
    benches = parser.add_subparsers(title="what to measure", metavar="WHAT", required=True)
    for bench in BENCHES:
        bench.add(benches)
