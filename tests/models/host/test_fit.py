"""What is chosen for a model on a machine: tables of values, since no GPU of another size can be had here."""

from __future__ import annotations

from dataclasses import replace

import pytest

from lsp_server.models.backend import ModelError
from lsp_server.models.host import plan
from lsp_server.models.host.devices import Device, gpus
from lsp_server.models.host.fit import choose
from lsp_server.models.host.plan import Figures, Machine, plan_of
from lsp_server.models.host.settings import LocalOptions
from lsp_server.models.memory import Memory

GB = 10**9
SMALL = Figures("qwen2.5-coder-0.5b", 491_400_064, 24, 24 * 2 * 2 * 64, (64, 64), 32_768)
LARGE = Figures("qwen3-coder-30b", 18_600_000_000, 48, 48 * 2 * 4 * 128, (128, 128), 262_144)
"""The figures of the real models, from their headers."""
NO_GPU = Machine(Memory(64 * GB, 60 * GB))


def with_gpu(*free: float, memory: float = 64) -> Machine:
    found = tuple(Device("Big GPU", "GPU", int(size * GB) + GB, int(size * GB)) for size in free)
    return Machine(Memory(int(memory * GB), int(memory * GB)), found, offload=True)


def with_memory(available: float) -> Machine:
    return Machine(Memory(64 * GB, int(available * GB)))


def wanted(context: int = 0, kv: str = "auto", gpu_layers: int = -1) -> LocalOptions:
    return LocalOptions(context, kv, gpu_layers)  # type: ignore[arg-type]


def chosen(model: Figures, options: LocalOptions, machine: Machine) -> tuple[int, str, int]:
    plan = choose(model, options, machine)
    return plan.context, plan.kv, plan.gpu_layers


def refused(model: Figures, options: LocalOptions, machine: Machine) -> ModelError:
    with pytest.raises(ModelError) as error:
        choose(model, options, machine)
    assert error.value.permanent
    return error.value


# --- what memory it takes ---


@pytest.mark.parametrize(
    ("context", "kv", "gib"),
    [
        (32_768, "f16", 3.0),
        (262_144, "f16", 24.0),
        (262_144, "q8_0", 12.75),
        (262_144, "q4_0", 6.75),
        (1_048_576, "f16", 96.0),
        (1_048_576, "q8_0", 51.0),
    ],
)
def test_the_cache_of_a_window_is_known_before_it_is_opened(context: int, kv: str, gib: float) -> None:
    assert plan_of(LARGE, context, kv, 0).cache == gib * 2**30  # type: ignore[arg-type]


def test_a_layer_on_the_gpu_takes_its_weights_and_its_cache_with_it() -> None:
    none, half, whole = (plan_of(LARGE, 16_384, "f16", layers) for layers in (0, 24, 49))
    assert none.gpu == 0
    assert half.gpu == pytest.approx((LARGE.weights * 24 / 49) + none.cache / 2)
    assert whole.gpu == LARGE.weights + none.cache
    assert none.needed == half.needed == whole.needed


def test_the_states_of_a_recurrent_model_are_counted_with_their_copies() -> None:
    """A state of Qwen3-Coder-Next has 77 MB; there are eight, and as many copies as fit into a GiB."""
    recurrent = replace(LARGE, state=77_000_000)
    plain, with_states = (plan_of(model, 16_384, "f16", 0) for model in (LARGE, recurrent))
    assert with_states.host - plain.host == 8 * 77_000_000 + 2**30
    assert plan_of(recurrent, 16_384, "f16", 49).gpu - plan_of(LARGE, 16_384, "f16", 49).gpu == 8 * 77_000_000


def test_the_copies_of_states_are_those_that_are_kept() -> None:
    checkpoints = pytest.importorskip("lsp_server.models.host.checkpoints", exc_type=ImportError)
    assert (plan.COPIES, plan.COPIES_BYTES) == (checkpoints.MOST, checkpoints.MOST_BYTES)


def test_a_long_window_is_computed_in_smaller_batches() -> None:
    assert [plan_of(LARGE, context, "f16", 0).batch for context in (16_384, 131_072, 262_144)] == [
        512,
        512,
        128,
    ]


# --- without a GPU ---


