"""`fathom context`: the table, the JSON, the page, why a name is missing, and what bad input gets."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lsp_server.cli import main
from lsp_server.config import config_path
from tests.context.canaries import tokens

CART = """\
from shop.item import Item


class Cart:
    def __init__(self) -> None:
        self.items: list[Item] = []

    def total(self) -> int:
        return sum(item.

    def clear(self) -> None:
        self.items = []
"""
ITEM = '''\
"""What is sold."""


class Item:
    def __init__(self, name: str, price: int) -> None:
        self.name = name
        self.price = price

    def price_with_tax(self, rate: float) -> float:
        """The price that a customer pays."""
        return self.price * (1 + rate)
'''
SPOT = "shop/cart.py:9:25"
Context = Callable[..., int]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "repository"
    (folder / "shop").mkdir(parents=True)
    (folder / ".git").mkdir()
    (folder / "shop/cart.py").write_text(CART)
    (folder / "shop/item.py").write_text(ITEM)
    (folder / "shop/far.py").write_text("def zebra_stripes(count: int) -> str:\n    return '|' * count\n")
    return folder


@pytest.fixture
def context(root: Path) -> Context:
    """Run the command at the usual place, with estimated tokens."""

    def run(*arguments: str, spot: str = SPOT) -> int:
        return main(["context", f"{root}/{spot}", "--estimate", *arguments])

    return run


def answer(capsys: pytest.CaptureFixture[str]) -> Any:
    return json.loads(capsys.readouterr().out)


def test_parts_are_shown_as_a_table_with_their_lines_and_reasons(
    context: Context, capsys: pytest.CaptureFixture[str]
) -> None:
    assert context() == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["SCORE", "TOKENS", "REASON", "PLACE", "BEGINS", "WITH"]
    assert any("shop/item.py:4" in line and "class Item:" in line for line in lines)
    assert lines[-1].endswith("of 4,096 tokens, to fill at shop/cart.py:9:25.")
    scores = [float(line.split()[0]) for line in lines[1 : lines.index("")]]
    assert scores == sorted(scores, reverse=True)


def test_the_text_comes_with_text(context: Context, capsys: pytest.CaptureFixture[str]) -> None:
    assert context("--text") == 0
    shown = capsys.readouterr().out
    assert "──── shop/item.py\n" in shown
    assert "def price_with_tax(self, rate: float) -> float:\n" in shown


def test_json_has_parts_with_offsets_and_the_text(
    context: Context, root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert context("--json", "--budget", "500", "--purpose", "edit") == 0
    said = answer(capsys)
    assert (said["path"], said["line"], said["column"]) == ("shop/cart.py", 9, 25)
    assert (said["root"], said["purpose"], said["budget"]) == (str(root), "edit", 500)
    assert not said["exact"]
    assert 0 < said["tokens"] <= 500
    part = next(part for part in said["parts"] if part["path"] == "shop/item.py")
    first, last = part["lines"]
    assert "".join(ITEM.splitlines(keepends=True)[first - 1 : last]) == ITEM[part["start"] : part["end"]]
    assert part["reason"]
    assert [section["path"] for section in said["sections"]].count("shop/item.py") == 1


def test_the_budget_is_kept(context: Context, capsys: pytest.CaptureFixture[str]) -> None:
    assert context("--json", "--budget", "30") == 0
    assert answer(capsys)["tokens"] <= 30


def test_the_page_is_written_and_its_path_is_said_last(
    context: Context, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "page.html"
    target.write_text("old")
    assert context("--html", str(target)) == 0
    assert capsys.readouterr().out.splitlines()[-1] == str(target)
    html = target.read_text(encoding="utf-8")
    assert "shop/item.py" in html
    assert html.endswith("</html>\n")
    assert [path.name for path in tmp_path.iterdir() if "page" in path.name] == ["page.html"]


def test_a_page_that_cannot_be_written_is_an_error(
    context: Context, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert context("--html", str(tmp_path / "none/page.html")) == 1
    assert "cannot be written" in capsys.readouterr().err


def test_a_page_in_the_place_of_a_folder_leaves_nothing_behind(
    context: Context, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "page.html").mkdir()
    before = set(tmp_path.iterdir())
    assert context("--html", str(tmp_path / "page.html")) == 1
    assert "cannot be written" in capsys.readouterr().err
    assert set(tmp_path.iterdir()) == before


def _why(context: Context, capsys: pytest.CaptureFixture[str], name: str, *more: str) -> str:
    assert context("--json", "--why", name, *more) == 0
    return " ".join(answer(capsys)["why"])


def test_a_name_that_is_shown_has_its_reason(context: Context, capsys: pytest.CaptureFixture[str]) -> None:
    said = _why(context, capsys, "Item.price_with_tax")
    assert said.startswith("method Item.price_with_tax of shop/item.py:9 is shown: ")


def test_a_name_that_does_not_fit_is_said_to_need_more(
    context: Context, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "does not fit" in _why(context, capsys, "price_with_tax", "--budget", "3")


def test_a_name_of_the_file_itself_is_said_to_be_there(
    context: Context, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "is in this file" in _why(context, capsys, "Cart.total")


def test_a_name_that_nobody_defines_is_said_to_be_unknown(
    context: Context, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _why(context, capsys, "nowhere") == "No file of the index defines nowhere."
    assert "Item.price_with_tax is in shop/item.py:9" in _why(context, capsys, "Nobody.price_with_tax")


def test_a_name_that_nothing_leads_to_is_said_to_be_left_out(
    context: Context, root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (root / "other/deep").mkdir(parents=True)
    (root / "other/deep/away.py").write_text("def unrelated_thing():\n    pass\n")
    said = _why(context, capsys, "unrelated_thing")
    assert said.startswith("function unrelated_thing of other/deep/away.py:1 ")
    assert "nothing here leads to it" in said or "does not fit" in said or "is shown" in said


def test_sentences_stand_before_the_table(context: Context, capsys: pytest.CaptureFixture[str]) -> None:
    assert context("--why", "nowhere") == 0
    assert capsys.readouterr().out.startswith("No file of the index defines nowhere.\n\nSCORE")


def test_a_place_past_the_end_is_moved_and_said(context: Context, capsys: pytest.CaptureFixture[str]) -> None:
    assert context("--json", spot="shop/cart.py:999:1") == 0
    shown = capsys.readouterr()
    assert json.loads(shown.out)["line"] == 13
    assert "999:1 is past the end; taken as 13:1." in shown.err


def test_the_root_can_be_named(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["context", f"{root}/{SPOT}", "--estimate", "--json", "--root"]
    assert main([*arguments, f"{root}/shop"]) == 0
    assert answer(capsys)["path"] == "cart.py"
    assert main([*arguments, f"{root}/none"]) == 1
    assert "there is no folder" in capsys.readouterr().err
    (root / "empty").mkdir()
    assert main([*arguments, f"{root}/empty"]) == 1
    assert "is not in" in capsys.readouterr().err


@pytest.mark.parametrize("spot", ["none.py:1:1", "shop:1:1"])
def test_what_cannot_be_read_is_an_error(
    context: Context, spot: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert context(spot=spot) == 1
    assert capsys.readouterr().err.startswith("fathom context: ")


def test_a_secret_file_is_not_read_even_through_a_link(
    context: Context, root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (root / ".env").write_text("A=1\n")
    (root / "plain.py").symlink_to(".env")
    for spot in (".env:1:1", "plain.py:1:1"):
        assert context(spot=spot) == 1
        assert "its name says that it is secret" in capsys.readouterr().err


@pytest.mark.parametrize("budget", ["0", "-1", "x", "1000001"])
def test_a_budget_that_makes_no_sense_is_refused(
    context: Context, budget: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        context(f"--budget={budget}")
    assert "number of tokens" in capsys.readouterr().err


def test_what_would_move_the_cursor_of_a_terminal_is_spelled_out(
    context: Context, root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    item = root / "shop/item.py"
    item.write_text(ITEM.replace("price: int)", "price: int = '\x1b[2J\u202e')"))
    assert context("--text") == 0
    shown = capsys.readouterr().out
    assert "\x1b" not in shown
    assert "⟨U+001B⟩[2J⟨U+202E⟩" in shown


def test_a_token_in_another_file_is_not_shown(
    context: Context, root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, secret = tokens()["github personal"]
    item = root / "shop/item.py"
    item.write_text(ITEM.replace("rate: float)", f'rate: float = 0, by: str = "{secret}")'))
    target = tmp_path / "page.html"
    assert context("--text", "--html", str(target)) == 0
    assert secret not in capsys.readouterr().out
    assert secret not in target.read_text(encoding="utf-8")


def test_the_model_counts_where_it_is_there(
    root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "reply.txt").write_text("x")
    model = f"scripted:{tmp_path / 'reply.txt'}"
    assert main(["context", f"{root}/{SPOT}", "--json", "--model", model]) == 0
    assert answer(capsys)["exact"]


def test_without_the_model_tokens_are_estimated_and_the_user_is_told(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["context", f"{root}/{SPOT}", "--json", "--model", "no-such-model"]) == 0
    shown = capsys.readouterr()
    assert not json.loads(shown.out)["exact"]
    assert "tokens are estimated" in shown.err


def test_the_file_is_read_as_it_is_and_left_alone(context: Context, root: Path) -> None:
    before = (root / "shop/cart.py").stat().st_mtime_ns
    assert context() == 0
    assert (root / "shop/cart.py").stat().st_mtime_ns == before
    assert sorted(path.name for path in root.iterdir()) == [".git", "shop"]


def test_pinned_files_come_first_and_one_that_is_not_there_is_told(
    context: Context, root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config_path().parent.mkdir(parents=True)
    config_path().write_text('pinned = ["shop/far.py", "gone.md"]\n')
    assert context("--json") == 0
    captured = capsys.readouterr()
    assert "The pinned file gone.md is not shown to the model" in captured.err
    first = json.loads(captured.out)["parts"][0]
    assert (first["path"], first["reason"]) == ("shop/far.py", "pinned")
