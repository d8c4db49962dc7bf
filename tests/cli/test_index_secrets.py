"""No secret file gets into an index or into what a model is shown; what becomes secret goes out of both."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from context.index import Index
from context.indexing import writing
from context.opened import Outlines, repository_of
from context.snapshot import Workspace
from lsp_server.cli.stage_context import Stage
from lsp_server.config import Options
from lsp_server.index_places import index_folder
from lsp_server.models.scripted import ScriptedBackend
from lsp_server.session import open_session

NAMES = """
    .env .env.local .ENV.Production .envrc terraform.tfvars prod.tfstate secrets.yml Secrets.JSON
    config/master.key credentials credentials.json appsettings.Production.json local.settings.json
    wp-config.php .htpasswd .netrc _netrc .pgpass .my.cnf .npmrc .yarnrc.yml .pypirc pip.conf
    .gem/credentials .cargo/credentials.toml .m2/settings.xml gradle.properties nuget.config
    .dockercfg .docker/config.json .kube/config kubeconfig .aws/credentials .azure/token.json
    .config/gcloud/adc.json my-service-account.json .s3cfg .boto rclone.conf .git-credentials
    .config/gh/hosts.yml .terraformrc .vault-token server.pem Server.KEY app.p12 app.pfx release.jks
    debug.keystore pass.kdbx work.ppk mail.asc backup.gpg home.ovpn id_rsa ID_ED25519.bak
    deploy/id_ecdsa .ssh/config .gnupg/ring.txt app.sqlite3 app.db trace.har dump.pcap core.123
    .bash_history .git/config module/.git/config module/.env secrets/prod.yaml passwords.txt
    api_key.txt
