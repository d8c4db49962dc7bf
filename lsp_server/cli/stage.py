"""`fathom stage`: every step of the work alone, for people who debug and for tests."""

from __future__ import annotations

import argparse

from lsp_server.cli import stage_clean, stage_context, stage_match, stage_prompt, stage_sync, stage_tool_calls

STAGES = (stage_sync, stage_context, stage_prompt, stage_clean, stage_match, stage_tool_calls)


def add(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = subparsers.add_parser("stage", help="run one step of the work alone, for debugging")
    stages = parser.add_subparsers(title="stages", metavar="STAGE", required=True)
    for stage in STAGES:
        stage.add(stages)
