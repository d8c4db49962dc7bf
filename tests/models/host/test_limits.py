"""Sampling that llama.cpp should not be given is refused at the border."""

from __future__ import annotations

from math import inf, nan
from typing import Any

import pytest

from lsp_server.models import catalogue
from lsp_server.models.backend import ModelError, Sampling
from lsp_server.models.host.limits import checked
from lsp_server.models.host.wire import sampling_from_wire


@pytest.mark.parametrize(
    "fields",
    [
        {"temperature": nan},
        {"temperature": inf},
        {"temperature": -0.1},
        {"temperature": "warm"},
        {"temperature": True},
        {"top_p": 1.1},
        {"top_p": -1},
        {"min_p": nan},
        {"top_k": -1},
        {"top_k": 2.5},
        {"repeat_penalty": 0},
        {"repeat_penalty": -inf},
        {"max_tokens": -1},
        {"max_tokens": 10**30},
        {"seed": -1},
        {"seed": 1 << 32},
        {"stop": ["x"] * 17},
        {"stop": ["x" * 5000]},
        {"heal": 1},
        {"grammar": 7},
        {"grammar": 'root ::= "a"', "heal": True},
    ],
    ids=str,
)
def test_odd_sampling_is_refused_with_its_name(fields: dict[str, Any]) -> None:
    with pytest.raises(ModelError) as refused:
        sampling_from_wire(fields)
    assert refused.value.code == "bad-request"
    assert refused.value.permanent
    assert next(iter(fields)) in str(refused.value)


@pytest.mark.parametrize("fields", [{"stop": 5}, {"unknown": 1}, None, [1]], ids=str)
def test_what_is_no_sampling_is_refused(fields: object) -> None:
    with pytest.raises(ModelError, match="not understood"):
        sampling_from_wire(fields)


def test_usual_sampling_passes() -> None:
    assert checked(Sampling()) == Sampling()
    for model in catalogue.CATALOGUE:
        assert checked(model.sampling) == model.sampling
    every = {"max_tokens": 0, "temperature": 1, "top_p": 0.5, "top_k": 20, "min_p": 0.1, "seed": 3}
    assert sampling_from_wire(every | {"stop": ["a"], "repeat_penalty": 1.05}).stop == ("a",)
