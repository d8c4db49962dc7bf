"""Fetching from a hub: a real server on the loopback that breaks off, lies, is slow, or is no hub at all."""

from __future__ import annotations

import logging
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from lsp_server.models import download, hub
from lsp_server.models.backend import ModelError
from lsp_server.models.fetch import MARGIN, Progress
from lsp_server.models.model import HubSource, Model, ModelFile
from tests.models.hub_server import PATIENCE, Hub, hub_server, point_library_at
from tests.models.tiny import CONTENT, HUB, Heard, hash_of, roomy, tiny, tiny_file

pytestmark = pytest.mark.process

OTHER = bytes(reversed(CONTENT))
CUT = 300


@pytest.fixture
def serve(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Hub], Hub]]:
    """Start a hub that the library takes for the real one."""
    from huggingface_hub import close_session

    logging.getLogger("huggingface_hub").setLevel(logging.ERROR)
    open_servers = []

    def start(wanted: Hub) -> Hub:
        server = hub_server(wanted)
        started = server.__enter__()
        open_servers.append(server)
        point_library_at(started.address, monkeypatch)
        return started

    yield start
    close_session()
    for server in open_servers:
        server.__exit__(None, None, None)


def unfinished(model: Model) -> list[Path]:
    return sorted((download.folder_of(model) / ".unfinished").glob("*.hub"))


def failure(model: Model) -> ModelError:
    with pytest.raises(ModelError) as error:
        download.pull(model, Heard(), roomy)
    assert download.installed(model) is None
    return error.value


# --- what goes right ---


def test_a_file_is_fetched_verified_and_put_in_place(serve: Callable[[Hub], Hub]) -> None:
    found = serve(Hub())
    model, heard = tiny(), Heard()
    path = download.pull(model, heard, roomy)
    assert path.read_bytes() == CONTENT
    assert download.installed(model) == path
    assert [method for method, _, _ in found.requests] == ["HEAD", "GET"]
    assert [entry.name for entry in sorted(path.parent.iterdir())] == ["tiny.gguf", "verified.json"]


def test_progress_is_told_from_the_first_byte_to_the_last(serve: Callable[[Hub], Hub]) -> None:
    serve(Hub())
    heard = Heard()
    download.pull(tiny(), heard, roomy)
    done = [report.done for report in heard.reports if report.kind == "fetching"]
    assert done == sorted(done)
    assert (done[0], done[-1]) == (0, len(CONTENT))
    assert {report.total for report in heard.reports if report.kind == "fetching"} == {len(CONTENT)}
    assert "acme/tiny" in heard.reports[0].message


def test_what_is_installed_is_not_asked_for_again(serve: Callable[[Hub], Hub]) -> None:
    found = serve(Hub())
    model = tiny()
    download.pull(model, Heard(), roomy)
    asked = len(found.requests)
    assert download.pull(model, Heard(), roomy).read_bytes() == CONTENT
    assert len(found.requests) == asked


def test_a_model_in_parts_is_fetched_part_by_part(serve: Callable[[Hub], Hub]) -> None:
    serve(Hub())
    model = tiny(tiny_file(name="a.gguf"), tiny_file(name="b.gguf"))
    assert download.pull(model, Heard(), roomy).name == "a.gguf"
    assert (download.folder_of(model) / "b.gguf").read_bytes() == CONTENT


def test_a_file_without_a_pinned_hash_is_checked_against_the_one_that_the_hub_states(
    serve: Callable[[Hub], Hub],
) -> None:
    serve(Hub())
    model = tiny(ModelFile("tiny.gguf", (HUB,)))
    path = download.pull(model, Heard(), roomy)
    download.verify(model, Heard())
    assert download.installed(model) == path


# --- interruptions ---


def test_a_download_that_breaks_off_goes_on_from_there(serve: Callable[[Hub], Hub]) -> None:
    found = serve(Hub(cut_after=CUT))
    model = tiny()
    error = failure(model)
    assert error.code == "no-model"
    assert "what was fetched is kept" in str(error)
    (part,) = unfinished(model)
    assert part.read_bytes() == CONTENT[:CUT]
    found.status, found.cut_after = 200, None
    assert download.pull(model, Heard(), roomy).read_bytes() == CONTENT
    assert found.ranges_asked[-1] == f"bytes={CUT}-"


