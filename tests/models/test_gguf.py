"""The header of a model's file: what it says, and every way in which a file is not what it claims to be."""

from __future__ import annotations

import os
import random
import tracemalloc
from pathlib import Path
from struct import pack

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_server.models import gguf_reader
from lsp_server.models.backend import ModelError
from lsp_server.models.gguf import GgufHeader, check_file
from tests.models.gguf_writer import Q8_0, QWEN, TENSOR, Raw, gguf, header, split, text, write


def check(folder: Path, content: bytes, name: str = "model.gguf") -> GgufHeader:
    return check_file(write(folder / name, content))


def refusal(path: Path) -> str:
    """The sentence with which a file is refused; for good, since it does not get better by itself."""
    with pytest.raises(ModelError) as refused:
        check_file(path)
    assert refused.value.code == "bad-model"
    assert refused.value.permanent
    return str(refused.value)


def refused(folder: Path, content: bytes) -> str:
    path = write(folder / "model.gguf", content)
    sentence = refusal(path)
    assert str(path) in sentence
    return sentence


# --- what a whole file says ---


def test_a_header_says_what_the_model_is(tmp_path: Path) -> None:
    found = check(tmp_path, gguf())
    assert (found.architecture, found.name, found.tokenizer) == ("qwen2", "Tiny", "gpt2")
    assert (found.context, found.layers, found.heads, found.kv_heads) == (32768, 24, 14, 2)
    assert (found.version, found.file_type, found.vocabulary, found.tensors) == (3, 7, 5, 1)
    assert found.chat_template


def test_size_and_weights_are_those_of_the_file(tmp_path: Path) -> None:
    content = gguf(tensors=(TENSOR, ("output.weight", (32, 1), Q8_0)))
    found = check(tmp_path, content)
    assert found.size == len(content)
    assert found.weights == 4 * 34 + 34


def test_the_cache_takes_keys_and_values_of_every_layer_in_two_bytes_each(tmp_path: Path) -> None:
    found = check(tmp_path, gguf())
    assert found.kv_bytes(1) == 2 * 24 * 2 * (64 + 64)
    assert found.kv_bytes(8192) == 100_663_296
    assert found.memory(8192) > found.weights + found.kv_bytes(8192)


def test_heads_may_be_wider_than_the_embedding_tells(tmp_path: Path) -> None:
    wide = {**QWEN, "qwen2.attention.key_length": 128, "qwen2.attention.value_length": 96}
    assert check(tmp_path, gguf(wide)).kv_bytes(1) == 2 * 24 * 2 * (128 + 96)


def test_each_layer_may_have_heads_of_its_own(tmp_path: Path) -> None:
    some = {**QWEN, "qwen2.block_count": 4, "qwen2.attention.head_count_kv": [0, 0, 0, 2]}
    assert check(tmp_path, gguf(some)).kv_bytes(1) == 2 * 1 * 2 * (64 + 64)


@pytest.mark.parametrize("said", [{}, {"qwen3next.full_attention_interval": 4}])
def test_where_every_fourth_layer_has_a_cache_only_those_count(tmp_path: Path, said: dict[str, int]) -> None:
    shape = {key.replace("qwen2", "qwen3next"): value for key, value in QWEN.items()}
    hybrid = {**shape, "general.architecture": "qwen3next", "qwen3next.block_count": 48, **said}
    assert check(tmp_path, gguf(hybrid)).kv_bytes(1) == 2 * 12 * 2 * (64 + 64)


def test_three_of_four_layers_of_qwen3_next_keep_a_state_of_each_text(tmp_path: Path) -> None:
    """The figures of Qwen3-Coder-Next; llama.cpp says 77 MB for each text, in numbers of four bytes."""
    shape = {key.replace("qwen2", "qwen3next"): value for key, value in QWEN.items()}
    ssm = {"inner_size": 4096, "state_size": 128, "conv_kernel": 4, "group_count": 16}
    states = {f"qwen3next.ssm.{key}": value for key, value in ssm.items()}
    hybrid = {**shape, "general.architecture": "qwen3next", "qwen3next.block_count": 48, **states}
    assert check(tmp_path, gguf(hybrid)).state_width == 36 * (3 * 8192 + 4096 * 128)
    assert check(tmp_path, gguf()).state_width == 0


