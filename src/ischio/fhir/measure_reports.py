"""What was counted, as FHIR MeasureReports: of a cohort, and of one person."""

from collections.abc import Mapping
from datetime import date
from typing import Protocol

from ischio.fhir.export.measures import improvement, measure_id, population_code, side_code
from ischio.fhir.export.publication import Json, Publication
from ischio.model.about import Side
from ischio.model.measures import Measure, Standing

MASKED = {"extension": [{"url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason", "valueCode": "masked"}]}


class Counts(Protocol):
    """Hips by how they stand to a measure; None for a count that is hidden."""

    @property
    def met(self) -> int | None: ...
    @property
    def not_met(self) -> int | None: ...
    @property
    def unknown(self) -> int | None: ...
    @property
    def unclear(self) -> int | None: ...
    @property
    def excluded(self) -> int | None: ...


def summary(publication: Publication, measure: Measure, of_side: Mapping[Side, Counts], on: date) -> Json:
    """The report of a cohort by a date. of_side: the counts of each side.

    Beside FHIR's populations it has two of its own, by their words: those of whom the answer is unknown, and those of
    whom it cannot be told whether the measure asks of them. A hidden count is masked, and so is a score that rests on
    one.
    """
    report = _report(publication, measure, on, [_group(publication, side, of_side[side]) for side in Side])
    name = publication.id(measure.id, on.isoformat())
    return {**report, "id": name, "type": "summary"}


def individual(
    publication: Publication, measure: Measure, person: str, of_side: Mapping[Side, Standing], on: date
) -> Json:
    """The report of one person by a date. of_side: how each hip stands."""
    report = _report(publication, measure, on, [_group(publication, side, _One(of_side[side])) for side in Side])
    return {**report, "type": "individual", "subject": {"reference": f"Patient/{person}"}}


class _One:
    """The counts of one hip."""

    def __init__(self, standing: Standing) -> None:
        self.met, self.not_met, self.unknown, self.unclear, self.excluded = (
            int(standing is each)
            for each in (Standing.MET, Standing.NOT_MET, Standing.UNKNOWN, Standing.UNCLEAR, Standing.EXCLUDED)
        )


def _report(publication: Publication, measure: Measure, on: date, groups: list[Json]) -> Json:
    return {
        "resourceType": "MeasureReport",
        "status": "complete",
        "measure": publication.canonical("Measure", measure_id(publication, measure)),
        "date": on.isoformat(),
        "period": {"end": on.isoformat()},
        "improvementNotation": improvement(measure),
        "group": groups,
    }


def _group(publication: Publication, side: Side, counts: Counts) -> Json:
    known = _sum(counts.met, counts.not_met)
    populations = [
        _population(
            population_code("initial-population"), _sum(known, counts.unknown, counts.unclear, counts.excluded)
        ),
        _population(population_code("denominator"), known),
        _population(population_code("denominator-exclusion"), counts.excluded),
        _population(population_code("numerator"), counts.met),
        _population({"text": "unknown"}, counts.unknown),
        _population({"text": "unclear"}, counts.unclear),
    ]
    group = {"code": side_code(publication, side), "population": populations}
    if known and counts.met is not None:
        group["measureScore"] = {"value": round(counts.met / known, 4)}
    elif known is None:
        group["measureScore"] = {"_value": MASKED}
    return group


def _sum(*counts: int | None) -> int | None:
    """The sum, hidden if one of its parts is."""
    known = [count for count in counts if count is not None]
    return sum(known) if len(known) == len(counts) else None


def _population(code: Json, count: int | None) -> Json:
    return {"code": code, "_count": MASKED} if count is None else {"code": code, "count": count}
