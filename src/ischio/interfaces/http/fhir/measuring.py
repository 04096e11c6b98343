"""`Measure/[id]/$evaluate-measure` for one person."""

from ischio.engine.measures import standings
from ischio.fhir.export.measures import measure_id
from ischio.fhir.measure_reports import individual
from ischio.interfaces.http.fhir.operations import DATA, Call
from ischio.interfaces.http.fhir.parameters import Json
from ischio.interfaces.http.fhir.subjects import day_of, record_of, subject_of
from ischio.interfaces.http.problems import Problem

_EVALUATE = ("periodStart", "periodEnd", "subject", "reportType", *DATA)


def evaluate(call: Call) -> Json:
    """How one person stands to a measure by the end of the period, which is the date of the report."""
    assert call.name is not None
    call.published.read("Measure", call.name)
    call.not_used(_EVALUATE)
    if call.given.text("reportType") not in (None, "subject", "individual"):
        mend = "Leave `reportType` out; of many persons `ischio cohort` tells."
        raise Problem(422, "not-supported", "Only the report of one person is made here.", mend, "reportType")
    subject, until = subject_of(call.given), call.given.text("periodEnd")
    if until is None:
        mend = "Give `periodEnd`, such as 2026-12-31."
        raise Problem(400, "required", "It is not said until when is measured.", mend, "periodEnd")
    on = day_of("periodEnd", until)
    record = record_of(call.service, call.given, subject, call.client)
    publication, pathway = call.service.publication, call.service.pathway
    measure = next(one for one in pathway.measures.values() if measure_id(publication, one) == call.name)
    found = standings(pathway, record, on)
    return individual(publication, measure, subject.id, {side: found[side][measure.id] for side in found}, on)
