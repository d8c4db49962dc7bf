"""The backend that says what it was told to say."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from pathlib import Path

import pytest

from lsp_server.models.backend import ModelError, Piece, Sampling
from lsp_server.models.scripted import ScriptedBackend, read_replies


async def pieces(backend: ScriptedBackend, sampling: Sampling | None = None) -> list[Piece]:
    return [piece async for piece in backend.stream(("x = ",), sampling or Sampling(), "completion")]


async def text(backend: ScriptedBackend, sampling: Sampling | None = None) -> str:
    return "".join(piece.text for piece in await pieces(backend, sampling))


async def test_replies_come_in_order_and_the_last_one_stays() -> None:
    backend = ScriptedBackend(["first reply", "second"])
    assert [await text(backend) for _ in range(3)] == ["first reply", "second", "second"]


async def test_only_the_last_piece_says_how_it_ended_and_what_it_cost() -> None:
    *others, last = await pieces(ScriptedBackend(["a longer reply"]))
    assert len(others) > 1
    assert all(piece.finish is None and piece.usage is None for piece in others)
    assert last.finish == "stop"
    assert last.usage
    assert last.usage.generated == 4


async def test_a_reply_ends_before_the_first_stop_string() -> None:
    assert await text(ScriptedBackend(["a\nb\n\nc"]), Sampling(stop=("\n\n", "z"))) == "a\nb"


async def test_a_closed_stream_is_no_longer_running() -> None:
    backend = ScriptedBackend(["a longer reply"])
    async with aclosing(backend.stream((), Sampling(), "completion")) as stream:
        await anext(stream)
        assert (backend.running, backend.state.phase) == (1, "busy")
    assert (backend.running, backend.state.phase) == (0, "ready")


async def test_no_piece_passes_a_closed_gate() -> None:
    gate = asyncio.Event()
    asked = asyncio.ensure_future(text(ScriptedBackend(["reply"], gate=gate)))
    await asyncio.sleep(0)
    assert not asked.done()
    gate.set()
    assert await asked == "reply"


async def test_a_script_without_a_reply_is_a_model_error() -> None:
    with pytest.raises(ModelError, match="script of replies is empty"):
        await text(ScriptedBackend([]))


def test_a_text_file_is_one_reply_and_a_jsonl_file_many(tmp_path: Path) -> None:
    (tmp_path / "one.txt").write_text("a\nb\n")
    (tmp_path / "many.jsonl").write_text('"a\\nb"\n\n"c"\n')
    assert read_replies(tmp_path / "one.txt") == ["a\nb\n"]
    assert read_replies(tmp_path / "many.jsonl") == ["a\nb", "c"]


@pytest.mark.parametrize("content", [b"3", b"{", b"\xff", b'["a"]'])
def test_a_script_that_is_none_is_a_model_error(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "bad.jsonl"
    path.write_bytes(content)
    with pytest.raises(ModelError, match=r"bad\.jsonl"):
        read_replies(path)


def test_a_script_that_is_missing_is_a_model_error(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="cannot be read"):
        read_replies(tmp_path / "none.txt")
