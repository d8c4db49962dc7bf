"""Secrets that are known by the form in which they stand: headers, addresses, the words of a wallet."""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Callable, Iterator

from context.redact_judge import is_key, is_placeholder

Span = tuple[int, int]

DUMMIES = "admin guest pass passwd password postgres pw pwd root secret test user username mypassword example"
"""Passwords that are none, in an address."""

_DUMMIES = frozenset(DUMMIES.encode().split())


def formed(plain: bytes, lower: bytes) -> Iterator[tuple[str, Span]]:
    """What the form gives away: the rule, and where the secret is. `lower` is `plain` in lower case."""
    for rule, pattern, judge in _FORMS:
        for match in pattern.finditer(lower):
            start, end = match.span(match.lastindex or 0)
            if judge(plain[start:end]):
                yield rule, (start, end)
    for match in _ADDRESS.finditer(plain):
        if _is_password(match["user"], match["password"]):
            yield "address", match.span("password")
    for match in _BASIC.finditer(lower):
        if _says_user_and_password(plain[slice(*match.span(1))]):
            yield "authorization", match.span(1)


def _is_password(user: bytes, password: bytes) -> bool:
    if password in (user, user + user) or password.lower() in _DUMMIES:
        return False
    return not is_placeholder(password)


def _says_user_and_password(value: bytes) -> bool:
    try:
        said = b64decode(value + b"=" * (-len(value) % 4), validate=True)
    except ValueError:
        return False
    return b":" in said and said.isascii()


def _is_said(value: bytes) -> bool:
    return not is_placeholder(value) and value.lower() not in _DUMMIES


def _is_phrase(value: bytes) -> bool:
    """Whether these may be the words of a wallet: a multiple of three, of which hardly one comes twice."""
    words = value.split()
    return len(words) % 3 == 0 and len(set(words)) > len(words) - 2


_ADDRESS = re.compile(
    rb"://(?P<user>[^\s:/@\"'`<>\\,;]{0,100}+):(?!\d{1,5}[?#])(?P<password>[^\s/\"'`<>\\]{1,200})@"
)
_BASIC = re.compile(rb"basic[ \t]{1,4}\\{0,2}[\"']?([a-z0-9+/]{8,400}+={0,2})")

_FORMS: tuple[tuple[str, re.Pattern[bytes], Callable[[bytes], bool]], ...] = (
    (
        "authorization",
        re.compile(
            rb"authorization\\{0,3}[\"'\]]{0,2}\s{0,3}[:=,]\s{0,3}\\{0,3}[\"'`]?"
            rb"(?:[a-z-]{3,20}[ \t]{1,4})?([\w.~+/=-]{8,4000}+)"
        ),
        is_key,
    ),
    ("authorization", re.compile(rb"bearer[ \t]{1,4}([\w.~+/=-]{8,4000}+)"), is_key),
    ("address", re.compile(rb"://([^\s:/@\"'`<>\\,;]{16,300}+)@"), is_key),
    ("signature", re.compile(rb"sig(?:nature)?=([\w%+/-]{20,400}+=*)"), is_key),
    (
        "password",
        re.compile(
            rb"curl\b[^\r\n]{0,300}?\s(?:-u|--user|--proxy-user)[ =]?"
            rb"[\"']?[^\s:\"']{1,80}+:([^\s\"']{3,200}+)"
        ),
        _is_said,
    ),
    (
        "password",
        re.compile(
            rb"machine\s{1,9}\S{1,200}+\s{1,9}login\s{1,9}\S{1,200}+\s{1,9}password\s{1,9}(\S{1,200}+)"
        ),
        _is_said,
    ),
    ("private-key", re.compile(rb"<(?:d|p|q|dp|dq|inverseq)>([a-z0-9+/]{24,1000}+={0,2})</"), is_key),
    ("private-key", re.compile(rb"\"(?:d|p|q|dp|dq|qi|k)\"\s{0,2}:\s{0,2}\"([\w-]{22,1000}+)\""), is_key),
    *(
        ("wallet", re.compile(word + rb"\w{0,12}\W{1,6}((?:[a-z]{3,8} ){11,23}[a-z]{3,8})\b"), _is_phrase)
        for word in (b"mnemonic", b"seed", b"phrase", b"recovery")
    ),
)
"""Patterns over lower case, and who judges their group. Each begins with fixed characters, since it is found
twenty times as fast then."""
