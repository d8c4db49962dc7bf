"""What is kept of the texts that the model has read: shared, cut and evicted without ever being wrong."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, rule

from lsp_server.models.host.checkpoints import State
from lsp_server.models.host.sequences import EVERY, FORK, Kept, NoRoom, Sequences


class Tokens:
    """Holds what was evaluated, as llama.cpp does, and refuses what llama.cpp would refuse.

    Where it cannot be cut, a state is all that was read up to it, and a sequence that begins like another one
    has the state of that one's end until another is restored.
    """

    def __init__(self, *, can_cut: bool = True) -> None:
        self.can_cut = can_cut
        self.held: dict[int, list[int]] = {}

    def cut(self, sequence: int, length: int) -> bool:
        if not self.can_cut and length not in (0, len(self.held.get(sequence, []))):
            return False
        self.held[sequence] = self.held.get(sequence, [])[:length]
        return True

    def share(self, source: int, target: int, length: int) -> None:
        assert not self.held.get(target)
        self.held[target] = self.held[source][:length] if self.can_cut else list(self.held[source])

    def save(self, sequence: int) -> State:
        return np.array(self.held[sequence], np.int32).view(np.uint8)

    def restore(self, sequence: int, state: State, length: int) -> bool:
        tokens = state.view(np.int32).tolist()
        assert len(tokens) == length
        assert self.held[sequence][:length] == tokens
        self.held[sequence] = tokens
        return True

    def dump(self, sequence: int) -> State:
        return self.save(sequence)

    def load(self, sequence: int, state: State) -> bool:
        assert not self.held.get(sequence)
        self.held[sequence] = state.view(np.int32).tolist()
        return True

    def evaluate(self, sequences: Sequences, kept: Kept, tokens: Sequence[int]) -> None:
        sequences.make_room(len(tokens))
        assert len(self.held.setdefault(kept.number, [])) == kept.length
        self.held[kept.number] += tokens
        sequences.extend(kept, tokens)


def read(memory: Tokens, sequences: Sequences, tokens: Sequence[int]) -> int:
    """Do what a request does, and return how many tokens had to be evaluated."""
    kept = sequences.acquire(tokens)
    missing = len(tokens) - kept.length
    while kept.length < len(tokens):
        batch = tokens[kept.length : kept.length + sequences.ahead(kept)]
        memory.evaluate(sequences, kept, batch)
    sequences.release(kept)
    return missing


def fresh(count: int = 4, capacity: int = 1000, *, can_cut: bool = True) -> tuple[Tokens, Sequences]:
    memory = Tokens(can_cut=can_cut)
    return memory, Sequences(memory, count, capacity)


def test_typing_on_evaluates_what_is_new() -> None:
    memory, sequences = fresh()
    text = list(range(100))
    assert read(memory, sequences, text) == 100
    assert read(memory, sequences, [*text, 7, 8]) == 2


def test_the_last_token_is_evaluated_in_any_case() -> None:
    memory, sequences = fresh()
    assert [read(memory, sequences, [1, 2, 3]) for _ in range(2)] == [3, 1]


def test_alternating_texts_keep_both() -> None:
    memory, sequences = fresh()
    first, second = list(range(100)), list(range(200, 300))
    read(memory, sequences, first)
    read(memory, sequences, second)
    assert read(memory, sequences, [*first, 1]) == 1
    assert read(memory, sequences, [*second, 1]) == 1


def test_a_common_beginning_is_shared_and_costs_no_room() -> None:
    memory, sequences = fresh(capacity=300)
    head = list(range(200))
    read(memory, sequences, [*head, *range(1000, 1040)])
    assert read(memory, sequences, [*head, *range(2000, 2040)]) == 40
    assert sequences.free == 300 - 200 - 80
    assert len(sequences.texts()) == 2


def test_a_text_that_differs_in_its_end_alone_goes_on_in_place() -> None:
    memory, sequences = fresh()
    text = list(range(100))
    read(memory, sequences, text)
    read(memory, sequences, [*text[: 100 - FORK], 1])
    assert len(sequences.texts()) == 1


def test_the_end_of_the_oldest_text_goes_first() -> None:
    memory, sequences = fresh(capacity=300)
    old, middle, new = (list(range(start, start + 100)) for start in (0, 1000, 2000))
    for text in (old, middle, new):
        read(memory, sequences, text)
    read(memory, sequences, [*new, *range(30)])
    assert read(memory, sequences, [*middle, 1]) == 1
    assert read(memory, sequences, [*old[:50], 9999]) == 1


def test_of_idle_texts_the_one_that_is_cheapest_to_read_again_gives_way() -> None:
    memory, sequences = fresh(count=3)
    long, short, new = list(range(400)), list(range(1000, 1050)), list(range(2000, 2200))
    for text in (long, short, new):
        read(memory, sequences, text)
    read(memory, sequences, [9, 9])
    assert read(memory, sequences, [*long, 1]) == 1
    assert read(memory, sequences, [*new, 1]) == 1
    assert read(memory, sequences, [*short, 1]) == 51


def test_what_runs_is_never_evicted() -> None:
    memory, sequences = fresh(capacity=100)
    kept = sequences.acquire(list(range(80)))
    memory.evaluate(sequences, kept, list(range(80)))
    other = sequences.acquire(list(range(500, 560)))
    with pytest.raises(NoRoom):
        sequences.make_room(60)
    assert memory.held[kept.number] == list(range(80))
    sequences.release(kept)
    memory.evaluate(sequences, other, list(range(500, 560)))
    assert read(memory, sequences, list(range(30))) == 1


def test_without_an_idle_sequence_there_is_no_room() -> None:
    _, sequences = fresh(count=2)
    for start in (0, 100):
        sequences.acquire([start, start + 1])
    with pytest.raises(NoRoom):
        sequences.acquire([1000, 1001])


def test_a_busy_text_can_be_shared() -> None:
    memory, sequences = fresh()
    text = list(range(100))
    running = sequences.acquire(text)
    memory.evaluate(sequences, running, text)
    assert read(memory, sequences, [*text[:60], 5]) == 1
    assert memory.held[running.number] == text


def test_a_memory_that_cannot_be_cut_is_continued_where_a_text_goes_on() -> None:
    memory, sequences = fresh(can_cut=False)
    text = list(range(100))
    read(memory, sequences, text)
    assert read(memory, sequences, [*text, 1, 2]) == 2
    assert read(memory, sequences, [*text, 1, 2, 3]) == 1


def test_a_memory_that_cannot_be_cut_goes_back_to_a_saved_state() -> None:
    memory, sequences = fresh(can_cut=False)
    text = list(range(200))
    read(memory, sequences, text)
    # The end of the prompt has a state, and so has the place a little before it.
    said = sequences.acquire([*text, 7])
    memory.evaluate(sequences, said, [7, 8, 9])
    sequences.release(said)
    assert read(memory, sequences, [*text, 7, 1]) == 2
    assert read(memory, sequences, text) == FORK
    assert read(memory, sequences, [*text[: 200 - FORK], 5]) == 1


def test_the_place_where_two_texts_parted_is_saved_for_a_third() -> None:
    memory, sequences = fresh(can_cut=False)
    head = list(range(100))
    assert read(memory, sequences, [*head, *range(1000, 1100)]) == 200
    assert read(memory, sequences, [*head, *range(2000, 2100)]) == 200
    assert read(memory, sequences, [*head, *range(3000, 3100)]) == 100


def test_a_long_text_that_cannot_be_cut_is_saved_on_its_way() -> None:
    memory, sequences = fresh(capacity=4 * EVERY, can_cut=False)
    text = [number % 97 for number in range(2 * EVERY + 100)]
    read(memory, sequences, text)
    assert read(memory, sequences, [*text[: EVERY + 500], 99]) == 501


def test_a_text_that_cannot_be_cut_loses_its_end_to_others_and_keeps_what_was_saved() -> None:
    memory, sequences = fresh(capacity=300, can_cut=False)
    old, new = list(range(200)), list(range(1000, 1120))
    read(memory, sequences, old)
    read(memory, sequences, new)
    assert read(memory, sequences, [*old[: 200 - FORK], 5]) == 1


@pytest.mark.parametrize("can_cut", [True, False])
def test_what_only_idle_texts_share_makes_room_as_well(can_cut: bool) -> None:
    memory, sequences = fresh(capacity=300, can_cut=can_cut)
    head = list(range(100))
    for end in (range(1000, 1060), range(2000, 2060)):
        read(memory, sequences, [*head, *end])
    assert read(memory, sequences, list(range(3000, 3290))) == 290


class AnyUse(RuleBasedStateMachine):
    """Whatever requests come and go, every sequence holds exactly the tokens that the bookkeeping says."""

    can_cut = True

    running = Bundle("running")

    def __init__(self) -> None:
        super().__init__()
        self.memory, self.sequences = fresh(count=3, capacity=24, can_cut=self.can_cut)
        self.busy: dict[int, list[int]] = {}

    @rule(target=running, tokens=st.lists(st.integers(0, 2), min_size=1, max_size=20))
    def begin(self, tokens: list[int]) -> tuple[Kept, list[int]] | None:
        try:
            kept = self.sequences.acquire(tokens)
        except NoRoom:
            assert len(self.busy) == 3
            return None
        assert kept.length < len(tokens)
        assert self.memory.held.get(kept.number, []) == tokens[: kept.length]
        assert kept.number not in self.busy
        self.busy[kept.number] = tokens[: kept.length]
        return kept, tokens

    @rule(request=running, count=st.integers(1, 8))
    def go_on(self, request: tuple[Kept, list[int]] | None, count: int) -> None:
        if request is None or request[0].number not in self.busy or not request[0].busy:
            return
        kept, tokens = request
        batch = tokens[kept.length : kept.length + min(count, self.sequences.ahead(kept))]
        if self.busy[kept.number] != tokens[: kept.length] or not batch:
            return
        try:
            self.memory.evaluate(self.sequences, kept, batch)
        except NoRoom:
            assert len(batch) > self.sequences.free
            return
        self.busy[kept.number] = tokens[: kept.length]

    @rule(request=running, wrong=st.lists(st.integers(0, 2), min_size=1, max_size=4), right=st.integers(0, 4))
    def guess(self, request: tuple[Kept, list[int]] | None, wrong: list[int], right: int) -> None:
        """Evaluate tokens that may come next, and drop those that were wrong, as a draft does."""
        if request is None or self.busy.get(request[0].number) is None or not self.can_cut:
            return
        kept, tokens = request
        if self.busy[kept.number] != tokens[: kept.length]:
            return
        batch = [*tokens[kept.length : kept.length + right], *wrong]
        if kept.length + len(batch) > 24:
            return
        before = kept.length
        try:
            self.memory.evaluate(self.sequences, kept, batch)
        except NoRoom:
            return
        self.sequences.cut(kept, before + len(batch) - len(wrong))
        self.busy[kept.number] = tokens[: kept.length]

    @rule(count=st.integers(1, 24))
    def room(self, count: int) -> None:
        """Ask for room: what runs keeps its tokens, which the invariant sees, and all else may go."""
        held = sum(len(tokens) for tokens in self.busy.values())
        try:
            self.sequences.make_room(count)
        except NoRoom:
            assert count > 24 - held
            return
        assert self.sequences.free >= count

    @rule(request=consumes(running))
    def end(self, request: tuple[Kept, list[int]] | None) -> None:
        if request is not None and self.busy.pop(request[0].number, None) is not None:
            self.sequences.release(request[0])

    @invariant()
    def the_books_are_right(self) -> None:
        assert sorted(map(list, self.sequences.texts())) == sorted(filter(None, self.memory.held.values()))
        for number, tokens in self.busy.items():
            assert self.memory.held.get(number, []) == tokens
        assert 0 <= self.sequences.free <= 24


class AnyUseWithoutCuts(AnyUse):
    """The same where texts can only go back to a saved state."""

    can_cut = False


TestAnyUse = AnyUse.TestCase
TestAnyUse.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
TestAnyUseWithoutCuts = AnyUseWithoutCuts.TestCase
TestAnyUseWithoutCuts.settings = TestAnyUse.settings
