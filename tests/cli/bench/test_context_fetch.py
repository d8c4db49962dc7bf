"""Archives of `fathom bench context`: pinned, unpacked in part, and never run."""

from __future__ import annotations

import hashlib
import importlib.util
import io
import tarfile
from pathlib import Path

import pytest

from lsp_server.cli.bench.context import LANGUAGES
from lsp_server.cli.bench.recall import fetch
from lsp_server.cli.bench.recall.build import built
from lsp_server.cli.bench.recall.repositories import HALVES, REPOSITORIES, Archive, Repository
from lsp_server.cli.bench.recall.vocabulary import letters, vocabulary
from tests.models.gguf_writer import QWEN, gguf, write

FILES = {
    "pkg-1/src/app.py": b"from widgets import make_widget\n\nvalue = make_widget(3, 4)\n",
    "pkg-1/src/widgets.py": b"def make_widget(size, weight):\n    return size\n",
    "pkg-1/dist/app.js": b"built()\n",
    "pkg-1/../evil.py": b"evil()\n",
}


def archive(cache: Path, files: dict[str, bytes] = FILES) -> Archive:
    """An archive that has been fetched."""
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w:gz") as packed:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            packed.addfile(member, io.BytesIO(content))
    digest = hashlib.sha256(data.getvalue()).hexdigest()
    write(cache / "archives" / digest, data.getvalue())
    return Archive("pip", "pkg", "1", digest)


def test_only_what_is_kept_is_unpacked_without_the_folder_at_the_top(tmp_path: Path) -> None:
    repository = Repository("pkg", archive(tmp_path), ("python",), "development", keep=("src",))
    root = fetch.tree(repository, tmp_path)
    assert sorted(path.relative_to(root).as_posix() for path in root.rglob("*.*")) == [
        "src/app.py",
        "src/widgets.py",
    ]
    assert fetch.tree(repository, tmp_path) == root


def test_a_folder_of_an_archive_may_be_a_repository(tmp_path: Path) -> None:
    root = fetch.tree(Repository("pkg", archive(tmp_path), ("python",), "held-out", folder="src"), tmp_path)
    assert sorted(path.name for path in root.iterdir()) == ["app.py", "widgets.py"]


def test_nothing_is_written_outside_of_the_tree(tmp_path: Path) -> None:
    with pytest.raises(tarfile.FilterError):
        fetch.tree(Repository("pkg", archive(tmp_path), ("python",), "held-out"), tmp_path)
    assert not (tmp_path / "trees" / "evil.py").exists()


def test_an_archive_without_the_folder_is_said_to_be_empty(tmp_path: Path) -> None:
    repository = Repository("pkg", archive(tmp_path), ("python",), "held-out", folder="nowhere")
    with pytest.raises(ValueError, match="nothing of pkg"):
        fetch.tree(repository, tmp_path)


def test_another_file_than_the_pinned_one_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = write(tmp_path / "other.tgz", b"something else")
    monkeypatch.setattr(fetch, "_fetched", lambda *_: other)
    pinned = Archive("npm", "pkg", "1", "0" * 64)
    with pytest.raises(ValueError, match="another file than the pinned one"):
        fetch.tree(Repository("pkg", pinned, (), "development"), tmp_path)


def test_build_backends_only_say_what_the_archive_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fetch.write_backends(tmp_path / "backends")
    assert (tmp_path / "backends/scikit_build_core/setuptools/build_meta.py").is_file()
    spec = importlib.util.spec_from_file_location("backend", tmp_path / "backends/maturin.py")
    assert spec is not None
    assert spec.loader is not None
    backend = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(backend)
    write(tmp_path / "source/PKG-INFO", b"Name: some-thing\nVersion: 1.2\n\nAbout it.\n")
    monkeypatch.chdir(tmp_path / "source")
    name = backend.prepare_metadata_for_build_wheel(str(tmp_path))
    assert name == "some_thing-1.2.dist-info"
    assert (tmp_path / name / "METADATA").read_bytes() == (tmp_path / "source/PKG-INFO").read_bytes()


def test_repositories_are_pinned_and_every_language_is_in_both_halves() -> None:
    names = [repository.name for repository in REPOSITORIES]
    assert len(set(names)) == len(names) >= 12
    assert all(len(repository.archive.sha256) == 64 for repository in REPOSITORIES)
    for language in LANGUAGES:
        assert {each.half for each in REPOSITORIES if language in each.languages} == set(HALVES)


def test_cases_are_built_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    kept = archive(tmp_path, {name: FILES[name] for name in list(FILES)[:3]})
    repository = Repository("pkg", kept, ("go", "python"), "development", keep=("src",))
    pytest.importorskip("jedi")
    cases = built([repository], ["python"], 3, 1, tmp_path)
    assert {case.extractor for case in cases} == {"fathom", "jedi"}
    assert {(case.name, case.truth, case.line) for case in cases} == {
        ("make_widget", "value = make_widget(3, 4)", 2)
    }
    capsys.readouterr()
    assert built([repository], ["python"], 3, 1, tmp_path) == cases
    assert capsys.readouterr().err == ""


def test_tokens_are_those_of_the_model_file(tmp_path: Path) -> None:
    pytest.importorskip("tiktoken")
    spelled = [*letters(), "ab", "abc", "<|file_sep|>"]
    metadata = {
        **QWEN,
        "tokenizer.ggml.tokens": spelled,
        "tokenizer.ggml.token_type": [1] * (len(spelled) - 1) + [3],
    }
    known = vocabulary(write(tmp_path / "model.gguf", gguf(metadata)))
    assert known.ids("abc") == [257]
    assert known.count("<|file_sep|>ab\n") == 3
    assert known.head("abcabx", 2) == "abcab"
    assert known.tail("abcabx", 2) == "abx"
    assert known.ids("é") == [0xC3, 0xA9]


def test_a_file_without_a_vocabulary_is_refused(tmp_path: Path) -> None:
    pytest.importorskip("tiktoken")
    with pytest.raises(ValueError, match="no vocabulary"):
        vocabulary(write(tmp_path / "model.gguf", gguf({"general.architecture": "qwen2"})))
