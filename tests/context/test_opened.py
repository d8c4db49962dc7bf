"""Open documents as gather sees them: which of them, and how often they are parsed."""

from __future__ import annotations

from pathlib import Path

import pytest

from context import opened
from context.opened import LITTLE, LONGEST, MOST, Outlines, repository_of
from context.repository import Repository
from context.snapshot import Change, Document, Snapshot, Workspace
from context.text import Text

ROOT = Path("/r")
BODY = "import a\n\n\n" + "".join(f"def f{number}():\n    pass\n\n\n" for number in range(300))


def document(name: str, text: str, language: str = "python") -> Document:
    path = ROOT / name
    return Document(path.as_uri(), path, language, 1, Text(text))


@pytest.fixture
def parsed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The texts that were parsed."""
    texts: list[str] = []
    parse = opened.parse

    def noting(text: str, language: str) -> object:
        texts.append(text)
        return parse(text, language)

    monkeypatch.setattr(opened, "parse", noting)
    return texts


def seen(workspace: Workspace, here: str = "here.py", outlines: Outlines | None = None) -> Repository:
    """The repository from a document that is open."""
    snapshot = workspace.snapshot
    document = snapshot.documents[(ROOT / here).as_uri()]
    return repository_of(snapshot, document, [], outlines or Outlines(), lambda path: path)


def showing(*names: str) -> Workspace:
    workspace = Workspace([ROOT])
    for name in names:
        workspace.opened(
            (ROOT / name).as_uri(), ROOT / name, "python", 1, f"def in_{Path(name).stem}(): ...\n"
        )
    return workspace


def test_a_text_is_parsed_once_however_often_it_is_asked_for(parsed: list[str]) -> None:
    outlines, one = Outlines(), document("a.py", "def a(): ...\n")
    assert outlines.of(one, "/r/a.py") is outlines.of(one, "/r/a.py")
    assert outlines.around(one, "/r/a.py").definitions[0].name == "a"
    assert len(parsed) == 1


def test_another_open_document_is_always_as_it_is_now() -> None:
    outlines = Outlines()
    for text in (BODY, BODY + "def typed(): ...\n", BODY.replace("f299", "other")):
        known = outlines.of(document("a.py", text), "/r/a.py")
        assert known is not None
        assert known.text == text
        assert ("typed" in known.named) == ("typed" in text)
        assert ("f299" in known.named) == ("f299" in text)


def test_the_document_of_the_cursor_is_not_parsed_at_each_key(parsed: list[str]) -> None:
    outlines, text = Outlines(), BODY + "def f():\n    "
    for key in "return a.b":
        text += key
        assert outlines.around(document("a.py", text), "/r/a.py").definitions
    assert len(parsed) == 1


@pytest.mark.parametrize(
    "after", ["import a\nimport b\n" + BODY[9:], "import b\n" + BODY[9:], BODY + "x" * (LITTLE + 1)]
)
def test_it_is_parsed_again_when_it_imports_or_has_changed_much(parsed: list[str], after: str) -> None:
    outlines = Outlines()
    before = outlines.around(document("a.py", BODY), "/r/a.py")
    outline = outlines.around(document("a.py", after), "/r/a.py")
    assert len(parsed) == 2
    assert outline is not before
    assert outline.length == len(after)


def test_a_document_is_known_by_the_path_that_it_has_now() -> None:
    outlines, one = Outlines(), document("a.py", "def a(): ...\n")
    for path in ("/r/a.py", "/real/a.py"):
        known = outlines.of(one, path)
        assert known is not None
        assert {known.path} == {site.path for site in known.sites} == {path}


def test_a_document_that_is_opened_in_another_language_is_read_in_it() -> None:
    outlines = Outlines()
    for language in ("python", "plaintext"):
        known = outlines.of(document("a", "def f(): ...\n", language), "/r/a")
        assert known is not None
        assert known.outline.language == language
    assert outlines.around(document("a", "def f(): ...\n", "go"), "/r/a").language == "go"


def test_a_document_that_is_too_long_is_not_parsed(parsed: list[str]) -> None:
    outlines, long = Outlines(), document("a.py", "x\n" * LONGEST)
    assert outlines.of(long, "/r/a.py") is None
    assert not outlines.around(long, "/r/a.py").definitions
    assert parsed == []


def test_only_so_many_documents_are_remembered(parsed: list[str]) -> None:
    outlines = Outlines()
    many = [document(f"{number}.py", "x = 1\n") for number in range(MOST + 1)]
    for each in (*many, many[-1], many[0]):
        outlines.of(each, str(each.path))
    assert len(parsed) == MOST + 2


def test_other_documents_are_in_the_repository_and_the_own_one_is_not() -> None:
    repository = seen(showing("a.py", "b.py", "here.py"))
    assert set(repository.documents) == {"/r/a.py", "/r/b.py"}
    assert set(repository.named(["in_a", "in_b", "in_here"])) == {"in_a", "in_b"}


@pytest.mark.parametrize("name", [".env", "keys/id_rsa", ".aws/credentials"])
def test_a_document_that_is_secret_is_not_used(name: str) -> None:
    assert not seen(showing(name, "here.py")).documents


def test_a_document_is_secret_by_what_its_folder_really_is() -> None:
    workspace = showing("a.py", "here.py")
    snapshot = workspace.snapshot
    here = snapshot.documents[(ROOT / "here.py").as_uri()]
    real = Path("/home/user/.ssh")
    repository = repository_of(snapshot, here, [], Outlines(), lambda path: real / path.name)
    assert not repository.documents


def test_a_document_out_of_sync_is_not_used() -> None:
    workspace = showing("a.py", "here.py")
    workspace.changed((ROOT / "a.py").as_uri(), 0, [Change(None, "late = 1\n")], "utf-16")
    workspace.changed((ROOT / "a.py").as_uri(), 1, [Change(((-1, 0), (0, 0)), "")], "utf-16")
    assert not workspace.snapshot.documents[(ROOT / "a.py").as_uri()].in_sync
    assert not seen(workspace).documents


def test_a_document_that_lies_nowhere_is_not_used() -> None:
    workspace = showing("here.py")
    workspace.opened("untitled:1", None, "python", 1, "def untitled(): ...\n")
    assert not seen(workspace).documents


def test_a_document_that_lies_nowhere_sees_the_others() -> None:
    workspace = showing("a.py")
    workspace.opened("untitled:1", None, "python", 1, "")
    snapshot = workspace.snapshot
    here = snapshot.documents["untitled:1"]
    repository = repository_of(snapshot, here, [], Outlines(), lambda path: path)
    assert (repository.here, set(repository.documents)) == ("", {"/r/a.py"})


def test_the_own_file_under_another_name_is_not_found_either() -> None:
    workspace = showing("here.py")
    workspace.opened("file:///link/here.py", Path("/link/here.py"), "python", 1, "def canary(): ...\n")
    snapshot: Snapshot = workspace.snapshot
    here = snapshot.documents[(ROOT / "here.py").as_uri()]
    repository = repository_of(snapshot, here, [], Outlines(), lambda path: ROOT / path.name)
    assert repository.named(["canary"]) == {}
    assert repository.text("/r/here.py") is None
    assert repository.in_folder("/r") == repository.by_stem("here") == repository.users("canary") == []
