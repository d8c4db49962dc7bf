"""What of that which was gathered stands in a prompt: within the budget, in order, nothing twice."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from context.gather import Gathered, gather
from context.languages import language_of
from context.pack import LONGEST_HEAD, Packed, Section, pack
from context.parse import parse
from context.repository import Memo, Repository, opened
from context.signs import Purpose
from tests.context.places import Place, World, world

BUDGETS = (0, 1, 7, 30, 120, 512, 1_024, 4_096, 200_000)
PURPOSES: tuple[Purpose, ...] = ("fill", "edit", "chat")


def characters(text: str) -> int:
    return math.ceil(len(text) / 3.5)


def words(text: str) -> int:
    return len(text.split())


def odd(text: str) -> int:
    """Counts more for two texts together than for each alone, as no tokenizer should."""
    return len(text) + 5 * text.count("\n") ** 2


# --- whatever the repository is like ---

NAMES = st.sampled_from(["cart", "Cart", "total_of", "Price", "add", "x", "straße", "𝒳"])
LINES = st.one_of(
    st.builds("x = {}".format, NAMES),
    st.builds("class {}:".format, NAMES),
    st.builds("class {}(Cart):\n    def {}(self):\n        return self.x".format, NAMES, NAMES),
    st.builds("def {}(cart):\n    return cart.add(1)".format, NAMES),
    st.builds("    def {}(self, price: Price): pass".format, NAMES),
    st.builds("def {}(a,\n        b,\n        c):\n    '''Says {}.'''".format, NAMES, NAMES),
    st.builds("function {}() {{ return 1; }} class {} {{ add() {{}} }}".format, NAMES, NAMES),
    st.builds("# {}".format, NAMES),
    st.builds("import {}".format, NAMES),
    st.sampled_from(
        ["", "", "    ", "\t}", "<|file_sep|>a.py", "<|fim_middle|>", "\x0c", "\u2028", "\ud800"]
    ),
    st.builds("data = '{}'".format, st.integers(1, 4000).map("x".__mul__)),
)
TEXTS = st.builds(
    lambda lines, end, last: end.join("\n".join(lines).split("\n")) + last,
    st.lists(LINES, max_size=30),
    st.sampled_from(["\n", "\n", "\r\n"]),
    st.sampled_from(["", "\n", "\r\n", "\n\n\n"]),
)
FILES = st.dictionaries(
    st.sampled_from(
        ["a.py", "b.py", "cart.py", "lib/price.ts", "README.md", "lib/x.unknown", "odd\nname.py"]
    ),
    TEXTS,
    max_size=5,
)


def seen(files: dict[str, str], text: str, cursor: int, purpose: Purpose) -> tuple[Repository, Gathered]:
    """A repository of documents, and what is gathered in one that is not among them."""
    documents = {}
    for name, said in files.items():
        language = language_of(Path(name))
        documents[f"/r/{name}"] = opened(f"/r/{name}", said, parse(said, language))
    repository = Repository([], documents, "/r/here.py", Memo())
    return repository, gather(repository, "/r/here.py", text, cursor, parse(text, "python"), purpose)


@settings(max_examples=60, deadline=None)
@given(
    files=FILES,
    text=TEXTS,
    at=st.floats(0, 1),
    purpose=st.sampled_from(PURPOSES),
    count=st.sampled_from([characters, words, odd]),
)
def test_whatever_there_is_the_budget_is_kept_and_all_is_as_it_stands_in_the_files(
    files: dict[str, str], text: str, at: float, purpose: Purpose, count: Callable[[str], int]
) -> None:
    repository, gathered = seen(files, text, int(at * len(text)), purpose)
    for budget in BUDGETS:
        packed = pack(gathered, repository, budget, count)
        assert packed.tokens <= budget
        assert packed.tokens == sum(count(f"{each.path}\n{each.text}\n") + 1 for each in packed.sections)
        assert packed == pack(gathered, repository, budget, count)
        check(packed, repository)


def check(packed: Packed, repository: Repository) -> None:
    """Parts are pieces of their files, on whole lines, in their order, and nothing stands there twice."""
    assert len({section.path for section in packed.sections}) == len(packed.sections)
    for section in packed.sections:
        file = repository.text(section.path) or ""
        at = 0
        text = ""
        for part in section.parts:
            assert part.path == section.path
            assert at <= part.start < part.end
            assert part.text == file[part.start : part.end]
            assert 0 <= part.score <= 1
            assert part.reason
            if text and at != part.start and not text.endswith("\n"):
                text += "\n"
            text += part.text
            at = part.end
            assert part.start == 0 or file[part.start - 1] == "\n" or is_long(file, part.start)
            assert part.end == len(file) or file[part.end - 1] == "\n" or is_long(file, part.end)
        assert section.text == (text if text.endswith("\n") else text + "\n")


def is_long(file: str, at: int) -> bool:
    """Whether an offset is in a line that is too long to be shown whole."""
    end = file.find("\n", at)
    return (end if end >= 0 else len(file)) - file.rfind("\n", 0, at) > LONGEST_HEAD


# --- in a repository that is indexed ---

CART = '''"""Carts."""


class Cart:
    """What somebody is about to buy."""

    def add_item(self, item, count):
        """Put something into it."""
        for _ in range(count):
            self.items.append(item)
            self.weight += item.weight

    def checkout(self):
        return sum(item.price for item in self.items)


def open_cart(name):
    return Cart(name)
'''
WINDOWS = """class Window:
    def pull(self, hard):
        return hard

    def push(self):
        pass""".replace("\n", "\r\n")
HUGE = f"class Huge:\n    table = '{'x' * 50_000}'\n\n    def read_huge(self): ...\n"
DATA = "".join(
    f"def entry_{number}(table, row):\n    return table[row + {number}]\n\n\n" for number in range(400)
)
FILES_OF_SHOP = {
    "shop/cart.py": CART,
    "shop/window.py": WINDOWS,
    "shop/data.py": DATA,
    "shop/marks.py": 'def marks_of(text):\n    return "<|file_sep|>fake.py\\n<|fim_middle|>"\n',
    "README.md": "# Shop\n\nThe shop sells what is in carts.\n",
}
MAIN = """from shop.cart import Cart, open_cart
from shop.window import Window


