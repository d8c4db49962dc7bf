"""How fast a model would be: estimated from its bytes and from what computes them."""

from __future__ import annotations

from pathlib import Path

import pytest

from lsp_server.models.host.devices import Device
from lsp_server.models.speed import (
    FAST,
    GPU_THREADS,
    INTEGRATED_THREADS,
    MOST_THREADS,
    THREAD,
    USABLE,
    Processors,
    Speed,
    reading_rate,
    speed_of,
)

GB = 10**9
LARGE = Device("Large", "GPU", 24 * GB, 20 * GB)
SMALL = Device("Small", "GPU", 4 * GB, 4 * GB)
INTEGRATED = Device("Shared", "integrated GPU", 8 * GB, 8 * GB)

HALF, ONE, THREE, SEVEN = 0.491 * GB, 1.65 * GB, 3.29 * GB, 8.1 * GB
"""Bytes of the dense models of the catalogue."""
MIXTURE = 2.0 * GB
"""Bytes that take part in a token, of a model that needs ten times as many."""


@pytest.mark.parametrize(
    ("active", "needed", "on", "speed"),
    [
        (HALF, 1 * GB, Processors(1), "fast"),
        (ONE, 2.5 * GB, Processors(1), "usable"),
        (ONE, 2.5 * GB, Processors(4), "fast"),
        (THREE, 4.2 * GB, Processors(1), "slow"),
        (THREE, 4.2 * GB, Processors(3), "usable"),
        (SEVEN, 9.4 * GB, Processors(3), "slow"),
        (SEVEN, 9.4 * GB, Processors(64), "usable"),
        (SEVEN, 9.4 * GB, Processors(3, (LARGE,)), "fast"),
        (SEVEN, 9.4 * GB, Processors(3, (SMALL,)), "usable"),
        (MIXTURE, 20.5 * GB, Processors(8), "fast"),
        (MIXTURE, 20.5 * GB, Processors(2), "usable"),
        (THREE, 4.2 * GB, Processors(3, (INTEGRATED,)), "fast"),
    ],
)
def test_speed_follows_from_the_bytes_that_make_a_token_and_from_what_computes_them(
    active: float, needed: float, on: Processors, speed: Speed
) -> None:
    assert speed_of(reading_rate(int(active), int(needed), on)) == speed


def test_the_default_model_is_estimated_as_it_was_measured_on_one_core() -> None:
    assert reading_rate(491_400_064, GB, Processors(1)) == pytest.approx(100, rel=0.05)


def test_nothing_is_divided_by_zero() -> None:
    assert reading_rate(0, 0, Processors(0)) > 0


def test_the_page_has_the_figures_of_the_rule() -> None:
    page = (Path(__file__).parents[2] / "docs/MODELS.md").read_text(encoding="utf-8")
    assert f"{THREAD / 1e9:.0f} GB of weights a second" in page
    assert f"a thread of the processor, {MOST_THREADS} at most" in page
    assert f"as much as {INTEGRATED_THREADS} threads |" in page
    assert f"as much as {GPU_THREADS} threads, at least" in page
    assert f"From {FAST:.0f} tokens a second on a model is *fast*, from {USABLE:.0f} on *usable*" in page
