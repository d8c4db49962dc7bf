"""Drafts with real weights: an edit is said faster, and what is said is what would have been said without."""

from __future__ import annotations

from pathlib import Path

import pytest

from lsp_server.models.backend import Sampling
from lsp_server.prompts.types import Prompt, Special
from tests.model.hosts import opened, said

pytestmark = [pytest.mark.model, pytest.mark.timeout(300)]

CODE = """\
def read_orders(path, separator):
    # One order a line: number, customer, amount.
    orders = []
    with open(path) as file:
        for line in file:
            number, customer, amount = line.strip().split(separator)
            orders.append({"number": int(number), "customer": customer, "amount": float(amount)})
    return orders


def total_by_customer(orders):
    totals = {}
    for order in orders:
        customer = order["customer"]
        totals[customer] = totals.get(customer, 0.0) + order["amount"]
    return totals
"""
SAMPLING = Sampling(max_tokens=160)


def turn(text: str) -> Prompt:
    start, end = Special("im_start"), Special("im_end")
    return (start, f"user\n{text}", end, "\n", start, "assistant\n")


def edit(order: str) -> Prompt:
    return turn(f"{order} Answer with the whole code:\n```python\n{CODE}```\n")


@pytest.mark.parametrize(
    "order",
    [
        "Rename the parameter `path` of the first function to `file_name`.",
        "Use a semicolon as the default of `separator`.",
        "Write the same code again without the comment.",
    ],
)
async def test_an_edit_is_the_same_with_drafts_and_takes_fewer_steps(default_model: Path, order: str) -> None:
    prompt = edit(order)
    async with opened(default_model) as backend:
        # So that both begin with the last token of a prompt that is there already.
        await said(backend, prompt, Sampling(max_tokens=0))
        plain, alone = await said(backend, prompt, SAMPLING, "completion")
        drafted, usage = await said(backend, prompt, SAMPLING, "action")
    assert drafted == plain
    assert (alone.drafted, alone.accepted) == (0, 0)
    assert usage.generated == alone.generated
    assert usage.accepted > usage.generated / 3


async def test_completions_interrupt_an_edit_with_drafts_which_says_the_same(default_model: Path) -> None:
    prompt = edit("Write the same code again without the comment.")
    async with opened(default_model) as backend:
        await said(backend, prompt, Sampling(max_tokens=0))
        plain, _ = await said(backend, prompt, SAMPLING, "completion")
        answer, usage, pieces = "", None, 0
        async for piece in backend.stream(prompt, SAMPLING, "action"):
            answer, usage, pieces = answer + piece.text, piece.usage, pieces + 1
            if pieces % 25 == 0:
                text, cost = await said(backend, ("1, 2, 3, 4,",), Sampling(max_tokens=2))
                assert text == " 5"
                assert cost.queue_ms < 1000
    assert answer == plain
    assert pieces > 100
    assert usage is not None
    assert usage.accepted > 0


async def test_nothing_is_drafted_where_tokens_are_chosen_at_random(default_model: Path) -> None:
    prompt = edit("Write it again.")
    async with opened(default_model) as backend:
        _, usage = await said(
            backend, prompt, Sampling(max_tokens=20, temperature=0.7, top_k=20, seed=3), "chat"
        )
    assert usage.drafted == 0
