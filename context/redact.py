"""Takes secrets out of a text before it is stored or sent: keys, tokens, passwords.

The text keeps its length and its lines, so that offsets hold: what is taken out becomes
`«secret:github****»`. This is a second net. What is a secret by its path is never read (context/secrets.py),
and a secret that looks like any other word gets through here. docs/FILES.md says what does.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from context.redact_forms import formed
from context.redact_names import named
from context.redact_pem import private_keys
from context.redact_rules import known

PLACEHOLDER = re.compile(r"«secret(?::[0-9a-z-]+)?\**»")
"""What stands for a secret. Shorter ones than `«secret»` become asterisks alone."""


VAGUE = frozenset({"address", "authorization", "key", "password", "signature"})
"""Rules that know a secret by what is around it. One that knows its look says more of it."""

Span = tuple[int, int]

_BREAKS = r"\n\r\v\f\x1c-\x1e\x85\u2028\u2029"
_LINE = re.compile(rf"[^{_BREAKS}]+")
_COVERED = re.compile(rf"(?:{PLACEHOLDER.pattern}|[*{_BREAKS}])*")


@dataclass(frozen=True, slots=True)
class Secret:
    """What was taken out, and by which rule. Offsets are string indices; between lines of a key all stays."""

    rule: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Redacted:
    """A text without its secrets, as long as it was, and what is gone, in order."""

    text: str
    found: tuple[Secret, ...]


@dataclass(frozen=True, slots=True)
class _Hit:
    """A secret, and the parts of it that are to be covered."""

    secret: Secret
    parts: tuple[tuple[int, int], ...]


def redact(text: str) -> Redacted:
    """Take the secrets out of a text. What comes back stays as it is when it is redacted again."""
    found: list[Secret] = []
    # What is left of a text may look like a secret that the whole did not look like. Each round covers more.
    while hits := _hits(text):
        found += [hit.secret for hit in hits]
        text = _covered(text, hits)
    return Redacted(text, tuple(_merged(found)))


def _hits(text: str) -> list[_Hit]:
    """What is to be covered, in order. What is covered already is left out."""
    # One byte a character, so that offsets are the same and all texts are searched equally fast.
    plain = text.encode("latin-1", "replace")
    taken = [match.span() for match in PLACEHOLDER.finditer(text)]
    hits = []
    for rule, lines in _found(plain):
        parts = tuple(_widened(part, taken) for part in sorted(lines))
        if any(_COVERED.fullmatch(text, *part) is None for part in parts):
            hits.append(_Hit(Secret(rule, parts[0][0], parts[-1][1]), parts))
    return hits


def _found(plain: bytes) -> Iterator[tuple[str, list[Span]]]:
    """Rules and the parts of what they find. The rules that say most come first."""
    # bytes.lower changes ASCII alone, and so no offset.
    lower = plain.lower()
    for rule, span in known(plain):
        yield rule, [span]
    for lines in private_keys(plain):
        if lines:
            yield "private-key", lines
    for finder in (formed, named):
        for rule, span in finder(plain, lower):
            yield rule, [span]


def _widened(part: Span, taken: list[Span]) -> Span:
    """A part with the whole of each placeholder that it touches, so that none is cut."""
    start, end = part
    for begin, until in taken:
        if begin < end and start < until:
            start, end = min(start, begin), max(end, until)
    return start, end


def _covered(text: str, hits: Iterable[_Hit]) -> str:
    """The text with a placeholder for each part; what overlaps gets one."""
    pieces: list[str] = []
    at = 0
    for secret in _merged(Secret(hit.secret.rule, *part) for hit in hits for part in hit.parts):
        pieces += text[at : secret.start], _placeholder(text[secret.start : secret.end], secret.rule)
        at = secret.end
    return "".join([*pieces, text[at:]])


def _placeholder(hidden: str, rule: str) -> str:
    """As many characters as are hidden. Line breaks stay."""
    return _LINE.sub(lambda line: _of_length(len(line[0]), rule), hidden)


def _of_length(length: int, rule: str) -> str:
    for begin in (f"«secret:{rule}", "«secret"):
        if length > len(begin):
            return f"{begin:*<{length - 1}}»"
    return "*" * length


def _merged(secrets: Iterable[Secret]) -> list[Secret]:
    """Secrets in order, with one for those that overlap. It has the rule that says most."""
    merged: list[Secret] = []
    for secret in sorted(secrets, key=lambda secret: (secret.start, -secret.end)):
        if not merged or secret.start >= merged[-1].end:
            merged.append(secret)
            continue
        last = merged[-1]
        rule = secret.rule if last.rule in VAGUE else last.rule
        merged[-1] = Secret(rule, last.start, max(last.end, secret.end))
    return merged