"""
"""Files that are never read, whatever the case of their names, at any depth, also in a submodule."""
SECRETS = NAMES.split()


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    for number, name in enumerate(SECRETS):
        put(folder / name, canary(number))
    put(folder / "shop.py", "harmless")
    put(folder / "main.py", "entry")
    (folder / "settings.py").symlink_to(".env")
    (folder / "keys").symlink_to(".ssh")
    return folder


def canary(number: int) -> str:
    """A name that a parser, a text search and a search for bytes find alike."""
    return f"canary{number:02}zq{number * 7919:06}"


def put(path: Path, name: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"import {name}\n\n\ndef {name}():\n    return {name}_value\n")


def found_in(folder: Path, name: str) -> set[str]:
    """Where a name is found: in the bytes on disk, by any question to the index."""
    places = {
        f"bytes of {path.name}"
        for path in folder.rglob("*")
        if path.is_file() and name.encode() in path.read_bytes().lower()
    }
    index = Index(folder)
    asked = {
        "named": index.named([name]),
        "users": index.users(name) + index.users(f"{name}_value"),
        "importers": index.importers([name]),
        "find": index.find([name], 10),
        "find_sites": index.find_sites([name], 10),
        "text": [path for path in index.paths() if name in (index.text(path) or "")],
    }
    index.close()
    return places | {question for question, answer in asked.items() if answer}


@pytest.fixture
def folder(root: Path) -> Path:
    """The folder of an index that is up to date."""
    folder = index_folder([root])
    with writing(folder, [root], workers=0) as indexing:
        list(indexing.sweep())
    return folder


EVERYWHERE = {"named", "users", "importers", "find", "find_sites", "text"}


async def shown(root: Path, purpose: str, text: str) -> str:
    """All that a model would be shown of other files at the end of a text."""
    stage = Stage()
    try:
        answer = await stage.answer(
            {
                "root": str(root),
                "path": "main.py",
                "line": text.count("\n"),
                "character": 0,
                "text": text,
                "purpose": purpose,
                "budget": 100_000,
            }
        )
    finally:
        await stage.close()
    context: str = answer["context"]
    return context


def test_the_names_are_many_and_what_is_looked_for_would_be_found(root: Path, folder: Path) -> None:
    assert len({*SECRETS}) >= 60
    assert found_in(folder, "harmless") >= {*EVERYWHERE, "bytes of index.sqlite"}


def test_nothing_of_a_secret_file_is_in_the_index(folder: Path) -> None:
    found = {name: found_in(folder, canary(number)) for number, name in enumerate(SECRETS)}
    assert {name: places for name, places in found.items() if places} == {}


@pytest.mark.parametrize("purpose", ["fill", "edit", "chat"])
async def test_nothing_of_a_secret_file_is_shown_to_a_model(root: Path, purpose: str) -> None:
    names = ["harmless", *(canary(number) for number in range(len(SECRETS)))]
    text = "".join(f"import {name}\n" for name in names) + "\n\n" + "".join(f"{name}()\n" for name in names)
    context = await shown(root, purpose, text)
    assert "def harmless" in context
    assert "canary" not in context


def overwrites() -> bool:
    """Whether SQLite, as it is built here, overwrites what it deletes."""
    with closing(sqlite3.connect(":memory:")) as db:
        return bool(db.execute("PRAGMA secure_delete").fetchone()[0])


@pytest.mark.parametrize("how", ["denied", "ignored", "renamed", "deleted"])
def test_what_is_to_be_read_no_longer_goes_out_of_the_index(root: Path, folder: Path, how: str) -> None:
    match how:
        case "denied":
            (root / ".aiexclude").write_text("shop.py\n")
        case "ignored":
            (root / ".gitignore").write_text("*.py\n")
        case "renamed":
            (root / "shop.py").rename(root / "secrets.yaml")
        case "deleted":
            (root / "shop.py").unlink()
    with writing(folder, [root], workers=0) as indexing:
        indexing.update(root / name for name in ("shop.py", "secrets.yaml", ".aiexclude", ".gitignore"))
        assert found_in(folder, "harmless") & EVERYWHERE == set()
    left = found_in(folder, "harmless")
    assert left == set() if overwrites() else left <= {"bytes of index.sqlite"}


@pytest.mark.parametrize("moment", [1, 40, 79])
def test_a_file_that_is_denied_while_the_index_is_made_is_out_after_the_next_look(
    root: Path, moment: int
) -> None:
    folder, seen = index_folder([root]), 0

    def deny(_: object) -> None:
        nonlocal seen
        seen += 1
        if seen == moment:
            (root / ".aiexclude").write_text("shop.py\n")

    with writing(folder, [root], workers=0) as indexing:
        list(indexing.sweep(deny))
        indexing.update([root / ".aiexclude"])
        assert found_in(folder, "harmless") & EVERYWHERE == set()
        assert "named" in found_in(folder, "entry")


@pytest.mark.process
async def test_what_is_denied_is_gone_from_the_next_prompt_of_a_session(root: Path) -> None:
    async with open_session(Options(), lambda _: ScriptedBackend([])) as session:
        session.moved([root])
        await session.indexed()
        path, text = root / "main.py", "import harmless\n\nharmless"
        session.workspace.opened(path.as_uri(), path, "python", 1, text)
        snapshot = session.workspace.snapshot
        document = snapshot.documents[path.as_uri()]

        async def sources() -> str:
            chosen = await session.repositories.sources(snapshot, document, len(text), 8000, ())
            return "".join(source.text for source in chosen)

        assert "def harmless" in await sources()
        (root / ".aiexclude").write_text("shop.py\n")
        async with asyncio.timeout(20):
            while "harmless" in await sources():
                pass


def test_what_an_editor_shows_of_a_secret_file_is_not_shown_beside_another(root: Path, folder: Path) -> None:
    workspace = Workspace([root])
    for name in (*SECRETS, "main.py"):
        path = root / name
        workspace.opened(path.as_uri(), path, "python", 1, path.read_text())
    document = workspace.snapshot.documents[(root / "main.py").as_uri()]
    index = Index(folder)
    repository = repository_of(workspace.snapshot, document, [index], Outlines(), lambda path: path)
    index.close()
    assert list(repository.documents) == []
