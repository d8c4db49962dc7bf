"""The words for a plan: why a model is opened as it is, what the user has to know, and what would fit."""

from __future__ import annotations

from dataclasses import replace

from lsp_server.models.fetch import megabytes
from lsp_server.models.host.plan import Figures, Machine, Plan
from lsp_server.models.host.settings import CONTEXT, LocalOptions

SMALLER = "choose a smaller model: `fathom models list` shows what each of them needs"


def explained(plan: Plan, model: Figures, wanted: LocalOptions, machine: Machine) -> Plan:
    """The plan with its reason and notes."""
    cache = f"a cache in {plan.kv} ({megabytes(plan.cache)}{_why_cache(plan, wanted)})"
    reason = (
        f"A window of {plan.context:,} tokens ({_why_context(plan, model, wanted)}) with {cache}, "
        f"{_where(plan, wanted, machine)}; about {megabytes(plan.needed)} of memory in all."
    )
    return replace(plan, reason=reason, notes=(*_notes(plan, wanted, machine),))


def _why_context(plan: Plan, model: Figures, wanted: LocalOptions) -> str:
    if wanted.context:
        return "as set"
    if plan.context == model.native:
        return "what the model was trained for"
    return "the default" if plan.context == CONTEXT else "memory is short for the default"


def _why_cache(plan: Plan, wanted: LocalOptions) -> str:
    if wanted.kv != "auto":
        return ", as set"
    return "" if plan.kv == "f16" else ", since f16 does not fit"


def _where(plan: Plan, wanted: LocalOptions, machine: Machine) -> str:
    if plan.gpu_layers:
        set_so = ", as set" if wanted.gpu_layers > 0 else ""
        free = megabytes(sum(gpu.free for gpu in machine.gpus))
        count = f"all {plan.parts}" if plan.whole else f"{plan.gpu_layers} of {plan.parts}"
        return f"{count} layers on the GPU{set_so} ({free} free there)"
    if not machine.offload:
        return "on the CPU, since this llama.cpp is built without support for GPUs"
    if not machine.gpus:
        return "on the CPU, since llama.cpp finds no GPU"
    free = megabytes(sum(gpu.free for gpu in machine.gpus))
    return "on the CPU, as set" if wanted.gpu_layers == 0 else f"on the CPU, since the GPU has {free} free"


def _notes(plan: Plan, wanted: LocalOptions, machine: Machine) -> list[str]:
    notes = []
    if wanted.gpu_layers > 0 and not machine.offload:
        notes.append(
            f"gpu_layers = {wanted.gpu_layers} has no effect: this llama.cpp is built without support for "
            "GPUs, so the model runs on the CPU."
        )
    elif wanted.gpu_layers > 0 and not machine.gpus:
        notes.append(f"gpu_layers = {wanted.gpu_layers} has no effect: llama.cpp finds no GPU.")
    if plan.stretch > 1:
        notes.append(
            f"The window is {plan.stretch:.3g} times what the model was trained for (YaRN), "
            "so it is a little worse with short prompts."
        )
    return notes


def misfit(plan: Plan, name: str, machine: Machine, offers: list[str]) -> str:
    """Why not even this plan fits, and which settings would."""
    room = f"{megabytes(machine.room or 0)} can be had"
    room += f", and {megabytes(machine.gpu_room)} on the GPU" if plan.gpu else ""
    on_gpu = (
        f", {megabytes(plan.gpu)} of it on the GPU for {plan.gpu_layers} layers" if plan.gpu_layers else ""
    )
    advice = f"Set {' or '.join(offers)} under [local]" if offers else f"Close other programs, or {SMALLER}"
    return (
        f"{name} does not fit into the memory: with a window of {plan.context:,} tokens and a cache in "
        f"{plan.kv} it needs about {megabytes(plan.needed)}{on_gpu}; {room}. {advice}."
    )
