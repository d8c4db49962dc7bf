"""What stood in a prompt and may not be shown any longer."""

from __future__ import annotations

from pathlib import Path

import pytest

from context.indexing import sweep
from lsp_server.features.repository import IndexedRoot, Repositories
from lsp_server.prompts.fim import Source
from tests.context.places import write
from tests.features.test_repository import FILES, MAIN, ROOM, asked, seen, size_of


@pytest.mark.parametrize("how", ["denied", "deleted", "renamed"])
async def test_a_file_that_is_to_be_read_no_longer_goes_out_of_what_stood_there(
    tmp_path: Path, how: str
) -> None:
    root, index = tmp_path / "root", tmp_path / "index"
    write(root, FILES)
    sweep([root], index, workers=0)
    found = Repositories()
    found.use([IndexedRoot(root, root, index)])
    extra = Source("other/mail.py", FILES["other/mail.py"])
    last = (extra, *await asked(found, root, MAIN))
    assert await asked(found, root, MAIN, size_of(last), last) == last
    match how:
        case "denied":
            write(root, {".aiexclude": "mail.py\n"})
        case "deleted":
            (root / "other/mail.py").unlink()
        case "renamed":
            (root / "other/mail.py").rename(root / "other/.env")
    sweep([root], index, workers=0)
    assert await asked(found, root, MAIN, size_of(last), last) == last[1:]
    found.close()


async def test_an_open_document_that_no_index_knows_stays_in_what_stood_there(tmp_path: Path) -> None:
    root = tmp_path / "root"
    write(root, FILES)
    sweep([root], tmp_path / "index", workers=0)
    repositories = Repositories()
    repositories.use([IndexedRoot(root, root, tmp_path / "index")])
    place = seen(root, "main.py", MAIN, new_py="def not_saved_yet():\n    return 1\n")
    last = (Source("new.py", "def not_saved_yet():\n    return 1\n"),)
    last += await repositories.sources(*place, ROOM, last)
    assert await repositories.sources(*place, size_of(last), last) == last
    repositories.close()
