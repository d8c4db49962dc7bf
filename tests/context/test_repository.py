"""The repository at one moment: indexes, and open documents over them."""

from __future__ import annotations

from pathlib import Path

import pytest

from context.index import Index, Site
from context.indexing import sweep
from context.opened import Outlines, repository_of
from context.parse import parse
from context.repository import MEMO_OF_FILE, MOST_MEMO, Memo, Repository, sites_of
from tests.cases.outlines import OutlineCase, read_outline_cases
from tests.context.places import Place, World, shown, world, write

CANARY = """import canary_module
from canary_module import canary_import

CANARY = 1


class Canary:
    def canary_method(self):
        canary_use(canary_use)
"""
FILES = {
    "lib/here.py": CANARY,
    "lib/open.py": "import old_module\n\n\ndef old_name():\n    shared(old_use)\n",
    "lib/disk.py": "import old_module\n\n\ndef disk_name():\n    shared(shared)\n",
    "lib/README.md": "# Old names\n\nSome old words.\n",
}
OPEN = "import new_module\n\n\nclass New:\n    def new_name(self):\n        shared(shared, shared, new_use)\n"


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> World:
    return world(tmp_path_factory.mktemp("small"), FILES)


@pytest.fixture
def place(small: World) -> Place:
    """An editor shows nothing in one file, and another one as it is not on disk."""
    return small.at("lib/here.py", "‸", {"lib/open.py": OPEN})


def names(sites: list[Site]) -> list[str]:
    return [site.qualified for site in sites]


def test_nothing_is_taken_from_the_copy_on_disk_of_the_file_here(small: World, place: Place) -> None:
    repository, here = place.repository, str(small.root / "lib/here.py")
    assert small.index.named(["Canary"])
    assert repository.named(["CANARY", "Canary", "canary_method"]) == {}
    assert repository.inside(here) == []
    assert repository.imports(here) == []
    assert repository.uses(here) == frozenset()
    assert repository.text(here) is None
    assert repository.by_stem("here") == []
    assert here not in repository.in_folder(str(small.root / "lib"))
    assert here not in repository.in_folders_named("lib")
    assert repository.importers("canary_module") == repository.importers("canary_import") == []
    assert repository.users("canary_use") == []
    assert repository.used_in(["canary_use", "shared"]) == {"canary_use": 0, "shared": 2}
    words = ["canary", "canary_method", "canary_module", "old", "shared"]
    assert here not in {passage.path for passage in repository.find(words, 50)}
    assert here not in {site.path for site in repository.find_sites(words, 50)}


def test_an_open_document_stands_before_its_copy_on_disk(small: World, place: Place) -> None:
    repository, path = place.repository, str(small.root / "lib/open.py")
    assert names(repository.named(["new_name"])["new_name"]) == ["New.new_name"]
    assert repository.named(["old_name"]) == {}
    assert names(repository.inside(path)) == ["New", "New.new_name"]
    assert [each.module for each in repository.imports(path)] == ["new_module"]
    assert "new_use" in repository.uses(path)
    assert "old_use" not in repository.uses(path)
    assert repository.text(path) == OPEN
    assert repository.importers("new_module") == [path]
    assert repository.importers("old_module") == [str(small.root / "lib/disk.py")]
    assert repository.users("shared") == [(path, 3), (str(small.root / "lib/disk.py"), 2)]
    assert repository.users("old_use") == []
    words = ["old", "old_name", "shared"]
    assert path not in {passage.path for passage in repository.find(words, 50)}
    assert path not in {site.path for site in repository.find_sites(words, 50)}
    assert "".join(passage.text for passage in repository.documents[path].passages) == OPEN


def test_a_document_that_is_not_on_disk_yet_is_in_its_folder(small: World) -> None:
    repository = small.at("lib/here.py", "‸", {"lib/fresh.py": "def fresh(): ...\n"}).repository
    path = str(small.root / "lib/fresh.py")
    assert repository.by_stem("fresh") == [path]
    assert path in repository.in_folder(str(small.root / "lib"))
    assert names(repository.named(["fresh"])["fresh"]) == ["fresh"]


def test_what_nobody_has_opened_comes_from_the_disk(small: World, place: Place) -> None:
    repository, path = place.repository, str(small.root / "lib/disk.py")
    assert names(repository.inside(path)) == ["disk_name"]
    assert [each.module for each in repository.imports(path)] == ["old_module"]
    assert "shared" in repository.uses(path)
    assert repository.text(path) == FILES["lib/disk.py"]
    assert {passage.path for passage in repository.find(["disk_name"], 9)} == {path}
    assert {site.path for site in repository.find_sites(["disk"], 9)} == {path}


