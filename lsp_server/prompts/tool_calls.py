"""From a streamed answer to what is said in it and the tool calls, in the form of Qwen3-Coder.

    <tool_call>
    <function=NAME>
    <parameter=KEY>
    VALUE
    </parameter>
    </function>
    </tool_call>

Models leave out tags, double them, and write files that are full of them. A call is therefore given only
when the next begins or the answer is over: until then what looks like its end may stand in a value. Every
call comes out: to be carried out, or refused with what the model is to be told.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, get_args

from lsp_server.prompts.tool_arguments import Misfit, ToolSpec, as_given, fit
from lsp_server.prompts.tool_calls_end import End
from lsp_server.prompts.tool_calls_tags import NAME, is_cut, is_tagged, may_open, opener_at
from lsp_server.prompts.tool_calls_values import json_call, json_value, values_in

Ending = Literal["stop", "length", "cancelled"]
"""Why the answer ends: the model said so, it was cut off by the token limit, or by the user."""

ENDINGS: frozenset[str] = frozenset(get_args(Ending))

Reason = Literal["cut", "unknown-tool", "missing", "invalid", "unreadable"]

_WHOLE = ('```json{"name"', '```{"name"', '{"name"')
"""How an answer begins, but for white space, that may be nothing but a call as JSON."""
_FENCED = re.compile(r"\s*(?:```(?:json)?\s*(\{.*\})\s*```|(\{.*\}))\s*", re.DOTALL)
_NAMED = re.compile(rf'\{{\s*"name"\s*:\s*"({NAME})"')
_FORM = (
    "Write it so, each tag on a line of its own: <tool_call>, <function=NAME>, for each parameter"
    " <parameter=KEY>, its value and </parameter>, then </function> and </tool_call>."
)
_BLOCK = re.compile(r"^\s*<tool_call>\s*$.*^\s*</tool_call>", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Said:
    """A piece of what the model says beside its calls."""

    text: str


@dataclass(frozen=True, slots=True)
class Call:
    """A tool call to be carried out; `notes` are what was changed in it so that it fits."""

    name: str
    arguments: Mapping[str, object]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Refused:
    """A call that cannot be carried out; `message` is its result, for the model."""

    name: str
    reason: Reason
    message: str


Event = Said | Call | Refused


class Reader:
    """Is fed the answer in any pieces, and gives what is said and the calls, in order.

    Without `tools` every call is taken as it is written.
    """

    def __init__(self, tools: Sequence[ToolSpec] = ()) -> None:
        self._tools = {tool.name: tool for tool in tools}
        self._rest = ""
        """What is not given yet: text, or what stands behind the opener of a call."""
        self._at = 0
        """Up to where text was looked at."""
        self._name = ""
        self._end: End | None = None
        """Where the call ends that is being written; none while there is text."""
        self._said: list[str] = []
        self._calls = 0
        self._is_first = True
        """Whether nothing but the begin of a call as JSON has come."""

    @property
    def writing(self) -> str:
        """The tool whose call is being written, as far as is known; "" if none is."""
        return self._name

    def feed(self, piece: str) -> tuple[Event, ...]:
        """Read on; returns what is certain now."""
        self._rest += piece
        self._is_first = self._is_first and _may_be_whole(self._rest)
        return () if self._is_first else tuple(self._events())

    def finish(self, ending: Ending = "stop", limit: int = 0) -> tuple[Event, ...]:
        """What was held back, when the answer is over. `limit` is how many tokens it could have."""
        whole = self._whole(ending, limit) if self._is_first else None
        if whole is not None:
            return (whole,)
        events = list(self._events())
        while ending == "stop" and self._end is not None and self._end.without_examples(self._rest):
            events += self._events()
        return (*events, *self._last(ending, limit))

    def _events(self) -> Iterator[Event]:
        while True:
            opener = self._opener_in_text() if self._end is None else self._end.next_opener(self._rest)
            if opener is None:
                break
            if self._end is None:
                yield from self._say(self._rest[: opener.start()].rstrip())
            else:
                yield self._call(self._end)
                yield from self._say(self._rest[self._end.tags : opener.start()].strip())
            self._name = opener[1] or ""
            self._end = End("tags" if opener[1] else "json")
            self._rest, self._at = self._rest[opener.end() :], 0
        if self._end is None:
            text = self._rest[: self._at].rstrip()
            self._rest, self._at = self._rest[len(text) :], self._at - len(text)
            yield from self._say(text)

    def _opener_in_text(self) -> re.Match[str] | None:
        """The opener of a call in the text, which is looked at up to where one may have begun."""
        while (at := self._rest.find("<", self._at)) >= 0:
            self._at = at
            opener = opener_at(self._rest, at)
            if opener is not None and self._counts(opener):
                return opener
            if opener is None and may_open(self._rest, at):
                return None
            self._at += 1
        self._at = len(self._rest)
        return None

    def _counts(self, opener: re.Match[str]) -> bool:
        """Whether a call is meant, although its first tag may be missing."""
        if is_tagged(opener) or not self._tools or opener[1] in self._tools:
            return True
        before = self._rest[: opener.start()]
        line = before[before.rfind("\n") + 1 :]
        return not line.strip() and ("\n" in before or not self._said)

    def _say(self, text: str) -> Iterator[Said]:
        if text:
            self._said.append(text)
            yield Said(text)

    def _last(self, ending: Ending, limit: int) -> Iterator[Event]:
        """What is left when nothing more comes."""
        if self._end is None:
            yield from self._last_text(ending, limit)
            return
        is_whole = self._end.values is not None and self._end.proper
        if ending == "stop" or is_whole:
            yield self._call(self._end)
        else:
            yield _cut(self._name, limit)
        if ending != "stop" and is_whole and self._end.is_cut_behind(self._rest):
            yield _cut("", limit)

    def _last_text(self, ending: Ending, limit: int) -> Iterator[Event]:
        if ending != "stop" and is_cut(self._rest, self._at):
            yield from self._say(self._rest[: self._at].rstrip())
            yield _cut("", limit)
            return
        yield from self._say(self._rest)
        if self._tools and self._calls == 0 and _BLOCK.search("".join(self._said)):
            yield Refused("", "unreadable", f"Nothing was done: a call could not be read. {_FORM}")

    def _whole(self, ending: Ending, limit: int) -> Event | None:
        """The call that an answer is which has nothing else."""
        found = _FENCED.fullmatch(self._rest)
        text = (found[1] or found[2]) if found else ""
        named, read = _NAMED.search(self._rest), json_value(text)
        name = named[1] if named else ""
        # An answer may as well be a file that begins with a name.
        if self._tools and name not in self._tools:
            return None
        if read is None:
            return _cut(name, limit) if ending != "stop" and self._tools else None
        call = json_call(text) if read[1] == len(text) and _has_arguments(read[0]) else None
        return self._fitted(*call) if call else None

    def _call(self, end: End) -> Call | Refused:
        """The call in the rest."""
        self._calls += 1
        body = self._rest[: end.values]
        if not self._name:
            read = json_call(body)
            return self._fitted(*read) if read else _unreadable("")
        tool = self._tools.get(self._name)
        values = values_in(body, lambda name: tool is None or tool.parameter(name) is not None)
        if values is None:
            return _unreadable(self._name)
        made = self._fitted(self._name, values)
        if end.values is None and isinstance(made, Call):
            return replace(made, notes=(*made.notes, "the call was not closed"))
        return made

    def _fitted(self, name: str, values: Mapping[str, object]) -> Call | Refused:
        if self._tools and name not in self._tools:
            return Refused(name, "unknown-tool", _unknown(name, list(self._tools)))
        fitted = fit(self._tools[name], values) if self._tools else as_given(values)
        if isinstance(fitted, Misfit):
            return Refused(name, fitted.reason, fitted.message)
        return Call(name, fitted.values, fitted.notes)


def _may_be_whole(text: str) -> bool:
    """Whether an answer that begins with a text may be nothing but a call as JSON."""
    begin = "".join(text[:200].split())
    return any(begin.startswith(whole) or whole.startswith(begin) for whole in _WHOLE)


def _has_arguments(value: object) -> bool:
    return isinstance(value, dict) and ("arguments" in value or "parameters" in value)


def _cut(name: str, limit: int) -> Refused:
    of, at = f" of `{name}`" if name else "", f" at {limit:,} tokens" if limit else ""
    message = (
        f"Nothing was done: your call{of} was cut off{at}, since an answer may not be longer."
        " Write less in one call: a long file in parts, one call for each."
    )
    return Refused(name, "cut", message)


def _unreadable(name: str) -> Refused:
    of = f" of `{name}`" if name else ""
    return Refused(name, "unreadable", f"Nothing was done: the call{of} could not be read. {_FORM}")


def _unknown(name: str, tools: list[str]) -> str:
    near = difflib.get_close_matches(name, tools, n=1)
    guess = f" Did you mean `{near[0]}`?" if near else ""
    names = ", ".join(f"`{tool}`" for tool in tools)
    return f"Nothing was done: there is no tool `{name}`.{guess} The tools are {names}."