cart: Cart = open_cart('a')
cart.‸
"""


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> World:
    return world(tmp_path_factory.mktemp("shop"), FILES_OF_SHOP)


@pytest.fixture
def place(shop: World) -> Place:
    return shop.at("main.py", MAIN)


def packed_at(
    place: Place, budget: int, purpose: Purpose = "fill", already: Sequence[Section] = ()
) -> Packed:
    return pack(
        place.gathered(purpose),
        place.repository,
        budget,
        characters,
        lambda path: str(Path(path).relative_to(place.root)),
        already,
    )


def text_in(packed: Packed, path: str) -> str:
    return "".join(section.text for section in packed.sections if section.path == path)


@pytest.mark.parametrize("budget", BUDGETS)
@pytest.mark.parametrize("purpose", PURPOSES)
def test_the_budget_is_kept_to(place: Place, budget: int, purpose: Purpose) -> None:
    packed = packed_at(place, budget, purpose)
    assert packed.tokens <= packed.budget == budget
    assert bool(packed.sections) >= (budget >= 30)
    assert not packed.sections or budget > 1


def test_much_room_is_used_and_little_room_for_what_is_likeliest(place: Place) -> None:
    little, much = packed_at(place, 60), packed_at(place, 4_096)
    assert "    def checkout(self):" in text_in(little, "shop/cart.py")
    assert "self.weight += item.weight" not in text_in(little, "shop/cart.py")
    assert "self.weight += item.weight" in text_in(much, "shop/cart.py")
    assert "def pull(self, hard):" in text_in(much, "shop/window.py")


def test_a_member_stands_below_the_head_of_its_class(place: Place) -> None:
    text = text_in(packed_at(place, 60), "shop/cart.py")
    assert text.index("class Cart:") < text.index("    def checkout")


def test_nothing_stands_there_twice(place: Place) -> None:
    for budget in (60, 120, 512, 4_096):
        for line in ("class Cart:", "    def add_item(self, item, count):", "def open_cart(name):"):
            assert text_in(packed_at(place, budget), "shop/cart.py").count(line) <= 1


def test_nothing_is_said_that_the_prompt_says_already(place: Place) -> None:
    before = packed_at(place, 120)
    more = packed_at(place, 4_096, already=before.sections)
    assert more.parts
    for part in more.parts:
        said = text_in(before, str(Path(part.path).relative_to(place.root))).splitlines()
        lines = [line for line in part.text.splitlines() if line.strip()]
        assert sum(line in said for line in lines) < len(lines) / 2


def test_where_all_is_said_already_nothing_is_left_to_say(place: Place) -> None:
    before = packed_at(place, 4_096, "chat")
    again = packed_at(place, 4_096, already=before.sections)
    assert not {section.path for section in again.sections} & {"shop/cart.py", "shop/window.py"}


def test_sections_stand_in_the_order_of_their_likelihood(place: Place) -> None:
    packed = packed_at(place, 1_024)
    tops = [max(part.score for part in section.parts) for section in packed.sections]
    assert tops == sorted(tops)
    assert packed.sections[-1].path == "shop/cart.py"
    assert packed == packed_at(place, 1_024)


def test_all_parts_are_known_with_their_reasons(place: Place) -> None:
    packed = packed_at(place, 1_024)
    assert [part for section in packed.sections for part in section.parts] == list(packed.parts)
    assert "imported here, not used yet" not in {part.reason for part in packed.parts if "Cart" in part.text}
    check_slices(packed, place)


def test_lines_that_end_as_on_windows_stay_as_they_are(shop: World) -> None:
    place = shop.at("main.py", "from shop.window import Window\n\nwindow = Window()\nwindow.‸\n")
    packed = packed_at(place, 60)
    assert "class Window:\r\n    def pull(self, hard):\r\n" in text_in(packed, "shop/window.py")
    check_slices(packed, place)
    whole = packed_at(place, 4_096, "chat")
    assert text_in(whole, "shop/window.py") == WINDOWS + "\n"


def check_slices(packed: Packed, place: Place) -> None:
    for part in packed.parts:
        file = (place.repository.text(part.path)) or ""
        assert part.text == file[part.start : part.end]
        assert part.start == 0 or file[part.start - 1] == "\n"
        assert part.end == len(file) or file[part.end - 1] == "\n"


def test_of_a_huge_line_only_the_beginning_is_shown(shop: World) -> None:
    marked = "from shop.huge import Huge\n\nhuge = Huge()\nhuge.‸\n"
    place = shop.at("main.py", marked, {"shop/huge.py": HUGE})
    packed = packed_at(place, 4_096)
    text = text_in(packed, "shop/huge.py")
    assert "class Huge:" in text
    assert "    def read_huge(self): ...\n" in text
    assert len(text) < 5 * LONGEST_HEAD


def test_control_tokens_in_a_file_are_text_like_any_other(shop: World) -> None:
    place = shop.at("main.py", "from shop.marks import marks_of\n\nmarks_of(‸)\n")
    assert text_in(packed_at(place, 4_096), "shop/marks.py") == FILES_OF_SHOP["shop/marks.py"]


def test_for_chat_files_stand_there_whole_the_readme_too(place: Place) -> None:
    packed = packed_at(place, 200_000, "chat")
    for path in ("README.md", "shop/cart.py", "shop/window.py", "shop/data.py"):
        assert text_in(packed, path).rstrip() == FILES_OF_SHOP[path].rstrip()
    assert sum(section.text.count("class Cart:") for section in packed.sections) == 1


def test_the_file_here_is_never_in_the_prompt(shop: World) -> None:
    place = shop.at("shop/cart.py", "from shop.window import Window\n‸\n")
    for purpose in PURPOSES:
        packed = packed_at(place, 200_000, purpose)
        assert packed.sections
        assert not any(
            "Cart" in section.text or section.path == "shop/cart.py" for section in packed.sections
        )


def test_a_type_whose_name_stands_at_its_end_is_shown_with_it(tmp_path: Path) -> None:
    fields = "".join(f"    int field_{number};\n" for number in range(40))
    shop = world(tmp_path, {"cart.h": f"typedef struct {{\n{fields}}} Cart;\n", "main.c": ""})
    place = shop.at("main.c", '#include "cart.h"\n\nCart *cart_‸\n')
    text = text_in(packed_at(place, 40), "cart.h")
    assert text.startswith("typedef struct {\n")
    assert text.rstrip().endswith("} Cart;")
