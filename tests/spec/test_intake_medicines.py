"""Which medicine a resource means and what told it; how long it is in use; and what one that nobody knows undoes."""

from datetime import date

import pytest
from fhir_forms import PATHWAY, PERSON, SNOMED, Json, concept, events, observation, order, quantity, read

from ischio.model.about import Side
from ischio.record.derivation import derive
from ischio.record.events import FactValue, Record

RXNORM, ATC = "http://www.nlm.nih.gov/research/umls/rxnorm", "http://www.whocc.no/atc"
INDEX = date(2026, 3, 20)


def named(*codings: tuple[str, str], text: str | None = None) -> Json:
    return concept(*codings, text=text)


def fact(name: str, record: Record, on: date = INDEX) -> FactValue:
    return derive(PATHWAY, record, on)[Side.RIGHT][name]


TOLD = [
    # what is written                                                     | concept -> what told it
    (named((RXNORM, "7258")), {"nsaid": "rxnorm 7258"}),
    (named((RXNORM, "849574")), {"nsaid": "rxnorm 849574"}),
    (named((ATC, "M01AE02")), {"nsaid": "atc M01AE02", "other_drug": "atc M01AE02"}),
    (named((ATC, "M01AE99")), {"nsaid": "atc M01AE99", "other_drug": "atc M01AE99"}),
    (named((ATC, "J01CA04")), {"other_drug": "atc J01CA04"}),
    (named((ATC, "M01AE02"), (RXNORM, "7258")), {"nsaid": "rxnorm 7258", "other_drug": "atc M01AE02"}),
    (named(text="NAPROXEN 250 mg tabs"), {"nsaid": "the name naproxen"}),
    (named((RXNORM, "9999999"), text="Naproxen 250 MG"), {"nsaid": "the name naproxen"}),
    (named(text="Diazepam [Valium]"), {"benzodiazepine": "the name diazepam"}),
    (
        named(text="Acetaminophen 325 MG / HYDROcodone 7.5 MG"),
        {"paracetamol": "the name acetaminophen", "opioid": "the name hydrocodone"},
    ),
    (named(text="Diclofenac 1 % gel"), {"unrecognised_drug": ""}),
    (named(text="Ketorolac eye drops"), {"unrecognised_drug": ""}),
    (named(text="Naproxenol"), {"unrecognised_drug": ""}),
    (named((RXNORM, "9999999")), {"unrecognised_drug": ""}),
    (named((SNOMED, "372665008")), {"nsaid": "the code 372665008"}),
    ({"text": "blue tablets"}, {"unrecognised_drug": ""}),
    ({}, {"unrecognised_drug": ""}),
]


@pytest.mark.parametrize(("code", "told"), TOLD)
def test_what_told_the_medicine(code: Json, told: dict[str, str]) -> None:
    record = read(order(code))
    by = {event.concept: event.source.removeprefix("MedicationRequest/m") for event in events(record)}
    assert by == {concept: f" (by {how})" if how else "" for concept, how in told.items()}


def test_what_is_not_recognised_is_named() -> None:
    (line,) = read(order({"text": "blue tablets"})).ignored
    assert "blue tablets" in line.why


def supply(days: int) -> Json:
    return {"dispenseRequest": {"expectedSupplyDuration": quantity(days, "d")}}


def statement(status: str, **fields: object) -> Json:
    base = {"resourceType": "MedicationStatement", "id": "m", "status": status, "subject": PERSON}
    return base | {"medicationCodeableConcept": named((RXNORM, "7258"))} | fields


NAPROXEN = named((RXNORM, "7258"))
IN_USE = [
    # resource                                                                            | on           | in use
    (order(NAPROXEN), "2026-03-01", True),
    (order(NAPROXEN), "2026-05-30", True),
    (order(NAPROXEN), "2026-06-01", False),
    (order(NAPROXEN, **supply(14)), "2026-03-15", True),
    (order(NAPROXEN, **supply(14)), "2026-03-17", False),
    (order(NAPROXEN, authoredOn="1973-11-02"), "2026-03-20", False),
    (order(NAPROXEN, "cancelled"), "2026-03-20", False),
    (order(NAPROXEN, doNotPerform=True), "2026-03-20", False),
    (statement("active", effectivePeriod={"start": "2019"}), "2026-03-20", True),
    (statement("active", dateAsserted="2026-01-01"), "2026-03-20", True),
    (statement("active", effectiveDateTime="2026-01-01"), "2026-03-20", True),
    (statement("not-taken", effectiveDateTime="2026-01-01"), "2026-03-20", False),
    (statement("intended", effectiveDateTime="2026-01-01"), "2026-03-20", False),
    (statement("completed", effectivePeriod={"start": "2026-01", "end": "2026-02"}), "2026-03-20", False),
    (statement("active", meta={"lastUpdated": "2026-02-01T00:00:00Z"}), "2026-03-20", True),
    (statement("entered-in-error", effectiveDateTime="2026-01-01"), "2026-03-20", False),
    (statement("active"), "2026-03-20", None),
    (statement("unknown", effectiveDateTime="2026-01-01"), "2026-03-20", None),
]


@pytest.mark.parametrize(("resource", "on", "in_use"), IN_USE)
def test_how_long_a_medicine_is_in_use(resource: Json, on: str, in_use: bool | None) -> None:
    assert fact("nsaid_in_use", read(resource), date.fromisoformat(on)).value is in_use


def unknown_drug(**fields: object) -> Json:
    return order({"text": "blue tablets"}, id="u") | fields


def reviewed(on: str) -> Json:
    return observation("medicines-reviewed", id="r", effectiveDateTime=on)


UNDONE = [
    # the medicine that nobody knows                                            | reviewed    | lithium in use
    (None, None, None),
    (None, "2026-03-10", False),
    (unknown_drug(authoredOn="2026-03-12"), "2026-03-10", None),
    (unknown_drug(authoredOn="2026-03-10"), "2026-03-10", None),
    (unknown_drug(authoredOn="2026-03-09"), "2026-03-10", False),
    (unknown_drug(authoredOn="2026-03-12", status="cancelled"), "2026-03-10", False),
    (unknown_drug(authoredOn="2025-03-12", **supply(3)), "2026-03-10", False),
    (unknown_drug(authoredOn="2026-03"), "2026-03-10", None),
    (
        statement("active", medicationCodeableConcept={"text": "x"}, effectivePeriod={"start": "2019"}),
        "2026-03-10",
        False,
    ),
    (
        statement("active", medicationCodeableConcept={"text": "x"}, effectivePeriod={"start": "2026"}),
        "2026-03-10",
        None,
    ),
    (statement("active", medicationCodeableConcept={"text": "x"}, dateAsserted="2026-01-01"), "2026-03-10", False),
    (statement("active", medicationCodeableConcept={"text": "x"}), "2026-03-10", None),
    (order(named((ATC, "J01CA04")), authoredOn="2026-03-12"), "2026-03-10", False),
]


@pytest.mark.parametrize(("medicine", "review", "value"), UNDONE)
def test_an_unknown_medicine_undoes_a_review_before_it(
    medicine: Json | None, review: str | None, value: bool | None
) -> None:
    given = [one for one in (medicine, reviewed(review) if review else None) if one is not None]
    assert fact("lithium_in_use", read(*given)).value is value
