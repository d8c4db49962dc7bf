"""Grammars that llama.cpp would die of, or compute on without end, are refused with a reason."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_server.models.host.grammar import DEEPEST, LONGEST, BadGrammar, check_grammar

JSON = r"""
# Objects of numbers and strings.
root   ::= object
object ::= "{" ws ( string ":" ws value ("," ws string ":" ws value)* )? "}" ws
value  ::= object | string | number | ("true" | "false" | "null") ws
string ::= "\"" ( [^"\\\x7F\x00-\x1F] | "\\" (["\\bfnrt/] | "u" [0-9a-fA-F]{4}) )* "\"" ws
number ::= "-"? [0-9]+ ("." [0-9]{1,5})? ws
ws     ::= | " " | "\n" [ \t]{0,20}
"""


@pytest.mark.parametrize(
    "text",
    [
        'root ::= "a"',
        r"""root ::= [a-z]+ [^\]x-]* . "\u00e4" "\\\"" """,
        'root ::=\n  "a" |\n  "b" # either\n\n\nother ::= root',
        'root ::= (\n "a"\n | "b" )\r\nx ::= ""',
        'root ::= "(" root ")" | "x"',
        'root ::= item{2} item{1,} item{0,3} <|im_end|>? !<[7]>\nitem ::= "y"',
        'root ::= ("a" | "") "b"',
        JSON,
    ],
    ids=["one", "classes", "lines", "groups", "recursion", "repetitions", "may be empty", "json"],
)
def test_a_right_grammar_passes(text: str) -> None:
    check_grammar(text)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "no rule root"),
        ('x ::= "a"', "no rule root"),
        ("root ::= other", "no rule other"),
        ('root ::= "a', "cannot be read"),
        ("root ::= [a", "cannot be read"),
        ('root ::= "\\q"', "cannot be read"),
        ('root = "a"', "cannot be read"),
        ('root ::= ("a"', r"There should be \)"),
        ('root ::= "a")', "a new line in line 1"),
        ('root ::= "a"\n| "b"', "the name of a rule in line 2"),
        ("root ::= *", "nothing to repeat"),
        ('root ::= "a"{3,2}', "from less to more"),
        ('root ::= "a"{9999}', "at most 1000"),
        ('root ::= "a"\0', "zero byte"),
        ('root ::= "\ud800"', "half a character"),
        ('root ::= root "a"', "begins with itself: root"),
        ('root ::= x\nx ::= y "b" | "c"\ny ::= x', "begins with itself: x, y"),
        ('root ::= x root | "b"\nx ::= y\ny ::= "" | "c"', "begins with itself: root"),
        ('root ::= ("a"?)*', "may be empty"),
        ('root ::= ("a" | x)+\nx ::= ""', "may be empty"),
    ],
)
def test_a_wrong_grammar_is_refused_with_a_reason(text: str, reason: str) -> None:
    with pytest.raises(BadGrammar, match=reason):
        check_grammar(text)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("root ::= " + "(" * 20_000 + '"a"' + ")" * 20_000, f"more than {DEEPEST} parentheses"),
        ('root ::= "' + "a" * LONGEST + '"', "longer than"),
        ('root ::= ("' + "a" * 60_000 + '"){2} "' + "a" * 4_000 + '"{900}', "elements"),
        ("root ::= " + "x " * 9 + "\n" + "".join(f'x{n} ::= "a"\n' for n in range(3000)), "rules"),
    ],
    ids=["deep", "long", "wide", "many"],
)
def test_a_grammar_that_is_too_large_is_refused(text: str, reason: str) -> None:
    with pytest.raises(BadGrammar, match=reason):
        check_grammar(text)


@given(st.text('root:=x"[]()|*+?{},^-\\<!>.#0123 \n', max_size=60))
def test_whatever_is_written_is_either_right_or_refused(text: str) -> None:
    for grammar in (text, f"root ::= {text}"):
        with suppress(BadGrammar):
            check_grammar(grammar)
