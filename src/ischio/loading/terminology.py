"""Concepts and their codes."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from ischio.loading.draft import Draft, text_or_none
from ischio.loading.entries import CodeEntry, ConceptEntry, LicensedEntry
from ischio.loading.shapes import Name
from ischio.loading.yaml_lines import Written
from ischio.model.about import Place
from ischio.model.terminology import Code, Concept


def concepts(
    free: Mapping[Name, ConceptEntry], licensed: Mapping[Name, LicensedEntry], draft: Draft
) -> dict[str, Concept]:
    """The concepts, with the codes that a licence covers after the free ones."""
    built = {str(name): _concept(name, entry) for name, entry in free.items()}
    for name, entry in licensed.items():
        reading = draft.reading("terminology-licensed.yaml", f"concept {name}")
        if draft.known(name, built, "a concept of terminology.yaml", reading):
            built[str(name)] = _with_licensed(built[name], entry)
    return built


def _concept(name: Written, entry: ConceptEntry) -> Concept:
    return Concept(
        id=str(name),
        title=str(entry.title),
        codes=_codes(entry.codes),
        unit=text_or_none(entry.unit),
        values={str(value): _codes(codes) for value, codes in entry.values.items()},
        place=Place("terminology.yaml", entry.line),
    )


def _with_licensed(concept: Concept, entry: LicensedEntry) -> Concept:
    values = dict(concept.values)
    for value, codes in entry.values.items():
        values[str(value)] = values.get(value, ()) + _codes(codes, free=False)
    return replace(concept, codes=concept.codes + _codes(entry.codes, free=False), values=values)


def _codes(entries: Iterable[CodeEntry], free: bool = True) -> tuple[Code, ...]:
    return tuple(
        Code(
            str(entry.system),
            str(entry.code),
            str(entry.display),
            entry.prefix,
            entry.side and str(entry.side),
            str(entry.licence or ""),
            free,
        )
        for entry in entries
    )
