"""Whether a string that is called password, token or key is one, or only names one, or stands for one.

A judge that is wrong one way lets a secret out, and the other way hides an ordinary string from a model that
can do with the rest. So what is no word, no name and no placeholder counts as a secret, if it is long enough.
"""

from __future__ import annotations

import re
from collections import Counter
from math import log2

_PLACEHOLDER = re.compile(
    rb"""
    \$\{ | \{\{ | \$\( | %\( | %[sd]\b | \A%\w+%\Z | \A\$\w+\Z | \A<[^>]*>?\Z | \A\[[^\]]*\]\Z
    | \{[\w.()\[\]:!'"]*\} | <[\w. -]+> | \A[),;\]}]
    | \.\.\. | \xab
    | (?i:x{4}|placeholder|change.?me|your.|dummy|redacted|example\b|insert|replace|todo|foobar)
    | \A(?:os|process|env|config|settings|self|this|vars|secrets|var|local|data|module)\b[.:]
    """,
    re.VERBOSE,
)
"""What someone fills in later, or what a program puts in."""

_PLACE = re.compile(
    rb"\A(?:\.{0,2}/|~/|[A-Za-z]:\\|[a-z][a-z0-9+.-]{1,20}://|[\w.+-]+/[\w.+-]+\Z(?<![0-9+=]))"
)
"""A path, an address, a media type."""

_PARTS = re.compile(rb"[A-Z]?[a-z\x80-\xff]+|[A-Z]+|[0-9]+|[^A-Za-z0-9\x80-\xff\s_.:/-]")
_HEX = re.compile(rb"\A(?:0x)?[0-9a-fA-F]{16,}\Z")
_FIGURE = re.compile(rb"[0-9]")
_UUID = re.compile(rb"\A[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\Z")
_NAMED = re.compile(
    rb"(?i)\A[a-z_.-]*(?:pass(?:word|wd|phrase)?|pwd|secret|token|key|user|login|auth)s?[_-]?\d{0,3}[:?*]?\Z"
)
_FIGURES_APART = re.compile(rb"(?:[^0-9_.]++|(?<![^_.])[0-9]++(?![^_.])|[_.])++")
"""Without giving back what it has taken: else thousands of letters would be cut in every way there is."""

LONG = 8
"""Characters that a machine's secret has at least."""
SHORT = 6
"""Characters that a person's has at least, to be known as one."""
LETTERS = 20
"""Characters from which on there may be no figure among them."""
RANDOM = 2.9
"""Bits of entropy a character. Words of eight letters have less than three, random ones of twelve more."""


def is_key(value: bytes) -> bool:
    """Whether this looks made by a machine: a token, a key in hexadecimal or base64."""
    if len(value) < LONG or _is_harmless(value):
        return False
    if _UUID.match(value):
        return True
    if _HEX.match(value):
        return len(set(value)) > 5
    if b"[" in value or (len(value) < LETTERS and not _FIGURE.search(value)):
        return False
    return _entropy(value) >= RANDOM and not _reads_like_words(value)


def is_password(value: bytes) -> bool:
    """Whether this may be what a person chose; for use where the name leaves no doubt that it is a password.

    One word is none, and nor is a name such as `password1`.
    """
    if len(value) < SHORT or _is_harmless(value) or _NAMED.match(value):
        return False
    return any(not _is_word(part) for part in _PARTS.findall(value))


def is_placeholder(value: bytes) -> bool:
    """Whether this says that something else is to be put here."""
    return _PLACEHOLDER.search(value) is not None or len(set(value)) < 3


def _is_harmless(value: bytes) -> bool:
    if any(byte <= 32 for byte in value) or (value.isdigit() and len(value) < 20):
        return True
    return is_placeholder(value) or _PLACE.match(value) is not None


def _reads_like_words(value: bytes) -> bool:
    """Whether it is made of words and a few figures, like `access_token_v2` or `django.contrib.auth`."""
    parts = _PARTS.findall(value)
    letters = [len(part) for part in parts if _is_word(part)]
    figures = [len(part) for part in parts if part.isdigit()]
    if not letters or len(parts) - len(letters) - len(figures) > 2 or max(figures, default=0) > 4:
        return False
    if sum(letters) / len(letters) < 3:
        return False
    # In a name figures are few, or words of their own.
    return len(figures) <= 1 + len(letters) // 3 or _FIGURES_APART.fullmatch(value) is not None


def _is_word(part: bytes) -> bool:
    # Letters outside ASCII are bytes above it, or question marks.
    return part.isalpha() or part[-1] >= 0x80


def _entropy(value: bytes) -> float:
    size = len(value)
    return -sum(count / size * log2(count / size) for count in Counter(value).values())
