"""Texts that are redacted, with a look at what holds of each, and secrets to put into them."""

from __future__ import annotations

from context.redact import Redacted, redact
from tests.context.canaries import ALNUM, HEX, of, tokens

TOKENS = tokens()
KEY, HEXADECIMAL, PASSWORD = of(ALNUM, 32, "key"), of(HEX, 40, "hex"), "Tr0ub4dor&3"


def checked(text: str) -> Redacted:
    """The text redacted, after a look at what holds of every text."""
    redacted = redact(text)
    assert len(redacted.text) == len(text)
    assert [len(line) for line in redacted.text.splitlines()] == [len(line) for line in text.splitlines()]
    assert redact(redacted.text) == Redacted(redacted.text, ())
    outside = 0
    for secret in redacted.found:
        assert outside <= secret.start < secret.end
        assert redacted.text[outside : secret.start] == text[outside : secret.start]
        outside = secret.end
    assert redacted.text[outside:] == text[outside:]
    return redacted


def assert_gone(secret: str, text: str) -> None:
    """Nothing of a secret is left that is of use."""
    redacted = checked(text).text
    left = [secret[at : at + 8] for at in range(len(secret) - 7) if secret[at : at + 8] in redacted]
    assert not left, redacted


def assert_stays(text: str) -> None:
    assert checked(text) == Redacted(text, ())