@pytest.mark.parametrize(
    ("available", "expected"),
    [
        (60.0, (16_384, "f16", 0)),
        (1.3, (16_384, "f16", 0)),
        (1.25, (16_384, "q8_0", 0)),
        (1.19, (8_192, "q8_0", 0)),
        (1.13, (4_096, "q8_0", 0)),
        (1.115, (2_048, "q8_0", 0)),
    ],
)
def test_short_memory_gets_a_smaller_cache_and_then_a_smaller_window(
    available: float, expected: tuple[int, str, int]
) -> None:
    assert chosen(SMALL, wanted(), with_memory(available)) == expected


def test_a_model_that_fits_in_no_way_is_refused_with_what_it_needs() -> None:
    error = refused(LARGE, wanted(), with_memory(8))
    assert error.code == "no-memory"
    assert "needs about 19." in str(error)
    assert "7.7 GB can be had" in str(error)
    assert "`fathom models list`" in str(error)


def test_a_system_that_does_not_say_what_is_free_is_taken_by_its_whole_memory() -> None:
    assert chosen(SMALL, wanted(), Machine(Memory(2 * GB, None))) == (16_384, "f16", 0)
    assert refused(SMALL, wanted(), Machine(Memory(GB // 2, None))).code == "no-memory"
    assert chosen(LARGE, wanted(), Machine(Memory(None, None))) == (16_384, "f16", 0)


def test_a_window_is_no_longer_than_trained_unless_that_is_asked_for() -> None:
    assert choose(replace(SMALL, native=8192), wanted(), NO_GPU).context == 8192


# --- with a GPU ---


@pytest.mark.parametrize(
    ("machine", "expected"),
    [
        (with_gpu(24), (16_384, "f16", 49)),
        (with_gpu(20.4), (16_384, "q8_0", 49)),
        (with_gpu(12), (16_384, "f16", 27)),
        (with_gpu(12, 12), (16_384, "f16", 49)),
        (with_gpu(0.5), (16_384, "f16", 0)),
        (with_gpu(12, memory=8), "no-memory"),
    ],
    ids=["whole", "whole-with-a-smaller-cache", "half", "two", "full", "rest-does-not-fit"],
)
def test_as_many_layers_as_fit_go_to_the_gpu(machine: Machine, expected: object) -> None:
    if expected == "no-memory":
        assert refused(LARGE, wanted(), machine).code == expected
    else:
        assert chosen(LARGE, wanted(), machine) == expected


def test_a_gpu_is_of_no_use_to_a_build_without_support_for_it() -> None:
    plan = choose(SMALL, wanted(), replace(with_gpu(24), offload=False))
    assert plan.gpu_layers == 0
    assert "built without support for GPUs" in plan.reason


def test_an_integrated_gpu_is_used_where_there_is_no_other() -> None:
    cpu, inner, outer = (Device(kind, kind, GB, GB) for kind in ("CPU", "integrated GPU", "GPU"))
    assert gpus([cpu, inner, outer]) == (outer,)
    assert gpus([cpu, inner]) == (inner,)
    assert gpus([cpu]) == ()


# --- what the user has set ---


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (wanted(context=262_144), (262_144, "f16", 0)),
        (wanted(context=1_048_576, kv="q4_0"), (1_048_576, "q4_0", 0)),
        (wanted(kv="q8_0"), (16_384, "q8_0", 0)),
        (wanted(gpu_layers=0), (16_384, "f16", 0)),
    ],
)
def test_what_is_set_is_what_is_opened(options: LocalOptions, expected: tuple[int, str, int]) -> None:
    assert chosen(LARGE, options, NO_GPU) == expected


def test_what_is_set_for_the_gpu_is_kept_though_more_would_fit() -> None:
    assert chosen(LARGE, wanted(gpu_layers=10), with_gpu(24)) == (16_384, "f16", 10)
    assert chosen(LARGE, wanted(gpu_layers=0), with_gpu(24)) == (16_384, "f16", 0)
    assert chosen(LARGE, wanted(gpu_layers=99), with_gpu(24)) == (16_384, "f16", 49)


def test_a_window_that_is_set_may_get_a_smaller_cache() -> None:
    assert chosen(LARGE, wanted(context=262_144), with_memory(40)) == (262_144, "q8_0", 0)


@pytest.mark.parametrize(
    ("options", "machine", "offers"),
    [
        (wanted(context=262_144), with_memory(30), ["context = 205824", 'kv = "q4_0"']),
        (wanted(context=262_144, kv="f16"), with_memory(40), ["context = 210944", 'kv = "q8_0"', '"q4_0"']),
        (wanted(gpu_layers=40), with_gpu(12), ["gpu_layers = 27"]),
        (wanted(kv="f16"), with_memory(19.35), ['kv = "q8_0"']),
    ],
)
def test_what_is_set_and_does_not_fit_is_refused_with_what_would_fit(
    options: LocalOptions, machine: Machine, offers: list[str]
) -> None:
    error = refused(LARGE, options, machine)
    assert error.code == "no-memory"
    assert "under [local]" in str(error)
    assert [offer for offer in offers if offer not in str(error)] == []


def test_an_offered_window_fits_and_a_longer_one_does_not() -> None:
    machine = with_memory(30)
    assert choose(LARGE, wanted(context=205_824), machine).context == 205_824
    assert refused(LARGE, wanted(context=205_824 + 1024), machine)


@pytest.mark.parametrize(("kv", "width"), [("q8_0", 80), ("q4_0", 48)])
def test_a_cache_of_integers_needs_heads_of_whole_blocks(kv: str, width: int) -> None:
    odd = replace(SMALL, head_widths=(width, width))
    assert refused(odd, wanted(kv=kv), NO_GPU).code == "bad-request"
    assert f"{width} numbers wide" in str(refused(odd, wanted(kv=kv), NO_GPU))
    assert chosen(odd, wanted(), with_memory(1.25)) == (8_192, "f16", 0)


# --- windows beyond the trained one ---


@pytest.mark.parametrize(
    ("context", "stretch"), [(0, 1), (262_144, 1), (262_145, 1.0000038), (524_288, 2), (1_048_576, 4)]
)
def test_a_window_beyond_the_trained_one_is_stretched_by_as_much_as_it_needs(
    context: int, stretch: float
) -> None:
    plan = choose(LARGE, wanted(context, "q4_0"), NO_GPU)
    assert plan.stretch == pytest.approx(stretch)
    assert any("YaRN" in note and "short prompts" in note for note in plan.notes) == (stretch > 1)


def test_a_window_beyond_four_times_the_trained_one_is_refused() -> None:
    error = refused(LARGE, wanted(1_048_577), NO_GPU)
    assert error.code == "bad-request"
    assert "context = 1048576 or less" in str(error)


# --- what is said of it ---


@pytest.mark.parametrize(
    ("options", "machine", "said"),
    [
        (wanted(), NO_GPU, "16,384 tokens (the default)"),
        (wanted(), with_gpu(24), "all 49 layers on the GPU (24.0 GB free there)"),
        (wanted(), with_gpu(12), "27 of 49 layers on the GPU"),
        (wanted(), with_gpu(0.5), "on the CPU, since the GPU has 500.0 MB free"),
        (wanted(), with_gpu(20.4), "q8_0 (855.6 MB, since f16 does not fit)"),
        (wanted(), replace(NO_GPU, offload=True), "llama.cpp finds no GPU"),
        (wanted(context=32_768), NO_GPU, "32,768 tokens (as set)"),
        (wanted(kv="q8_0"), NO_GPU, "q8_0 (855.6 MB, as set)"),
        (wanted(gpu_layers=0), with_gpu(24), "on the CPU, as set"),
        (wanted(gpu_layers=20), with_gpu(24), "20 of 49 layers on the GPU, as set"),
        (wanted(), with_memory(19.9), "8,192 tokens (memory is short for the default)"),
    ],
)
def test_the_reason_says_what_and_why(options: LocalOptions, machine: Machine, said: str) -> None:
    assert said in choose(LARGE, options, machine).reason


@pytest.mark.parametrize(
    ("machine", "said"),
    [(NO_GPU, "built without support for GPUs"), (replace(NO_GPU, offload=True), "finds no GPU")],
)
def test_layers_that_are_set_for_a_gpu_that_is_not_there_are_said_to_have_no_effect(
    machine: Machine, said: str
) -> None:
    (note,) = choose(SMALL, wanted(gpu_layers=20), machine).notes
    assert note.startswith("gpu_layers = 20 has no effect")
    assert said in note
    assert choose(SMALL, wanted(), machine).notes == ()
