"""What happens when memory runs out although it looked enough.

The memory of a GPU cannot be taken away for real where there is no GPU: here a stand-in for llama.cpp fails
to open the plans that are too large. `tests/model/test_memory.py` has the same with llama.cpp itself and
little memory.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from lsp_server.models.backend import ModelError
from lsp_server.models.host.fit import choose
from lsp_server.models.host.ladder import descend, ladder
from lsp_server.models.host.plan import Plan
from lsp_server.models.host.settings import LocalOptions
from lsp_server.models.memory import Memory
from tests.models.host.test_fit import LARGE, NO_GPU, SMALL, Machine, wanted, with_gpu

Step = tuple[int, str, int]


def steps(options: LocalOptions, machine: Machine) -> list[Step]:
    plans = ladder(choose(LARGE, options, machine), LARGE, options)
    return [(plan.context, plan.kv, plan.gpu_layers) for plan in plans]


@pytest.mark.parametrize(
    ("options", "machine", "expected"),
    [
        (
            wanted(),
            with_gpu(24),
            [
                (16_384, "f16", 49),
                (16_384, "f16", 24),
                (16_384, "q8_0", 24),
                (8_192, "q8_0", 24),
                (8_192, "q8_0", 0),
            ],
        ),
        (wanted(), NO_GPU, [(16_384, "f16", 0), (16_384, "q8_0", 0), (8_192, "q8_0", 0)]),
        (wanted(context=32_768), NO_GPU, [(32_768, "f16", 0), (32_768, "q8_0", 0)]),
        (wanted(kv="f16"), NO_GPU, [(16_384, "f16", 0), (8_192, "f16", 0)]),
        (
            wanted(gpu_layers=20),
            with_gpu(24),
            [(16_384, "f16", 20), (16_384, "q8_0", 20), (8_192, "q8_0", 20)],
        ),
        (wanted(32_768, "f16", 20), with_gpu(24), [(32_768, "f16", 20)]),
    ],
    ids=["gpu", "cpu", "context-set", "cache-set", "layers-set", "all-set"],
)
def test_the_steps_go_down_and_keep_what_is_set(
    options: LocalOptions, machine: Machine, expected: list[Step]
) -> None:
    assert steps(options, machine) == expected


def test_a_small_machine_has_no_step_below_the_smallest_window() -> None:
    options = wanted(kv="q4_0")
    plan = choose(SMALL, options, NO_GPU)
    assert [below.context for below in ladder(plan, SMALL, options)] == [16_384, 8_192]


def test_a_lower_step_says_why_it_was_taken() -> None:
    plans = ladder(choose(LARGE, wanted(), with_gpu(24)), LARGE, wanted())
    assert all(plan.reason.startswith("Memory ran out with more") for plan in plans[1:])
    assert "24 of 49 layers on the GPU" in plans[1].reason
    assert "on the CPU" in plans[-1].reason


def test_what_the_user_has_to_hear_is_said_on_every_step() -> None:
    options = wanted(context=524_288, gpu_layers=20)
    roomy = Machine(Memory(10**12, 10**12))
    first, lower = ladder(choose(LARGE, options, roomy), LARGE, options)
    assert [note.split()[0] for note in first.notes] == ["gpu_layers", "The"]
    assert lower.notes == (lower.reason, *first.notes)


# --- going down ---


def opener(room: int, tried: list[Plan]) -> Callable[[Plan], str]:
    """Opens what needs at most so many bytes of GPU, as a device would whose memory others have taken."""

    def open_(plan: Plan) -> str:
        tried.append(plan)
        if plan.gpu > room:
            raise ModelError("no-memory", "cudaMalloc failed: out of memory.", permanent=True)
        return f"{plan.gpu_layers} layers"

    return open_


def plans() -> tuple[Plan, ...]:
    return ladder(choose(LARGE, wanted(), with_gpu(24)), LARGE, wanted())


@pytest.mark.parametrize(
    ("room", "rung", "opened"),
    [(30, 0, "49 layers"), (10, 1, "24 layers"), (9.6, 2, "24 layers"), (1, 4, "0 layers")],
)
def test_the_first_plan_for_which_there_is_memory_is_opened(room: float, rung: int, opened: str) -> None:
    tried: list[Plan] = []
    assert descend(plans(), opener(int(room * 10**9), tried)) == (rung, opened)
    assert len(tried) == rung + 1


def test_no_more_than_five_plans_are_tried_and_the_last_error_is_told() -> None:
    tried: list[Plan] = []
    with pytest.raises(ModelError, match="out of memory"):
        descend(plans(), opener(-1, tried))
    assert len(tried) == 5


def test_another_error_ends_it_at_once() -> None:
    tried: list[Plan] = []

    def broken(plan: Plan) -> str:
        tried.append(plan)
        raise ModelError("bad-model", "The file is damaged.", permanent=True)

    with pytest.raises(ModelError, match="damaged"):
        descend(plans(), broken)
    assert len(tried) == 1


def test_a_host_may_begin_on_a_lower_step_and_never_below_the_last() -> None:
    assert descend(plans(), opener(30 * 10**9, []), 3)[0] == 3
    assert descend(plans(), opener(30 * 10**9, []), 9)[0] == 4
