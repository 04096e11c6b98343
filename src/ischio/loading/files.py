"""The files of a knowledge folder, each read as declared."""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from ischio.loading.entries import (
    ActionEntry,
    ConceptEntry,
    CriterionEntry,
    EnquiryEntry,
    EvidenceEntry,
    FactEntry,
    LicensedEntry,
    ParameterEntry,
    PathwayEntry,
    PropertyEntry,
    SafetyFileEntry,
    SeedEntry,
    StagesEntry,
)
from ischio.loading.measure_entries import MeasuresEntry
from ischio.loading.patient_entries import PatientEntry
from ischio.loading.shapes import Name, read
from ischio.loading.yaml_lines import Reading, read_yaml
from ischio.model.mistake import Mistake

TRANSLATIONS = {"es": "patient.es.yaml", "de": "patient.de.yaml"}
"""The file of the words for patients in each language but English."""

FILES: Mapping[str, Any] = {
    "pathway.yaml": PathwayEntry,
    "parameters.yaml": Mapping[Name, ParameterEntry],
    "facts.yaml": Mapping[Name, FactEntry],
    "criteria.yaml": Mapping[Name, CriterionEntry],
    "stages.yaml": StagesEntry,
    "safety.yaml": SafetyFileEntry,
    "actions.yaml": Mapping[Name, ActionEntry],
    "enquiries.yaml": Mapping[Name, EnquiryEntry],
    "evidence.yaml": EvidenceEntry,
    "source.yaml": SeedEntry,
    "terminology.yaml": Mapping[Name, ConceptEntry],
    "terminology-licensed.yaml": Mapping[Name, LicensedEntry],
    "properties.yaml": Mapping[Name, PropertyEntry],
    "measures.yaml": MeasuresEntry,
    "patient.yaml": PatientEntry,
    **dict.fromkeys(TRANSLATIONS.values(), PatientEntry),
}
"""What each file declares, in the order in which a reader meets them. Bindings and cases are read elsewhere."""

LICENSED, MEASURES = "terminology-licensed.yaml", "measures.yaml"

OPTIONAL: Mapping[str, Any] = {
    LICENSED: {},
    MEASURES: MeasuresEntry(line=1),
    **dict.fromkeys(("patient.yaml", *TRANSLATIONS.values())),
}
"""What stands for a file that a pathway may do without."""


@dataclass(frozen=True, slots=True)
class Files:
    """The content of a knowledge folder, entry by entry."""

    pathway: PathwayEntry
    parameters: Mapping[Name, ParameterEntry]
    facts: Mapping[Name, FactEntry]
    criteria: Mapping[Name, CriterionEntry]
    stages: StagesEntry
    safety: SafetyFileEntry
    actions: Mapping[Name, ActionEntry]
    enquiries: Mapping[Name, EnquiryEntry]
    evidence: EvidenceEntry
    source: SeedEntry
    terminology: Mapping[Name, ConceptEntry]
    terminology_licensed: Mapping[Name, LicensedEntry]
    properties: Mapping[Name, PropertyEntry]
    measures: MeasuresEntry
    patient: PatientEntry | None
    patient_es: PatientEntry | None
    patient_de: PatientEntry | None


def read_files(folder: Path, mistakes: list[Mistake], broken: set[str], licensed_codes: bool) -> Files | None:
    """The files of the folder; None if one of them cannot be read at all. Mistakes and ids at fault are added."""
    content: dict[str, Any] = {}
    unread: list[str] = []
    for name, declared in FILES.items():
        path = folder / name
        skipped = name in OPTIONAL and (not path.exists() or (name == LICENSED and not licensed_codes))
        content[name] = OPTIONAL[name] if skipped else _read(path, declared, Reading(name, mistakes, broken=broken))
        if content[name] is None and not skipped:
            unread.append(name)
    return None if unread else Files(*content.values())


def digest(folder: Path, overlay: Path | None = None) -> str:
    """The SHA-256 of all knowledge files of a folder, and of an overlay: other files, other digest."""
    parts = [f"{name} {sha256(path.read_bytes()).hexdigest()}" for name in FILES if (path := folder / name).exists()]
    parts += [f"overlay {sha256(overlay.read_bytes()).hexdigest()}"] if overlay else []
    return sha256("\n".join(parts).encode()).hexdigest()


def _read(path: Path, declared: Any, reading: Reading) -> Any:
    node = read_yaml(path, reading)
    return None if node is None else read(declared, node, reading)
