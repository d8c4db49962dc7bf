"""Public repositories that the context engine is measured on, each pinned to one archive.

They come as source archives of the Python index and as packages of npm, since these hold whole trees in many
languages. Half of them are for work on the engine; the others are looked at when that is done, so that
nothing is fitted to the test.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Half = Literal["development", "held-out"]
HALVES: tuple[Half, ...] = ("development", "held-out")


@dataclass(frozen=True, slots=True)
class Archive:
    """A file of a package index."""

    index: Literal["pip", "npm"]
    package: str
    version: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Repository:
    """A folder of an archive that is a repository of its own."""

    name: str
    archive: Archive
    languages: tuple[str, ...]
    """Those in which places are looked for."""
    half: Half
    folder: str = ""
    """In the archive; "" for its top."""
    keep: tuple[str, ...] = ()
    """What of the folder is kept: the rest is built from it, or is another one's. Empty for all."""


def _pip(package: str, version: str, sha256: str) -> Archive:
    return Archive("pip", package, version, sha256)


def _npm(package: str, version: str, sha256: str) -> Archive:
    return Archive("npm", package, version, sha256)


_JEP = _pip("jep", "4.3.2", "4deb6f9f5bc993a0818861efc5323ccc71373c4c38f303fc412998f02dde6e5c")
_JPYPE = _pip("jpype1", "1.7.1", "3cd88838dc3d2d546f7eaeadaaff864e590010c15f2b6a44b6f37e60796a14b2")
_WANDB = _pip("wandb", "0.31.0", "dcdaa635576ff17b18a757b39fc22b0db3d1c6e01d5ce090fe80f6adc776028d")
_MERCURIAL = _pip("mercurial", "7.2.4", "85839e0f39e6cb893a88932aa36ef661759f3c5c5de4551ad26bd9df53cb71a2")
_GEVENT = _pip("gevent", "26.9.0", "4dd4703d71737a456c1c9df5cd43a82934e5b10c87549caa02495f487d1ef0b1")

