"""An example for every fact: the smallest resource that it looks at."""

from datetime import date
from decimal import Decimal

from ischio.fhir.bindings import Bindings
from ischio.fhir.writer import OF_THE_PATIENT, Json, NotWritable, Writer
from ischio.model.about import Scope
from ischio.model.dates import PartialDate
from ischio.model.facts import Compared, CourseLength, Fact, First, Latest, Selection, SideRule, ValueKind
from ischio.model.pathway import Pathway
from ischio.record.events import Asserter, Event, EventSide, Kind

DAY = PartialDate.parse("2026-03-01")
_BEGUN = PartialDate.parse("2026-01-05")
_PATIENT: Json = {
    "resourceType": "Patient",
    "id": "p",
    "birthDate": "1984-05-02",
    "deceasedDateTime": "2026-03-01",
}
_OF_PATIENT = {"sex": "gender", "birth_date": "birthDate", "death": "deceasedDateTime"}


def example_of(fact: Fact, pathway: Pathway, bindings: Bindings) -> Json | None:
    """The example; None for a fact that looks at no resource, being worked out from others."""
    if isinstance(fact.derivation, Compared):
        return None
    selection = fact.derivation.selection
    concept = selection.concepts[0]
    if concept in OF_THE_PATIENT:
        person = _PATIENT | {"gender": next(iter(selection.values), "female")}
        return {key: person[key] for key in ("resourceType", "id", _OF_PATIENT[concept])}
    writer = Writer(pathway.concepts, bindings)
    try:
        return writer.resource(_event(fact, selection, pathway), "example")
    except NotWritable:
        return None


def _event(fact: Fact, selection: Selection, pathway: Pathway) -> Event:
    """An event that the fact looks at."""
    name = selection.concepts[0]
    value = _value(fact, selection, pathway)
    number = isinstance(value, Decimal)
    return Event(
        name,
        "example",
        value,
        pathway.concepts[name].unit if number else None,
        _BEGUN if isinstance(fact.derivation, CourseLength) else DAY,
        DAY,
        None,
        Kind(selection.kinds[0]) if selection.kinds else Kind.DONE,
        Asserter(selection.asserters[0]) if selection.asserters else Asserter.CLINICIAN,
        _side(fact, selection),
        {key: _qualifier(key, wanted, pathway) for key, wanted in selection.qualifiers.items()},
    )


def _value(fact: Fact, selection: Selection, pathway: Pathway) -> Decimal | str | bool | date | None:
    """The first value that counts: one asked for, one that means yes, one of the fact's codes, else any."""
    concept, derivation = pathway.concepts[selection.concepts[0]], fact.derivation
    if concept.unit is not None:
        return _number(fact) if fact.type.kind is ValueKind.NUMBER else Decimal(6)
    asked = selection.values
    if isinstance(derivation, Latest | First):
        asked = asked or derivation.yes or tuple(fact.type.codes)
    value = next((one for one in (*asked, *concept.values) if one in concept.values), None)
    return value == "yes" if concept.values.keys() == {"yes", "no"} else value


def _number(fact: Fact) -> Decimal:
    """A number in the middle of what is not questioned."""
    low, high = fact.type.doubt_below or fact.type.low or 0, fact.type.doubt_above or fact.type.high or 12
    return Decimal(int(fact.type.amount((low + high) // 2)))


def _side(fact: Fact, selection: Selection) -> EventSide | None:
    if fact.scope is Scope.PERSON or selection.side is SideRule.PERSON:
        return None
    return EventSide.LEFT if selection.side is SideRule.OTHER else EventSide.RIGHT


def _qualifier(name: str, wanted: tuple[str, ...], pathway: Pathway) -> str:
    return next(iter(pathway.concepts[name].values)) if wanted == ("*",) else wanted[0]
