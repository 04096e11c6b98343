"""Finds and reads what a command was pointed at: a pathway's folder, a patient, the cases beside a pathway."""

from collections.abc import Callable, Iterable
from datetime import date
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from ischio.model.mistake import IschioError, Mistake

if TYPE_CHECKING:
    from ischio.model.pathway import Pathway
    from ischio.record.case_form import Case
    from ischio.record.events import Record

CASE_ENDINGS = (".yaml", ".yml")


def knowledge(folder: Path | None) -> Path:
    """The knowledge folder that was named, or the one that is shipped."""
    from ischio.loading.pathway import packaged

    return folder or packaged()


def fhir_reader(pathway: "Pathway", folder: Path | None) -> "Callable[[Path], Record]":
    """What reads FHIR Bundles by the bindings of a knowledge folder; they are loaded when the first one is read."""

    @cache
    def loaded() -> "Callable[[Path], Record]":
        from ischio.fhir.bindings import load_bindings
        from ischio.fhir.reader import FhirReader

        return FhirReader(pathway.concepts, load_bindings(knowledge(folder) / "bindings.yaml")).read

    return lambda path: loaded()(path)


def read_patient(path: Path, pathway: "Pathway", folder: Path | None) -> "tuple[Record, date | None]":
    """The record, and the index date if the file is a case, which has one of its own.

    Raises RecordError or PathwayError (a case file) for what is wrong with the file as a whole.
    """
    read_bundle = fhir_reader(pathway, folder)
    if path.suffix.lower() not in CASE_ENDINGS:
        return read_bundle(path), None

    from ischio.record.case_form import read_case

    case = read_case(path, pathway, read_bundle)
    return case.record, case.index_date


def case_files(folder: Path | None) -> tuple[Path, ...]:
    """The files of the cases beside a pathway, by name."""
    return tuple(sorted((knowledge(folder) / "cases").glob("*.yaml")))


def read_cases(
    pathway: "Pathway", folder: Path | None, files: Iterable[Path] | None = None
) -> "tuple[tuple[Case, ...], tuple[Mistake, ...]]":
    """Every case that can be read, and what is wrong with the others: one bad file never hides the rest.

    files: some of those beside the pathway; None: all.
    """
    from ischio.record.case_form import read_case

    read_bundle = fhir_reader(pathway, folder)
    cases: list[Case] = []
    mistakes: list[Mistake] = []
    for path in case_files(folder) if files is None else files:
        try:
            cases.append(read_case(path, pathway, read_bundle))
        except IschioError as error:
            mistakes += error.mistakes
    return tuple(cases), tuple(mistakes)
