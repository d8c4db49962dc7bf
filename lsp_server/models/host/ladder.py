"""What is tried when memory runs out although a plan looked as if it fitted: lower plans, a few of them."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import TypeVar

from lsp_server.models.backend import ModelError
from lsp_server.models.host.plan import Figures, Plan, plan_of
from lsp_server.models.host.settings import SMALLEST_CONTEXT, LocalOptions

log = logging.getLogger(__name__)

T = TypeVar("T")

FELL_SHORT = "Memory ran out with more, so this was tried next: "


def ladder(plan: Plan, model: Figures, wanted: LocalOptions) -> tuple[Plan, ...]:
    """The plan and those below it: fewer layers on the GPU, a smaller cache, a smaller window, no GPU.

    Each takes less memory than the one before, and none changes what the user has set.
    """
    return (plan, *(_told(lower, plan) for lower in _below(plan, model, wanted)))


def _below(plan: Plan, model: Figures, wanted: LocalOptions) -> Iterator[Plan]:
    context, kv, layers = plan.context, plan.kv, plan.gpu_layers
    free_layers = wanted.gpu_layers < 0
    if free_layers and layers > 1:
        layers //= 2
        yield plan_of(model, context, kv, layers)
    if wanted.kv == "auto" and kv == "f16" and "q8_0" in model.cache_types:
        kv = "q8_0"
        yield plan_of(model, context, kv, layers)
    if not wanted.context and context // 2 >= SMALLEST_CONTEXT:
        context //= 2
        yield plan_of(model, context, kv, layers)
    if free_layers and layers:
        yield plan_of(model, context, kv, 0)


def _told(lower: Plan, plan: Plan) -> Plan:
    """A lower plan with a reason of its own, which the user has to hear as well as the notes of the first."""
    place = f"{lower.gpu_layers} of {lower.parts} layers on the GPU" if lower.gpu_layers else "on the CPU"
    reason = f"{FELL_SHORT}a window of {lower.context:,} tokens with a cache in {lower.kv}, {place}."
    return replace(lower, reason=reason, notes=(reason, *plan.notes))


def descend(plans: Sequence[Plan], open_: Callable[[Plan], T], rung: int = 0) -> tuple[int, T]:
    """Open the first plan from `rung` on for which there is memory; returns its number and what was opened.

    Raises ModelError: other errors at once, and that of the last plan where memory is short for them all.
    """
    rung = min(rung, len(plans) - 1)
    while True:
        try:
            return rung, open_(plans[rung])
        except ModelError as error:
            if error.code != "no-memory" or rung + 1 == len(plans):
                raise
            log.warning("%s %s", error, plans[rung + 1].reason)
            rung += 1
