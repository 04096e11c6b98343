"""What nearly every test reads is read once in a process: the shipped pathway and its cases, frozen as they are.

Loading them takes half a second, and hundreds of tests begin with it. Every other folder is read each time.
"""

from functools import wraps
from pathlib import Path

from ischio.loading import pathway as loading
from ischio.model.pathway import Pathway
from ischio.record import case_form
from ischio.record.case_form import Case, ReadBundle

_load, _read = loading.load_pathway, case_form.read_case
_pathways: dict[bool, Pathway] = {}
_cases: dict[tuple[Path, bool, bool], Case] = {}


@wraps(_load)
def load_pathway(folder: Path | None = None, overlay: Path | None = None, licensed_codes: bool = True) -> Pathway:
    if overlay is not None or folder not in (None, loading.packaged()):
        return _load(folder, overlay, licensed_codes)
    if licensed_codes not in _pathways:
        _pathways[licensed_codes] = _load(None, None, licensed_codes)
    return _pathways[licensed_codes]


@wraps(_read)
def read_case(path: Path, pathway: Pathway, read_bundle: ReadBundle | None = None) -> Case:
    licensed = next((licensed for licensed, one in _pathways.items() if one is pathway), None)
    if licensed is None or path.parent != loading.packaged() / "cases":
        return _read(path, pathway, read_bundle)
    key = path, licensed, read_bundle is not None
    if key not in _cases:
        _cases[key] = _read(path, pathway, read_bundle)
    return _cases[key]


def remember() -> None:
    """To be called before any module takes the functions to itself."""
    loading.load_pathway = load_pathway
    case_form.read_case = read_case
