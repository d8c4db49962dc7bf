"""The tags with which a tool call begins, complete or as far as they have come."""

from __future__ import annotations

import re

NAME = r"[\w.:-]{1,128}"

_CALL, _FUNCTION, _FIRST = "<tool_call>", "<function=", ("<parameter=", "</function>")
_NAMED = rf"""<function=[ \t]*["']?({NAME})["']?[ \t]*(?:>|\s*(?=<parameter=))"""
_TAGGED = re.compile(rf"<tool_call>\s*(?:{_NAMED}|(?=\{{))")
_BARE = re.compile(rf"{_NAMED}(?=\s*(?:<parameter=|</function>|\{{))")
"""Prose about a call does not go on like one."""
_HEAD = re.compile(r"""<function=[ \t]*["']?[\w.:-]{0,128}["']?[ \t]*""")


def opener_at(text: str, at: int) -> re.Match[str] | None:
    """What begins a call at a place, the first tag perhaps left out. Group 1 is the name; none for JSON."""
    return _TAGGED.match(text, at) or _BARE.match(text, at)


def is_tagged(opener: re.Match[str]) -> bool:
    """Whether a call begins with its first tag."""
    return opener[0].startswith(_CALL)


def may_open(text: str, at: int) -> bool:
    """Whether something that is no opener can become one by what comes behind the text."""
    tail = text[at:]
    if _CALL.startswith(tail):
        return True
    tagged = tail.startswith(_CALL)
    tail = tail.removeprefix(_CALL).lstrip() if tagged else tail
    if _FUNCTION.startswith(tail):
        return True
    head = _HEAD.match(tail)
    if not head:
        return False
    behind = tail[head.end() :]
    named = behind.startswith(">")
    follows = behind.removeprefix(">").lstrip()
    return any(tag.startswith(follows) for tag in (_FIRST if named else _FIRST[:1]))


def is_cut(text: str, at: int) -> bool:
    """Whether a call has begun so far that it is none but that, if nothing comes behind the text."""
    return may_open(text, at) and text.startswith((_CALL, _FUNCTION), at)
