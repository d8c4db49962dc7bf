"""Unified diffs, out and in again."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lsp_server.edits.apply import spliced
from lsp_server.edits.diff import edits_between, unified
from lsp_server.edits.patch import edits_of, parse
from lsp_server.edits.types import Refusal

EXAMPLES = settings(deadline=None, max_examples=100)
PIECES = [
    "a",
    "b",
    " ",
    "\t",
    "é",
    "\ufeff",
    "\ud83e",
    "    c\n",
    "\n",
    "\n",
    "\r\n",
    "\r",
    "\f",
    "\u2028",
    "\x85",
]
PIECES += ["-- x\n", "+++ y\n", "@@ -1 +1 @@\n", "\\ No", "diff --git a/x b/x\n", "rename from x\n"]
TEXTS = st.lists(st.sampled_from(PIECES), max_size=25).map("".join)
NAMES = st.one_of(st.sampled_from(["a.py", "a b.py", "b/c", '"x"', "a\tb", "é.py", "a\\b", "x\ny", "\x7f"]))


def put_in(diff: str, text: str) -> str:
    patches = parse(diff)
    assert not isinstance(patches, Refusal), patches
    for patch in patches:
        edits = edits_of(patch, text)
        assert not isinstance(edits, Refusal), edits
        result = spliced(text, edits)
        assert isinstance(result, str)
        text = result
    return text


@EXAMPLES
@given(TEXTS, TEXTS, NAMES, st.integers(1, 4))
def test_a_diff_that_is_read_again_gives_the_other_text(
    before: str, after: str, name: str, context: int
) -> None:
    diff = unified(before, after, name, context)
    assert put_in(diff, before) == after
    patches = parse(diff)
    assert not isinstance(patches, Refusal)
    assert [(patch.old_path, patch.new_path) for patch in patches] == [(name, name)] * (before != after)


@EXAMPLES
@given(TEXTS, st.data())
def test_a_few_edits_come_back_as_well(before: str, data: st.DataObject) -> None:
    after = before
    for _ in range(data.draw(st.integers(1, 3))):
        start = data.draw(st.integers(0, len(after)))
        end = min(len(after), start + data.draw(st.integers(0, 4)))
        after = after[:start] + data.draw(st.sampled_from(["", *PIECES])) + after[end:]
    assert put_in(unified(before, after, "a"), before) == after


@EXAMPLES
@given(TEXTS, TEXTS)
def test_edits_between_two_texts_make_one_of_the_other_and_part_no_crlf(before: str, after: str) -> None:
    edits = edits_between(before, after)
    assert spliced(before, edits) == after
    for edit in edits:
        assert before[max(0, edit.start - 1) : edit.start + 1] != "\r\n"
        assert before[max(0, edit.end - 1) : edit.end + 1] != "\r\n"


def test_edits_are_as_small_as_the_words_that_change() -> None:
    before = "def f(x):\r\n    return x + 1\r\n\r\nz\r\n"
    after = "def f(x):\r\n    return x + 2\r\n\r\nnew\r\nz\r\n"
    edits = edits_between(before, after)
    assert [(before[edit.start : edit.end], edit.text) for edit in edits] == [("1", "2"), ("", "new\r\n")]


def test_long_texts_that_have_little_in_common_are_compared_in_no_time() -> None:
    before = "".join(f"{number % 7}\n" for number in range(20_000))
    after = "".join(f"{number % 5}\n" for number in range(20_000))
    assert spliced(before, edits_between(before, after)) == after


def test_a_file_that_appears_or_goes_has_no_name_on_one_side() -> None:
    assert unified(None, "a\n", "x") == "--- /dev/null\n+++ b/x\n@@ -0,0 +1 @@\n+a\n"
    assert (
        unified("a", None, "x") == "--- a/x\n+++ /dev/null\n@@ -1 +0,0 @@\n-a\n\\ No newline at end of file\n"
    )
    patches = parse(unified(None, "", "x"))
    assert not isinstance(patches, Refusal)
    assert [(patch.old_path, patch.new_path) for patch in patches] == [(None, "x")]
    assert put_in(unified(None, "a\r\nb", "x"), "") == "a\r\nb"


TEXT = "one\ntwo\nthree\nfour\nfive\nsix\n"
HUNK = "--- a/x\n+++ b/x\n@@ -{line},3 +{line},3 @@\n two\n-three\n+THREE\n four\n"


def test_a_wrong_line_number_is_forgiven_where_the_lines_stand_once() -> None:
    assert put_in(HUNK.format(line=1), TEXT) == TEXT.replace("three", "THREE")
    assert put_in(HUNK.format(line=90), TEXT) == TEXT.replace("three", "THREE")


def test_a_right_line_number_tells_places_apart_and_a_wrong_one_does_not() -> None:
    assert put_in(HUNK.format(line=8), TEXT + TEXT) == TEXT + TEXT.replace("three", "THREE")
    (patch,) = parsed(HUNK.format(line=5))
    result = edits_of(patch, TEXT + TEXT)
    assert isinstance(result, Refusal)
    assert (result.reason, result.message[:7]) == ("many-matches", "Hunk 1:")


def parsed(diff: str) -> tuple:  # type: ignore[type-arg]
    patches = parse(diff)
    assert not isinstance(patches, Refusal), patches
    return patches


def test_a_diff_with_lf_fits_a_file_with_crlf_and_the_other_way_round() -> None:
    crlf = TEXT.replace("\n", "\r\n")
    assert put_in(HUNK.format(line=2), crlf) == crlf.replace("three", "THREE")
    assert put_in(HUNK.format(line=2).replace("\n", "\r\n"), TEXT) == TEXT.replace("three", "THREE")


def test_text_around_patches_and_times_behind_names_are_skipped() -> None:
    diff = "Here it is:\n\ndiff --git a/x b/x\nindex 1..2 100644\n" + HUNK.format(line=2) + "\n-- \n2.39\n"
    diff = diff.replace("--- a/x\n", "--- a/x\t2026-01-01 00:00:00\n")
    assert put_in(diff, TEXT) == TEXT.replace("three", "THREE")


def test_a_blank_line_of_context_may_have_lost_its_blank() -> None:
    assert put_in("--- a/x\n+++ b/x\n@@ -1,3 +1,3 @@\n a\n\n-b\n+c\n", "a\n\nb\n") == "a\n\nc\n"


@pytest.mark.parametrize(
    ("diff", "reason"),
    [
        ("--- a/x\n+++ b/x\n@@ -1,3 +1,3 @@\n a\n-b\n+c\n", "malformed"),
        ("--- a/x\n+++ b/x\n@@ -1,1 +1,1 @@\n-b\n-d\n+c\n", "malformed"),
        ("--- a/x\n+++ b/x\n@@ -1,2 +1,2 @@\nb\n-d\n+c\n", "malformed"),
        ("@@ -1 +1 @@\n-a\n+b\n", "malformed"),
        ("--- /dev/null\n+++ /dev/null\n", "malformed"),
        ('--- "a\n+++ b\n', "malformed"),
        ("rename from x\nrename to .git/hooks/x\n", "unsupported"),
        ("new file mode 120000\n--- /dev/null\n+++ b/x\n@@ -0,0 +1 @@\n+/etc/passwd\n", "unsupported"),
        ("old mode 100644\nnew mode 100755\n", "unsupported"),
        ("GIT binary patch\nliteral 3\n", "unsupported"),
    ],
)
def test_what_is_no_diff_of_text_is_refused(diff: str, reason: str) -> None:
    result = parse(diff)
    assert isinstance(result, Refusal)
    assert result.reason == reason


@pytest.mark.parametrize(
    ("diff", "reason"),
    [
        ("--- a/x\n+++ b/x\n@@ -1,0 +2 @@\n+c\n", "empty"),
        ("--- a/x\n+++ b/x\n@@ -1,2 +1,2 @@\n one\n-TWO\n+2\n", "no-match"),
        (HUNK.format(line=2) + "@@ -2,2 +2,2 @@\n-two\n+2\n three\n", None),
        (HUNK.format(line=2) + "@@ -3,1 +3,1 @@\n-three\n+3\n", "overlap"),
    ],
)
def test_a_hunk_that_does_not_fit_is_refused(diff: str, reason: str | None) -> None:
    (patch,) = parsed(diff)
    result = edits_of(patch, TEXT)
    assert (result.reason if isinstance(result, Refusal) else None) == reason


@pytest.mark.process
@pytest.mark.skipif(shutil.which("git") is None, reason="needs git")
def test_git_reads_our_diffs(tmp_path: Path) -> None:
    before, after = "a\r\nb\nc\fd\ne", "a\r\nB\nc\fd\ne\nf"
    (tmp_path / "a b.txt").write_bytes(before.encode())
    command = ["git", "apply", "--whitespace=nowarn", "-"]
    subprocess.run(command, input=unified(before, after, "a b.txt").encode(), cwd=tmp_path, check=True)
    assert (tmp_path / "a b.txt").read_bytes() == after.encode()
