"""The documents say what is true: their commands, links, paths and versions exist."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import lsp_server
from lsp_server.cli import main

ROOT = Path(__file__).resolve().parent.parent
DOCUMENTS = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]
DOCUMENTS += sorted(path for path in (ROOT / "editors").rglob("*.md") if "node_modules" not in path.parts)
IDS = [str(path.relative_to(ROOT)) for path in DOCUMENTS]

FENCE = re.compile(r"^(`{3,}).*?^\1", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
SPAN = re.compile(r"(?<!`)`([^`\n]+)`(?!`)")
ASSIGNMENTS = r"(?:\$ )?(?:[A-Z_]+=\S+ )*"
COMMAND = re.compile(ASSIGNMENTS + r"fathom((?: [a-z][a-z-]*(?=\s|$))+)(.*)")
TARGET = re.compile(ASSIGNMENTS + r"make (?:[A-Z_]+=\S+ )*([a-z]+)\b")


def code(document: str) -> Iterator[str]:
    """Yield what a document shows as something to type: the lines of its code blocks and its code spans."""
    for block in FENCE.finditer(document):
        yield from (line.split(" #")[0].strip() for line in block[0].splitlines()[1:-1])
    yield from SPAN.findall(FENCE.sub("", document))


def commands() -> set[tuple[str, ...]]:
    """Return each command of the documents as its words, followed by the options that it is shown with."""
    lines = [line for path in DOCUMENTS for line in code(path.read_text(encoding="utf-8"))]
    found = [match for line in lines if (match := COMMAND.match(line))]
    return {(*match[1].split(), *re.findall(r"(?<![\w-])--[a-z-]+", match[2])) for match in found}


def help_exit_code(*words: str) -> int | str | None:
    with pytest.raises(SystemExit) as stopped:
        main([*words, "--help"])
    return stopped.value.code


@pytest.mark.parametrize("command", sorted(commands()), ids=" ".join)
def test_a_command_in_the_documents_exists(
    command: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    assert help_exit_code(*(word for word in command if not word.startswith("--"))) in (None, 0)
    help_text = capsys.readouterr().out
    assert [word for word in command if word.startswith("--") and word not in help_text] == []


def test_a_command_that_does_not_exist_would_be_noticed() -> None:
    assert help_exit_code("no-such-command") not in (None, 0)


@pytest.mark.parametrize("path", DOCUMENTS, ids=IDS)
def test_a_make_target_in_the_documents_exists(path: Path) -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    lines = code(path.read_text(encoding="utf-8"))
    named = {found[1] for line in lines if (found := TARGET.match(line))}
    assert named <= targets


def test_the_makefile_describes_each_public_target() -> None:
    makefile = (ROOT / "Makefile").read_text()
    described = set(re.findall(r"^([a-z]+):.*## ", makefile, re.MULTILINE))
    assert {"setup", "demo", "check", "test", "fmt", "clean", "help"} <= described


@pytest.mark.parametrize("path", DOCUMENTS, ids=IDS)
def test_a_link_to_a_file_resolves(path: Path) -> None:
    links = LINK.findall(FENCE.sub("", path.read_text(encoding="utf-8")))
    files = [link.split("#")[0] for link in links if not re.match(r"[a-z]+:", link)]
    assert [file for file in files if file and not (path.parent / file).exists()] == []


# --- docs/ARCHITECTURE.md ---


def architecture() -> str:
    return (ROOT / "docs/ARCHITECTURE.md").read_text(encoding="utf-8")


def named_paths(text: str) -> set[str]:
    """Return the code spans that are paths: with a slash, and without blanks or placeholders."""
    spans = [span for span in SPAN.findall(text) if re.fullmatch(r"[\w.-]+(/[\w.*-]+)*/?", span)]
    return {
        span
        for span in spans
        if "/" in span and not re.match(r"(textDocument|workspace|fathom|notebook)/\w+$", span)
    }


def test_a_path_named_in_the_architecture_exists() -> None:
    assert sorted(path for path in named_paths(architecture()) if not any(ROOT.glob(path.rstrip("/")))) == []


def sections(text: str) -> dict[str, str]:
    """Return what stands under each heading that is a folder, by the folder's path."""
    parts = re.split(r"^#+ `([\w/]+)/`.*$", text, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def test_the_architecture_has_a_section_for_every_package() -> None:
    packages = [
        path.parent for top in ("context", "lsp_server") for path in (ROOT / top).rglob("__init__.py")
    ]
    named = sections(architecture()).keys()
    assert sorted(name for path in packages if (name := str(path.relative_to(ROOT))) not in named) == []


def test_the_architecture_names_no_module_that_is_gone() -> None:
    files = {
        (folder, name) for folder, text in sections(architecture()).items() for name in SPAN.findall(text)
    }
    modules = {(folder, name) for folder, name in files if re.fullmatch(r"\w+\.py", name)}
    assert sorted(f"{folder}/{name}" for folder, name in modules if not (ROOT / folder / name).exists()) == []


def test_the_architecture_names_every_folder_of_tests_and_editors() -> None:
    folders = [
        path.parent for top in ("tests", "editors") for path in (ROOT / top).glob("*/*") if path.is_file()
    ]
    names = {f"{folder.relative_to(ROOT)}/" for folder in folders if folder.name != "__pycache__"}
    assert sorted(name for name in names if name not in architecture()) == []


# --- version and changelog ---


def test_the_changelog_begins_with_what_is_unreleased() -> None:
    sections = re.findall(r"^## \[([^\]]+)\]", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert sections[0] == "Unreleased"


def test_the_changelog_knows_no_later_version_than_the_program() -> None:
    released = re.findall(r"^## \[(\d+\.\d+\.\d+)\]", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert released in ([], [lsp_server.__version__, *released[1:]])


def test_the_program_says_its_version(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--version"])
    assert lsp_server.__version__ in capsys.readouterr().out
