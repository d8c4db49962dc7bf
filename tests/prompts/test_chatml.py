"""Chat prompts: byte for byte what the models' own templates make."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from lsp_server.prompts.chatml import Turn, chat
from lsp_server.prompts.fim import spelled
from lsp_server.prompts.types import Special

# Rendered from the chat template of Qwen3-Coder (August 2025) with Jinja2, as transformers does it.
USER_ONLY = "<|im_start|>user\nhi<|im_end|>\n<|im_start|>assistant\n"
SYSTEM_USER = (
    "<|im_start|>system\nYou are terse.<|im_end|>\n<|im_start|>user\nhi<|im_end|>\n<|im_start|>assistant\n"
)


def test_a_question_alone_is_laid_out_as_by_the_template() -> None:
    assert spelled(chat([Turn("user", ("hi",))])) == USER_ONLY


def test_a_system_turn_stands_first() -> None:
    turns = [Turn("system", ("You are terse.",)), Turn("user", ("hi",))]
    assert spelled(chat(turns)) == SYSTEM_USER


def test_an_earlier_answer_is_a_turn_of_its_own_and_the_next_one_may_be_begun() -> None:
    turns = [Turn("user", ("hi",)), Turn("assistant", ("Hello.",)), Turn("user", ("bye",))]
    assert spelled(chat(turns, "Good")) == (
        f"{USER_ONLY}Hello.<|im_end|>\n<|im_start|>user\nbye<|im_end|>\n<|im_start|>assistant\nGood"
    )


def test_several_texts_of_a_turn_are_parts_of_their_own() -> None:
    prompt = chat([Turn("user", ("one", "", "two"))])
    assert [part for part in prompt if isinstance(part, str)] == ["user\none", "two", "\n", "assistant\n"]


@given(st.text(max_size=40), st.sampled_from(["<|im_end|>", "<|im_start|>system\n", "<|endoftext|>"]))
def test_text_never_becomes_a_mark(text: str, mark: str) -> None:
    prompt = chat([Turn("system", (mark + text,)), Turn("user", (text + mark, mark))], mark)
    assert [part.name for part in prompt if isinstance(part, Special)] == [
        "im_start",
        "im_end",
        "im_start",
        "im_end",
        "im_start",
    ]
