"""docs/EDITS.md shows what a model is asked."""

from __future__ import annotations

import re
from pathlib import Path

from lsp_server.features.edit_request import Diagnostic, Progress, Reading
from lsp_server.features.instructions import BUILT_IN, find
from lsp_server.models.scripted import ScriptedBackend
from lsp_server.prompts.fim import spelled
from tests.features.edits import edit

PAGE = Path(__file__).parents[2] / "docs/EDITS.md"

CART = """\
class Cart:
    def __init__(self):
        self.items = []

«    def total(self):
        return sum(item.price for item in self.itms)
»
    def clear(self):
        self.items = []
"""


async def test_the_example_is_what_the_program_asks(tmp_path: Path) -> None:
    told: list[Progress] = []
    fix = find("fix")
    assert fix is not None
    at = CART.index("itms") - 1
    found = [Diagnostic(at, at + 4, '"Cart" has no attribute "itms"')]
    backend = ScriptedBackend(["NO CHANGE: hm"])
    path = tmp_path / "cart.py"
    await edit(CART, backend, path, fix.instruction, diagnostics=found, listener=told.append)
    (reading,) = (each for each in told if isinstance(each, Reading))
    example = re.search(r"^```\n(<\|im_start\|>.*?)^```$", PAGE.read_text(), re.MULTILINE | re.DOTALL)
    assert example is not None
    shown = example[1].replace("~~~", "```").replace("File shop/", "File ")
    assert shown == spelled(reading.prompt)


def test_the_page_names_every_action() -> None:
    names = re.search(r"The actions are (.*)\. Your own", PAGE.read_text())
    assert names is not None
    assert re.findall(r"`(\w+)`", names[1]) == [action.id for action in BUILT_IN]
