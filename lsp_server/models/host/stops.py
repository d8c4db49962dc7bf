"""From the bytes of tokens to text: whole characters only, and nothing behind a stop string."""

from __future__ import annotations

import codecs


class Outlet:
    """Takes bytes, gives text. Holds back half a character, and what may be the start of a stop string."""

    def __init__(self, stop: tuple[str, ...]) -> None:
        self._stop = tuple(string for string in stop if string)
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._held = ""
        self.stopped = False
        """Whether a stop string has come."""

    def feed(self, data: bytes) -> str:
        """The text that may leave now."""
        return self._release(self._decoder.decode(data))

    def finish(self) -> str:
        """What is left at the end of the answer; half a character becomes U+FFFD."""
        rest = self._release(self._decoder.decode(b"", final=True))
        if self.stopped:
            return rest
        rest, self._held = rest + self._held, ""
        return rest

    def _release(self, text: str) -> str:
        if self.stopped:
            return ""
        text = self._held + text
        found = [index for string in self._stop if (index := text.find(string)) >= 0]
        if found:
            self.stopped, self._held = True, ""
            return text[: min(found)]
        kept = max((_overlap(text, string) for string in self._stop), default=0)
        free = len(text) - kept
        self._held = text[free:]
        return text[:free]


def _overlap(text: str, string: str) -> int:
    """The length of the longest end of `text` with which `string` begins."""
    longest = min(len(text), len(string) - 1)
    return next((length for length in range(longest, 0, -1) if text.endswith(string[:length])), 0)
