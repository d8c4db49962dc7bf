"""What holds for every file of the repository."""

from __future__ import annotations

import ast
import runpy
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
MOST_LINES = 400

PRIVATE = [
    "/" + place for place in ("work/main", "work/shared", "work/.library", "tmp/w/", "root/", "opt/wheels")
]
REGISTRIES = [
    ".".join(parts)
    for parts in (
        ("pypi", "org"),
        ("pythonhosted", "org"),
        ("registry", "npmjs", "org"),
        ("deb", "debian", "org"),
    )
]


def tracked() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split("\0")
    return [path for name in listed if name and (path := ROOT / name).is_file()]


def text_of(path: Path) -> str | None:
    """Return None for a binary file."""
    content = path.read_bytes()
    return None if b"\0" in content else content.decode("utf-8", errors="replace")


def test_no_file_names_a_place_on_one_machine_or_the_host_of_a_package_registry() -> None:
    found = [
        f"{path.relative_to(ROOT)}: {name}"
        for path in tracked()
        if (text := text_of(path)) is not None
        for name in (*PRIVATE, *REGISTRIES)
        if name in text
    ]
    assert found == []


def test_no_python_file_grows_too_long() -> None:
    lengths = {
        str(path.relative_to(ROOT)): len(path.read_text(encoding="utf-8").splitlines())
        for path in tracked()
        if path.suffix == ".py"
    }
    assert {name: lines for name, lines in lengths.items() if lines > MOST_LINES} == {}


@pytest.mark.parametrize("top", ["context", "lsp_server"])
def test_every_module_says_what_it_is(top: str) -> None:
    modules = [
        path for path in sorted((ROOT / top).rglob("*.py")) if path.read_text(encoding="utf-8").strip()
    ]
    trees = {str(path.relative_to(ROOT)): ast.parse(path.read_text(encoding="utf-8")) for path in modules}
    assert [name for name, tree in trees.items() if ast.get_docstring(tree) is None] == []


def test_the_demo_finds_its_hole() -> None:
    demo = runpy.run_path(str(ROOT / ".ci/demo.py"))
    hole = demo["HOLE"]
    text, offset = demo["cut"](hole)
    assert text[:offset].endswith(hole.before)
    assert hole.taken not in text[offset : offset + len(hole.taken)]
