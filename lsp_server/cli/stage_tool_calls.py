"""`fathom stage tool-calls`: what a model says, and the tools that it calls."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from lsp_server.cli.stage_lines import add_stage, answer_lines

if TYPE_CHECKING:
    from lsp_server.prompts.tool_arguments import ToolSpec
    from lsp_server.prompts.tool_calls import Event

FORMAT = """\
Reads a JSON object from standard input, or with --batch one a line:
  text                  what the model said; or `pieces`, a list of the pieces in which it came
  tools                 what it may call, [{"name", "parameters"}] with parameters as a JSON schema:
                        {"properties": {NAME: {"type"}}, "required": [NAME]} (default: calls are not checked)
  finish                "stop" (default) if the model ended itself, "length" if it was cut off, or "cancelled"
  limit                 the number of tokens at which it was cut off (default: not known)
Prints for each {"text", "calls", "problems"}: what is said beside the calls, the calls to be carried out as
{"name", "arguments", "notes"}, and those that cannot be, as {"name", "reason", "message"} with what the model
is told.
"""


def add(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register the stage."""
    parser = add_stage(subparsers, "tool-calls", "find the tool calls in what a model said", __doc__, FORMAT)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Print what each text calls; a line that makes no sense gives {"error"} and the exit code 1."""
    return answer_lines(arguments, answer_for)


def answer_for(given: Mapping[str, Any]) -> dict[str, Any]:
    """What a text calls. Raises ValueError, TypeError, KeyError or AttributeError."""
    from lsp_server.prompts.tool_calls import ENDINGS, Reader

    pieces = given["pieces"] if "pieces" in given else [given["text"]]
    ending, limit = given.get("finish", "stop"), given.get("limit", 0)
    if not isinstance(pieces, list) or not all(isinstance(piece, str) for piece in pieces):
        raise ValueError(f"what was said is {pieces!r}")
    if ending not in ENDINGS or type(limit) is not int:
        raise ValueError(f"finish is {ending!r}, limit is {limit!r}")
    reader = Reader([_tool(tool) for tool in given.get("tools") or ()])
    events = [event for piece in pieces for event in reader.feed(piece)]
    return _shown([*events, *reader.finish(ending, limit)])


def _shown(events: Iterable[Event]) -> dict[str, Any]:
    from lsp_server.prompts.tool_calls import Call, Refused, Said

    shown: dict[str, Any] = {"text": "", "calls": [], "problems": []}
    for event in events:
        match event:
            case Said(text):
                shown["text"] += text
            case Call(name, values, notes):
                shown["calls"].append({"name": name, "arguments": values, "notes": notes})
            case Refused(name, reason, message):
                shown["problems"].append({"name": name, "reason": reason, "message": message})
    return shown


def _tool(given: Mapping[str, Any]) -> ToolSpec:
    from lsp_server.prompts.tool_arguments import TYPES, Parameter, ToolSpec

    tool = given.get("function", given)
    schema = tool.get("parameters", {})
    required = schema.get("required", [])
    parameters = [
        Parameter(name, about.get("type", "string"), about.get("description", ""), name in required)
        for name, about in schema.get("properties", {}).items()
    ]
    unknown = [each for each in parameters if each.type not in TYPES]
    if unknown or not isinstance(tool["name"], str):
        raise ValueError(f"a tool is {tool!r}")
    return ToolSpec(tool["name"], tuple(parameters), tool.get("description", ""))
