"""What nearly every test reads is made once in a process: the shipped pathway, its cases, its CQL; frozen as they are.

Loading them takes half a second, printing the CQL half as long, and hundreds of tests begin with it. Every other folder
is read each time.
"""

from functools import wraps
from pathlib import Path

from ischio.backends.cql.text import Library
from ischio.fhir import cql_libraries as printing
from ischio.fhir.bindings import Bindings
from ischio.loading import pathway as loading
from ischio.model.pathway import Pathway
from ischio.record import case_form
from ischio.record.case_form import Case, ReadBundle

_load, _read, _print = loading.load_pathway, case_form.read_case, printing.cql_libraries
_pathways: dict[bool, Pathway] = {}
_cases: dict[tuple[Path, bool, bool], Case] = {}
_printed: list[tuple[Pathway, Bindings, tuple[Library, ...]]] = []


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


@wraps(_print)
def cql_libraries(pathway: Pathway, bindings: Bindings) -> tuple[Library, ...]:
    if not any(one is pathway for one in _pathways.values()):
        return _print(pathway, bindings)
    found = next((text for of, by, text in _printed if of is pathway and by == bindings), None)
    if found is None:
        found = _print(pathway, bindings)
        _printed.append((pathway, bindings, found))
    return found


def remember() -> None:
    """To be called before any module takes the functions to itself."""
    loading.load_pathway = load_pathway
    case_form.read_case = read_case
    printing.cql_libraries = cql_libraries
