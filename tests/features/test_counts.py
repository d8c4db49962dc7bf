"""How many tokens texts have: what the model has counted, and estimates of the rest."""

from __future__ import annotations

import pytest

from lsp_server.features import counts as feature
from lsp_server.features.counts import AT_ONCE, Counts, estimate
from lsp_server.models.backend import ModelError
from lsp_server.models.scripted import ScriptedBackend


class Counting(ScriptedBackend):
    """Counts a word as a token, and keeps what it was asked."""

    def __init__(self, most: int = 1_000_000) -> None:
        super().__init__([])
        self.asked: list[str] = []
        self.most = most

    async def count_tokens(self, text: str) -> int:
        text.encode()
        if len(self.asked) >= self.most:
            raise ModelError("host-lost", "The model has gone.")
        self.asked.append(text)
        return len(text.split())


async def test_a_text_is_estimated_until_the_model_has_counted_it() -> None:
    counts, backend = Counts(), Counting()
    assert counts.are_exact
    assert counts.count("one two three") == estimate("one two three") == 4
    assert not counts.are_exact
    await counts.learn(backend)
    assert counts.are_exact
    assert counts.count("one two three") == 3
    assert counts.are_exact


async def test_the_model_is_asked_about_a_text_once() -> None:
    counts, backend = Counts(), Counting()
    for _ in range(3):
        counts.count("one two")
        await counts.learn(backend)
    assert backend.asked == ["one two"]


async def test_many_texts_are_asked_about_in_turns() -> None:
    counts, backend = Counts(), Counting()
    texts = [f"text {number}" for number in range(2 * AT_ONCE + 1)]
    for text in texts:
        counts.count(text)
    await counts.learn(backend)
    assert backend.asked == texts
    assert counts.are_exact


async def test_what_is_empty_has_no_tokens() -> None:
    counts = Counts()
    assert counts.count("") == 0
    assert counts.are_exact


async def test_a_text_that_cannot_be_encoded_is_counted_all_the_same() -> None:
    counts = Counts()
    assert counts.count("\ud800 b") == 1
    await counts.learn(Counting())
    assert counts.count("\ud800 b") == 2


async def test_where_the_model_fails_counts_stay_estimates_and_are_not_called_exact() -> None:
    counts = Counts()
    texts = [f"text {number}" for number in range(AT_ONCE + 2)]
    for text in texts:
        counts.count(text)
    with pytest.raises(ModelError):
        await counts.learn(Counting(most=AT_ONCE))
    assert not counts.are_exact
    assert counts.count(texts[0]) == 2
    assert counts.count(texts[-1]) == estimate(texts[-1])
    await counts.learn(Counting())
    assert counts.are_exact
    assert counts.count(texts[-1]) == 2


async def test_only_so_much_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feature, "MOST", 5)
    counts, backend = Counts(), Counting()
    texts = [f"{number} a b c d" for number in range(24)]
    for some in (texts[:20], texts[20:]):
        for text in some:
            counts.count(text)
        await counts.learn(backend)
    assert backend.asked == texts[:5] + texts[20:]
    assert [text for text in texts if counts.count(text) == 5] == texts[4:5] + texts[20:]


def test_an_estimate_is_never_below_what_the_budget_of_a_completion_counts() -> None:
    assert [estimate("x" * length) for length in (0, 1, 3, 4, 7, 8)] == [0, 1, 1, 2, 2, 3]
