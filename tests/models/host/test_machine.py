"""How long a host waits until the memory of GPUs has come back: the looks are given, since no GPU is here."""

from __future__ import annotations

import pytest

from lsp_server.models.host.machine import LOOKS, PAUSE, at_rest
from lsp_server.models.host.plan import Machine
from tests.models.host.test_fit import NO_GPU, with_gpu


def waited(looks: list[Machine]) -> tuple[Machine, float]:
    pauses: list[float] = []
    coming = iter(looks)
    return at_rest(lambda: next(coming), pauses.append), sum(pauses)


def test_without_a_gpu_nobody_waits() -> None:
    assert waited([NO_GPU]) == (NO_GPU, 0)


@pytest.mark.parametrize(
    ("free", "seen", "pauses"),
    [([20, 20], 20, 1), ([2, 8, 20, 20], 20, 3), ([20, 12], 12, 1)],
    ids=["at-rest", "comes-back", "is-taken"],
)
def test_memory_that_comes_back_is_waited_for(free: list[float], seen: float, pauses: int) -> None:
    assert waited([with_gpu(one) for one in free]) == (with_gpu(seen), pauses * PAUSE)


def test_nobody_waits_longer_than_five_seconds() -> None:
    growing = [with_gpu(1 + number) for number in range(LOOKS + 5)]
    assert waited(growing) == (growing[LOOKS], 5.0)


def test_this_machine_can_be_looked_at() -> None:
    pytest.importorskip("llama_cpp")
    assert at_rest().memory.total
