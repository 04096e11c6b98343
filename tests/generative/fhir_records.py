"""Random people as FHIR Bundles: what some fact looks at, close to its limits, then damaged in ways that records are.

One seed decides a person, so that a batch is the same on every machine.
"""

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from ischio.fhir.bindings import Bindings
from ischio.fhir.writer import NotWritable, as_bundle
from ischio.language.regions import interval_on
from ischio.model.dates import PartialDate, shift
from ischio.model.facts import Compared, Selection
from ischio.model.pathway import Pathway
from ischio.model.terminology import Concept
from ischio.record.events import Asserter, Event, EventSide, Kind, Patient, Record

Json = dict[str, Any]

INDEXES = (date(2026, 6, 1), date(2026, 3, 31), date(2024, 2, 29), date(2026, 12, 31))
_BORN = ("1984-05-02", "1961-06-01", "2009-03-15", "1950", "1958-03")
_UNITS = {
    "mm": ("mm", "cm", None),
    "{score}": ("{score}", None, "mm"),
    "%": ("%", "percent"),
    "deg": ("deg", "degrees"),
}
_STATUSES = ("final", "amended", "cancelled", "entered-in-error", "registered", "unknown", None)


class People:
    """Makes people of one pathway."""

    def __init__(self, pathway: Pathway, bindings: Bindings) -> None:
        self._pathway = pathway
        self._bindings = bindings
        self._facts = [fact for fact in pathway.facts.values() if not isinstance(fact.derivation, Compared)]

    def bundles(self, seed: int, count: int) -> Iterator[tuple[date, Json]]:
        """Index dates and Bundles. Events that have no FHIR form are left out."""
        for number in range(count):
            chance = Random(f"{seed}/{number}")
            index = chance.choice(INDEXES)
            bundle = self._bundle(chance, index)
            for entry in bundle["entry"][1:]:
                if chance.random() < 0.12:
                    _damage(entry["resource"], chance)
            yield index, bundle

    def _bundle(self, chance: Random, index: date) -> Json:
        focus = [chance.choice(self._facts) for _ in range(chance.randint(1, 6))]
        events = [
            self._event(chance, index, chance.choice(focus).derivation.selection) for _ in range(chance.randint(1, 16))
        ]
        again = [event for event in events if chance.random() < 0.1]  # said twice
        otherwise = [self._otherwise(chance, event) for event in events if chance.random() < 0.15]
        events += [*again, *otherwise]
        born = PartialDate.parse(chance.choice(_BORN))
        person = [
            Event("birth_date", "Patient", None, start=born, end=born),
            Event("sex", "Patient", chance.choice(("male", "female"))),
        ]
        if chance.random() < 0.03 and all(event.concept != "death" for event in events):
            person.append(Event("death", "Patient", None))
        deaths = [event for event in events if event.concept == "death"]
        events = [event for event in events if event.concept != "death" or event is deaths[0]]  # a Patient has one
        written = [event for event in events if self._has_a_form(event)]
        return as_bundle(Record(Patient("p"), (*person, *written)), self._pathway, self._bindings)

    def _otherwise(self, chance: Random, event: Event) -> Event:
        """The same thing on the same day, said by another, with another value."""
        concept = self._pathway.concepts[event.concept]
        value, unit = self._value(chance, concept, Selection((event.concept,)))
        return replace(event, value=value, unit=unit, asserter=chance.choice(list(Asserter)))

    def _has_a_form(self, event: Event) -> bool:
        try:
            as_bundle(Record(Patient("p"), (event,)), self._pathway, self._bindings)
        except NotWritable:
            return False
        return True

    def _event(self, chance: Random, index: date, selection: Selection) -> Event:
        concept = self._pathway.concepts[chance.choice(selection.concepts)]
        value, unit = self._value(chance, concept, selection)
        start = self._day(chance, index, selection)
        end = chance.choice((start, start, start, None, self._day(chance, index, selection)))
        if chance.random() < 0.04:
            start = end = None
        some = [Kind(kind) for kind in selection.kinds or ("done", "stated")]
        kinds = some if chance.random() < 0.9 else list(Kind)
        who = (
            [Asserter(word) for word in selection.asserters]
            if selection.asserters and chance.random() < 0.8
            else list(Asserter)
        )
        return Event(
            concept.id,
            "generated",
            value,
            unit,
            start,
            end,
            self._day(chance, index, selection) if chance.random() < 0.05 else None,
            chance.choice(kinds),
            chance.choice(who),
            chance.choice((EventSide.RIGHT, EventSide.RIGHT, EventSide.LEFT, EventSide.BOTH, None)),
            {
                name: chance.choice(accepted if accepted != ("*",) else tuple(self._pathway.concepts[name].values))
                for name, accepted in selection.qualifiers.items()
                if chance.random() < 0.85
            },
        )

    def _value(
        self, chance: Random, concept: Concept, selection: Selection
    ) -> tuple[Decimal | str | bool | None, str | None]:
        if concept.unit is not None:
            unit = chance.choice(_UNITS.get(concept.unit, (concept.unit,)))
            number = Decimal(chance.choice((0, 1, 3, 4, 6, 7, 9, 10, 12, 15, 16, 29, 30, 35, 59, 60, 70, 100, 140)))
            return number + chance.choice((Decimal(0), Decimal("0.1"), Decimal("0.25"), Decimal("-0.1"))), unit
        asked = tuple(value for value in selection.values if value in concept.values)
        values = asked if asked and chance.random() < 0.7 else tuple(concept.values)
        if not values:
            return None, None
        value = chance.choice(values)
        return (value == "yes" if concept.values.keys() == {"yes", "no"} else value), None

    def _day(self, chance: Random, index: date, selection: Selection) -> PartialDate:
        """Near Index, near the start of a window, or at the end of a month; sometimes known to the month or year."""
        intervals = [selection.window, *(anchor.otherwise for anchor in selection.anchors)]
        starts = [shift(index, interval_on(self._pathway, each, index), -1) for each in intervals if each is not None]
        day = chance.choice([*starts, index, index - timedelta(days=chance.randint(0, 420))])
        day += timedelta(days=chance.choice((0, 0, 0, -1, 1, -14, -42, 3)))
        if chance.random() < 0.1:
            day = day.replace(day=monthrange(day.year, day.month)[1])
        length = chance.choice((10,) * 12 + (7, 4))
        return PartialDate.parse(day.isoformat()[:length])


