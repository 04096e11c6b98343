"""The decision on surgery: what was decided on a hip, kept as the event that the pathway reads, with the reason.

The record has no place for the reason of an operation that is to be done. Why surgery was set aside is kept with
the operations, each of which was declined by it.
"""

from enum import Enum
from typing import NamedTuple

from ischio.clinic.answers import ENTERED
from ischio.clinic.clinic import Clinic
from ischio.model.about import Side
from ischio.model.dates import PartialDate
from ischio.model.rules import ActionKind
from ischio.record.events import Asserter, Event, EventSide, Kind
from ischio.store.entries import Access, Known


class Decision(Enum):
    """PLANNED: an operation within three months. WANTED: considered after all, after it was set aside."""

    OPINION = "opinion"
    PLANNED = "planned"
    DECLINED = "declined"
    UNSUITABLE = "unsuitable"
    WANTED = "wanted"


class _Means(NamedTuple):
    """The event of a decision; reason: the code by which its operations are declined, if they are."""

    concept: str
    kind: Kind = Kind.DONE
    asserter: Asserter = Asserter.CLINICIAN
    reason: str = ""


_MEANS = {
    Decision.OPINION: _Means("surgical_opinion"),
    Decision.PLANNED: _Means("hip_surgery_planned"),
    Decision.DECLINED: _Means("ifi_surgery", Kind.DECLINED, Asserter.PATIENT, "does-not-align-preferences"),
    Decision.UNSUITABLE: _Means("ifi_surgery", Kind.DECLINED, reason="cds-not-applicable"),
    Decision.WANTED: _Means("surgery_wanted"),
}


def sets_aside(decision: Decision) -> bool:
    """Whether surgery is set aside by it; then it needs a reason."""
    return bool(_MEANS[decision].reason)


def decide(clinic: Clinic, known: Known, side: Side, decision: Decision, reason: str, seen: int, by: Access) -> None:
    """Keeps a decision of today on a hip. Raises Superseded, if somebody wrote about the person since `seen`."""
    means, today = _MEANS[decision], PartialDate.on(by.at.date())
    event = Event(
        means.concept,
        ENTERED + clinic.store.new_id(),
        start=today,
        end=today,
        recorded=today,
        kind=means.kind,
        asserter=means.asserter,
        side=EventSide(side.value),
    )
    clinic.charts.record(known, [event], seen, by)
    for action in clinic.knowledge.pathway.actions.values() if means.reason else ():
        if action.kind is ActionKind.OPERATION:
            clinic.declines.decline(known, action.id, side, means.reason, by, reason)
