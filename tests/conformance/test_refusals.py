"""What a back end cannot express: the error names the rule, its file and its line. No export writes half a thing."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest
from fhir_forms import BINDINGS, PATHWAY

from ischio.backends.sql.dialect import DUCKDB
from ischio.backends.sql.printer import statements
from ischio.fhir.cql_libraries import cql_libraries
from ischio.fhir.export.package import export
from ischio.fhir.export.publication import Publication
from ischio.model.about import Place
from ischio.model.facts import Absent, FactType, ValueKind
from ischio.model.mistake import IschioError
from ischio.model.pathway import Pathway

LONG = "a_name_for_an_action_that_is_much_too_long_for_the_id_of_a_fhir_resource"
FACTS, CRITERIA, ACTIONS = PATHWAY.facts, PATHWAY.criteria, PATHWAY.actions
PAIN, FEVER = FACTS["pain_now"], FACTS["flag_infection"]


def with_fact(name: str, derivation: Mapping[str, Any] | None = None, **changed: Any) -> Pathway:
    """The pathway with one fact changed, or what it is derived from."""
    fact = FACTS[name]
    if derivation is not None:
        changed["derivation"] = replace(fact.derivation, **derivation)
    return replace(PATHWAY, facts={**FACTS, name: replace(fact, **changed)})


def with_qualifier() -> Pathway:
    selection = FACTS["ischiofemoral_space"].derivation.selection  # it is a latest
    return with_fact("ischiofemoral_space", {"selection": replace(selection, qualifiers={"scanner": ("*",)})})


def renamed(rules: Mapping[str, Any], name: str, other: str) -> dict[str, Any]:
    return {**rules, other: replace(rules[name], id=other)}


def cql(pathway: Pathway) -> object:
    return cql_libraries(pathway, BINDINGS)


def sql(pathway: Pathway) -> object:
    return statements(pathway, DUCKDB)


def fhir(pathway: Pathway) -> object:
    return export(Publication(pathway, BINDINGS))


REFUSED: dict[str, tuple[Callable[[Pathway], object], Callable[[], Pathway], str, Place, str]] = {
    "a fact whose newest value is a date": (
        cql,
        lambda: with_fact("pain_now", type=FactType(ValueKind.DATE)),
        "pain_now",
        PAIN.about.place,
        "its values are dates",
    ),
    "days counted from what is no date of an event": (
        cql,
        lambda: replace(
            PATHWAY,
            stages=tuple(replace(stage, since=("pain_now",)) if stage.since else stage for stage in PATHWAY.stages),
        ),
        "pain_now",
        PAIN.about.place,
        "a stage counts from it and it is no date of an event",
    ),
    "an attestation that is more than recorded": (
        cql,
        lambda: with_fact("flag_infection", absent=Absent(no_when="typical_pain_location", code="absent")),
        "typical_pain_location",
        FACTS["typical_pain_location"].about.place,
        "it attests that others are absent and is more than recorded",
    ),
    "a qualifier of another pathway": (
        cql,
        with_qualifier,
        "ischiofemoral_space",
        FACTS["ischiofemoral_space"].about.place,
        "it asks for the qualifier scanner, for which events have no place",
    ),
    "a name that the libraries use themselves": (
        cql,
        lambda: replace(PATHWAY, criteria=renamed(CRITERIA, "narrow_space", "stage")),
        "stage",
        CRITERIA["narrow_space"].about.place,
        "use that name themselves",
    ),
    "the day of an attestation that has none": (
        sql,
        lambda: with_fact("flag_infection", absent=Absent(no_when="typical_pain_location", code="absent")),
        "fact flag_infection",
        FEVER.about.place,
        "asks for the day of typical_pain_location",
    ),
    "a range that SQL cannot hold": (
        sql,
        lambda: with_fact("pain_now", type=replace(PAIN.type, high=1 << 40)),
        "fact pain_now",
        PAIN.about.place,
        "`range` reaches",
    ),
    "an id for which FHIR has no room": (
        fhir,
        lambda: replace(PATHWAY, actions=renamed(ACTIONS, "physiotherapy", LONG)),
        LONG,
        ACTIONS["physiotherapy"].about.place,
        "FHIR allows 64 letters",
    ),
    "what CQL cannot express, in the package too": (
        fhir,
        lambda: with_fact("pain_now", type=FactType(ValueKind.DATE)),
        "pain_now",
        PAIN.about.place,
        "its values are dates",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_it_is_refused_with_rule_file_and_line(case: str) -> None:
    print_it, pathway, where, place, why = REFUSED[case]
    with pytest.raises(IschioError) as refused:
        print_it(pathway())
    mistake = refused.value.mistakes[0]
    assert (mistake.where, mistake.file, mistake.line) == (where, place.file, place.line)
    assert why in mistake.what
    assert mistake.mend
