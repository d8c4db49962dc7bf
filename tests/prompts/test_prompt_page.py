"""docs/PROMPT.md shows what the program does."""

from __future__ import annotations

import re
from pathlib import Path

from lsp_server.cli.stage_prompt import answer_for
from lsp_server.prompts.clean import RULES
from lsp_server.prompts.scan import ENDINGS

PAGE = Path(__file__).parents[2] / "docs/PROMPT.md"

OTHER = """\
from dataclasses import dataclass


@dataclass
class Item:
    name: str
    price: int
"""


def blocks() -> list[str]:
    return re.findall(r"^```\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


def prompt(**more: object) -> str:
    prefix, _, suffix = blocks()[1].partition("‸")
    place = {"prefix": prefix, "suffix": suffix, "path": "shop/cart.py", "repository": "shop"}
    return f"{answer_for({**place, **more})['prompt']}\n"


def test_the_example_is_what_the_program_makes() -> None:
    assert blocks()[2] == prompt()


def test_the_example_with_another_file_is_what_the_program_makes() -> None:
    other = {"path": "shop/item.py", "text": OTHER}
    assert blocks()[3] == prompt(sources=[other], prefill_rate=2000, language="python")


def test_the_tables_name_every_rule() -> None:
    named = set(re.findall(r"^\| `([a-z-]+)` \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE))
    assert named == RULES.keys() | ENDINGS
