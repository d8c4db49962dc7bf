"""What of the repository stands in the prompt of an edit."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from context.indexing import sweep
from context.snapshot import Document, Snapshot
from context.text import Text
from lsp_server.features import repository as feature
from lsp_server.features.repository import IndexedRoot, Repositories
from lsp_server.prompts.fim import Source
from tests.context.places import write

FILES = {
    "shop/prices.py": "def total_of(cart):\n    return sum(item.price for item in cart.items)\n",
    "shop/report.py": "from shop.prices import total_of\n\n\ndef report(cart):\n    print(total_of(cart))\n",
    "shop/cart.py": "from shop.report import report\n\n\nclass Cart:\n    items = []\n",
}


@pytest.fixture
async def repositories(tmp_path: Path) -> AsyncIterator[Repositories]:
    root = tmp_path / "root"
    write(root, FILES)
    sweep([root], tmp_path / "index", workers=0)
    found = Repositories()
    found.use([IndexedRoot(root, root, tmp_path / "index")])
    yield found
    found.close()


async def chosen(repositories: Repositories, path: Path, room: int) -> dict[str, str]:
    text = FILES["shop/prices.py"]
    document = Document(path.as_uri(), path, "python", 1, Text(text))
    other = Document("file:///open.py", Path("/open.py"), "python", 1, Text("OPEN = 1\n" + 20 * "# more\n"))
    snapshot = Snapshot((path.parent,), {other.uri: other, document.uri: document})
    sources: tuple[Source, ...] = await repositories.for_edit(snapshot, document, 4, room, ())
    assert sum(len(source.path) + len(source.text) for source in sources) <= room
    return {source.path: source.text for source in sources}


async def test_what_uses_the_definition_is_shown(repositories: Repositories, tmp_path: Path) -> None:
    found = await chosen(repositories, tmp_path / "root/shop/prices.py", 4000)
    assert "total_of(cart)" in found["shop/report.py"]
    assert "shop/prices.py" not in found


async def test_a_file_of_no_root_has_the_open_documents(repositories: Repositories, tmp_path: Path) -> None:
    found = await chosen(repositories, tmp_path / "elsewhere/prices.py", 4000)
    assert [text[:8] for text in found.values()] == ["OPEN = 1"]


async def test_a_fault_gives_the_open_documents(
    repositories: Repositories, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any) -> Any:
        raise ValueError("broken")

    monkeypatch.setattr(feature, "gather", broken)
    found = await chosen(repositories, tmp_path / "root/shop/prices.py", 4000)
    assert [text[:8] for text in found.values()] == ["OPEN = 1"]
