"""A writer that is killed at any moment: what is there is true, and the next one makes it whole."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from context.index import Index
from context.indexing import sweep

pytestmark = pytest.mark.process

FILES = 60
WRITER = """
import sys
from pathlib import Path
from context import indexing

# Commits in quick succession, so that there is something to be killed in.
indexing.BATCH_FILES, indexing.SEARCH_SECONDS = 3, 0
root, folder = map(Path, sys.argv[1:])
print(flush=True)
with indexing.writing(folder, [root], patience=20, workers=0) as writer:
    list(writer.sweep())
    print(flush=True)
    while True:
        for number, path in enumerate(sorted(root.rglob("*.py"))):
            with path.open("a") as file:
                file.write("# more\\n")
            writer.update([path])
            if number % 3 == 0:
                writer.settle()
"""


def write(root: Path) -> None:
    for number in range(FILES):
        path = root / f"part{number % 7}/file{number}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(
            f"import part{number}\n\n\ndef only{number}():\n    part{number}.hand_over{number}()\n"
        )


def check(index: Index, root: Path, complete: int) -> None:
    """Compare what is there with the files: each is said once or not at all, and by its own words."""
    paths = index.paths()
    assert len(paths) == len(set(paths)) >= complete
    for path in paths:
        number = Path(path).stem.removeprefix("file")
        (site,) = index.inside(path)
        assert (site.name, site.path) == (f"only{number}", path)
        text = index.text(path)
        assert text is not None
        assert text.startswith(f"import part{number}\n")
        assert text[site.signature_at :].startswith(f"def only{number}():")
        assert [each.module for each in index.imports(path)] == [f"part{number}"]
        assert index.users(f"hand_over{number}") == [(path, 1)]
        assert index.importers([f"part{number}"]) == [path]
        for passage in index.find([f"hand_over{number}"], 5):
            assert passage.path == path
            assert passage.text == text[passage.start : passage.end]
    assert len(index.named([f"only{number}" for number in range(FILES)])) == len(paths)


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.timeout(120)
def test_a_writer_that_is_killed_leaves_nothing_false(tmp_path: Path, seed: int) -> None:
    root, folder = tmp_path / "root", tmp_path / "index"
    write(root)
    chance = random.Random(seed)
    index = Index(folder)
    complete = 0
    for _ in range(6):
        with subprocess.Popen(
            [sys.executable, "-c", WRITER, str(root), str(folder)], stdout=subprocess.PIPE
        ) as process:
            assert process.stdout is not None
            process.stdout.readline()
            if chance.random() < 0.5:
                process.stdout.readline()
                complete = FILES
            time.sleep(chance.random() * 0.4)
            process.kill()
        check(index, root, complete)
    index.close()
    sweep([root], folder, workers=0)
    index = Index(folder)
    check(index, root, FILES)
    for number in range(FILES):
        assert len(index.find([f"hand_over{number}"], 5)) == 1
        assert len(index.find_sites([f"only{number}"], 5)) == 1
        text = index.text(str(root / f"part{number % 7}/file{number}.py"))
        assert text == (root / f"part{number % 7}/file{number}.py").read_text()
    index.close()