def test_a_state_that_cannot_be_is_damage(tmp_path: Path) -> None:
    wild = {**QWEN, "qwen2.ssm.inner_size": 1 << 31, "qwen2.ssm.state_size": 1 << 31}
    with pytest.raises(ModelError, match="recurrent state"):
        check(tmp_path, gguf(wild))


def test_control_tokens_are_found_by_their_text(tmp_path: Path) -> None:
    found = check(tmp_path, gguf())
    assert (found.fim.prefix, found.fim.middle, found.fim.suffix, found.fim.file) == (1, 2, 3, 4)
    assert found.fim.repo is None
    assert found.fills_in


def test_control_tokens_of_the_metadata_come_first(tmp_path: Path) -> None:
    named = {**QWEN, "tokenizer.ggml.fim_pre_token_id": 77, "tokenizer.ggml.suffix_token_id": 78}
    found = check(tmp_path, gguf(named))
    assert (found.fim.prefix, found.fim.suffix, found.fim.middle) == (77, 78, 2)


def test_a_model_without_control_tokens_does_not_fill_in(tmp_path: Path) -> None:
    plain = check(tmp_path, gguf({**QWEN, "tokenizer.ggml.tokens": ["a", "b"]}))
    assert not plain.fills_in
    assert plain.fim.prefix is None


def test_a_control_token_is_not_found_inside_another_token(tmp_path: Path) -> None:
    longer = check(tmp_path, gguf({**QWEN, "tokenizer.ggml.tokens": ["x<|fim_prefix|>", "<|fim_prefix|>x"]}))
    assert longer.fim.prefix is None


def test_a_control_token_is_found_across_the_blocks_that_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = gguf()
    for block in (7, 64, 333):
        monkeypatch.setattr(gguf_reader, "BLOCK", block)
        found = check(tmp_path, content)
        assert (found.fim.prefix, found.vocabulary, found.tensors) == (1, 5, 1)


def test_version_2_is_read_like_version_3(tmp_path: Path) -> None:
    assert check(tmp_path, gguf(version=2)).version == 2


def test_every_kind_of_value_is_skipped_over(tmp_path: Path) -> None:
    kinds = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}
    values = {f"x.{kind}": Raw(pack(f"<I{code}", kind, 1)) for kind, code in kinds.items()}
    lists = {
        f"y.{kind}": Raw(pack("<IIQ", 9, kind, 2000) + pack(f"<{code}", 1) * 2000)
        for kind, code in kinds.items()
    }
    assert check(tmp_path, gguf({**values, **lists, **QWEN})).architecture == "qwen2"


def test_a_tensor_of_a_type_that_is_not_known_yet_is_no_error(tmp_path: Path) -> None:
    found = check(tmp_path, gguf(tensors=(TENSOR, ("new", (4, 4), 99))))
    assert found.weights == 136


def test_an_unusual_alignment_is_respected(tmp_path: Path) -> None:
    aligned = {**QWEN, "general.alignment": 256}
    assert check(tmp_path, gguf(aligned, alignment=256)).weights == 136


def test_a_long_chat_template_is_there_and_is_not_kept(tmp_path: Path) -> None:
    found = check(tmp_path, gguf({**QWEN, "tokenizer.chat_template": "x" * 300_000}))
    assert found.chat_template


# --- split models ---


def test_a_split_model_is_one_model(tmp_path: Path) -> None:
    paths = split(tmp_path, 3)
    found = check_file(paths[0])
    assert found.paths == tuple(paths)
    assert found.tensors == 3
    assert found.weights == 3 * 136
    assert found.size == sum(path.stat().st_size for path in paths)


def test_a_split_model_without_one_of_its_parts_names_it(tmp_path: Path) -> None:
    first, second, _ = split(tmp_path, 3)
    second.unlink()
    assert f"{second.name} is missing" in refusal(first)


def test_a_split_model_with_a_part_that_is_cut_off_names_it(tmp_path: Path) -> None:
    first, _, third = split(tmp_path, 3)
    third.write_bytes(third.read_bytes()[:-100])
    assert f"{third} is cut off" in refusal(first)


def test_a_later_part_names_the_first_one(tmp_path: Path) -> None:
    first, second = split(tmp_path, 2)
    assert f"name {first}" in refusal(second)


def test_a_part_of_another_model_is_noticed(tmp_path: Path) -> None:
    first, second = split(tmp_path, 2)
    second.write_bytes(first.read_bytes())
    assert "do not belong together" in refusal(first)


