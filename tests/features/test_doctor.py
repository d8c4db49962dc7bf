"""What is found on a machine, and what the next completion would do there."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from lsp_server.features.doctor import Diagnosis, Surroundings, diagnose
from lsp_server.features.findings import Finding
from lsp_server.models.backend import ModelError
from lsp_server.models.describe import Build
from lsp_server.models.host.devices import Device
from lsp_server.models.host.link import HostStatus
from lsp_server.models.host.settings import LocalOptions
from lsp_server.models.memory import Memory
from tests.features.test_index_findings import INDEXED
from tests.models.gguf_writer import QWEN, gguf, write
from tests.models.tiny import install, listed, tiny

GB = 10**9
CPU = Device("Fast CPU", "CPU", 16 * GB, 12 * GB)
GPU = Device("Big GPU", "GPU", 24 * GB, 20 * GB)
BUILD = Build("0.3.36", False, (CPU,), 3, "AVX2 = 1")
GPU_BUILD = replace(BUILD, gpu_offload=True, devices=(CPU, GPU))
MISSING = ModelError("no-backend", "llama-cpp-python cannot be used: No module named 'llama_cpp'.")


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Surroundings:
    """A machine on which everything is as it should be: the default model is installed, nothing runs."""
    model = tiny(name="tiny-coder")
    listed(monkeypatch, model, tiny(name="other"))
    install(model)
    return Surroundings(
        program=(Finding("program", "ok", "Fathom."),),
        model="",
        local=LocalOptions(),
        enabled=True,
        problems=(),
        config=tmp_path / "config.toml",
        log=tmp_path / "state/fathom.log",
        sockets=tmp_path,
        build=BUILD,
        hosts=(),
        memory=Memory(16 * GB, 12 * GB),
        index=INDEXED,
    )


def found(diagnosis: Diagnosis, name: str) -> Finding:
    (finding,) = (finding for finding in diagnosis.findings if finding.name == name)
    return finding


def host(path: Path | str, phase: str = "ready") -> HostStatus:
    return HostStatus(4321, "tiny-coder", str(path), phase, 2, "CPU", 4096, 60.0, 500_000_000, 7)


# --- when all is well ---


def test_a_machine_where_all_is_well_has_no_problem(machine: Surroundings) -> None:
    diagnosis = diagnose(machine)
    assert diagnosis.ok
    assert {finding.mark for finding in diagnosis.findings} == {"ok"}
    assert [finding.advice for finding in diagnosis.findings if finding.advice] == []


def test_the_plan_says_what_would_be_loaded_and_how(machine: Surroundings) -> None:
    plan = diagnose(machine).plan
    assert "load tiny-coder on the CPU with 3 threads" in plan
    assert "window of 16,384 tokens" in plan
    assert "MB of memory" in plan


def test_a_window_is_no_longer_than_the_model_was_trained_for(machine: Surroundings, tmp_path: Path) -> None:
    short = write(tmp_path / "short.gguf", gguf({**QWEN, "qwen2.context_length": 2048}))
    assert "window of 2,048 tokens" in diagnose(replace(machine, model=str(short))).plan


def test_what_the_model_is_stands_there(machine: Surroundings) -> None:
    said = found(diagnose(machine), "model").message
    assert all(part in said for part in ("tiny-coder", "Apache-2.0", "hash verified", "tiny.gguf", "qwen2"))
    assert "fills in the middle" in said


def test_an_own_file_is_used_without_a_known_hash(machine: Surroundings, tmp_path: Path) -> None:
    own = write(tmp_path / "own.gguf", gguf())
    diagnosis = diagnose(replace(machine, model=str(own)))
    assert diagnosis.ok
    assert "hash not known" in found(diagnosis, "model").message
    assert f"load {own}" in diagnosis.plan


def test_a_script_of_replies_needs_no_model(machine: Surroundings) -> None:
    diagnosis = diagnose(replace(machine, model="scripted:replies.txt"))
    assert diagnosis.ok
    assert found(diagnosis, "model").mark == "note"
    assert "script" in diagnosis.plan


# --- the model ---


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        ("other", "`fathom models pull other`"),
        ("tiny-codr", "Did you mean tiny-coder?"),
        ("/no/such/model.gguf", "does not exist"),
    ],
)
def test_a_model_that_is_not_there_is_a_problem(machine: Surroundings, wanted: str, said: str) -> None:
    diagnosis = diagnose(replace(machine, model=wanted))
    assert not diagnosis.ok
    assert found(diagnosis, "model").mark == "problem"
    assert said in found(diagnosis, "model").message
    assert diagnosis.plan == "A completion would not work: see the problems."


def test_a_damaged_model_is_a_problem(machine: Surroundings, tmp_path: Path) -> None:
    cut = write(tmp_path / "cut.gguf", gguf()[:-100])
    diagnosis = diagnose(replace(machine, model=str(cut)))
    assert "is cut off" in found(diagnosis, "model").message
    assert not diagnosis.ok


def test_a_model_that_cannot_fill_in_is_worth_a_note(machine: Surroundings, tmp_path: Path) -> None:
    plain = write(tmp_path / "plain.gguf", gguf({**QWEN, "tokenizer.ggml.tokens": ["a"]}))
    diagnosis = diagnose(replace(machine, model=str(plain)))
    assert diagnosis.ok
    assert found(diagnosis, "model").mark == "note"
    assert "only what is before the cursor" in found(diagnosis, "model").message


# --- memory ---


@pytest.mark.parametrize(
    ("memory", "mark", "said"),
    [
        (Memory(200_000_000, None), "problem", "choose a smaller model"),
        (Memory(600_000_000, None), "note", "Choose a smaller model"),
        (Memory(16 * GB, 100_000_000), "problem", "Close other programs"),
        (Memory(16 * GB, 800_000_000), "ok", "800.0 MB of them free"),
        (Memory(None, None), "note", "does not say how much"),
        (Memory(16 * GB, None), "ok", "This machine has 16.0 GB."),
    ],
)
def test_memory_is_weighed_against_what_the_model_needs(
    machine: Surroundings, memory: Memory, mark: str, said: str
) -> None:
    diagnosis = diagnose(replace(machine, memory=memory))
    about = found(diagnosis, "memory")
    assert about.mark == mark
    assert said in f"{about.message} {about.advice}"
    assert diagnosis.ok == (mark != "problem")


def test_a_model_that_is_loaded_needs_no_free_memory(machine: Surroundings) -> None:
    full = replace(machine, memory=Memory(16 * GB, 1))
    path = install(tiny(name="tiny-coder"))
    assert not diagnose(full).ok
    assert diagnose(replace(full, hosts=(host(path),))).ok


# --- how it would be opened ---


def test_window_cache_and_place_are_said_with_their_reasons(machine: Surroundings) -> None:
    said = found(diagnose(machine), "memory").message
    assert "16,384 tokens (the default)" in said
    assert "a cache in f16 (201.3 MB)" in said
    assert "on the CPU, since this llama.cpp is built without support for GPUs" in said
    assert "12.0 GB of them free" in said


def test_what_is_set_is_planned_and_what_it_costs_is_noted(machine: Surroundings) -> None:
    options = LocalOptions(context=65_536, kv="q8_0", gpu_layers=20, threads=1)
    diagnosis = diagnose(replace(machine, local=options))
    assert diagnosis.ok
    assert "65,536 tokens (as set)" in found(diagnosis, "memory").message
    notes = [finding.message for finding in diagnosis.findings if finding.name == "plan"]
    assert ["has no effect" in notes[0], "YaRN" in notes[1]] == [True, True]
    assert "on the CPU with 1 thread, with a window of 65,536 tokens" in diagnosis.plan


@pytest.mark.parametrize(
    ("local", "said"),
    [
        (LocalOptions(context=200_000), "131,072 at most"),
        (LocalOptions(context=131_072, kv="f16"), 'or kv = "q8_0"'),
    ],
)
def test_what_is_set_and_cannot_be_is_a_problem(
    machine: Surroundings, local: LocalOptions, said: str
) -> None:
    diagnosis = diagnose(replace(machine, local=local, memory=Memory(2 * GB, int(1.7 * GB))))
    assert said in found(diagnosis, "memory").message
    assert diagnosis.plan == "A completion would not work: see the problems."


# --- llama.cpp and GPUs ---


def test_without_llama_cpp_it_is_said_how_to_install_it(machine: Surroundings) -> None:
    diagnosis = diagnose(replace(machine, build=MISSING))
    assert not diagnosis.ok
    assert found(diagnosis, "llama.cpp").message == str(MISSING)
    assert "pip install 'fathom-ls[local]'" in found(diagnosis, "llama.cpp").advice
    assert "would not work" in diagnosis.plan


def test_nothing_installed_at_all_is_two_problems_and_no_crash(machine: Surroundings) -> None:
    diagnosis = diagnose(replace(machine, build=MISSING, model="other"))
    assert [finding.name for finding in diagnosis.findings if finding.mark == "problem"] == [
        "llama.cpp",
        "model",
    ]


def test_a_gpu_that_can_be_used_is_used(machine: Surroundings) -> None:
    diagnosis = diagnose(replace(machine, build=GPU_BUILD))
    assert "Big GPU (GPU, 24.0 GB, 20.0 GB free)" in found(diagnosis, "llama.cpp").message
    assert "on the GPU (Big GPU), 25 of 25 layers" in diagnosis.plan
    assert "all 25 layers on the GPU (20.0 GB free there)" in found(diagnosis, "memory").message


def test_a_build_for_gpus_without_one_is_worth_a_note(machine: Surroundings) -> None:
    diagnosis = diagnose(replace(machine, build=replace(GPU_BUILD, devices=(CPU,))))
    assert "finds none" in found(diagnosis, "GPU").message
    assert "on the CPU" in diagnosis.plan


@pytest.mark.parametrize(
    ("sign", "option"), [("proc/driver/nvidia/version", "-DGGML_CUDA=ON"), ("dev/kfd", "-DGGML_HIP=ON")]
)
def test_a_gpu_that_the_build_cannot_use_says_how_to_build_anew(
    machine: Surroundings, tmp_path: Path, sign: str, option: str
) -> None:
    write(tmp_path / sign, b"")
    diagnosis = diagnose(machine, root=tmp_path)
    assert diagnosis.ok
    assert option in found(diagnosis, "GPU").advice


def test_a_gpu_in_use_gives_no_note(machine: Surroundings, tmp_path: Path) -> None:
    write(tmp_path / "dev/kfd", b"")
    diagnosis = diagnose(replace(machine, build=GPU_BUILD), root=tmp_path)
    assert [finding for finding in diagnosis.findings if finding.name == "GPU"] == []


# --- hosts ---


def test_a_host_that_has_the_model_would_be_used(machine: Surroundings) -> None:
    path = install(tiny(name="tiny-coder"))
    diagnosis = diagnose(replace(machine, hosts=(host("/another.gguf"), host(path))))
    assert diagnosis.plan == "A completion would use tiny-coder in process 4321."


@pytest.mark.parametrize(
    ("phase", "mark", "said"),
    [
        ("busy", "ok", "2 client(s), 500.0 MB"),
        ("silent", "note", "does not answer"),
        ("failed", "note", "open"),
    ],
)
def test_a_host_is_described_as_it_is(machine: Surroundings, phase: str, mark: str, said: str) -> None:
    finding = found(diagnose(replace(machine, hosts=(host("", phase),))), "host")
    assert finding.mark == mark
    assert said in finding.message
    assert (finding.advice == "") == (mark == "ok")


def test_where_a_host_has_its_layers_and_how_it_was_opened_is_said(machine: Surroundings) -> None:
    running = replace(host(""), device="GPU, 20/25 layers", plan="A window of 8 tokens.", note="Mind this.")
    diagnosis = diagnose(replace(machine, hosts=(running,)))
    one, two = (finding for finding in diagnosis.findings if finding.name == "host")
    assert "on the GPU, 20/25 layers" in one.message
    assert "A window of 8 tokens." in one.message
    assert (two.mark, two.message) == ("note", "Mind this.")


def test_a_host_that_was_opened_with_other_settings_is_noticed(machine: Surroundings) -> None:
    own = LocalOptions(kv="q8_0")
    same, other = (replace(host(""), settings=local.words()) for local in (own, LocalOptions()))
    for running, noted in ((same, False), (other, True)):
        diagnosis = diagnose(replace(machine, local=own, hosts=(running,)))
        assert any("other settings than yours" in finding.message for finding in diagnosis.findings) == noted


def test_a_host_that_failed_would_not_be_used(machine: Surroundings) -> None:
    path = install(tiny(name="tiny-coder"))
    assert "would load" in diagnose(replace(machine, hosts=(host(path, "failed"),))).plan


def test_completions_work_without_an_index(machine: Surroundings) -> None:
    diagnosis = diagnose(replace(machine, index=replace(INDEXED, figures=None)))
    assert diagnosis.ok
    assert found(diagnosis, "index").mark == "note"


# --- settings and places ---


def test_every_problem_of_the_settings_is_passed_on(machine: Surroundings) -> None:
    wrong = replace(machine, problems=("there is no setting a.", "there is no setting b."))
    notes = [finding for finding in diagnose(wrong).findings if finding.name == "settings"]
    assert [note.message for note in notes] == list(wrong.problems)
    assert all(note.mark == "note" and str(wrong.config) in note.advice for note in notes)


def test_the_file_of_settings_is_named_whether_it_is_there_or_not(machine: Surroundings) -> None:
    assert "not there" in found(diagnose(machine), "settings").message
    machine.config.write_text("")
    assert found(diagnose(machine), "settings").message == f"{machine.config}: read."


def test_suggestions_that_are_switched_off_are_noticed(machine: Surroundings) -> None:
    off = [finding for finding in diagnose(replace(machine, enabled=False)).findings if finding.advice]
    assert [finding.message for finding in off] == ["Suggestions are switched off by a setting."]


def test_a_directory_for_sockets_that_is_not_safe_is_a_problem(machine: Surroundings) -> None:
    unsafe = ModelError("no-backend", "The model host cannot use /tmp/x: it belongs to somebody else.")
    diagnosis = diagnose(replace(machine, sockets=unsafe))
    assert not diagnosis.ok
    assert found(diagnosis, "sockets").message == str(unsafe)


def test_a_file_in_the_place_of_the_models_is_noticed(
    machine: Surroundings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "models").write_text("")
    monkeypatch.setenv("FATHOM_HOME", str(tmp_path))
    assert "cannot be written" in found(diagnose(machine), "models").message


def test_the_log_and_its_size_are_named(machine: Surroundings) -> None:
    assert "not there yet" in found(diagnose(machine), "log").message
    write(machine.log, bytes(1_500_000))
    assert found(diagnose(machine), "log").message == f"{machine.log}: 1.5 MB."
