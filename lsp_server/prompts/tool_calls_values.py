"""What stands inside of a tool call: its values as they were written, between tags or as JSON.

A value may contain anything, tags of calls among it. Where it ends is clear only from the whole call.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass

from lsp_server.prompts.tool_arguments import Written
from lsp_server.prompts.tool_calls_tags import NAME

_OPENED = rf"""<parameter=[ \t]*["']?({NAME})["']?[ \t]*>"""
_CLOSED = r"</parameter\d*[ \t]*>"
_JOINT = re.compile(rf"({_CLOSED}\s*)?{_OPENED}")
_OWN_LINE = re.compile(rf"^[ \t]*{_OPENED}", re.MULTILINE)
_CLOSER = re.compile(_CLOSED)
_CLOSERS = re.compile(rf"(?:{_CLOSED}\s*)+\Z")
_CALL = re.compile(rf"^[ \t]*<(?:function={NAME}>|(/)function>)", re.MULTILINE)
_SPACE = re.compile(r"\s*")


@dataclass(frozen=True, slots=True)
class _Joint:
    """A tag that may begin a value; `closed` where the value before it was closed."""

    name: str
    start: int
    end: int
    closed: bool


def values_in(body: str, is_known: Callable[[str], bool]) -> dict[str, object] | None:
    """The values in the text between the tags of a call, by the names there; none where it has no sense."""
    joints = _joints(body)
    if not joints:
        return _object(body)
    closed = {joint.name: joint.start for joint in joints if joint.closed}
    found: dict[str, object] = {}
    begun = joints[0]
    for joint in joints[1:]:
        # A name stands once in a call: what looks like a second one is text.
        if joint.name == begun.name or joint.name in found:
            continue
        if not joint.closed and (closed.get(joint.name, -1) > joint.start or not is_known(joint.name)):
            continue
        found[begun.name] = _value(body[begun.end : joint.start])
        begun = joint
    return {**found, begun.name: _value(body[begun.end :])}


def json_call(text: str) -> tuple[str, dict[str, object]] | None:
    """The name and the values of a call that is written as a JSON object."""
    read = json_value(text)
    if read is None or not isinstance(read[0], dict):
        return None
    name, given = read[0].get("name"), read[0].get("arguments", read[0].get("parameters", {}))
    given = _unwrapped(given)
    return (name, given) if isinstance(name, str) and isinstance(given, dict) else None


def json_value(text: str) -> tuple[object, int] | None:
    """What a text begins with as JSON, and where that ends. Strings may have line ends inside."""
    start = _SPACE.match(text)
    assert start
    try:
        return json.JSONDecoder(strict=False).raw_decode(text, start.end())
    except (ValueError, RecursionError):
        return None


def _unwrapped(given: object) -> object:
    """Arguments that were written as JSON in a string, as the protocol of OpenAI has them."""
    read = json_value(given) if isinstance(given, str) else None
    return read[0] if read else given


def _object(body: str) -> dict[str, object] | None:
    """The values of a call that has them as one JSON object between its tags, or none at all."""
    text = _CLOSERS.sub("", body)
    read = json_value(text) if text.strip() else ({}, 0)
    return read[0] if read and isinstance(read[0], dict) else None


def _joints(body: str) -> list[_Joint]:
    """The first tag of a value, and those at which the next may begin."""
    inner = _calls_inside(body)
    joints: list[_Joint] = []
    for found in _JOINT.finditer(body):
        closed, start = found[1] is not None, found.start() + len(found[1] or "")
        apart = closed or not body[body.rfind("\n", 0, start) + 1 : start].strip()
        if not joints or (apart and not any(begin <= start < end for begin, end in inner)):
            joints.append(_Joint(found[2], start, found.end(), closed))
    return joints


def _calls_inside(body: str) -> list[tuple[int, int]]:
    """Where whole calls stand on lines of their own: examples in a text."""
    opened: list[int] = []
    found: list[tuple[int, int]] = []
    for tag in _CALL.finditer(body):
        if not tag[1]:
            opened.append(tag.start())
        elif opened:
            found.append((opened.pop(), tag.end()))
    return found


def _value(raw: str) -> Written:
    """What was written, without its closer, which may be missing or doubled, and a line end on each side."""
    text = raw
    closers = _CLOSERS.search(raw)
    if closers:
        ends = [closer.start() for closer in _CLOSER.finditer(raw, closers.start())]
        text = raw[: ends[min(_still_open(raw[: closers.start()]), len(ends) - 1)]]
    text = text.removeprefix("\r\n") if text.startswith("\r\n") else text.removeprefix("\n")
    return Written(text.removesuffix("\r\n") if text.endswith("\r\n") else text.removesuffix("\n"))


def _still_open(text: str) -> int:
    """How many values in a text are not closed there, so that a closer behind it is the text's own."""
    return max(0, len(_OWN_LINE.findall(text)) - len(_CLOSER.findall(text)))
