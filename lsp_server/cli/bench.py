"""`fathom bench`: how long things take on this machine."""

from __future__ import annotations

import argparse

from lsp_server.cli import bench_cancel, bench_mixed, bench_soak, bench_sync, bench_typing

BENCHES = (bench_sync, bench_typing, bench_mixed, bench_cancel, bench_soak)


def add(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = subparsers.add_parser("bench", help="measure")
    benches = parser.add_subparsers(title="what to measure", metavar="WHAT", required=True)
    for bench in BENCHES:
        bench.add(benches)