REPOSITORIES: tuple[Repository, ...] = (
    Repository(
        "textual",
        _pip("textual", "8.2.8", "3f106a9fbc73e39dd266c9712432087de78a6d644084c7c241d6a25c3169115b"),
        ("python",),
        "development",
    ),
    Repository(
        "celery",
        _pip("celery", "5.7.0", "6a5dfcf6662287204f009a02002b9e66c83d4105e47ebabdc7079108772fc6f0"),
        ("python",),
        "development",
    ),
    Repository(
        "scrapy",
        _pip("scrapy", "2.19.0", "34130726582b64c91531162ab277c4053e558876d49ba219cb43679e71d80a87"),
        ("python",),
        "held-out",
    ),
    Repository(
        "litestar",
        _pip("litestar", "2.25.0", "7fad91fcd89367fcd26534ab19b6b05763cc67ab9574baa914546089e1ed1fb4"),
        ("python",),
        "held-out",
    ),
    Repository(
        "effect",
        _npm("effect", "4.1.0", "41705a35c964192dfc742863f0e099727ccda7ff2bd67a06d09b093a336f2b0e"),
        ("typescript",),
        "development",
        keep=("src", "package.json", "README.md"),
    ),
    Repository(
        "rxjs",
        _npm("rxjs", "7.8.2", "2312f8ffd9726ffd7bd53ea12c5f13663d09a3dc3326f448c70b88f5ef6fac82"),
        ("typescript",),
        "development",
        keep=("src", "package.json", "README.md"),
    ),
    Repository(
        "puppeteer-core",
        _npm("puppeteer-core", "25.16.0", "9e4b26afab4af544ec25a2ca67c463a5669e8a656d85d3a264832491185702e3"),
        ("typescript",),
        "held-out",
        keep=("src", "package.json", "README.md"),
    ),
    Repository(
        "zod",
        _npm("zod", "4.6.7", "84efd155bed93270286e793fc951be270b536cbd5b0eeb111f0fa3967201d698"),
        ("typescript",),
        "held-out",
        keep=("src", "package.json", "README.md"),
    ),
    Repository(
        "webpack",
        _npm("webpack", "5.112.2", "fb618a5eba0f16fa43ed720cc4634df4e88c65d594c0e0ad2c5c0c9be4057dfe"),
        ("javascript",),
        "development",
        keep=("lib", "hot", "bin", "package.json", "README.md"),
    ),
    Repository(
        "three",
        _npm("three", "0.187.0", "ff540832ded0cfe919764d24a3d88f3e2a05f23303f876423e4f893841e90728"),
        ("javascript",),
        "development",
        keep=("src", "package.json", "README.md"),
    ),
    Repository(
        "eslint",
        _npm("eslint", "10.15.0", "8cb5e45fb5b1174e4216d546b69d37c0ac5cb5d9ba8342946a04af1f59605edb"),
        ("javascript",),
        "held-out",
    ),
    Repository(
        "mongoose",
        _npm("mongoose", "9.12.1", "de332a61c69faea1f9775291a984a9391a985e0b452d51c55b6458796de7d04b"),
        ("javascript",),
        "held-out",
        keep=("lib", "index.js", "package.json", "README.md"),
    ),
    Repository(
        "tokenizers",
        _pip("tokenizers", "0.23.3", "cded33237c77caeef62944d32aa9a7ef42bdce2b3497e18d137e072a8c4be438"),
        ("rust",),
        "development",
    ),
    Repository(
        "ast-grep",
        _pip("ast-grep-cli", "0.51.1", "8141811f78542527d9ebfb51eefd8a1dd24d132ca775dda3d7dbdbe05437510d"),
        ("rust",),
        "development",
    ),
    Repository(
        "pydantic-core",
        _pip("pydantic-core", "2.50.5", "1e740886083ff95530d694e6a3f09ed914bcf92a496d16acd307c6c3484fc36d"),
        ("rust",),
        "held-out",
    ),
    Repository("mercurial-rust", _MERCURIAL, ("rust",), "held-out", folder="rust"),
    Repository("wandb-core", _WANDB, ("go",), "development", folder="core", keep=("internal", "pkg", "cmd")),
    Repository(
        "gqlparser", _WANDB, ("go",), "development", folder="core/vendor/github.com/vektah/gqlparser/v2"
    ),
    Repository("arrow-go", _WANDB, ("go",), "held-out", folder="core/vendor/github.com/apache/arrow-go/v18"),
    Repository("smithy-go", _WANDB, ("go",), "held-out", folder="core/vendor/github.com/aws/smithy-go"),
    Repository(
        "react-native",
        _npm("react-native", "0.70.15", "937d2850f71d42ed4341f0229dc132b95f20c52af290a8557a072e07c2c3d310"),
        ("java",),
        "development",
        folder="ReactAndroid",
    ),
    Repository("jep", _JEP, ("java", "c"), "development"),
    Repository(
        "capacitor-android",
        _npm(
            "@capacitor/android", "8.5.2", "ebb2113aa97526ce66b11653b26f7f763d976788ee69b1725aa88c0bc5347efe"
        ),
        ("java",),
        "held-out",
    ),
    Repository("jpype", _JPYPE, ("java", "cpp"), "held-out"),
    Repository(
        "libuv",
        _pip("uvloop", "0.23.0", "28d160f51ab4da3b187063652e643dea6831072add4adc1e6d62afbe73b6be27"),
        ("c",),
        "development",
        folder="vendor/libuv",
    ),
    Repository("c-ares", _GEVENT, ("c",), "held-out", folder="deps/c-ares"),
    Repository("mercurial", _MERCURIAL, ("c",), "held-out", keep=("mercurial", "contrib/chg", "hgext")),
    Repository(
        "lightgbm",
        _pip("lightgbm", "4.7.0", "f8e20f682c9aabd000bcf4a7ed8aa6f473c1adfecccae34ec24e823d156f4af0"),
        ("cpp",),
        "development",
        keep=("src", "include", "lightgbm", "README.md"),
    ),
    Repository(
        "onnx",
        _pip("onnx", "1.23.2", "008cb0467b2bbee41448acc7da8b6f4e704624cb0d327a2d5adafc7ce19bc5b8"),
        ("cpp",),
        "development",
        keep=("onnx", "tests/cpp", "README.md"),
    ),
    Repository(
        "sentencepiece",
        _pip("sentencepiece", "0.2.3", "21618ad31f0453a1ebf5ec58defed99758d54af0b670546ecac639ddd8b86fbd"),
        ("cpp",),
        "held-out",
        folder="sentencepiece",
        keep=("src",),
    ),
)
