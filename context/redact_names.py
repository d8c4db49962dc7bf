"""Secrets that are known by what they are called: `password = "…"`, `API_KEY=…`, `--token …`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from context.redact_judge import is_key, is_password

Span = tuple[int, int]
Judge = Callable[[bytes], bool]

PASSWORDS = ("pass(?:wor[dt]|wd|phrase|code)?", "pwd")
"""What people choose themselves. Patterns over lower case; each is searched alone, since a pattern that
begins with fixed characters is found twenty times as fast as several in one."""

KEYS = ("secret(?<!«secret)", "token", "key(?:(?<=[a-z]key)|(?<=[a-z][_. -]key))", "cred(?:ential)?", "auth")
"""What machines make. What stands for a secret that was taken out is called so, too."""

KINDS_OF_KEY = """
    access account admin api app application auth authentication client consumer cookie decryption deploy
    encrypt encryption hmac integration jwt license master private rsa sas secret security server service
    session shared sharedaccess sign signing ssh storage subscription token webhook write
"""
"""`key` alone may be anything. It counts after one of these words."""

HARMLESS = """
    alg algorithm at attr attribute charset class column count desc description endpoint env error
    errors expiration expire expires expiry field fields file filename files format hasher hashers
    header headers help hint host id ids in info kind label len length location max message messages
    method min mode model msg name names param parameter params path paths pattern placeholder policy
    prefix provider regex regexp scheme size startswith state status strength suffix template text title
    ttl type types uri url urls validator validators var version view
