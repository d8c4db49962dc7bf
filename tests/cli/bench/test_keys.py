"""What benchmarks type: the steps give the real text again."""

from __future__ import annotations

from collections import Counter

import pytest

from lsp_server.cli.bench.keys import Script, Step, forward, script

TEXT = "def one():\n    return 1\n\n\ndef two():\r\n    return 2\n"
LONG = "".join(f"def number_{number}() -> int:\n    return {number}\n\n\n" for number in range(200))


def typed(played: Script) -> str:
    text = played.text
    for step in played.steps:
        text = text[: step.start] + step.text + text[step.end :]
    return text


@pytest.mark.parametrize("line", [0, 1, 300, 795])
def test_all_steps_together_give_the_text_again(line: int) -> None:
    played = script(LONG, line, 10_000)
    assert played.text != LONG
    assert typed(played) == LONG


def test_a_script_has_steps_of_every_kind() -> None:
    kinds = Counter(step.kind for step in script(LONG, 0, 300).steps)
    assert set(kinds) == {"first", "forward", "newline", "correction", "paste", "jump"}
    assert kinds["first"] == 1
    assert kinds["forward"] > 150


def test_a_script_is_the_same_in_every_run() -> None:
    assert script(LONG, 0, 200) == script(LONG, 0, 200)


def test_a_script_has_no_more_steps_than_asked_for() -> None:
    assert len(script(LONG, 0, 43).steps) == 43
    assert len(forward(LONG, 0, 7).steps) == 7


def test_a_correction_takes_characters_back_and_types_them_again() -> None:
    steps = [step for step in script(LONG, 1, 30).steps if step.kind == "correction"]
    assert [step.end - step.start for step in steps] == [1, 1, 1, 0, 0, 0]
    taken, again = steps[:3], steps[3:]
    assert [step.start for step in reversed(taken)] == [step.start for step in again]


def test_a_paste_brings_several_lines_at_once() -> None:
    paste = next(step for step in script(LONG, 1, 200).steps if step.kind == "paste")
    assert paste.text.count("\n") == 5
    assert paste.start == paste.end


def test_a_jump_is_the_first_key_elsewhere() -> None:
    steps = script(LONG, 1, 200).steps
    at = next(number for number, step in enumerate(steps) if step.kind == "jump")
    assert steps[at].start - steps[at - 1].cursor > len(LONG) // 4
    assert steps[at + 1].start == steps[at].cursor


def test_a_line_end_and_its_indentation_are_one_key() -> None:
    played = forward(TEXT, 5, 100)
    assert typed(played) == TEXT
    assert played.steps[10] == Step("newline", played.steps[9].cursor, played.steps[9].cursor, "\r\n    ")


def test_typing_begins_in_the_middle_unless_a_line_is_named() -> None:
    assert forward(TEXT, 0, 5).steps[0].start == TEXT.index("\ndef two")
    assert "".join(step.text for step in forward(TEXT, 1, 6).steps) == "def on"


@pytest.mark.parametrize(("line", "told"), [(8, "7 lines"), (7, "nothing to type"), (-1, "7 lines")])
@pytest.mark.parametrize("make", [script, forward])
def test_a_line_that_is_not_there_is_named(make: object, line: int, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        make(TEXT, line, 5)  # type: ignore[operator]
