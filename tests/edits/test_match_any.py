"""The ladder over any texts: never a wrong place, never another byte, whatever line ends and indentation."""

from __future__ import annotations

import re

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from context.outline import Span
from lsp_server.edits.apply import spliced
from lsp_server.edits.fold import folded_line
from lsp_server.edits.lines import breaks, contents, lines_in
from lsp_server.edits.match import STEPS, Match, match, match_all
from lsp_server.edits.types import Refusal

EXAMPLES = settings(deadline=None, max_examples=70)
WORDS = st.sampled_from(
    ["a", "b", "a b", "if a:", "x = “é”", "}", "A", "wait…", "a - b", "1→a", "it’s", "", " "]
)
INDENTS = st.sampled_from(["", "  ", "    ", "      ", "\t", "\t\t", " \t"])
ENDS = st.sampled_from(["", "", "", " ", "\t", "\u00a0"])
BREAKS = st.sampled_from(["\n", "\n", "\r\n", "\r"])
LINES = st.lists(st.tuples(INDENTS, WORDS, ENDS, BREAKS).map("".join), max_size=8)
TEXTS = st.builds(
    lambda bom, lines, last: bom + "".join(lines) + last,
    st.sampled_from(["", "", "\ufeff"]), LINES, st.one_of(st.just(""), WORDS),
)  # fmt: skip
ANY = st.one_of(TEXTS, st.text(alphabet='ab \t\r\n“"…\ufeff', max_size=12))
ALPHABET = [chr(code) for code in range(0x250)] + list("“”‘’–—…\u2028\u3000🦊")


def bare(text: str) -> list[str]:
    """What no step ever ignores: the lines without blanks at both ends, in plain punctuation, not empty."""
    lines = [
        re.sub(r"^[ \t]*\d+(→|\t|: ?| ?\| ?)", "", line) for line in contents(text.replace("\ufeff", ""))
    ]
    return [kept for line in lines if (kept := folded_line(line).strip(" \t"))]


@EXAMPLES
@given(ANY, ANY, ANY)
def test_nothing_outside_of_the_match_changes_and_the_match_says_the_same(
    text: str, old: str, new: str
) -> None:
    found = match(text, old, new)
    if not isinstance(found, Match):
        return
    (edit,) = found.edits
    after = spliced(text, found.edits)
    assert isinstance(after, str)
    assert after[: edit.start] == text[: edit.start]
    assert after[len(after) - (len(text) - edit.end) :] == text[edit.end :]
    assert after.startswith("\ufeff") or not text.startswith("\ufeff")
    assert "".join(bare(text[edit.start : edit.end])) == "".join(bare(old))
    assert after != text


@EXAMPLES
@given(TEXTS, st.data())
def test_what_stands_once_is_replaced_as_a_plain_replacement_would(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    old = text[start : data.draw(st.integers(start, len(text)))].replace("\ufeff", "")
    new = data.draw(st.text(alphabet="xyz ", max_size=5))
    assume(old and sum(text.startswith(old, at) for at in range(len(text))) == 1 and new != old)
    found = match(text, old, new)
    assert isinstance(found, Match)
    assert found.step == "exact"
    assert spliced(text, found.edits) == text.replace(old, new)


@EXAMPLES
@given(LINES, LINES, LINES, st.sampled_from(["\n", "\r\n", "\r"]), st.data())
def test_a_block_that_the_model_writes_a_little_otherwise_lands_where_it_stands_or_nowhere(
    above: list[str], block: list[str], below: list[str], end: str, data: st.DataObject
) -> None:
    mark = "the_only_one()"
    there = [*block, f"    {mark}\n"]
    text = "".join([*above, *there, *below])
    start = len("".join(above))
    old = data.draw(_disguised("".join(there)))
    new = re.sub("\r\n?|\n", end, old.replace(mark, "another()"))
    found = match(text, old, new)
    if not isinstance(found, Match):
        return
    after = spliced(text, found.edits)
    expected = text[:start] + text[start:].replace(mark, "another()")
    assert after == expected, found.step


@st.composite
def _disguised(draw: st.DrawFn, text: str) -> str:
    """The text with other line ends, plain punctuation, other blanks at the ends, shifted, with numbers."""
    how = draw(st.sets(st.sampled_from(STEPS)))
    lines = contents(text)[:-1]
    if "punctuation" in how:
        lines = [folded_line(line) for line in lines]
    if "trailing-space" in how:
        lines = [line.rstrip(" \t") for line in lines]
    if "indentation" in how:
        lines = ["  " + line if line.strip() else line for line in lines]
    if "line-numbers" in how:
        lines = [f"{at:4}→{line}" for at, line in enumerate(lines, 1)]
    ends = ["\n"] * len(lines) if "line-ends" in how else breaks(text)
    return "".join(line + end for line, end in zip(lines, ends, strict=True))


@EXAMPLES
@given(st.lists(st.text(alphabet=ALPHABET, max_size=10), min_size=1, max_size=6), st.data())
def test_every_disguise_of_a_unique_block_is_seen_through(lines: list[str], data: st.DataObject) -> None:
    lines = [re.sub(r"[\r\n\ufeff]", "", line) for line in lines]
    block = "".join(f"  unique_{at} {line}\n" for at, line in enumerate(lines))
    text = f"first\n{block}last\n"
    found = match(text, data.draw(_disguised(block)), "      gone\n")
    assert isinstance(found, Match), found
    assert (found.edits[0].start, found.edits[0].end) == (6, len(text) - 5)


@EXAMPLES
@given(TEXTS, ANY, ANY)
def test_what_stands_twice_is_never_sure(text: str, old: str, new: str) -> None:
    whole = text.removeprefix("\ufeff") + "\n"
    found = match(whole, old, new)
    if isinstance(found, Match):
        twice = match(whole + whole, old, new)
        assert isinstance(twice, Refusal)
        assert twice.reason == "many-matches"


@EXAMPLES
@given(TEXTS, st.data())
def test_a_block_that_stands_twice_is_never_sure_in_any_disguise(text: str, data: st.DataObject) -> None:
    whole = text.removeprefix("\ufeff") + "\nlast\n"
    ends = [0, *(line.stop for line in lines_in(whole))]
    start = data.draw(st.integers(0, len(ends) - 2))
    block = whole[ends[start] : ends[data.draw(st.integers(start + 1, len(ends) - 1))]]
    assert not isinstance(match(whole + whole, data.draw(_disguised(block)), "x\n"), Match)


@EXAMPLES
@given(ANY, ANY, ANY)
def test_all_places_are_the_one_place_where_there_is_one(text: str, old: str, new: str) -> None:
    one, every = match(text, old, new), match_all(text, old, new)
    if isinstance(one, Match):
        assert every == one


@EXAMPLES
@given(TEXTS, ANY, ANY, st.integers(0, 30), st.integers(0, 30))
def test_nothing_outside_of_the_part_that_is_searched_changes(
    text: str, old: str, new: str, start: int, end: int
) -> None:
    start, end = sorted((start, end))
    found = match_all(text, old, new, Span(start, end))
    if isinstance(found, Match) and text.removeprefix("\ufeff"):
        assert all(start <= edit.start <= edit.end <= end for edit in found.edits)