"""
"""The last word of a name that is only about a secret: `token_type`, `password_field`."""

_REST = re.compile(rb"|(?:s|[_-]|\d|[A-Z]).*")
"""What may follow the word in a name; `tokenizer` and `author` are other words."""
_LAST_WORD = re.compile(rb"(?:[A-Z]?[a-z]+|[A-Z]+)\Z")
_HARMLESS = frozenset(HARMLESS.encode().split())
_KINDS = tuple(KINDS_OF_KEY.encode().split())

_HEAD = (
    r"(?P<rest>[\w-]{0,40}+)(?P<close>\\{0,3}[\"'`]?\]?)(?:"
    # A type may stand before the equals sign: `: str`, ` string`, `[64]`.
    r"(?P<is>(?:\s{0,2}:\s{0,2}[\w.<>&?|\[\]'*, ]{1,40}?(?==)|\s(?:string|\[\]byte)(?=\s?=)|\[\w*\](?=\s?=))?"
    r"\s{0,12}(?:=>|:=|:-|\?\?=?|\|\|=?|[?!=]?==?|!=|:|<-|\bor\b)\s{0,12})"
    r"|(?P<beside>,?\s{1,30}\\{0,3}[\"']?(?:value|content|default)\\{0,3}[\"']?\s{0,3}[:=]\s{0,3})"
    r"|(?P<call>\s{0,2}[,(]\s{0,12})|(?P<element>>)|(?P<flag>[ \t]{1,3}))"
)
_PATTERNS: tuple[tuple[str, re.Pattern[bytes], Judge], ...] = tuple(
    (rule, re.compile((word + _HEAD).encode("latin-1")), judge)
    for rule, words, judge in (("password", PASSWORDS, is_password), ("key", KEYS, is_key))
    for word in words
)

_QUOTED = re.compile(
    rb"(?:[A-Za-z@$]{0,2}|\w{1,16}\()(?:"
    rb"\\{1,3}[\"']([^\"'\\\r\n]{4,400}+)\\{1,3}[\"']"
    rb"|\"((?:[^\"\\\r\n]|\\[^\r\n]){4,400}+)\"|'((?:[^'\\\r\n]|\\[^\r\n]){4,400}+)'|`([^`\\\r\n]{4,400}+)`)"
)
_BARE = re.compile(rb"(?!!)[^\s\"'`<>(){}\[\],;&|\\]{6,400}+(?=[;&\"'<}\\]|,?[ \t]*(?:#.*)?(?:[\r\n]|\Z))")
_WHOLE_LINE = re.compile(rb"[^\s\"'`(){}\[\]]{6,400}+(?=[ \t]*(?:[\r\n]|\Z))")
_ELEMENT = re.compile(rb"[^\s<>]{4,400}+(?=</)")
_ARGUMENT = re.compile(rb"[^\s\"'`<>()\\]{6,400}+(?=[\s\"']|\Z)")
_FLAG_BEFORE = re.compile(rb"(?:\A|[\s\"'`])--?[\w-]*\Z")
_VARIABLE_BEFORE = re.compile(rb"(?:\A|[\s;\"'])[A-Z][A-Z0-9_]*\Z")
_CONNECTION = re.compile(rb"(?i)\b(?:server|host|data source|uid|user(?: id|name)?|database|addr)\s?=")

NEAR = 200
"""Characters before and after a password in which its connection string must say what it is."""


def named(plain: bytes, lower: bytes) -> Iterator[tuple[str, Span]]:
    """What is called a secret and looks like one. `lower` is `plain` in lower case."""
    for rule, pattern, judge in _PATTERNS:
        for match in pattern.finditer(lower):
            found = _value(plain, match, judge) if _is_name(plain, match) else None
            if found is not None:
                yield rule, found


def _is_name(plain: bytes, match: re.Match[bytes]) -> bool:
    """Whether the word is the end of a name that a secret may have."""
    word = match.string[match.start() : match.start("rest")]
    if word == b"key" and not _before(match.string, match).rstrip(b"_. -").endswith(_KINDS):
        return False
    if word == b"pass" and not _stands_alone(plain, match):
        return False
    rest = plain[slice(*match.span("rest"))]
    if not rest:
        return True
    last = _LAST_WORD.search(rest)
    return _REST.fullmatch(rest) is not None and (last is None or last[0].lower() not in _HARMLESS)


def _stands_alone(plain: bytes, match: re.Match[bytes]) -> bool:
    """Whether `pass` is a word here: `DB_PASS`, `dbPass`, and not `compass` or `passed`."""
    start = match.start()
    return start == 0 or not plain[start - 1 : start].isalpha() or plain[start : start + 1].isupper()


def _before(plain: bytes, match: re.Match[bytes]) -> bytes:
    return plain[max(0, match.start() - 40) : match.start()]


def _value(plain: bytes, match: re.Match[bytes], judge: Judge) -> Span | None:
    """Where the secret is that is said to be one."""
    at = match.end()
    form = match.lastgroup
    if form == "element":
        return _judged(_ELEMENT.match(plain, at), judge)
    quoted = _QUOTED.match(plain, at)
    if form == "call":
        return _judged(quoted, is_key)
    if form == "flag":
        if _FLAG_BEFORE.search(_before(plain, match)) is None:
            return None
        return _judged(quoted or _ARGUMENT.match(plain, at), judge)
    return _judged(quoted, judge) if quoted else _bare(plain, match, judge)


def _bare(plain: bytes, match: re.Match[bytes], judge: Judge) -> Span | None:
    """A value without quotes. Most are expressions, so it must look like a key, or stand where none can."""
    at = match.end()
    separator = match["is"] or b""
    if separator in (b"=", b":-") and _VARIABLE_BEFORE.search(_before(plain, match)) is not None:
        return _judged(_WHOLE_LINE.match(plain, at) or _BARE.match(plain, at), judge)
    bare = _BARE.match(plain, at)
    if bare is None:
        return None
    ends_line = plain[bare.end() : bare.end() + 1] in (b"\n", b"\r", b"")
    if separator.strip() == b":" and ends_line:
        return _judged(bare, judge)
    around = plain[max(0, match.start() - NEAR) : bare.end() + NEAR]
    return _judged(bare, judge if _CONNECTION.search(around) else is_key)


def _judged(found: re.Match[bytes] | None, judge: Judge) -> Span | None:
    """The value in a match, which is its only group, or all of it; None if it is no secret."""
    if found is None:
        return None
    start, end = found.span(found.lastindex or 0)
    return (start, end) if judge(found.string[start:end]) else None
