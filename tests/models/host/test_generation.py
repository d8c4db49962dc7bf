"""What a request is told on its way; the order of the work is tested with the scheduler."""

from __future__ import annotations

import pytest

from lsp_server.models.backend import Lane
from lsp_server.models.host import scheduler as scheduler_module
from tests.models.host.backwards import Answer, engine, wait


@pytest.mark.parametrize(
    ("lane", "age", "told"),
    [("completion", 1.0, True), ("completion", 0.0, False), ("background", 1.0, False)],
)
def test_whoever_waits_hears_how_far_a_long_prompt_is_read(lane: Lane, age: float, told: bool) -> None:
    with engine() as (scheduler, _):
        answer = Answer("a" * 300, lane)
        answer.generation.arrived -= age
        scheduler.submit(answer.generation)
        wait(answer)
    read = [piece.read for piece in answer.pieces if piece.read is not None]
    # Steps have 64 tokens as long as the speed is not known, and all but the first follow within 200 ms.
    assert read == ([21] if told else [])
    assert answer.pieces[0].read == (21 if told else None)
    assert answer.text == "a" * 128


def test_what_was_read_before_does_not_count_as_read_now(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scheduler_module, "MOST", 64)
    with engine() as (scheduler, _):
        before, answer = Answer("a" * 100), Answer("a" * 100 + "b" * 200)
        scheduler.submit(before.generation)
        wait(before)
        answer.generation.arrived -= 1.0
        scheduler.submit(answer.generation)
        wait(answer)
    assert answer.pieces[0].read == 100 * 64 // 201