def _damage(resource: Json, chance: Random) -> None:
    """One thing as it is found in records."""
    kind = chance.randrange(7)
    if kind == 0 and resource["resourceType"] == "Observation":
        status = chance.choice(_STATUSES)
        resource.pop("status") if status is None else resource.update(status=status)
    elif kind == 1 and "valueQuantity" in resource:
        resource["valueQuantity"] |= chance.choice(({"comparator": "<"}, {"unit": "furlong"}, {"code": "mm"}))
    elif kind == 2 and resource["resourceType"] == "Observation":
        for key in [key for key in resource if key.startswith("value")]:
            del resource[key]
        resource["dataAbsentReason"] = {
            "coding": [{"system": "http://terminology.hl7.org/CodeSystem/data-absent-reason", "code": "unknown"}]
        }
    elif kind == 3 and resource["resourceType"] == "Observation":
        for key in [key for key in resource if key.startswith("value")]:  # value[x] has one value
            del resource[key]
        resource["valueBoolean"] = chance.choice((True, False))
    elif kind == 4:
        resource.pop("bodySite", None)
    elif kind == 5 and resource["resourceType"] in ("Condition", "AllergyIntolerance"):
        code = chance.choice(("refuted", "confirmed", "differential", "unconfirmed"))
        resource["verificationStatus"] = {
            "coding": [{"system": "http://terminology.hl7.org/CodeSystem/condition-ver-status", "code": code}]
        }
    elif kind == 6 and resource["resourceType"] == "Condition":
        code = chance.choice(("active", "resolved", "inactive", "recurrence"))
        resource["clinicalStatus"] = {
            "coding": [{"system": "http://terminology.hl7.org/CodeSystem/condition-clinical", "code": code}]
        }