def test_a_short_break_is_mended_within_one_pull(serve: Callable[[Hub], Hub]) -> None:
    found = serve(Hub(cut_after=CUT, recovers=True))
    assert download.pull(tiny(), Heard(), roomy).read_bytes() == CONTENT
    assert found.ranges_asked == [None, f"bytes={CUT}-"]


def test_a_user_who_stops_a_pull_keeps_what_came(serve: Callable[[Hub], Hub]) -> None:
    found = serve(Hub())
    model = tiny()

    def stop(progress: Progress) -> None:
        if progress.done >= CUT:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        download.pull(model, stop, roomy)
    (part,) = unfinished(model)
    kept = part.stat().st_size
    assert 0 < kept < len(CONTENT)
    assert download.installed(model) is None
    assert download.pull(model, Heard(), roomy).read_bytes() == CONTENT
    assert found.ranges_asked[-1] == f"bytes={kept}-"


def test_a_whole_file_that_was_not_verified_yet_is_not_fetched_again(serve: Callable[[Hub], Hub]) -> None:
    found = serve(Hub())
    model = tiny()

    def stop(progress: Progress) -> None:
        if progress.kind == "verifying":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        download.pull(model, stop, roomy)
    download.pull(model, Heard(), roomy)
    assert len(found.ranges_asked) == 1


def test_a_server_that_cannot_send_the_rest_alone_sends_it_all(serve: Callable[[Hub], Hub]) -> None:
    found = serve(Hub(cut_after=CUT))
    model = tiny()
    failure(model)
    found.status, found.cut_after, found.ranges = 200, None, False
    assert download.pull(model, Heard(), roomy).read_bytes() == CONTENT


def test_a_part_of_an_older_version_is_thrown_away(serve: Callable[[Hub], Hub]) -> None:
    found = serve(Hub(cut_after=CUT))
    model = tiny(ModelFile("tiny.gguf", (HUB,)))
    failure(model)
    found.status, found.cut_after, found.content = 200, None, OTHER
    assert download.pull(model, Heard(), roomy).read_bytes() == OTHER
    assert found.ranges_asked[-1] is None


# --- lies ---


def test_other_bytes_than_announced_are_refused_and_leave_nothing(serve: Callable[[Hub], Hub]) -> None:
    serve(Hub(content=OTHER, etag=hash_of(CONTENT)))
    model = tiny()
    error = failure(model)
    assert error.code == "bad-model"
    assert all(part in str(error) for part in ("is refused", hash_of(CONTENT), hash_of(OTHER)))
    assert unfinished(model) == []
    assert not (download.folder_of(model) / "tiny.gguf").exists()


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        (Hub(content=OTHER), "another tiny.gguf: its sha256"),
        (Hub(size=len(CONTENT) + 1), f"expected {len(CONTENT)} bytes"),
        (Hub(etag=None), "no hub"),
        (Hub(status=404), "could not be reached"),
        (Hub(status=500), "could not be reached"),
    ],
)
def test_what_cannot_be_the_file_is_refused_before_a_byte_is_fetched(
    serve: Callable[[Hub], Hub], wanted: Hub, said: str
) -> None:
    found = serve(wanted)
    assert said in str(failure(tiny()))
    assert found.ranges_asked == []


def test_a_file_that_nobody_states_a_hash_for_is_refused(serve: Callable[[Hub], Hub]) -> None:
    found = serve(Hub(etag="no-sha256"))
    assert "none is pinned" in str(failure(tiny(ModelFile("tiny.gguf", (HUB,)))))
    assert found.ranges_asked == []


def test_more_bytes_than_announced_are_not_written(serve: Callable[[Hub], Hub]) -> None:
    long = CONTENT * 3
    serve(Hub(content=long, etag=hash_of(CONTENT), size=len(CONTENT)))
    model = tiny()
    assert "more than" in str(failure(model))
    assert unfinished(model) == []


