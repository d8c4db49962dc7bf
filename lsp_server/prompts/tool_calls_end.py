"""Where a tool call ends, while it is written: its own last tags, not those of an example in a value."""

from __future__ import annotations

import re
from typing import Literal

from lsp_server.prompts.tool_calls_tags import is_cut, may_open, opener_at
from lsp_server.prompts.tool_calls_values import json_value

Form = Literal["tags", "json"]

_TAG = re.compile(
    r"<(tool_call|/tool_call|/function|/parameter\d*[ \t]*|(?:function|parameter)=[^<>\n]{1,140})>"
)
_LONGEST_TAG = 160
_KINDS = ("tool_call", "/tool_call", "/function", "/parameter", "function", "parameter")
_OPENING = ("tool_call", "function")


class End:
    """Is shown the text behind the opener of a call as it grows, and finds the opener of the next.

    An end counts until more values come behind it: then it stood in a value. Calls on lines of their own
    inside of a value are examples, whose tags are left alone as long as each is whole.
    """

    def __init__(self, form: Form) -> None:
        self.values: int | None = None
        """Where the text with the values ends, as far as is known."""
        self.tags = 0
        """Where the last tags end that belong to the call."""
        self.proper = False
        """Whether the call was closed in a way that no text would be by chance."""
        self._form = form
        self._at = 0
        self._examples: int | None = 0
        """How many calls are open inside of a value; none where they are not counted."""
        self._example = 0
        """Where the last of them ended, but for its last tag."""
        self._has_value = False
        self._last = ("", 0, 0)
        """The last tag: its kind, start and end."""

    def next_opener(self, text: str) -> re.Match[str] | None:
        """The opener of the next call, when it is certain that this one is over."""
        for tag in _TAG.finditer(text, self._at):
            kind = next(kind for kind in _KINDS if tag[1].startswith(kind))
            self._see(text, kind, tag)
            if self.values is not None and kind in _OPENING:
                opener = opener_at(text, tag.start())
                if opener and (self._examples is not None or not text[self.tags : tag.start()].strip()):
                    return opener
                if opener is None and may_open(text, tag.start()):
                    self._at = tag.start()
                    return None
            self._last = (kind, tag.start(), tag.end())
            self._at = tag.end()
        self._at = _begun_tag(text, self._at)
        return None

    def without_examples(self, text: str) -> bool:
        """Begin anew and take no tag for that of an example, if one took the end that the call needs."""
        took_end = self._example and not _TAG.sub("", text[self._example :]).strip()
        if self.values is not None or self._examples is None or not (self._examples or took_end):
            return False
        self._at, self._example, self._has_value, self._last = 0, 0, False, ("", 0, 0)
        self._examples = None
        return True

    def is_cut_behind(self, text: str) -> bool:
        """Whether the text ends in another call that has only begun."""
        return self.values is not None and is_cut(text, max(self._at, self.tags))

    def _see(self, text: str, kind: str, tag: re.Match[str]) -> None:
        opens = kind in _OPENING
        if opens and not self.proper and text[self.tags : tag.start()].strip():
            # What only looked like the end, with more text behind it, was text.
            self.values = None
        if self.values is None:
            self._inside(text, kind, tag)
        elif not opens:
            self._behind(text, kind, tag)

    def _inside(self, text: str, kind: str, tag: re.Match[str]) -> None:
        if self._form == "json":
            read = json_value(text[: tag.start()]) if kind != "parameter" else None
            if read is not None:
                self._close(read[1], tag.start() if kind in _OPENING else tag.end())
        elif kind == "parameter":
            self._has_value = True
        elif kind in _OPENING:
            self._opens_inside(text, kind, tag)
        elif kind != "/parameter":
            self._closes_inside(text, kind, tag)

    def _opens_inside(self, text: str, kind: str, tag: re.Match[str]) -> None:
        between = self._last[0] == "/parameter" or not self._has_value
        if not self._examples and between and self._follows(text, tag):
            self._close(tag.start(), tag.start())
        elif kind == "function" and self._examples is not None and _on_own_line(text, tag.start()):
            self._examples += 1

    def _closes_inside(self, text: str, kind: str, tag: re.Match[str]) -> None:
        own_line = _on_own_line(text, tag.start())
        if self._examples:
            if kind == "/function" and own_line:
                self._examples -= 1
                self._example = tag.end()
            return
        if kind == "/tool_call" and self._example and not text[self._example : tag.start()].strip():
            return
        last, start, _ = self._last if self._follows(text, tag) else ("none", 0, 0)
        proper = last in ("/parameter", "") or (kind == "/tool_call" and last == "/function")
        if own_line or proper:
            self._close(start if last == "/function" else tag.start(), tag.end())
            self.proper = proper or kind == "/tool_call"

    def _behind(self, text: str, kind: str, tag: re.Match[str]) -> None:
        spoken = text[self.tags : tag.start()].strip()
        if self._form == "tags" and self._last[0] == "/parameter" and self._follows(text, tag):
            # The end stood in a value, which is closed only here.
            if kind == "parameter":
                self.values, self.proper = None, False
            elif kind == "/function" or (kind == "/tool_call" and spoken):
                self._close(tag.start(), tag.end())
        if not spoken and self.values is not None and kind != "parameter":
            self.tags = max(self.tags, tag.end())
            self.proper = self.proper or kind == "/tool_call"

    def _close(self, values: int, tags: int) -> None:
        self.values, self.tags, self.proper = values, tags, True

    def _follows(self, text: str, tag: re.Match[str]) -> bool:
        """Whether nothing stands between the last tag and this one."""
        return not text[self._last[2] : tag.start()].strip()


def _on_own_line(text: str, at: int) -> bool:
    return not text[text.rfind("\n", 0, at) + 1 : at].strip()


def _begun_tag(text: str, at: int) -> int:
    """Where a tag may have begun at the end of the text; the end if none has."""
    begun = text.rfind("<", at)
    open_tag = begun >= 0 and len(text) - begun < _LONGEST_TAG and not re.search(r"[>\n]", text[begun:])
    return begun if open_tag else max(at, len(text))
