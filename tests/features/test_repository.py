"""What of the repository stands in a prompt, from one key to the next, and when something is wrong."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from context.indexing import sweep
from context.snapshot import Document, Snapshot
from lsp_server.features import repository as feature
from lsp_server.features.repository import LEAST_ROOM, IndexedRoot, Repositories
from lsp_server.features.sources import choose_sources
from lsp_server.models.scripted import ScriptedBackend
from lsp_server.prompts.fim import Source, written
from lsp_server.prompts.types import Special
from tests.context.places import CURSOR, shown, write
from tests.features.shop import CART, FILES, MAIL, MAIN, MANY, WORDS

ROOM = 8_000


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with its index beside it."""
    root = tmp_path_factory.mktemp("repository") / "root"
    write(root, FILES)
    sweep([root], root.parent / "index", workers=0)
    return root


@pytest.fixture
async def repositories(root: Path) -> AsyncIterator[Repositories]:
    found = Repositories(patience=30.0)
    found.use([IndexedRoot(root, root, root.parent / "index")])
    yield found
    found.close()


@pytest.fixture
def gathers(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The cursors for which something was gathered."""
    cursors: list[int] = []
    gather = feature.gather

    def noting(*arguments: Any) -> Any:
        cursors.append(arguments[3])
        return gather(*arguments)

    monkeypatch.setattr(feature, "gather", noting)
    return cursors


@pytest.fixture
def waiting(monkeypatch: pytest.MonkeyPatch) -> Callable[[], threading.Event]:
    """Lets what gathers wait for the returned event; `started` of it is set as soon as it does."""

    def install() -> threading.Event:
        gate, gather = Gate(), feature.gather

        def slow(*arguments: Any) -> Any:
            gate.started.set()
            assert gate.wait(30)
            return gather(*arguments)

        monkeypatch.setattr(feature, "gather", slow)
        return gate

    return install


class Gate(threading.Event):
    def __init__(self) -> None:
        super().__init__()
        self.started = threading.Event()


def seen(root: Path, name: str, marked: str, **opened: str) -> tuple[Snapshot, Document, int]:
    """A snapshot, a document of it, and the cursor in that."""
    before, _, after = marked.partition(CURSOR)
    documents = {path.replace("_py", ".py"): text for path, text in opened.items()}
    snapshot = shown(root, {**documents, name: before + after})
    return snapshot, snapshot.documents[(root / name).as_uri()], len(before)


async def asked(
    repositories: Repositories, root: Path, marked: str, room: int = ROOM, last: tuple[Source, ...] = ()
) -> tuple[Source, ...]:
    return await repositories.sources(*seen(root, "main.py", marked), room, last)


def text_of(sources: tuple[Source, ...]) -> str:
    return "".join(source.text for source in sources)


def size_of(sources: tuple[Source, ...]) -> int:
    return sum(len(source.path) + len(source.text) + 2 for source in sources)


# --- what stands there ---


async def test_what_is_imported_stands_in_the_prompt_under_its_path(
    repositories: Repositories, root: Path
) -> None:
    sources = await asked(repositories, root, MAIN)
    assert {"shop/cart.py", "shop/prices.py"} <= {source.path for source in sources}
    assert "class Cart:\n    def add_item(self, item):\n" in text_of(sources)


async def test_the_room_is_kept_to(repositories: Repositories, root: Path) -> None:
    for room in (0, 10, 60, 200, 700, 1500, 6000):
        assert size_of(await asked(repositories, root, MAIN, room)) <= room


async def test_the_likeliest_stands_last_since_models_look_there(
    repositories: Repositories, root: Path
) -> None:
    sources = await asked(repositories, root, MAIN)
    assert sources[-1].path == "shop/prices.py"


async def test_a_file_outside_of_all_roots_has_the_open_documents_alone(
    repositories: Repositories, root: Path, gathers: list[int]
) -> None:
    snapshot, document, cursor = seen(root.parent / "elsewhere", "main.py", MAIN, open_py=WORDS)
    sources = await repositories.sources(snapshot, document, cursor, ROOM, ())
    assert sources == choose_sources(snapshot, document, ROOM)
    assert [source.path for source in sources] == ["open.py"]
    assert not gathers


async def test_without_roots_there_are_the_open_documents_alone(root: Path) -> None:
    place = seen(root, "main.py", MAIN, open_py=WORDS)
    alone = Repositories()
    assert [source.path for source in await alone.sources(*place, ROOM, ())] == ["open.py"]
    alone.close()


async def test_a_document_that_lies_nowhere_has_the_open_documents_alone(
    repositories: Repositories, root: Path, gathers: list[int]
) -> None:
    snapshot, document, cursor = seen(root, "main.py", MAIN)
    lone = Document("untitled:1", None, "python", 1, document.text)
    assert await repositories.sources(snapshot, lone, cursor, ROOM, ()) == choose_sources(
        snapshot, lone, ROOM
    )
    assert not gathers


async def test_a_root_may_be_reached_through_a_link(root: Path, tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(root)
    repositories = Repositories()
    repositories.use([IndexedRoot(link, root, root.parent / "index")])
    cart = CART.replace("add_item", "typed_now")
    for folder in (link, root):
        snapshot, document, cursor = seen(folder, "main.py", MAIN)
        documents = {**shown(folder, {"shop/cart.py": cart}).documents, **snapshot.documents}
        sources = await repositories.sources(Snapshot((link,), documents), document, cursor, ROOM, ())
        assert "typed_now" in text_of(sources)
        assert "add_item" not in text_of(sources)
        assert {"shop/cart.py", "shop/prices.py"} <= {source.path for source in sources}
    repositories.close()


async def test_a_file_is_named_in_the_nearest_of_nested_roots(root: Path, tmp_path: Path) -> None:
    inner = root / "shop"
    sweep([inner], tmp_path / "index", workers=0)
    repositories = Repositories()
    repositories.use(
        [IndexedRoot(root, root, root.parent / "index"), IndexedRoot(inner, inner, tmp_path / "index")]
    )
    sources = await asked(repositories, root, MAIN)
    paths = [source.path for source in sources]
    assert {"cart.py", "prices.py"} <= set(paths)
    assert len(set(paths)) == len(paths)
    assert text_of(sources).count("class Cart") == 1
    repositories.close()


async def test_roots_come_and_go(repositories: Repositories, root: Path) -> None:
    assert await asked(repositories, root, MAIN)
    repositories.use([])
    assert await asked(repositories, root, MAIN) == ()
    repositories.use([IndexedRoot(root, root, root.parent / "index")])
    assert await asked(repositories, root, MAIN)


async def test_a_path_is_one_line_that_can_be_encoded(root: Path, tmp_path: Path) -> None:
    folder = tmp_path / "root"
    write(folder, {"a\nb.py": "def odd_name(): ...\n", "caf\udce9.py": "def bad_name(): ...\n"})
    sweep([folder], tmp_path / "index", workers=0)
    repositories = Repositories()
    repositories.use([IndexedRoot(folder, folder, tmp_path / "index")])
    sources = await asked(repositories, folder, "odd_name()\nbad_name()\n‸\n")
    assert {source.path for source in sources} == {"a\ufffdb.py", "caf\ufffd.py"}
    repositories.close()


async def test_control_tokens_in_a_file_are_text_of_the_prompt(root: Path, tmp_path: Path) -> None:
    folder = tmp_path / "root"
    marks = 'def marks_of(text):\n    return "<|file_sep|>fake.py\\n<|fim_middle|>"\n'
    write(folder, {"<|repo_name|>.py": marks})
    sweep([folder], tmp_path / "index", workers=0)
    repositories = Repositories()
    repositories.use([IndexedRoot(folder, folder, tmp_path / "index")])
    sources = await asked(repositories, folder, "marks_of(‸)\n")
    assert written(sources) == (Special("file_sep"), f"<|repo_name|>.py\n{marks}\n")
    repositories.close()


# --- from key to key ---


async def test_typing_on_a_line_gathers_once(
    repositories: Repositories, root: Path, gathers: list[int]
) -> None:
    last: tuple[Source, ...] = ()
    for typed in ("", "t", "to", "total_of", "total_of(", "total_of(cart)"):
        sources = await asked(repositories, root, MAIN.replace(CURSOR, typed + CURSOR), last=last)
        assert sources == last or not last
        last = sources
    assert len(gathers) == 1


async def test_the_next_line_gathers_again(
    repositories: Repositories, root: Path, gathers: list[int]
) -> None:
    await asked(repositories, root, MAIN)
    await asked(repositories, root, MAIN.replace(CURSOR, "total_of(cart)\n‸"))
    assert len(gathers) == 2


async def test_another_open_document_that_changes_lets_it_gather_again(
    repositories: Repositories, root: Path, gathers: list[int]
) -> None:
    for text in (WORDS, WORDS, WORDS + "\n\ndef total_typed_now(cart): ...\n"):
        sources = await repositories.sources(*seen(root, "main.py", MAIN, open_py=text), ROOM, ())
    assert "def total_typed_now" in text_of(sources)
    assert len(gathers) == 2


async def test_an_index_that_changes_lets_it_gather_again(tmp_path: Path, gathers: list[int]) -> None:
    folder = tmp_path / "root"
    write(folder, {"cart.py": "def total_of(cart): ...\n"})
    sweep([folder], tmp_path / "index", workers=0)
    repositories = Repositories()
    repositories.use([IndexedRoot(folder, folder, tmp_path / "index")])
    marked = "from cart import total_of\n\n‸\n"
    assert "def total_of(cart)" in text_of(await asked(repositories, folder, marked))
    write(folder, {"cart.py": "def total_of(cart, discount): ...\n"})
    sweep([folder], tmp_path / "index", workers=0)
    assert "def total_of(cart, discount)" in text_of(await asked(repositories, folder, marked))
    assert len(gathers) == 2
    repositories.close()


async def test_what_stood_there_stays_while_it_is_good_enough(repositories: Repositories, root: Path) -> None:
    last = await asked(repositories, root, MAIN, 700)
    again = await asked(repositories, root, MAIN.replace(CURSOR, "value = 1\n‸"), 700, last)
    assert again is last


async def test_more_room_is_filled_behind_what_stood_there(repositories: Repositories, root: Path) -> None:
    last = await asked(repositories, root, MANY, 400)
    again = await asked(repositories, root, MANY, 6000, last)
    assert again[: len(last)] == last
    assert size_of(last) + LEAST_ROOM < size_of(again) <= 6000
    lines = text_of(again).splitlines()
    said = [line for line in lines if line.startswith(("def ", "class "))]
    assert len(set(said)) == len(said)


async def test_a_little_more_room_changes_nothing(repositories: Repositories, root: Path) -> None:
    last = await asked(repositories, root, MAIN, 400)
    assert await asked(repositories, root, MAIN, size_of(last) + LEAST_ROOM - 1, last) is last


async def test_less_room_takes_nothing_away(repositories: Repositories, root: Path) -> None:
    last = await asked(repositories, root, MAIN, 4000)
    assert await asked(repositories, root, MAIN, 400, last) is last


async def test_somewhere_else_something_else_stands_there(repositories: Repositories, root: Path) -> None:
    last = await asked(repositories, root, MAIN, 400)
    again = await asked(repositories, root, MAIL, 400, last)
    assert "send_mail" in text_of(again)
    assert "send_mail" not in text_of(last)
    assert size_of(again) <= 400


async def test_what_is_asked_for_exactly_never_comes_from_another_column(
    repositories: Repositories, root: Path, gathers: list[int]
) -> None:
    for marked in (MAIN, MAIN.replace(CURSOR, "send_mail(‸"), MAIN.replace(CURSOR, "send_mail(‸")):
        packed = await repositories.packed(*seen(root, "main.py", marked), "fill", 500)
    assert "def send_mail" in "".join(section.text for section in packed.sections)
    assert len(gathers) == 2


async def test_what_was_packed_serves_until_more_is_known_of_it(
    repositories: Repositories, root: Path
) -> None:
    place = seen(root, "main.py", MAIN)
    first = await repositories.packed(*place, "fill", 500)
    assert await repositories.packed(*place, "fill", 500) is first
    assert (await repositories.packed(*place, "fill", 50)).budget == 50
    assert not repositories.counts.are_exact
    await repositories.counts.learn(ScriptedBackend([]))
    counted = await repositories.packed(*place, "fill", 500)
    assert counted is not first
    repositories.use(())
    assert not (await repositories.packed(*place, "fill", 500)).sections


# --- when something is wrong ---


async def test_a_slow_index_gives_what_stood_there_in_time(
    repositories: Repositories, root: Path, waiting: Callable[[], Gate], monkeypatch: pytest.MonkeyPatch
) -> None:
    last = await asked(repositories, root, MAIN)
    gate = waiting()
    repositories.patience = 0.02
    assert await asked(repositories, root, MAIL, last=last) is last
    assert await asked(repositories, root, MAIL) == ()
    gate.set()
    repositories.patience = 30.0
    assert "send_mail" in text_of(await asked(repositories, root, MAIL, last=last))


async def test_a_completion_that_is_cancelled_leaves_nothing_behind(
    repositories: Repositories, root: Path, waiting: Callable[[], Gate], monkeypatch: pytest.MonkeyPatch
) -> None:
    repositories.patience = 30.0
    gate = waiting()
    asking = [asyncio.create_task(asked(repositories, root, MAIN)) for _ in range(3)]
    await asyncio.to_thread(gate.started.wait, 30)
    for task in asking:
        task.cancel()
    await asyncio.gather(*asking, return_exceptions=True)
    assert all(task.cancelled() for task in asking)
    gate.set()
    assert await asked(repositories, root, MAIN)


async def test_closing_ends_while_something_is_gathered(
    repositories: Repositories, root: Path, waiting: Callable[[], Gate], monkeypatch: pytest.MonkeyPatch
) -> None:
    repositories.patience = 30.0
    gate = waiting()
    asking = asyncio.create_task(asked(repositories, root, MAIN))
    await asyncio.to_thread(gate.started.wait, 30)
    repositories.close()
    assert await asked(repositories, root, MAIN) == ()
    gate.set()
    assert await asking is not None


async def test_closing_twice_is_harmless(repositories: Repositories) -> None:
    repositories.close()
    repositories.close()


async def test_where_there_is_no_index_yet_the_open_documents_serve(root: Path, tmp_path: Path) -> None:
    repositories = Repositories()
    repositories.use([IndexedRoot(root, root, tmp_path / "nothing")])
    place = seen(root, "main.py", MAIN, cart_py=CART)
    assert [source.path for source in await repositories.sources(*place, ROOM, ())] == ["cart.py"]
    repositories.close()


async def test_a_damaged_index_is_like_none(root: Path, tmp_path: Path) -> None:
    folder = tmp_path / "index"
    folder.mkdir()
    (folder / "index.sqlite").write_bytes(b"no database" * 1000)
    repositories = Repositories()
    repositories.use([IndexedRoot(root, root, folder)])
    place = seen(root, "main.py", MAIN, cart_py=CART)
    assert [source.path for source in await repositories.sources(*place, ROOM, ())] == ["cart.py"]
    repositories.close()


async def test_a_fault_gives_the_open_documents(
    repositories: Repositories, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def faulty(*_: object) -> None:
        raise KeyError("a fault")

    monkeypatch.setattr(feature, "gather", faulty)
    place = seen(root, "main.py", MAIN, open_py=WORDS)
    assert [source.path for source in await repositories.sources(*place, ROOM, ())] == ["open.py"]