def test_a_change_on_disk_is_seen_when_the_index_has_changed(tmp_path: Path) -> None:
    found = world(tmp_path, {"a.py": "def first(): ...\n", "here.py": ""})
    asked = ["first", "second"]
    assert list(found.at("here.py", "‸").repository.named(asked)) == ["first"]
    before = found.at("here.py", "‸").repository
    found.write({"a.py": "import b\n\n\ndef second():\n    used\n"})
    after = found.at("here.py", "‸").repository
    path = str(found.root / "a.py")
    assert list(after.named(asked)) == ["second"]
    assert names(after.inside(path)) == ["second"]
    assert "used" in after.uses(path)
    assert after.used_in(["used"]) == {"used": 1}
    assert [each.module for each in after.imports(path)] == ["b"]
    assert after.importers("b") == [path]
    assert before.memo is after.memo


def test_what_is_remembered_is_bounded() -> None:
    memo = Memo()
    memo.inside = {str(number): [] for number in range(MOST_MEMO // MEMO_OF_FILE + 1)}
    memo.renew(memo.versions)
    assert not memo.inside


def test_several_roots_are_one_repository(tmp_path: Path) -> None:
    one, other = (
        world(tmp_path / name, {f"{name}.py": f"def {name}():\n    both()\n"}) for name in ("one", "two")
    )
    snapshot = shown(one.root, {"here.py": ""})
    (here,) = snapshot.documents.values()
    repository = repository_of(snapshot, here, [one.index, other.index], Outlines(), lambda path: path)
    assert set(repository.named(["one", "two"])) == {"one", "two"}
    assert len(repository.users("both")) == 2
    assert repository.used_in(["both"]) == {"both": 2}
    assert len(repository.find(["both"], 9)) == 2
    assert len(repository.find_sites(["one", "two"], 9)) == 2
    assert repository.inside(str(other.root / "two.py"))
    assert repository.text(str(other.root / "two.py"))


def test_what_lies_in_two_roots_is_found_once(tmp_path: Path) -> None:
    root = tmp_path / "outer"
    write(root, {"inner/a.py": "def wanted():\n    used()\n"})
    indexes = []
    for number, each in enumerate((root / "inner", root)):
        sweep([each], tmp_path / f"index{number}", workers=0)
        indexes.append(Index(tmp_path / f"index{number}"))
    repository = Repository(indexes, {}, "", Memo())
    path = str(root / "inner/a.py")
    assert len(repository.named(["wanted"])["wanted"]) == 1
    assert repository.users("used") == [(path, 1)]
    assert repository.by_stem("a") == [path]
    assert len(repository.find(["wanted"], 9)) == 1
    assert len(repository.find_sites(["wanted"], 9)) == 1


def test_where_there_is_no_index_only_documents_are_known(tmp_path: Path) -> None:
    snapshot = shown(tmp_path, {"open.py": OPEN, "here.py": ""})
    *_, here = snapshot.documents.values()
    nothing = [Index(tmp_path / "nothing")]
    repository = repository_of(snapshot, here, nothing, Outlines(), lambda path: path)
    assert list(repository.named(["New", "old_name"])) == ["New"]
    assert repository.used_in(["shared"]) == {"shared": 0}
    assert repository.find(["shared"], 9) == []


@pytest.mark.parametrize("case", read_outline_cases(), ids=lambda case: case.name)
def test_an_open_document_says_what_the_index_would_say(
    case: OutlineCase, one_of_all: Repository, all_root: Path
) -> None:
    path = str(all_root / file_of(case))
    assert sites_of(path, case.source, parse(case.source, case.language)) == one_of_all.inside(path)


ENDINGS = {
    "csharp": "cs",
    "javascript": "js",
    "kotlin": "kt",
    "python": "py",
    "ruby": "rb",
    "rust": "rs",
    "shellscript": "sh",
    "typescript": "ts",
    "typescriptreact": "tsx",
}


def file_of(case: OutlineCase) -> str:
    number = [each.name for each in read_outline_cases()].index(case.name)
    return f"case{number}.{ENDINGS.get(case.language, case.language)}"


@pytest.fixture(scope="module")
def all_root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("all") / "root"


@pytest.fixture(scope="module")
def one_of_all(all_root: Path) -> Repository:
    """A file for each outline case."""
    write(all_root, {file_of(case): case.source for case in read_outline_cases()})
    folder = all_root.parent / "index"
    sweep([all_root], folder, workers=0)
    return Repository([Index(folder)], {}, "", Memo())
