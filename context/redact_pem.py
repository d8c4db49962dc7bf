"""Private keys: PEM of every kind, OpenSSH, PGP and PuTTY, whole or in part, also as strings of a program."""

from __future__ import annotations

import re
from collections.abc import Iterator

Span = tuple[int, int]

MOST_LINES = 400
"""Lines that a key has at most; one of 16,384 bits has 200."""

SHORTEST = 16
"""Characters of base64 that are more than a word."""

_FILLER = rb"(?:[\s\"'`,#*|+>;()-]|//|\\[nrt\\\"]|\\(?=[\r\n]))"
"""What stands between the lines of a key that is written into a program or quoted in a comment."""
_LINE = rb"(?=[A-Za-z]{0,63}[0-9+/])[A-Za-z0-9+/]{16,}+={0,2}"
"""A line in base64. A word of a program has no figure in it, as a rule."""
_HEADER = (
    rb"(?:Proc-Type|DEK-Info|Version|Comment|Hash|Charset|Subject|X-[\w-]{1,40}+):"
    rb"(?:[^\r\n\\]|\\(?![nr])){0,200}+"
)

_NEXT = re.compile(
    rb"(?:" + _FILLER + rb"{0,60}+" + _HEADER + rb"){0,9}" + _FILLER + rb"{0,60}+(" + _LINE + rb")"
)
_SUM = rb"=[A-Za-z0-9+/]{4}"
_LAST = re.compile(
    _FILLER + rb"{0,60}+([A-Za-z0-9+/]{1,15}+={0,2}|" + _SUM + rb")"
    rb"(?=" + _FILLER + rb"{0,60}(?:" + _SUM + _FILLER + rb"{0,60})?(?:END|\Z))"
)
_BEGINS = (
    re.compile(rb"PRIVATE KEY(?: BLOCK)?\s?-----?"),
    re.compile(rb"Private-Lines: \d{1,4}"),
)
_ENDS = (
    re.compile(rb"-----?\s?END [A-Z0-9 ]{0,40}PRIVATE KEY"),
    re.compile(rb"Private-MAC: "),
)
_ALONE = (
    re.compile(
        rb"MI(?:I[A-Za-z0-9+/]{3}IBA[AD]|[GH][A-Za-z0-9+/]AgE[AB]|I[A-Za-z0-9+/]{3,6}BgkqhkiG9w0BBQ)" + _LINE
    ),
    re.compile(rb"MHcCAQEE" + _LINE),
    re.compile(rb"MC4CAQAw" + _LINE),
    re.compile(rb"b3BlbnNzaC1rZXktdj" + _LINE),
)
"""How private keys begin where no line says what they are: PKCS#8, PKCS#1, SEC 1, encrypted, OpenSSH."""
_MAC = re.compile(rb"Private-(?:MAC|Hash): ([0-9a-f]{32,})")
_WHOLE_LINE = re.compile(_LINE)
_SHORT_LINE = re.compile(rb"[A-Za-z0-9+/]{1,15}={0,2}|=[A-Za-z0-9+/]{4}")


def private_keys(plain: bytes) -> Iterator[list[Span]]:
    """The lines of each private key. A key whose begin or end is missing is found as well."""
    for alone in _ALONE:
        for match in alone.finditer(plain):
            yield [match.span(), *_lines_from(plain, match.end())]
    if b"PRIVATE KEY" not in plain and b"Private-" not in plain:
        return
    for begins in _BEGINS:
        for match in begins.finditer(plain):
            yield _lines_from(plain, match.end())
    for ends in _ENDS:
        for match in ends.finditer(plain):
            yield _lines_until(plain, match.start())
    for match in _MAC.finditer(plain):
        yield [match.span(1)]


def _lines_from(plain: bytes, at: int) -> list[Span]:
    lines: list[Span] = []
    while len(lines) < MOST_LINES and (line := _NEXT.match(plain, at)):
        lines.append(line.span(1))
        at = line.end()
    # Below the last line PGP writes a sum.
    while lines and (last := _LAST.match(plain, at)):
        lines.append(last.span(1))
        at = last.end()
    return lines


def _lines_until(plain: bytes, end: int) -> list[Span]:
    """The lines before the one that says that a key ends, the last first. Two at its end may be short."""
    lines: list[Span] = []
    end = plain.rfind(b"\n", 0, end)
    while end > 0 and len(lines) < MOST_LINES:
        start = plain.rfind(b"\n", 0, end) + 1
        content = plain[start:end].strip(b" \t\r\"'`,#*|>")
        is_line = _WHOLE_LINE.fullmatch(content) or (len(lines) < 2 and _SHORT_LINE.fullmatch(content))
        if not is_line:
            break
        at = plain.index(content, start)
        lines.append((at, at + len(content)))
        end = start - 1
    return lines if any(until - at >= SHORTEST for at, until in lines) else []
