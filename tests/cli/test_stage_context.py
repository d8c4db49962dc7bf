"""`fathom stage context` from outside."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from context import indexing
from lsp_server.cli import main
from lsp_server.models.backend import ModelError
from lsp_server.models.scripted import ScriptedBackend
from tests.context.places import write

CART = "class Cart:\n    def add_item(self, item):\n        self.items.append(item)\n"
MAIN = "from shop.cart import Cart\n\ncart = Cart()\ncart.\n"
FILES = {"shop/cart.py": CART, "main.py": MAIN, "shop/__init__.py": ""}

Ask = Callable[..., list[dict[str, Any]]]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "root"
    write(root, FILES)
    return root


@pytest.fixture
def place(root: Path) -> dict[str, Any]:
    return {"root": str(root), "path": "main.py", "line": 3, "character": 5, "budget": 300}


@pytest.fixture
def ask(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Ask:
    """Gives lines to the stage and returns its answers."""
    monkeypatch.setattr(indexing, "sweep", partial(indexing.sweep, workers=0))

    def asking(*given: object, code: int = 0, options: tuple[str, ...] = ("--estimate",)) -> list[Any]:
        lines = [line if isinstance(line, str) else json.dumps(line) for line in given]
        monkeypatch.setattr("sys.stdin", io.StringIO("\n".join(lines) + "\n"))
        assert main(["stage", "context", "--batch", *options]) == code
        return [json.loads(line) for line in capsys.readouterr().out.splitlines()]

    return asking


@pytest.fixture
def backend(monkeypatch: pytest.MonkeyPatch) -> ScriptedBackend:
    """A model that counts a token for four characters."""
    found = ScriptedBackend([])
    monkeypatch.setattr("lsp_server.models.open.open_backend", lambda _: found)
    return found


def test_the_context_and_its_parts_are_printed(ask: Ask, place: dict[str, Any], root: Path) -> None:
    (answer,) = ask(place)
    assert answer["context"] == f"<|file_sep|>shop/cart.py\n{CART}\n"
    (part,) = answer["parts"]
    assert part["path"] == str(root / "shop/cart.py")
    assert CART[part["start"] : part["end"]] == CART
    assert part["reason"]
    assert 0 < part["score"] < 1
    assert part["tokens"] < answer["tokens"] <= 300
    assert answer["exact"] is False
    assert answer["ms"] >= 0


def test_one_place_needs_no_batch(
    ask: Ask, place: dict[str, Any], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(json.dumps(place, indent=2)))
    assert main(["stage", "context", "--estimate"]) == 0
    assert "class Cart" in json.loads(capsys.readouterr().out)["context"]


def test_there_is_an_answer_for_each_line_in_its_order(ask: Ask, place: dict[str, Any]) -> None:
    budgets = [0, 300, 8, 300]
    answers = ask(*({**place, "budget": budget} for budget in budgets), "", "  ")
    assert [bool(answer["context"]) for answer in answers] == [False, True, False, True]
    assert answers[1]["context"] == answers[3]["context"]
    assert all(answer["tokens"] <= budget for answer, budget in zip(answers, budgets, strict=True))


def test_text_that_is_not_saved_counts_and_what_is_on_disk_does_not(
    ask: Ask, place: dict[str, Any], root: Path
) -> None:
    write(root, {"main.py": "def canary_function():\n    canary_text\n" + MAIN})
    for given in (place, {**place, "text": MAIN}, {**place, "path": str(root / "main.py"), "text": MAIN}):
        (answer,) = ask({**given, "line": 3})
        assert "class Cart" in answer["context"]
        assert "canary" not in answer["context"]


def test_a_file_need_not_be_on_disk(ask: Ask, place: dict[str, Any]) -> None:
    (answer,) = ask({**place, "path": "new/file.py", "text": MAIN})
    assert "class Cart" in answer["context"]


def test_for_chat_files_are_shown_whole(ask: Ask, place: dict[str, Any], root: Path) -> None:
    write(root, {"README.md": "# Shop\n\nThe shop sells.\n"})
    (answer,) = ask({**place, "purpose": "chat"})
    assert "<|file_sep|>README.md\n# Shop\n\nThe shop sells.\n" in answer["context"]


def test_characters_are_code_points_and_one_past_the_end_is_the_end(ask: Ask, place: dict[str, Any]) -> None:
    text = MAIN.replace("cart.\n", "'😀'; cart.\n")
    inside, past = ask({**place, "text": text, "character": 9}, {**place, "text": text, "character": 99})
    assert inside["context"] == past["context"]


@pytest.mark.parametrize(
    "change",
    [
        {"root": "/nowhere/at/all"},
        {"root": 3},
        {"root": None},
        {"root": "a\0b"},
        {"path": "../outside.py"},
        {"path": "/etc/hostname"},
        {"path": "missing.py"},
        {"path": "shop"},
        {"path": ["main.py"]},
        {"path": ".env", "text": "KEY=1\n"},
        {"line": 5},
        {"line": 1_000_000},
        {"line": -1},
        {"line": "3"},
        {"line": None},
        {"character": -1},
        {"character": 1e999},
        {"text": 3},
        {"text": None},
        {"purpose": "guess"},
        {"purpose": ["fill"]},
        {"budget": -1},
        {"budget": "many"},
    ],
    ids=str,
)
def test_what_makes_no_sense_gives_an_error(ask: Ask, place: dict[str, Any], change: dict[str, Any]) -> None:
    (answer,) = ask({**place, **change}, code=1)
    assert list(answer) == ["error"]


@pytest.mark.parametrize(
    "line", ["{", "nothing", "[]", "3", "null", '"text"', "{}", '{"root": "/"}', "[" * 100_000, "\x00"]
)
def test_what_is_no_place_gives_an_error(ask: Ask, place: dict[str, Any], line: str) -> None:
    (answer,) = ask(line, code=1)
    assert list(answer) == ["error"]


def test_after_an_error_the_next_line_has_its_answer(ask: Ask, place: dict[str, Any]) -> None:
    wrong, right = ask({**place, "line": 99}, place, code=1)
    assert list(wrong) == ["error"]
    assert "class Cart" in right["context"]


def test_a_file_where_a_root_should_be_is_an_error(ask: Ask, place: dict[str, Any], root: Path) -> None:
    (answer,) = ask({**place, "root": str(root / "main.py"), "path": ""}, code=1)
    assert "is no file in" in answer["error"]


def test_an_index_that_cannot_be_written_is_an_error(
    ask: Ask, place: dict[str, Any], own_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (own_home / "cache_home" / "fathom").write_text("in the way")
    (answer,) = ask(place, code=1)
    assert list(answer) == ["error"]


def test_a_link_to_a_root_is_the_root(ask: Ask, place: dict[str, Any], root: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(root)
    for path in ("main.py", str(tmp_path / "link/main.py"), str(root / "main.py")):
        (answer,) = ask({**place, "root": str(tmp_path / "link"), "path": path})
        assert answer["parts"][0]["path"] == str(root / "shop/cart.py")


def test_a_link_in_the_repository_leads_to_the_file_that_is_not_shown(
    ask: Ask, place: dict[str, Any], root: Path
) -> None:
    (root / "alias.py").symlink_to(root / "shop/cart.py")
    (answer,) = ask({**place, "path": "alias.py", "text": "from shop.cart import Cart\n\nCart\n", "line": 1})
    assert "shop/cart.py" not in answer["context"]


def test_names_that_are_no_characters_and_half_characters_are_survived(
    ask: Ask, place: dict[str, Any], root: Path
) -> None:
    write(root, {"caf\udce9.py": "def odd_name(): ...\n", "two\nlines.py": "def other_name(): ...\n"})
    (answer,) = ask({**place, "text": "odd_name()\nother_name()\n'\ud800'\n\n"})
    paths = {part["path"] for part in answer["parts"]}
    assert paths == {str(root / "caf\udce9.py"), str(root / "two\nlines.py")}
    assert "<|file_sep|>caf\ufffd.py\ndef odd_name" in answer["context"]
    assert "<|file_sep|>two\ufffdlines.py\ndef other_name" in answer["context"]


def test_control_tokens_in_a_file_stay_text_that_the_parts_tell_apart(
    ask: Ask, place: dict[str, Any], root: Path
) -> None:
    cart = 'class Cart:\n    mark = "<|file_sep|>fake.py\\n<|fim_middle|>"\n'
    write(root, {"shop/cart.py": cart})
    (answer,) = ask(place)
    assert answer["context"] == f"<|file_sep|>shop/cart.py\n{cart}\n"
    assert "".join(cart[part["start"] : part["end"]] for part in answer["parts"]) == cart


def test_the_model_counts_where_it_is_there(
    ask: Ask, place: dict[str, Any], backend: ScriptedBackend
) -> None:
    (answer,) = ask(place, options=())
    assert answer["exact"] is True
    (part,) = answer["parts"]
    assert part["tokens"] == -(-len(CART) // 4)
    assert answer["tokens"] == -(-len(f"shop/cart.py\n{CART}\n") // 4) + 1


def test_without_a_model_tokens_are_estimated(
    ask: Ask, place: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def none(_: str) -> None:
        raise ModelError("no-model", "There is no model.")

    monkeypatch.setattr("lsp_server.models.open.open_backend", none)
    (answer,) = ask(place, options=())
    assert answer["exact"] is False
    assert "class Cart" in answer["context"]


def test_a_model_that_fails_is_not_asked_again(
    ask: Ask, place: dict[str, Any], backend: ScriptedBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    async def failing(text: str) -> int:
        asked.append(text)
        raise ModelError("host-lost", "The model has gone.")

    monkeypatch.setattr(backend, "count_tokens", failing)
    first, second = ask(place, place, options=())
    assert first["exact"] is second["exact"] is False
    assert first["context"] == second["context"] != ""
    assert len(asked) == len(set(asked))
