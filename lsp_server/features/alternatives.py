"""Other texts for a place at which one is shown already: for whoever asks once more."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from context.snapshot import Document, Snapshot
from lsp_server.features.answer import Answer, answer, greedy
from lsp_server.features.ask import ask
from lsp_server.features.complete import Completion, Place
from lsp_server.features.completion_options import CompletionOptions
from lsp_server.features.memory import Memory
from lsp_server.features.sources import ChooseSources, open_documents
from lsp_server.models.backend import AT_WORK, Backend, ModelError, Sampling
from lsp_server.prompts.scene import Scene, scene_at, taken_from

TEMPERATURE, TOP_P, TOP_K = 0.8, 0.95, 40
"""How freely an alternative is made. Seeds count from 1, so whoever asks again gets the same."""


async def alternatives(
    snapshot: Snapshot,
    backend: Backend,
    place: Place,
    shown: Completion,
    options: CompletionOptions,
    memory: Memory,
    choose: ChooseSources = open_documents,
) -> tuple[Completion, ...]:
    """What else could stand at the place where `shown` is; fewer than `options.alternatives`, all different.

    There are some if `shown` was shown at this very place before. Those that were made are not made again.
    Nobody waits for a model that is not loaded, and one that fails has no alternatives. Cancelling this
    cancels all.
    """
    document = snapshot.documents.get(place.uri)
    if document is None:
        return ()
    text = document.text.string
    scene = scene_at(text, place.offset, document.language)
    taken = taken_from(scene, place.selected)
    if not _is_asked_again(memory, place, scene):
        return ()
    known = _known(memory, place, scene, taken, shown)
    missing = options.alternatives - 1 - len(known)
    if missing <= 0 or (backend.state.phase not in AT_WORK and backend.state.phase != "stopped"):
        return known[: options.alternatives - 1]
    try:
        made = await _made(snapshot, document, backend, place, taken, scene, missing, options, memory, choose)
    except ModelError:
        return known
    fresh = (_completion(each, taken, place, shown) for each in made if each.cleaned.text)
    different = _different([shown, *known, *fresh])[1:]
    for each in different[len(known) :]:
        memory.shown.add_other(place.uri, scene, each.text, each.end - place.offset, shown.model)
    return tuple(different)


def _is_asked_again(memory: Memory, place: Place, scene: Scene) -> bool:
    """Whether the text was shown at this very place; if it was typed into, it counts as shown from now on.

    Some clients ask in this way at every key.
    """
    rest = memory.shown.find(place.uri, scene)
    if rest is not None and not rest.is_whole:
        memory.shown.add(place.uri, scene, rest.text, rest.covered, rest.model)
    return rest is not None and rest.is_whole


def _known(
    memory: Memory, place: Place, scene: Scene, taken: str, shown: Completion
) -> tuple[Completion, ...]:
    """Those that were made before, or what is left of them."""
    rests = (rest for rest in memory.shown.all(place.uri, scene) if rest.text.startswith(taken))
    found = (replace(shown, text=rest.text, end=place.offset + rest.covered) for rest in rests)
    return tuple(_different([shown, *found])[1:])


async def _made(
    snapshot: Snapshot,
    document: Document,
    backend: Backend,
    place: Place,
    taken: str,
    scene: Scene,
    count: int,
    options: CompletionOptions,
    memory: Memory,
    choose: ChooseSources,
) -> list[Answer]:
    """So many answers, at once: they share all of the prompt. Raises ModelError."""
    info = await backend.info()
    last = memory.anchor(place.uri, document.text.string, place.offset)
    asked = await ask(snapshot, document, place.offset, taken, info, options, last, memory.latest, choose)
    if not asked.prompt:
        return []
    memory.keep(asked.anchor)
    behind = replace(scene, before=scene.before + taken)
    answers = (
        answer(backend, asked, _freely(greedy(asked, options), seed), behind, options)
        for seed in range(1, count + 1)
    )
    # Without exceptions, since the first one would leave the others running.
    made = await asyncio.gather(*answers, return_exceptions=True)
    for each in made:
        if isinstance(each, BaseException) and not isinstance(each, ModelError):
            raise each
    return [each for each in made if isinstance(each, Answer)]


def _freely(sampling: Sampling, seed: int) -> Sampling:
    return replace(sampling, temperature=TEMPERATURE, top_p=TOP_P, top_k=TOP_K, seed=seed)


def _completion(each: Answer, taken: str, place: Place, shown: Completion) -> Completion:
    text, end = taken + each.cleaned.text, place.offset + each.cleaned.covered
    return replace(shown, text=text, end=end, reason="shown", usage=each.usage)


def _different(completions: list[Completion]) -> list[Completion]:
    """The first of all that say the same."""
    first: dict[str, Completion] = {}
    for each in completions:
        first.setdefault(each.text.rstrip(), each)
    return list(first.values())
