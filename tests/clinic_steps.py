"""Steps that the tests of the clinic share."""

from ischio.clinic.answers import Answer, events_of
from ischio.clinic.clinic import Clinic
from ischio.store.entries import Access, Known


def answer(clinic: Clinic, known: Known, by: Access, *answers: Answer) -> tuple[str, ...]:
    """Fills in a form and saves it."""
    seen = clinic.charts.of(known, by.at.date(), by).seen
    events = events_of(clinic.knowledge, answers, by.at.date(), clinic.store.new_id)
    return clinic.charts.record(known, events, seen, by)
