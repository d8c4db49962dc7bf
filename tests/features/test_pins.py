"""Pinned files in prompts: in front, the same from key to key, nothing twice, and never what is not read."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from context.indexing import sweep
from context.pins import PINNED
from lsp_server.features.pins import not_shown
from lsp_server.features.repository import IndexedRoot, Repositories
from tests.context.places import write
from tests.features.shop import CART, FILES, MAIN, PRICES, WORDS
from tests.features.test_repository import CURSOR, ROOM, asked, seen, size_of, text_of

TERMS = "A basket is what others call a cart.\n"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "root"
    write(root, {**FILES, "docs/terms.md": TERMS})
    sweep([root], tmp_path / "index", workers=0)
    return root


@pytest.fixture
async def repositories(root: Path) -> AsyncIterator[Repositories]:
    found = Repositories(patience=30.0)
    found.use([IndexedRoot(root, root, root.parent / "index")])
    found.pins.use(("docs/terms.md", "shop/cart.py"))
    yield found
    found.close()


async def test_pinned_files_stand_in_front_in_their_order(repositories: Repositories, root: Path) -> None:
    sources = await asked(repositories, root, MAIN)
    assert [(each.path, each.text) for each in sources[:2]] == [
        ("docs/terms.md", TERMS),
        ("shop/cart.py", CART),
    ]
    assert sources[-1].path == "shop/prices.py"
    assert text_of(sources).count("class Cart") == 1
    assert size_of(sources) <= ROOM


async def test_they_stay_while_the_user_types_and_goes_on_to_another_line(
    repositories: Repositories, root: Path
) -> None:
    first = await asked(repositories, root, MAIN)
    for typed in ("total", "total_of(cart)\n", "total_of(cart)\nword_1"):
        sources = await asked(repositories, root, MAIN.replace(CURSOR, typed + CURSOR), last=first)
        assert sources[:2] == first[:2]
        assert text_of(sources).count(TERMS) == 1


async def test_with_less_room_what_was_read_stays_and_with_more_there_is_more(
    repositories: Repositories, root: Path
) -> None:
    repositories.pins.use(("other/words.py",))
    small = await asked(repositories, root, MAIN, 2_000)
    assert size_of(small[:1]) <= 1_000
    large = await asked(repositories, root, MAIN, ROOM, small)
    assert 1_000 < size_of(large[:1]) <= ROOM / 2
    assert [source.path for source in large].count("other/words.py") == 1
    assert (await asked(repositories, root, MAIN, 2_000, large))[0] == large[0]


async def test_a_pinned_file_that_changes_is_shown_as_it_is(repositories: Repositories, root: Path) -> None:
    last = await asked(repositories, root, MAIN)
    write(root, {"docs/terms.md": "A basket is a list.\n"})
    sweep([root], root.parent / "index", workers=0)
    sources = await asked(repositories, root, MAIN, last=last)
    assert sources[0].text == "A basket is a list.\n"
    assert TERMS not in text_of(sources)


@pytest.mark.parametrize("denied", ["docs/", "*.md"])
async def test_a_pinned_file_that_is_denied_goes(repositories: Repositories, root: Path, denied: str) -> None:
    last = await asked(repositories, root, MAIN)
    write(root, {".aiexclude": f"{denied}\n"})
    sweep([root], root.parent / "index", workers=0)
    assert TERMS not in text_of(await asked(repositories, root, MAIN, last=last))


async def test_what_is_pinned_no_longer_stands_where_any_file_would(
    repositories: Repositories, root: Path
) -> None:
    last = await asked(repositories, root, MAIN)
    repositories.pins.use(())
    sources = await asked(repositories, root, MAIN, last=last)
    assert set(sources) == set(await asked(repositories, root, MAIN))
    assert sources[0].path == "shop/prices.py"


async def test_nothing_of_the_file_itself_is_shown(repositories: Repositories, root: Path) -> None:
    place = seen(root, "shop/cart.py", f"{CART}{CURSOR}")
    sources = await repositories.sources(*place, ROOM, ())
    assert sources[0].path == "docs/terms.md"
    assert "shop/cart.py" not in [source.path for source in sources]


async def test_edits_and_chat_have_them_too(repositories: Repositories, root: Path) -> None:
    place = seen(root, "main.py", MAIN)
    assert (await repositories.for_edit(*place, ROOM, ()))[0].text == TERMS
    for purpose, budget in (("edit", 500), ("chat", 5_000), ("fill", 500)):
        packed = await repositories.packed(*place, purpose, budget)  # type: ignore[arg-type]
        assert [section.text for section in packed.sections[:2]] == [TERMS, CART]
        assert packed.parts[0].reason == PINNED
        assert packed.tokens <= packed.budget == budget
        assert (await repositories.in_order(packed))[0].text == TERMS


async def test_pins_have_half_of_the_room_at_most(repositories: Repositories, root: Path) -> None:
    repositories.pins.use(("other/*",))
    packed = await repositories.packed(*seen(root, "main.py", MAIN), "fill", 400)
    assert sum(part.tokens for part in packed.parts if part.reason == PINNED) <= 200
    assert PRICES.splitlines()[0] in "".join(section.text for section in packed.sections)
    assert WORDS not in packed.sections[0].text


def test_of_what_is_not_shown_it_is_said_why(tmp_path: Path) -> None:
    write(tmp_path, {".env": "A=1\n", ".gitignore": "out.py\n", "out.py": "A = 1\n", "docs/a.md": "A\n"})
    told = not_shown(
        ("docs/a.md", ".env", "out.py", "docs", "nothing.md", "../x.md", "*.none"),
        [tmp_path / "other", tmp_path],
    )
    start = "The pinned file"
    assert told == (
        f"{start} .env is not shown to the model: it is left out as secret.",
        f"{start} out.py is not shown to the model: it is left out as git-ignored,"
        f" by {tmp_path}/.gitignore:1.",
        f"{start} docs is not shown to the model: it is a folder, whose files are docs/**.",
        f"{start} nothing.md is not shown to the model: there is no such file in the workspace.",
        f"{start} ../x.md is not shown to the model: its path leads out of the workspace.",
    )
