"""Small repositories that are really indexed, and what is gathered and packed at a cursor in them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from context.collect import beneath_at, found_at
from context.found import Here, Signed
from context.gather import MOST_PASSAGES, Gathered, gather
from context.index import Index, Site
from context.indexing import sweep
from context.languages import language_of
from context.near import counts_at, near
from context.opened import Outlines, repository_of
from context.outline import Outline
from context.parse import parse
from context.passages import passages_for
from context.repository import Repository
from context.scene import Scene, scene_of
from context.signs import REASONS, WEIGHTS, Purpose, spoken
from context.snapshot import Document, Snapshot, Workspace
from context.traits import (
    alike,
    co_used_signs,
    kind_signs,
    member_signs,
    name_signs,
    name_words,
    path_signs,
    said_signs,
)
from context.worths import Worths, rarity, settled_of

CURSOR = "‸"
EMPTY: Mapping[str, str] = {}


def write(root: Path, files: Mapping[str, str]) -> None:
    """Write files; line ends stay as they are."""
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode("utf-8", "surrogatepass"))


def world(folder: Path, files: Mapping[str, str] = EMPTY) -> World:
    """A repository of these files in `folder`, and its index beside it."""
    root = folder / "shop"
    write(root, files)
    found = World(root, Index(folder / "index"))
    found.sweep()
    return found


@dataclass(frozen=True, slots=True)
class World:
    """A repository on disk and its index."""

    root: Path
    index: Index
    outlines: Outlines = field(default_factory=Outlines)

    def sweep(self) -> None:
        """Bring the index up to date."""
        self.root.mkdir(parents=True, exist_ok=True)
        sweep([self.root], self.root.parent / "index", workers=0)

    def write(self, files: Mapping[str, str]) -> None:
        """Change files on disk, and the index with them."""
        write(self.root, files)
        self.sweep()

    def at(self, name: str, marked: str, opened: Mapping[str, str] = EMPTY) -> Place:
        """The place of the mark in what the editor shows of a file, with these documents open beside it."""
        before, _, after = marked.partition(CURSOR)
        snapshot = shown(self.root, {**opened, name: before + after})
        document = snapshot.documents[(self.root / name).as_uri()]
        repository = repository_of(snapshot, document, [self.index], self.outlines, lambda path: path)
        return Place(self.root, repository, document, len(before))


def shown(root: Path, documents: Mapping[str, str]) -> Snapshot:
    """What an editor shows: the documents by their paths, the last one used last."""
    workspace = Workspace([root])
    for name, text in documents.items():
        path = root / name
        workspace.opened(path.as_uri(), path, language_of(path), 1, text)
    return workspace.snapshot


@dataclass(frozen=True, slots=True)
class Place:
    """A cursor in a file, and the repository as it is seen from there."""

    root: Path
    repository: Repository
    document: Document
    cursor: int

    @property
    def text(self) -> str:
        return self.document.text.string

    @property
    def outline(self) -> Outline:
        return parse(self.text, self.document.language)

    def named(self, site: Site) -> str:
        """A definition in short: its file and its qualified name."""
        return f"{Path(site.path).relative_to(self.root)} {site.qualified}"

    def scene(self) -> Scene:
        """What lies around the file."""
        scene = scene_of(self.repository, self.repository.here)
        scene.follow(self.repository, self.outline.imports)
        return scene

    def here(self) -> Here:
        """What definitions are collected for."""
        text, cursor, outline = self.text, self.cursor, self.outline
        around, counts = near(text, cursor, outline), counts_at(text, cursor)
        return Here(self.repository.here, text, cursor, outline, around, counts, self.scene().siblings)

    def signed(self) -> dict[str, Signed]:
        """All definitions that may be wanted, by their names in short, with all that speaks for them."""
        here, scene = self.here(), self.scene()
        passages = passages_for(self.repository, here.near, MOST_PASSAGES)
        beneath = beneath_at(self.repository, scene, here)
        found = {**beneath.every, **found_at(self.repository, scene, here, passages, beneath)}
        used = self.repository.used_in({each.site.name for each in found.values()})
        rare = rarity(settled_of({}, Worths(here.path, WEIGHTS, {}, used)), found.values())
        return {
            self.named(each.site): Signed(each.site, signs_of(each, here, used, rare))
            for each in found.values()
        }

    def reasons(self) -> dict[str, set[str]]:
        """All that brings definitions up, in the words that the user reads."""
        return {
            name: {REASONS[sign] for sign, strength in each.signs.items() if strength and sign in REASONS}
            for name, each in self.signed().items()
        }

    def gathered(self, purpose: Purpose = "fill", diagnosed: tuple[str, ...] = ()) -> Gathered:
        """What the repository has to say about the place."""
        here = self.repository.here, self.text, self.cursor, self.outline
        return gather(self.repository, *here, purpose, diagnosed)

    def first(self, count: int) -> list[str]:
        """The names in short of what is likeliest to be wanted, each once."""
        names = dict.fromkeys(self.named(each.site) for each in self.gathered().definitions)
        return list(names)[:count]


def signs_of(
    signed: Signed, here: Here, used: Mapping[str, int], rare: Mapping[str, float]
) -> dict[str, float]:
    """All that speaks for a definition."""
    site, near = signed.site, here.near
    siblings = here.siblings.get(site.name, 0.0)
    likeness = alike(name_words(site.name), rare, near.weights)
    said = said_signs(likeness, near.names.get(site.name, 0.0), site.name in here.counts)
    return {
        **spoken(signed.signs, siblings),
        **path_signs(here.path, site.path),
        **kind_signs(site.kind),
        **name_signs(siblings, used[site.name]),
        **member_signs(signed.signs, siblings),
        **said,
        **co_used_signs(signed.signs, said),
    }
