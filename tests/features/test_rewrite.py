"""Edits as a whole: from a selection and a model's answer to a change, or to the reason for none."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from lsp_server.features.edit_request import (
    Diagnostic,
    Edited,
    NotEdited,
)
from lsp_server.models.backend import Lane, Piece, Sampling
from lsp_server.models.scripted import ScriptedBackend
from lsp_server.prompts.fim import spelled
from lsp_server.prompts.types import Prompt
from tests.features.edits import applied, edit, marked


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "a.py"


CASES: dict[str, tuple[str, str, str]] = {
    "whole lines": ("a = 1\n«b = 2\n»c = 3\n", "b = 4\n```", "a = 1\nb = 4\nc = 3\n"),
    "the middle of a line": ("print(«1», 2)\n", "print(one, 2)\n```", "print(one, 2)\n"),
    "the last line without a line end": ("a = 1\n«b = 2»", "b = 3\nc = 4\n```", "a = 1\nb = 3\nc = 4"),
    "windows line ends and a mark": (
        "\ufeffa = 1\r\n«b = 2\r\n»c = 3\r\n",
        "b = 4\nb = 5\n```",
        "\ufeffa = 1\r\nb = 4\r\nb = 5\r\nc = 3\r\n",
    ),
    "indentation": (
        "class A:\n«    def f(self):\n        return 1\n»",
        "def f(self):\n    return 2\n```",
        "class A:\n    def f(self):\n        return 2\n",
    ),
    "fences and tags inside": (
        'x = """\n«```\n</parameter>\n```\n»"""\n',
        "```\n</parameter>\n<|im_end|>\n```\n````",
        'x = """\n```\n</parameter>\n<|im_end|>\n```\n"""\n',
    ),
    "an empty selection": ("def f():\n‸\n", "return 1\n```", "def f():\n    return 1\n"),
    "an empty file": ("‸", "x = 1\n```", "x = 1\n"),
    "reasoning": ("«a = 1\n»", "<think>\nHm.\n</think>\n\na = 2\n```", "a = 2\n"),
    "an English preamble": ("«a = 1\n»", "Here is the code:\n\n```python\na = 2\n```\nDone.", "a = 2\n"),
    "two fences": ("«a = 1\n»", "a = 2\n```\n\nOr:\n\n```\na = 3\n```", "a = 2\n"),
    "repeated lines": (
        "first = 0\n«a = 1\n»last = 9\n",
        "first = 0\na = 2\nlast = 9\n```",
        "first = 0\na = 2\nlast = 9\n",
    ),
    "a comment with the instruction": (
        "«# fathom: double it\na = 1\n»b = 2\n",
        "a = 2\n```",
        "a = 2\nb = 2\n",
    ),
}


@pytest.mark.parametrize(("before", "reply", "after"), CASES.values(), ids=CASES)
async def test_an_edit_lands(before: str, reply: str, after: str, path: Path) -> None:
    outcome = await edit(before, ScriptedBackend([reply]), path)
    assert applied(before, outcome) == after
    assert isinstance(outcome, Edited)
    assert (outcome.doubts, outcome.tries, outcome.model) == ((), 1, "scripted")


async def test_tabs_and_blanks_side_by_side_stay_as_they_are(tmp_path: Path) -> None:
    before = "if a:\n«\tb()\n        c()\n»"
    outcome = await edit(
        before, ScriptedBackend(["\tb()\n        d()\n```"]), tmp_path / "a.txt", language="txt"
    )
    assert applied(before, outcome) == "if a:\n\tb()\n        d()\n"


async def test_a_long_file_is_edited_in_one_place_only(path: Path) -> None:
    lines = [f"value_{number} = {number}\n" for number in range(2000)]
    before = "".join([*lines[:1000], "«", lines[1000], "»", *lines[1001:]])
    backend = ScriptedBackend(["value_1000 = x\n```"])
    outcome = await edit(before, backend, path)
    lines[1000] = "value_1000 = x\n"
    assert applied(before, outcome) == "".join(lines)
    assert isinstance(outcome, Edited)
    (only,) = outcome.edits.files[0].edits
    assert only.text == "x"
    assert "value_999 = 999" in spelled(backend.prompts[0])
    assert "value_100 = 100\n" not in spelled(backend.prompts[0])


async def test_the_edit_is_for_the_version_that_was_seen(path: Path) -> None:
    outcome = await edit("«a = 1\n»", ScriptedBackend(["a = 2\n```"]), path)
    assert isinstance(outcome, Edited)
    assert outcome.edits.files[0].base.version == 7
    assert outcome.edits.title == "Do it"


async def test_several_small_edits_leave_the_lines_between_alone(path: Path) -> None:
    before = "«a = 1\nb = 2\nc = 3\n»"
    outcome = await edit(before, ScriptedBackend(["a = 9\nb = 2\nc = 9\n```"]), path)
    assert isinstance(outcome, Edited)
    assert len(outcome.edits.files[0].edits) == 2


# --- Answers that do not land ---


REFUSED = {
    "no change": ("«a = 1\n»", "NO CHANGE: it is right", "no-change"),
    "identical": ("«a = 1\n»", "a = 1\n```", "no-change"),
    "nothing": ("«a = 1\n»", "```", "empty"),
    "the wrong part of a line": ("f(«1», 2)\n", "g(1, 2)\n```", "outside-scope"),
    "circles": ("«a = 1\n»", "b = 1\n" * 100, "repetition"),
}


@pytest.mark.parametrize(("before", "reply", "reason"), REFUSED.values(), ids=REFUSED)
async def test_an_answer_of_no_use_changes_nothing(before: str, reply: str, reason: str, path: Path) -> None:
    outcome = await edit(before, ScriptedBackend([reply]), path)
    assert isinstance(outcome, NotEdited)
    assert outcome.reason == reason
    assert outcome.message.endswith((".", "right"))


class Cut(ScriptedBackend):
    """Is at its token limit after the reply."""

    async def stream(self, prompt: Prompt, sampling: Sampling, lane: Lane) -> AsyncIterator[Piece]:
        async for piece in super().stream(prompt, sampling, lane):
            yield Piece(piece.text, "length" if piece.finish else None, piece.usage)


async def test_an_answer_that_was_cut_off_is_never_applied(path: Path) -> None:
    outcome = await edit("«a = 1\n»", Cut(["a = 2\nb = 3\n"]), path)
    assert isinstance(outcome, NotEdited)
    assert outcome.reason == "cut"


async def test_a_syntax_error_is_told_to_the_model_once(path: Path) -> None:
    backend = ScriptedBackend(["def f(:\n    return 1\n```", "def f(x):\n    return 1\n```"])
    before = "«def f():\n    return 1\n»"
    outcome = await edit(before, backend, path)
    assert applied(before, outcome) == "def f(x):\n    return 1\n"
    assert isinstance(outcome, Edited)
    assert (outcome.tries, outcome.doubts) == (2, ())
    first, second = (spelled(prompt) for prompt in backend.prompts)
    assert second.startswith(first)
    assert "syntax error at 1:" in second


async def test_a_second_syntax_error_is_for_the_user_to_judge(path: Path) -> None:
    outcome = await edit("«a = 1\n»", ScriptedBackend(["a = (\n```"]), path)
    assert isinstance(outcome, Edited)
    assert [doubt.reason for doubt in outcome.doubts] == ["syntax"]
    assert outcome.tries == 2


async def test_an_old_syntax_error_elsewhere_is_no_doubt(path: Path) -> None:
    outcome = await edit("«a = 1\n»b = (\n", ScriptedBackend(["a = 2\n```"]), path)
    assert isinstance(outcome, Edited)
    assert outcome.doubts == ()


LONG = "«" + "".join(f"a{number} = {number}\n" for number in range(10)) + "»"


async def test_much_that_goes_is_for_the_user_to_judge(path: Path) -> None:
    outcome = await edit(LONG, ScriptedBackend(["a0 = 0\n```"]), path, "Use better names")
    assert isinstance(outcome, Edited)
    assert [doubt.reason for doubt in outcome.doubts] == ["deletion"]


async def test_much_may_go_where_that_was_asked_for(path: Path) -> None:
    outcome = await edit(LONG, ScriptedBackend(["a0 = 0\n```"]), path, "Remove all but the first")
    assert isinstance(outcome, Edited)
    assert outcome.doubts == ()


async def test_all_may_go_where_that_was_asked_for(path: Path) -> None:
    before = "a = 1\n«b = 2\n»c = 3\n"
    outcome = await edit(before, ScriptedBackend(["```"]), path, "Delete this")
    assert applied(before, outcome) == "a = 1\nc = 3\n"


async def test_a_change_that_is_doubtful_is_better_than_a_second_try_of_no_use(path: Path) -> None:
    outcome = await edit("«a = 1\n»", ScriptedBackend(["a = (\n```", "NO CHANGE: hm"]), path)
    assert isinstance(outcome, Edited)
    assert [doubt.reason for doubt in outcome.doubts] == ["syntax"]


async def test_who_repeats_the_old_lines_is_asked_anew_and_not_reminded_of_them(path: Path) -> None:
    backend = ScriptedBackend(["a = 1\n```", "a = 2\n```"])
    outcome = await edit("«a = 1\n»", backend, path)
    assert applied("«a = 1\n»", outcome) == "a = 2\n"
    assert backend.prompts[0] == backend.prompts[1]


async def test_an_answer_that_begins_with_the_file_is_stopped_and_asked_anew(path: Path) -> None:
    before = "first = 1\nsecond = 2\nthird = 3\n\n«a = 1\n»"
    backend = ScriptedBackend(["first = 1\nsecond = 2\n" + "x = 1\n" * 500, "a = 2\n```"])
    outcome = await edit(before, backend, path)
    assert applied(before, outcome).endswith("3\n\na = 2\n")
    assert backend.running == 0


async def test_other_lines_of_the_file_are_no_answer(path: Path) -> None:
    before = "«def f():\n    return 1\n»\n\ndef other():\n    # Why.\n    return 2 + 3\n"
    backend = ScriptedBackend(["def other():\n    return 2 + 3\n```", "def f():\n    return 4\n```"])
    outcome = await edit(before, backend, path)
    assert isinstance(outcome, Edited)
    assert outcome.tries == 2
    assert applied(before, outcome).startswith("def f():\n    return 4\n\n\ndef other")


# --- Large selections ---


def large() -> str:
    return "«" + "".join(f"    value_{number} = {number}\n" for number in range(200)) + "»"


def block(old: str, new: str) -> str:
    return f"<<<<<<< SEARCH\n{old}\n=======\n{new}>>>>>>> REPLACE\n"


async def test_of_many_lines_only_the_changes_are_asked_for(path: Path) -> None:
    before = f"if x:\n{large()}y = 1\n"
    backend = ScriptedBackend([block("value_7 = 7", "value_7 = 8\n") + block("value_9 = 9", "") + "```"])
    outcome = await edit(before, backend, path)
    text = marked(before)[0]
    assert applied(before, outcome) == text.replace("_7 = 7\n", "_7 = 8\n").replace("    value_9 = 9\n", "")
    assert "SEARCH" in spelled(backend.prompts[0])


async def test_the_first_block_may_be_gone_on_with(path: Path) -> None:
    before = f"if x:\n{large()}y = 1\n"
    reply = block("value_7 = 7", "value_7 = 8\n").removeprefix("<<<<<<< SEARCH\n")
    outcome = await edit(before, ScriptedBackend([f"{reply}```"]), path)
    assert applied(before, outcome) == marked(before)[0].replace("_7 = 7\n", "_7 = 8\n")


async def test_a_block_that_fits_nowhere_is_told_to_the_model(path: Path) -> None:
    backend = ScriptedBackend(
        [block("y = 1", "y = 2\n") + "```", block("value_7 = 7", "value_7 = 8\n") + "```"]
    )
    outcome = await edit(f"if x:\n{large()}y = 1\n", backend, path)
    assert isinstance(outcome, Edited)
    assert outcome.tries == 2


async def test_a_block_for_other_lines_changes_nothing(path: Path) -> None:
    outcome = await edit(f"{large()}y = 1\n", ScriptedBackend([block("y = 1", "y = 2\n") + "```"]), path)
    assert isinstance(outcome, NotEdited)
    assert outcome.reason == "no-match"


# --- What is asked ---


async def test_the_model_is_shown_what_is_wrong_in_the_lines_only(path: Path) -> None:
    backend = ScriptedBackend(["a = 2\n```"])
    text = "b = x\n«a = y\n»"
    found = (Diagnostic(4, 5, "x is\nunknown"), Diagnostic(10, 11, "y is\nunknown"))
    await edit(text, backend, path, diagnostics=found)
    told = spelled(backend.prompts[0])
    assert "Problem in line 2: y is unknown" in told
    assert "x is" not in told


async def test_the_instruction_in_a_comment_is_told_and_the_comment_is_not(path: Path) -> None:
    backend = ScriptedBackend(["a = 2\n```"])
    await edit("«# Fathom: double it\na = 1\n»", backend, path, instruction="")
    told = spelled(backend.prompts[0])
    assert "Instruction: double it\n" in told
    assert "# Fathom" not in told


async def test_another_instruction_shares_all_that_was_read_before(path: Path) -> None:
    backend = ScriptedBackend(["a = 2\n```"])
    for instruction in ("Double it", "Halve it"):
        await edit("x = 1\n«a = 1\n»y = 1\n", backend, path, instruction)
    one, other = (spelled(prompt) for prompt in backend.prompts)
    same = one[: one.index("Instruction: ")]
    assert other.startswith(same)
    assert "line 2, to be rewritten" in same


async def test_a_control_token_in_the_file_stays_text(path: Path) -> None:
    backend = ScriptedBackend(["a = 2\n```"])
    await edit('x = "<|im_end|>"\n«a = "<|im_start|>"\n»', backend, path, "<|im_end|>")
    assert len([part for part in backend.prompts[0] if not isinstance(part, str)]) == 5


class Curious(ScriptedBackend):
    """Remembers how it was asked."""

    def stream(self, prompt: Prompt, sampling: Sampling, lane: Lane) -> AsyncIterator[Piece]:
        self.asked = sampling, lane
        return super().stream(prompt, sampling, lane)


async def test_the_answer_may_be_twice_as_long_and_some_more(path: Path) -> None:
    backend = Curious(["a = 2\n```"])
    await edit("«" + "a = 1\n" * 35 + "»", backend, path, "Remove what is double")
    sampling, lane = backend.asked
    assert sampling.max_tokens == 2 * 60 + 512
    assert (sampling.temperature, sampling.repeat_penalty, sampling.seed) == (0.2, 1.0, 1)
    assert lane == "action"
