"""What of a file is shown around the lines of an edit."""

from __future__ import annotations

from context.parse import parse
from context.text import Text
from lsp_server.features.surroundings import MOST_LINES, around
from lsp_server.prompts.rewrite import Excerpt

FILLER = "".join(f"value_{number} = {number}\n" for number in range(1000))
METHOD = "    def total(self):\n        tax = 1\n        price = 2\n        return price + tax\n"
SOURCE = f"import os\nfrom shop import Item\n\n{FILLER}\nclass Cart:\n{METHOD}\n{FILLER}"
FIRST = SOURCE[: SOURCE.index("        price = 2")].count("\n")


def shown(budget: int, source: str = SOURCE, first: int = FIRST) -> tuple[str, str]:
    text = Text(source)
    above, below = around(text, parse(source, "python"), first, first, budget)
    lines = source.split("\n")
    for excerpt in (*above, *below):
        part = lines[excerpt.line - 1 : excerpt.last]
        assert excerpt.text == "".join(f"{line}\n" for line in part)
    return "…\n".join(each.text for each in above), "…\n".join(each.text for each in below)


def test_a_small_file_is_shown_whole() -> None:
    source = "import os\n\n\ndef f():\n    a()\n    b()\n\n\nf()\n"
    assert shown(1000, source, 4) == ("import os\n\n\ndef f():\n", "    b()\n\n\nf()\n")


def test_imports_the_heads_around_and_the_nearest_lines_come_first() -> None:
    above, below = shown(200)
    assert above.startswith("import os\nfrom shop import Item\n…\n")
    assert above.endswith("class Cart:\n    def total(self):\n        tax = 1\n")
    assert below.startswith("        return price + tax\n")
    assert len(above) + len(below) <= 200 + len("…\n")


def test_no_more_than_400_lines_are_shown_on_either_side() -> None:
    above, below = shown(1_000_000)
    assert above.count("\n") <= MOST_LINES + 5
    assert below.count("\n") <= MOST_LINES


def test_a_budget_of_nothing_shows_nothing() -> None:
    assert shown(0) == ("", "")


def test_line_ends_are_line_feeds_and_the_byte_order_mark_is_left_out() -> None:
    source = "\ufeffa = 1\r\nb = 2\r\nc = 3"
    above, below = around(Text(source), parse(source, "python"), 1, 1, 100)
    assert above == (Excerpt(1, "a = 1\n"),)
    assert below == (Excerpt(3, "c = 3\n"),)
