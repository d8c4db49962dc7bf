"""Changes are saved in files and taken back in them, without losing anybody's later work."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lsp_server.edits.apply import apply_all
from lsp_server.edits.diff import edits_between
from lsp_server.edits.journal import Change, FileChange, changes, journal_folder
from lsp_server.edits.save import read_text, save, undo
from lsp_server.edits.types import Edit, EditSet, FileEdit, Refusal, file_edit
from lsp_server.edits.undo import edit_set_of, undo_of
from lsp_server.edits.write import writes_folder

TEXT = "\ufeffone\r\ntwo\r\nthree\r\nfour\r\nfive"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "a.txt"
    write(path, TEXT)
    return path


def write(path: Path, text: str) -> None:
    path.write_bytes(text.encode())


def read(path: Path) -> str:
    return path.read_bytes().decode()


def replacing(path: Path, old: str, new: str) -> FileEdit:
    text = read(path)
    start = text.index(old)
    return file_edit(path, text, [Edit(start, start + len(old), new)])


def saved(*files: FileEdit, turn: str = "") -> Change:
    change = save(EditSet("t", files), turn)
    assert isinstance(change, Change), change
    return change


def undone(*taken: Change) -> Change:
    change = undo(taken)
    assert isinstance(change, Change), change
    return change


def reason(result: object) -> str:
    assert isinstance(result, Refusal), result
    return result.reason


def recorded() -> list[Change]:
    return list(changes(journal_folder()))


def test_a_change_is_written_byte_for_byte_and_remembered(path: Path) -> None:
    change = saved(replacing(path, "two", "2"), turn="x")
    assert read(path) == TEXT.replace("two", "2")
    assert recorded() == [change]
    assert (change.files[0].before, change.files[0].after) == (TEXT, read(path))


def test_files_are_created_and_undo_takes_them_away_again(path: Path, tmp_path: Path) -> None:
    new = tmp_path / "sub" / "new.txt"
    change = saved(replacing(path, "one", "1"), file_edit(new, None, [Edit(0, 0, "new\n")]))
    assert read(new) == "new\n"
    back = undone(change)
    assert (read(path), new.exists()) == (TEXT, False)
    undone(back)
    assert (read(path), read(new)) == (TEXT.replace("one", "1"), "new\n")


def test_a_file_that_has_changed_stops_the_whole_change(path: Path, tmp_path: Path) -> None:
    other = tmp_path / "b.txt"
    write(other, "x")
    edits = EditSet("t", (replacing(path, "one", "1"), replacing(other, "x", "y")))
    write(other, "z")
    assert reason(save(edits)) == "base-changed"
    assert (read(path), read(other), recorded()) == (TEXT, "z", [])


def test_what_cannot_be_written_is_not_remembered(path: Path, tmp_path: Path) -> None:
    with pytest.raises(OSError, match=r"a\.txt"):
        saved(replacing(path, "one", "1"), file_edit(path / "below", None, [Edit(0, 0, "x")]))
    assert (read(path), recorded()) == (TEXT, [])


def test_a_file_that_is_no_text_and_a_text_that_no_file_can_hold_are_refused(
    path: Path, tmp_path: Path
) -> None:
    odd = tmp_path / "odd"
    odd.write_bytes(b"\xff\xfe")
    assert reason(read_text(odd)) == "not-text"
    assert reason(save(EditSet("t", (file_edit(odd, "", []),)))) == "not-text"
    assert reason(save(EditSet("t", (replacing(path, "one", "\ud83e"),)))) == "not-text"
    assert (read(path), recorded()) == (TEXT, [])


def test_undo_gives_the_text_back_byte_for_byte(path: Path) -> None:
    change = saved(replacing(path, "five", "5\n6"))
    undone(change)
    assert read(path) == TEXT


def test_a_turn_is_taken_back_as_a_whole(path: Path, tmp_path: Path) -> None:
    other = tmp_path / "b.txt"
    write(other, "x")
    first = saved(replacing(path, "one", "1"), turn="t")
    second = saved(replacing(path, "1", "I"), replacing(other, "x", "y"), turn="t")
    back = undone(second, first)
    assert (read(path), read(other)) == (TEXT, "x")
    assert back.undoes == (second.number, first.number)


def test_later_work_elsewhere_in_the_file_stays(path: Path) -> None:
    text = "".join(f"line {number}\n" for number in range(20))
    write(path, text)
    change = saved(replacing(path, "line 5\n", "new\nnew\n"))
    write(path, "mine\n" + read(path).replace("line 15", "mine, too"))
    undone(change)
    assert read(path) == "mine\n" + text.replace("line 15", "mine, too")


@pytest.mark.parametrize("mine", ["mine", "line 4\nmine"])
def test_later_work_in_the_same_lines_is_not_lost(mine: str, path: Path, tmp_path: Path) -> None:
    other = tmp_path / "b.txt"
    write(other, "x")
    write(path, "".join(f"line {number}\n" for number in range(20)))
    change = saved(replacing(path, "line 5\n", "new\n"), replacing(other, "x", "y"))
    write(path, read(path).replace("line 4" if "line" in mine else "new", mine))
    after = read(path)
    assert reason(undo([change])) == "later-work"
    assert (read(path), read(other)) == (after, "y")


def test_a_file_that_was_deleted_or_is_as_before_is_left_alone(path: Path) -> None:
    change = saved(replacing(path, "one", "1"))
    write(path, TEXT)
    assert reason(undo([change])) == "already-undone"
    path.unlink()
    assert reason(undo([change])) == "later-work"
    assert not path.exists()


def test_a_new_file_that_somebody_worked_on_is_not_taken_away(tmp_path: Path) -> None:
    new = tmp_path / "new.txt"
    change = saved(file_edit(new, None, [Edit(0, 0, "new\n")]))
    write(new, "new\nmine\n")
    assert reason(undo([change])) == "later-work"
    assert read(new) == "new\nmine\n"


def test_a_document_that_lies_on_no_disk_is_undone_in_the_editor_only() -> None:
    change = Change(1, "t", "", 0.0, (FileChange("untitled:x", None, "a", "b", 4),))
    assert reason(undo([change])) == "not-a-file"
    files = undo_of([change], {"untitled:x": "b"})
    assert not isinstance(files, Refusal)
    assert apply_all(edit_set_of(files, "Undo"), {"untitled:x": "b"}) == {"untitled:x": "a"}


def test_nothing_is_left_lying_about(path: Path, tmp_path: Path) -> None:
    undone(saved(replacing(path, "one", "1")))
    assert [each.name for each in tmp_path.iterdir()] == ["a.txt"]
    assert [each.name for each in writes_folder().iterdir()] == ["lock"]


LINES = st.lists(st.sampled_from(["a\n", "b\n", "\n", "c\r\n", "d"]), max_size=14).map("".join)


@settings(deadline=None, max_examples=100)
@given(LINES, LINES, st.sampled_from(["MINE", "MINE\n"]), st.data())
def test_undo_never_loses_what_was_typed_since(
    before: str, after: str, mine: str, data: st.DataObject
) -> None:
    change = Change(1, "t", "", 0.0, (FileChange("u", Path("/u"), before, after),))
    at = data.draw(st.integers(0, len(after)))
    result = undo_of([change], {"u": after[:at] + mine + after[at:]})
    if isinstance(result, Refusal):
        return
    text = result[0].after
    assert text is not None
    assert text.replace(mine, "", 1) == before


@given(LINES, LINES)
def test_without_later_work_undo_is_the_text_before(before: str, after: str) -> None:
    change = Change(1, "t", "", 0.0, (FileChange("u", Path("/u"), before, after),))
    result = undo_of([change], {"u": after})
    assert not isinstance(result, Refusal)
    assert result[0].after == before


def test_edits_for_an_editor_are_small(path: Path) -> None:
    files = (FileChange("u", None, "one\ntwo\n", "one\n2\n"),)
    (edit,) = edit_set_of(files, "t").files
    assert edit.edits == edits_between("one\ntwo\n", "one\n2\n") == (Edit(4, 7, "2"),)
