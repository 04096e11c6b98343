"""Mistakes in bindings.yaml are told with file, line, what is wrong and the mend."""

from dataclasses import replace
from pathlib import Path

import pytest
from fhir_forms import BINDINGS, PATHWAY

from ischio.fhir.bindings import load_bindings
from ischio.fhir.reader import FhirReader
from ischio.loading.pathway import load_pathway, packaged
from ischio.model.mistake import PathwayError

SHIPPED = (packaged() / "bindings.yaml").read_text(encoding="utf-8")

MISTAKES = [
    # what is written                    | instead of                    | what is said
    ("    kode: code\n", "    code: code\n", "`kode` is not a key here."),
    ("    about: subject..reference\n", "    about: subject\n", "`subject..reference` is not a path"),
    ("refusal_words: '(the'\n", "refusal_words: ", "`(the` is not a regular expression."),
    ("  masked: secret\n", "  masked: not authorised\n", "`secret` is not one of the words allowed here."),
    ("defaults: [Observation, Questionnaire]\n", "defaults: [Observation, QuestionnaireResponse]\n", "defaults names"),
    ("  nsaid: [MedicationDispense]\n", "  nsaid: &taken ", "nsaid names MedicationDispense, which is not read."),
    ("", "version: 4.0.1\n", "`version` is missing."),
]


@pytest.mark.parametrize(("written", "instead_of", "what"), MISTAKES, ids=[row[2] for row in MISTAKES])
def test_a_mistake_is_told_with_its_line(written: str, instead_of: str, what: str, tmp_path: Path) -> None:
    (line,) = [line for line in SHIPPED.splitlines(keepends=True) if line.startswith(instead_of)][:1]
    path = tmp_path / "bindings.yaml"
    path.write_text(SHIPPED.replace(line, written, 1).replace("*taken", "[MedicationRequest]"), encoding="utf-8")
    with pytest.raises(PathwayError) as refused:
        load_bindings(path)
    mistake = next(one for one in refused.value.mistakes if one.what.startswith(what))
    assert mistake.file == "bindings.yaml"
    assert mistake.line is not None
    assert mistake.mend


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(PathwayError, match="The file is missing"):
        load_bindings(tmp_path / "bindings.yaml")


def test_a_binding_of_no_concept_is_told() -> None:
    concepts = {name: one for name, one in PATHWAY.concepts.items() if name != "nsaid"}
    with pytest.raises(PathwayError, match=r"nsaid is no concept of terminology\.yaml"):
        FhirReader(concepts, BINDINGS)


def test_licensed_codes_can_be_switched_off() -> None:
    free = FhirReader(load_pathway(licensed_codes=False).concepts, BINDINGS)
    every = FhirReader(PATHWAY.concepts, BINDINGS)
    right = ("http://snomed.info/sct", "24028007")
    assert right in every._tables.sides
    assert right not in free._tables.sides


@pytest.mark.parametrize("system", ["ischio", "snomed", "rxnorm", "actreason"])
def test_a_code_system_without_uri_is_told(system: str) -> None:
    systems = {name: uri for name, uri in BINDINGS.systems.items() if name != system}
    with pytest.raises(PathwayError, match=f"The code system {system} has no URI"):
        FhirReader(PATHWAY.concepts, replace(BINDINGS, systems=systems))
