"""Grammars with real weights: the answer fits, and no grammar ends the host."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lsp_server.models.backend import ModelError, Sampling
from lsp_server.models.host.link import running_hosts
from tests.model.hosts import opened, said

pytestmark = [pytest.mark.model, pytest.mark.timeout(300)]

VERDICT = r"""
root ::= "{\"answer\": \"" ("yes" | "no") "\", \"count\": " [0-9]{1,3} "}"
"""


@pytest.mark.parametrize("temperature", [0.0, 0.9])
async def test_an_answer_fits_its_grammar_and_ends_with_it(default_model: Path, temperature: float) -> None:
    sampling = Sampling(max_tokens=60, temperature=temperature, seed=5, grammar=VERDICT)
    async with opened(default_model) as backend:
        text, usage = await said(backend, ("Is water wet? How many letters has water?\n",), sampling, "chat")
        again, _ = await said(backend, ("Is water wet? How many letters has water?\n",), sampling, "chat")
    found = json.loads(text)
    assert found["answer"] in ("yes", "no")
    assert 0 <= found["count"] <= 999
    assert again == text
    assert usage.drafted == 0


@pytest.mark.parametrize(
    ("grammar", "told"),
    [
        ("root ::= (", "not right"),
        ("root ::= " + "(" * 20_000 + '"a"' + ")" * 20_000, "parentheses"),
        ('root ::= root "a"', "begins with itself"),
        ('root ::= x root | "b"\nx ::= y\ny ::= "" | "c"', "begins with itself"),
        ("root ::= <no such token>", "llama.cpp does not take"),
        ('root ::= "1" [z-a]', "allows no token"),
    ],
    ids=["open", "deep", "left", "hidden", "token", "dead end"],
)
async def test_a_grammar_that_is_no_good_is_an_error_and_the_host_lives(
    default_model: Path, grammar: str, told: str
) -> None:
    async with opened(default_model) as backend:
        await backend.info()
        before = [host.pid for host in await running_hosts()]
        with pytest.raises(ModelError, match=told) as refused:
            await said(backend, ("1 + 1 =",), Sampling(max_tokens=8, grammar=grammar), "chat")
        assert refused.value.code == "bad-request"
        assert (await said(backend, ("1, 2, 3,",), Sampling(max_tokens=3)))[0]
        assert [host.pid for host in await running_hosts()] == before
