"""The knowledge that answers rest on, with all that is needed to have the same again: its files as one text."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec

from ischio.fhir.bindings import Bindings, load_bindings
from ischio.loading.files import FILES, LICENSED
from ischio.loading.pathway import load_pathway, packaged
from ischio.model.pathway import Pathway
from ischio.store.answered import KnowledgeFiles

BINDINGS, OVERLAY = "bindings.yaml", "overlay.yaml"


@dataclass(frozen=True, slots=True, eq=False)
class Knowledge:
    """A pathway with its bindings, and the files that it was read from."""

    pathway: Pathway
    bindings: Bindings
    files: KnowledgeFiles

    @property
    def digest(self) -> str:
        return self.files.digest


def read_knowledge(folder: Path | None = None, overlay: Path | None = None, licensed_codes: bool = True) -> Knowledge:
    """The knowledge of a folder, as `load_pathway` reads it. Raises PathwayError."""
    place = folder or packaged()
    pathway = load_pathway(folder, overlay, licensed_codes)
    names = [name for name in (*FILES, BINDINGS) if name != LICENSED or licensed_codes]
    return Knowledge(pathway, load_bindings(place / BINDINGS), _files(pathway, place, names, overlay))


def shipped(pathway: Pathway, bindings: Bindings, overlay: Path | None = None) -> Knowledge:
    """The knowledge that is shipped, with a site's values, where its pathway and bindings were read already."""
    return Knowledge(pathway, bindings, _files(pathway, packaged(), (*FILES, BINDINGS), overlay))


def _files(pathway: Pathway, place: Path, names: Iterable[str], overlay: Path | None) -> KnowledgeFiles:
    texts = {name: (place / name).read_text(encoding="utf-8") for name in names if (place / name).exists()}
    if overlay is not None:
        texts[OVERLAY] = overlay.read_text(encoding="utf-8")
    return KnowledgeFiles(pathway.id, pathway.version, msgspec.json.encode(texts, order="sorted").decode())


@lru_cache(maxsize=4)
def knowledge_again(files: KnowledgeFiles) -> Knowledge:
    """The knowledge that these files hold. Raises PathwayError where this release reads the files otherwise."""
    texts: Mapping[str, str] = msgspec.json.decode(files.files, type=dict[str, str])
    with TemporaryDirectory(prefix="ischio-knowledge-") as name:
        folder = Path(name)
        for file, text in texts.items():
            (folder / file).write_text(text, encoding="utf-8")
        overlay = folder / OVERLAY if OVERLAY in texts else None
        pathway = load_pathway(folder, overlay, LICENSED in texts)
        return Knowledge(pathway, load_bindings(folder / BINDINGS), files)