def test_a_part_that_was_renamed_says_how_it_must_be_called(tmp_path: Path) -> None:
    first, _ = split(tmp_path, 2)
    renamed = first.rename(tmp_path / "renamed.gguf")
    assert "-00001-of-00002.gguf" in refusal(renamed)


def test_a_whole_model_may_be_called_like_a_part(tmp_path: Path) -> None:
    assert check(tmp_path, gguf(), "whole-00001-of-00003.gguf").tensors == 1


# --- what is no model ---


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    assert refusal(tmp_path / "no.gguf") == (
        f"{tmp_path / 'no.gguf'} does not exist: name the GGUF file of a model."
    )


def test_a_folder_is_no_model(tmp_path: Path) -> None:
    assert "is a folder" in refusal(tmp_path)


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.gguf")
    assert "no regular file" in refusal(tmp_path / "pipe.gguf")


def test_a_device_is_not_read() -> None:
    assert "no regular file" in refusal(Path("/dev/zero"))


def test_a_link_to_itself_is_refused(tmp_path: Path) -> None:
    link = tmp_path / "link.gguf"
    link.symlink_to(link)
    assert "cannot be read" in refusal(link)


@pytest.mark.parametrize("name", ["a\0b.gguf", "x" * 5000])
def test_a_name_that_no_file_can_have_is_refused(tmp_path: Path, name: str) -> None:
    assert "cannot be" in refusal(tmp_path / name)


def test_a_file_without_right_to_read_says_so(tmp_path: Path) -> None:
    path = write(tmp_path / "model.gguf", gguf())
    path.chmod(0)
    if os.access(path, os.R_OK):
        pytest.skip("this user may read everything")
    assert "Permission denied" in refusal(path)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (b"GG", "is no GGUF file"),
        (b"PK\x03\x04 and so on", "is no GGUF file"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n", "git lfs pull"),
        (b"\n<!DOCTYPE html><html><body>Sign in</body></html>", "is a web page"),
        (b"tjgg" + bytes(100), "before GGUF"),
        (b"GGUF", "is cut off"),
        (b"GGUF" + pack("<I", 1) + bytes(100), "version 1"),
        (b"GGUF" + pack("<I", 4) + bytes(100), "too new"),
        (b"GGUF" + pack(">I", 3) + bytes(100), "big-endian"),
    ],
)
def test_what_is_no_gguf_file_is_called_what_it_is(tmp_path: Path, content: bytes, said: str) -> None:
    assert said in refused(tmp_path, content)


@pytest.mark.parametrize("kind", ["mmproj", "adapter"])
def test_a_file_that_belongs_to_a_model_is_no_model(tmp_path: Path, kind: str) -> None:
    assert f"of kind {kind}" in refused(tmp_path, gguf({**QWEN, "general.type": kind}))


def test_a_vocabulary_alone_is_no_model(tmp_path: Path) -> None:
    assert "no weights" in refused(tmp_path, gguf(tensors=()))


@pytest.mark.parametrize(
    "key",
    ["general.architecture", "qwen2.context_length", "qwen2.block_count", "qwen2.embedding_length"],
)
def test_a_model_that_does_not_say_what_it_must_is_damaged(tmp_path: Path, key: str) -> None:
    without = {name: value for name, value in QWEN.items() if name != key}
    assert key.rpartition(".")[2] in refused(tmp_path, gguf(without)).replace("names no ", "")


# --- truncated and damaged files ---


def test_a_file_that_is_cut_off_anywhere_is_noticed(tmp_path: Path) -> None:
    content = gguf()
    last_tensor_byte = len(content) - (-136 % 32)
    for length in range(1, last_tensor_byte):
        sentence = refused(tmp_path, content[:length])
        assert "cut off" in sentence or "no GGUF file" in sentence


def test_a_file_that_is_cut_off_says_how_much_is_there(tmp_path: Path) -> None:
    content = gguf()
    assert f"is cut off: {len(content) - 100} bytes of" in refused(tmp_path, content[:-100])


def test_padding_at_the_end_may_be_missing(tmp_path: Path) -> None:
    content = gguf()
    assert check(tmp_path, content[: len(content) - (-136 % 32)]).tensors == 1


