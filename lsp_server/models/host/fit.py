"""What fits: from a model's figures, the memory that is free and the user's wishes to a plan of opening it.

Pure: values in, values out. What the user has set is kept or refused, never changed; the rest is chosen.
Where memory runs out although it looked enough, `ladder.py` has the next lower plan.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from lsp_server.models.backend import ModelError
from lsp_server.models.host.plan import BLOCK, Figures, Machine, Plan, plan_of
from lsp_server.models.host.reasons import explained, misfit
from lsp_server.models.host.settings import CONTEXT, SMALLEST_CONTEXT, CacheType, LocalOptions

STRETCH = 4
"""How many times the trained window YaRN may open; Qwen names no more (262,144 to 1,048,576)."""
STEP = 1024
"""Tokens by which an offered window is rounded."""


def choose(model: Figures, wanted: LocalOptions, machine: Machine) -> Plan:
    """The best plan that fits. Raises ModelError: no-memory, or bad-request for what the model cannot do."""
    _check(model, wanted)
    plan = _first(model, wanted, machine)
    if plan is not None:
        return explained(plan, model, wanted, machine)
    sentence = misfit(_least(model, wanted, machine), model.name, machine, [*_offers(model, wanted, machine)])
    raise ModelError("no-memory", sentence, permanent=True)


def _first(model: Figures, wanted: LocalOptions, machine: Machine) -> Plan | None:
    """The best plan that fits, or None."""
    plans = (_best(model, wanted, machine, context) for context in _contexts(model, wanted))
    return next((plan for plan in plans if plan is not None), None)


def _least(model: Figures, wanted: LocalOptions, machine: Machine) -> Plan:
    """The plan that takes the least memory."""
    gpu_layers = next(_layer_counts(model, wanted, machine)) if wanted.gpu_layers > 0 else 0
    return plan_of(model, min(_contexts(model, wanted)), _kinds(model, wanted)[-1], gpu_layers)


def _contexts(model: Figures, wanted: LocalOptions) -> Iterator[int]:
    """The windows that may be opened, the best first."""
    if wanted.context:
        yield wanted.context
        return
    context = min(CONTEXT, model.native)
    yield context
    while (context := context // 2) >= SMALLEST_CONTEXT:
        yield context


def _kinds(model: Figures, wanted: LocalOptions) -> tuple[CacheType, ...]:
    """The caches that may be chosen, the best first.

    One of four bits is for the user to choose: with it Qwen2.5-Coder-0.5B goes on from its own
    `return a + b` with `defstr`, where it says `def subtract` with the others.
    """
    return model.cache_types[:2] if wanted.kv == "auto" else (wanted.kv,)


def _best(model: Figures, wanted: LocalOptions, machine: Machine, context: int) -> Plan | None:
    """The plan for a window: the best cache that fits, or the next one if all layers fit with that alone."""
    plans = (_fitted(model, wanted, machine, context, kv) for kv in _kinds(model, wanted))
    fitting = [plan for plan in plans if plan is not None]
    whole = (plan for plan in fitting if plan.whole)
    return next(whole, None) or next(iter(fitting), None)


def _fitted(
    model: Figures, wanted: LocalOptions, machine: Machine, context: int, kv: CacheType
) -> Plan | None:
    """The plan with as many layers on the GPU as fit there, if the rest fits into the machine's memory."""
    for gpu_layers in _layer_counts(model, wanted, machine):
        plan = plan_of(model, context, kv, gpu_layers)
        if plan.gpu <= machine.gpu_room:
            return plan if machine.room is None or plan.host <= machine.room else None
    return None


def _layer_counts(model: Figures, wanted: LocalOptions, machine: Machine) -> Iterator[int]:
    """The numbers of layers that may go to the GPU, the best first."""
    if not machine.offload or not machine.gpus:
        yield 0  # whatever is set: `reasons.py` says that it has no effect
    elif wanted.gpu_layers >= 0:
        yield min(wanted.gpu_layers, model.parts)
    else:
        yield from range(model.parts, -1, -1)


def _check(model: Figures, wanted: LocalOptions) -> None:
    """Raise ModelError for what no machine could do with this model."""
    most = STRETCH * model.native
    if wanted.context > most:
        raise ModelError(
            "bad-request",
            f"{model.name} was trained for a window of {model.native:,} tokens and can have "
            f"{most:,} at most: set context = {most} or less under [local].",
            permanent=True,
        )
    if wanted.kv not in ("auto", *model.cache_types):
        raise ModelError(
            "bad-request",
            f"{model.name} cannot have a cache in {wanted.kv}: its heads are "
            f"{' and '.join(map(str, sorted({*model.head_widths})))} numbers wide, and that takes a multiple "
            f'of {BLOCK}. Set kv = "f16" under [local].',
            permanent=True,
        )


def _offers(model: Figures, wanted: LocalOptions, machine: Machine) -> Iterator[str]:
    """Single changes of the settings with which the model would fit."""
    if wanted.context:
        most = _longest(model, wanted, machine)
        if most >= SMALLEST_CONTEXT:
            yield f"context = {most}"
    for kv in model.cache_types:
        if kv not in _kinds(model, wanted) and _first(model, replace(wanted, kv=kv), machine):
            yield f'kv = "{kv}"'
    if wanted.gpu_layers > 0:
        plan = _first(model, replace(wanted, gpu_layers=-1), machine)
        if plan is not None:
            yield f"gpu_layers = {plan.gpu_layers}"


def _longest(model: Figures, wanted: LocalOptions, machine: Machine) -> int:
    """The longest window in whole steps that fits; 0 if none does."""
    low, high = 0, wanted.context // STEP
    while low < high:
        middle = (low + high + 1) // 2
        if _best(model, wanted, machine, middle * STEP):
            low = middle
        else:
            high = middle - 1
    return low * STEP