# --- trouble around it ---


def test_the_next_source_is_used_when_one_fails(serve: Callable[[Hub], Hub]) -> None:
    serve(Hub())
    gone = HubSource("acme/gone", "tiny.gguf", "main")
    model, heard = tiny(tiny_file(sources=(gone, HUB))), Heard()
    assert download.pull(model, heard, roomy).read_bytes() == CONTENT
    (note,) = heard.notes
    assert note.endswith("; trying the next source.")


def test_every_source_that_failed_is_named(serve: Callable[[Hub], Hub]) -> None:
    serve(Hub(status=500))
    error = failure(tiny(tiny_file(sources=(HUB, HubSource("acme/mirror", "tiny.gguf", "main")))))
    assert str(error).count("the hub could not be reached") == 2
    assert "`fathom models pull tiny`" in str(error)


def test_a_hub_that_does_not_answer_is_left_after_a_while(
    tmp_path: Path, serve: Callable[[Hub], Hub]
) -> None:
    serve(Hub(answer_gate=threading.Event()))
    with pytest.raises(hub.SourceFailed, match=r"did not answer within|could not be reached"):
        hub.fetch(tiny_file(), HUB, tmp_path, Heard(), roomy, reach_seconds=0.2)


def test_a_full_disk_is_noticed_before_a_byte_is_fetched(serve: Callable[[Hub], Hub]) -> None:
    found = serve(Hub())
    model = tiny(tiny_file(sources=(HUB, HUB)))
    with pytest.raises(ModelError, match=r"Not enough disk space.*FATHOM_HOME") as error:
        download.pull(model, Heard(), lambda _: MARGIN + len(CONTENT) - 1)
    assert str(download.folder_of(model)) in str(error.value)
    assert [method for method, _, _ in found.requests] == ["HEAD"]  # another source needs as much room


def test_only_what_is_missing_needs_room(serve: Callable[[Hub], Hub]) -> None:
    found = serve(Hub(cut_after=CUT))
    model = tiny()
    failure(model)
    found.status, found.cut_after = 200, None
    download.pull(model, Heard(), lambda _: MARGIN + len(CONTENT) - CUT)
    assert download.installed(model)


# --- several processes ---

PULL = """
import sys
from lsp_server.models import download
from tests.models.tiny import roomy, tiny
print(download.pull(tiny(), lambda progress: print(progress.kind, flush=True), roomy), flush=True)
"""


def test_two_processes_fetch_a_model_once(
    serve: Callable[[Hub], Hub], monkeypatch: pytest.MonkeyPatch
) -> None:
    found = serve(Hub(gate=threading.Event()))
    monkeypatch.setenv("HF_ENDPOINT", found.address)
    assert found.gate
    first = subprocess.Popen([sys.executable, "-c", PULL], stdout=subprocess.PIPE, text=True)
    with first:
        assert found.asked.wait(PATIENCE)
        second = subprocess.Popen([sys.executable, "-c", PULL], stdout=subprocess.PIPE, text=True)
        with second:
            assert second.stdout
            assert second.stdout.readline() == "waiting\n"
            found.gate.set()
            paths = [process.communicate(timeout=PATIENCE)[0].splitlines()[-1] for process in (first, second)]
    assert paths == [str(download.installed(tiny()))] * 2
    assert len(found.ranges_asked) == 1


def test_nothing_is_told_to_the_hub_but_what_is_wanted(
    serve: Callable[[Hub], Hub], monkeypatch: pytest.MonkeyPatch
) -> None:
    found = serve(Hub())
    monkeypatch.setenv("HF_ENDPOINT", found.address)
    monkeypatch.delenv("HF_HUB_DISABLE_TELEMETRY", raising=False)
    subprocess.run([sys.executable, "-c", PULL], check=True, capture_output=True, timeout=PATIENCE)
    path = f"/{HUB.repo}/resolve/{HUB.revision}/{HUB.file}"
    assert [request[:2] for request in found.requests] == [("HEAD", path), ("GET", path)]