HUGE = 2**63


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"GGUF" + pack("<IQQ", 3, HUGE, 1), id="tensors"),
        pytest.param(b"GGUF" + pack("<IQQ", 3, 1, HUGE), id="settings"),
        pytest.param(b"GGUF" + pack("<IQQ", 3, 1, 60_000) + bytes(10_000), id="settings that are not there"),
        pytest.param(b"GGUF" + pack("<IQQ", 3, 1, 1) + pack("<Q", HUGE) + b"key", id="length of a key"),
        pytest.param(gguf({"a": Raw(pack("<IQ", 8, HUGE)), **QWEN}), id="length of a text"),
        pytest.param(gguf({"a": Raw(pack("<IIQ", 9, 8, HUGE)), **QWEN}), id="texts in an array"),
        pytest.param(gguf({"a": Raw(pack("<IIQ", 9, 8, 4_000_000)), **QWEN}), id="many texts in an array"),
        pytest.param(gguf({"a": Raw(pack("<IIQ", 9, 12, HUGE)), **QWEN}), id="numbers in an array"),
        pytest.param(gguf({"a": Raw(pack("<IIQ", 9, 9, 1)), **QWEN}), id="array of arrays"),
        pytest.param(gguf({"a": Raw(pack("<I", 13)), **QWEN}), id="kind of a value"),
        pytest.param(header(tensors=(("t", (HUGE, HUGE, HUGE, HUGE), 0),))[:-9], id="size of a tensor"),
        pytest.param(header()[:-24] + pack("<I", HUGE >> 40), id="dimensions"),
        pytest.param(gguf({**QWEN, "general.alignment": 0}), id="alignment 0"),
        pytest.param(gguf({**QWEN, "general.alignment": 33}), id="alignment 33"),
        pytest.param(gguf({**QWEN, "general.alignment": 2**31}), id="alignment 2^31"),
        pytest.param(gguf({**QWEN, "general.alignment": "32"}), id="alignment that is a text"),
        pytest.param(gguf({**QWEN, "qwen2.block_count": 0}), id="no layers"),
        pytest.param(gguf({**QWEN, "qwen2.block_count": 513}), id="too many layers"),
        pytest.param(gguf({**QWEN, "qwen2.context_length": 2**31 - 1}), id="context"),
        pytest.param(gguf({**QWEN, "qwen2.attention.head_count": 2**32 - 1}), id="heads"),
        pytest.param(gguf({**QWEN, "qwen2.attention.head_count_kv": [-1, 2]}), id="heads below zero"),
        pytest.param(gguf({**QWEN, "qwen2.attention.key_length": 2**32 - 1}), id="width of heads"),
        pytest.param(gguf({**QWEN, "split.count": 2**32 - 1}), id="parts"),
    ],
)
def test_a_count_that_cannot_be_is_refused_without_taking_memory_for_it(
    tmp_path: Path, content: bytes
) -> None:
    tracemalloc.start()
    try:
        refused(tmp_path, content)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 8_000_000


def test_a_key_that_stands_there_twice_is_refused(tmp_path: Path) -> None:
    once = text("general.name") + pack("<I", 8) + text("Tiny")
    twice = (
        header().replace(pack("<Q", len(QWEN)), pack("<Q", len(QWEN) + 1), 1).replace(once, once + once, 1)
    )
    assert "general.name twice" in refused(tmp_path, twice + bytes(1000))


def test_a_header_without_end_is_left_after_a_bound(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gguf_reader, "LONGEST_HEADER", 4096)
    monkeypatch.setattr(gguf_reader, "BLOCK", 512)
    assert "longer than 4096 bytes" in refused(tmp_path, gguf({"a": "x" * 5000, **QWEN}))


def test_tensors_at_places_where_none_can_be_are_refused(tmp_path: Path) -> None:
    shifted = header()[:-8] + pack("<Q", 7)
    assert "not where they can be" in refused(tmp_path, shifted + bytes(1000))


@given(seed=st.integers(0, 2**32), changes=st.integers(1, 12))
def test_random_damage_is_read_or_refused_and_never_anything_else(seed: int, changes: int) -> None:
    numbers = random.Random(seed)
    content = bytearray(gguf())
    for _ in range(changes):
        content[numbers.randrange(4, len(content))] = numbers.choice((0, 1, 0x7F, 0x80, 0xFF))
    path = write(Path(os.environ["HOME"], "damaged.gguf"), bytes(content))
    try:
        said = check_file(path).architecture
    except ModelError as error:
        said = str(error)
    assert said
