"""What was read is kept on disk: found again, bounded, for this user alone; not believed when it is wrong."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_server.models.host.checkpoints import State, Tokens
from lsp_server.models.host.sequences import Sequences
from lsp_server.models.host.warm import ABANDONED, LEAST, Warm
from lsp_server.models.host.warm_file import HEAD, Damaged, read_tokens, read_warm, write_warm
from tests.models.host.test_sequences import Tokens as Memory

KEY, OTHER_KEY = bytes(32), bytes([1] * 32)


def text(count: int = LEAST, first: int = 0) -> Tokens:
    return np.arange(first, first + count, dtype=np.int32)


def state(size: int = 1000) -> State:
    return np.full(size, 7, np.uint8)


def warm(folder: Path, identity: str = "one", model: str = "model", most_bytes: int = 1 << 20) -> Warm:
    return Warm(model, identity, folder / "warm", most_bytes)


def kept(folder: Path, tokens: Tokens, data: State | None = None, model: str = "model") -> Warm:
    made = warm(folder, model=model)
    made.keep(tokens, state() if data is None else data)
    made.settle()
    return made


def files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


@given(st.lists(st.integers(0, 2**31 - 1), max_size=50), st.binary(max_size=200))
def test_a_file_gives_back_what_was_written(
    tmp_path_factory: pytest.TempPathFactory, numbers: list[int], data: bytes
) -> None:
    path = tmp_path_factory.getbasetemp() / "one.warm"
    tokens, given_state = np.array(numbers, np.int32), np.frombuffer(data, np.uint8)
    write_warm(path, KEY, tokens, given_state)
    found, found_state = read_warm(path, KEY)
    assert found.tolist() == read_tokens(path, KEY).tolist() == numbers
    assert found_state.tobytes() == data


@given(st.data())
def test_a_file_with_any_byte_changed_or_missing_is_refused(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    path = tmp_path_factory.getbasetemp() / "damaged.warm"
    write_warm(path, KEY, text(5), state(20))
    whole = path.read_bytes()
    place = data.draw(st.integers(0, len(whole) - 1))
    cut = data.draw(st.booleans())
    path.write_bytes(whole[:place] if cut else whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
    with pytest.raises(Damaged):
        read_warm(path, KEY)


def test_a_file_for_another_key_or_with_more_behind_it_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "one.warm"
    write_warm(path, KEY, text(5), state(20))
    for read in (read_tokens, read_warm):
        with pytest.raises(Damaged):
            read(path, OTHER_KEY)
    with path.open("ab") as file:
        file.write(b"x")
    for read in (read_tokens, read_warm):
        with pytest.raises(Damaged):
            read(path, KEY)


def test_a_text_is_found_again_by_the_next_start(tmp_path: Path) -> None:
    kept(tmp_path, text())
    later = warm(tmp_path)
    stored = later.longest(text(LEAST + 1))
    assert stored is not None
    found = later.read(stored)
    assert found is not None
    assert found.tobytes() == state().tobytes()
    assert later.longest(text(LEAST)) is None
    assert later.longest(text(LEAST + 1, first=1)) is None


def test_the_longest_of_several_is_found(tmp_path: Path) -> None:
    for count in (LEAST, 2 * LEAST, 3 * LEAST):
        kept(tmp_path, text(count))
    stored = warm(tmp_path).longest(text(3 * LEAST))
    assert stored is not None
    assert len(stored.tokens) == 2 * LEAST


def test_only_this_user_can_read_it(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        kept(tmp_path, text())
    finally:
        os.umask(before)
    (file,) = files(tmp_path)
    assert file.stat().st_mode & 0o777 == 0o600
    assert [folder.stat().st_mode & 0o777 for folder in (file.parent, file.parent.parent)] == [0o700] * 2


def test_short_texts_and_texts_that_are_there_are_not_wanted(tmp_path: Path) -> None:
    there = kept(tmp_path, text())
    assert not there.wants(text(LEAST - 1, first=5000))
    assert not there.wants(text())
    assert not there.wants(text(LEAST + 100))
    assert there.wants(text(2 * LEAST))
    assert there.wants(text(first=5000))


@pytest.mark.parametrize("identity", ["one", "two"], ids=["damaged", "another model"])
def test_a_file_that_is_wrong_is_removed_and_nothing_is_found(tmp_path: Path, identity: str) -> None:
    kept(tmp_path, text())
    (file,) = files(tmp_path)
    if identity == "one":
        file.write_bytes(file.read_bytes()[:-1])
    assert warm(tmp_path, identity).longest(text(LEAST + 1)) is None
    assert files(tmp_path) == []


def test_a_file_that_is_damaged_behind_its_head_is_removed_when_it_is_read(tmp_path: Path) -> None:
    kept(tmp_path, text())
    (file,) = files(tmp_path)
    whole = bytearray(file.read_bytes())
    whole[HEAD.size + 4 * LEAST] ^= 1
    file.write_bytes(whole)
    later = warm(tmp_path)
    stored = later.longest(text(LEAST + 1))
    assert stored is not None
    assert later.read(stored) is None
    assert files(tmp_path) == []
    assert later.longest(text(LEAST + 1)) is None


def test_what_was_not_used_for_longest_makes_room_whatever_model_it_is_of(tmp_path: Path) -> None:
    size = 300_000
    for number, model in enumerate("abc"):
        kept(tmp_path, text(first=number), state(size), model)
    for age, file in enumerate(sorted(files(tmp_path), key=lambda path: path.stat().st_mtime_ns)):
        os.utime(file, (1000 + age, 1000 + age))
    oldest = min(files(tmp_path), key=lambda path: path.stat().st_mtime)
    kept(tmp_path, text(first=9), state(size), "d")
    assert len(files(tmp_path)) == 3
    assert oldest not in files(tmp_path)


def test_a_text_larger_than_half_of_the_bound_is_not_kept(tmp_path: Path) -> None:
    kept(tmp_path, text(), state(600_000))
    assert files(tmp_path) == []


def test_what_a_killed_host_left_half_written_is_removed(tmp_path: Path) -> None:
    kept(tmp_path, text())
    (file,) = files(tmp_path)
    old, new = file.with_name("old.tmp"), file.with_name("new.tmp")
    for path in (old, new):
        path.write_bytes(b"half")
    past = file.stat().st_mtime - ABANDONED - 10
    os.utime(old, (past, past))
    warm(tmp_path).longest(text())
    assert files(tmp_path) == sorted([file, new])


def test_a_folder_that_cannot_be_made_costs_nothing_but_a_line_in_the_log(tmp_path: Path) -> None:
    (tmp_path / "warm").write_text("a file is in the way")
    there = kept(tmp_path, text())
    assert there.longest(text(LEAST + 1)) is None


def read(memory: Memory, sequences: Sequences, tokens: Tokens, stable: int) -> int:
    """Do what a request does; returns how many tokens had to be evaluated."""
    kept = sequences.acquire(tokens.tolist(), stable)
    missing = len(tokens) - kept.length
    while kept.length < len(tokens):
        batch = tokens[kept.length : kept.length + min(100, sequences.ahead(kept))].tolist()
        memory.evaluate(sequences, kept, batch)
    sequences.release(kept)
    return missing


@pytest.mark.parametrize("can_cut", [True, False])
def test_the_stable_part_of_a_prompt_is_not_read_again_after_a_start(tmp_path: Path, can_cut: bool) -> None:
    prompts = [np.concatenate([text(700), text(60, first=first)]) for first in (2000, 3000, 4000)]
    costs = []
    for prompt in prompts:
        memory, there = Memory(can_cut=can_cut), warm(tmp_path)
        sequences = Sequences(memory, 3, 2000, there)
        costs.append(read(memory, sequences, prompt, stable=700))
        there.settle()
        assert sorted(map(list, sequences.texts())) == sorted(filter(None, memory.held.values()))
    assert costs == [760, 60, 60]


def test_the_stable_part_is_kept_although_the_prompt_before_did_not_ask_for_it(tmp_path: Path) -> None:
    memory, there = Memory(), warm(tmp_path)
    sequences = Sequences(memory, 3, 2000, there)
    read(memory, sequences, np.concatenate([text(700), text(60, first=2000)]), stable=0)
    read(memory, sequences, np.concatenate([text(700), text(60, first=3000)]), stable=700)
    there.settle()
    assert len(files(tmp_path)) == 1


def test_nothing_of_a_prompt_is_kept_unless_it_is_said_to_be_stable(tmp_path: Path) -> None:
    memory, there = Memory(), warm(tmp_path)
    read(memory, Sequences(memory, 3, 2000, there), text(900), stable=0)
    there.settle()
    assert files(tmp_path) == []


def test_what_does_not_fit_beside_running_requests_is_read_anew(tmp_path: Path) -> None:
    kept(tmp_path, text(700), np.arange(700, dtype=np.int32).view(np.uint8))
    memory = Memory()
    sequences = Sequences(memory, 3, 1000, warm(tmp_path))
    running = sequences.acquire(list(range(5000, 5400)))
    memory.evaluate(sequences, running, list(range(5000, 5400)))
    assert sequences.acquire(text(710).tolist(), 700).length == 0
