"""What the tests of the store keep in it. All persons are synthetic."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from ischio.model.about import Side
from ischio.model.dates import PartialDate
from ischio.record.events import Asserter, Event, EventSide, Kind
from ischio.store.accounts import Account, Organisation, Role
from ischio.store.answered import KnowledgeFiles
from ischio.store.contacts import Contact
from ischio.store.entries import Access, Answered, Card, CardOutcome, Decline, Feedback, Known, Person
from ischio.store.identities import Identity
from ischio.store.links import Link, Purpose

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
ANNA = Person("https://ehr.example/fhir", "anna")
BERT = Person("https://ehr.example/fhir", "bert")
OTHER_ANNA = Person("https://elsewhere.example/fhir", "anna")
CLINICIAN = Access("Practitioner/7", NOON)
CLIENT = Access("https://ehr.example", NOON)
"""To whom the cards are shown, and who tells what became of them."""

PAIN = Event("pain_score", "QuestionnaireResponse/1", Decimal("4.0"), "1", start=PartialDate.parse("2026-05"))
LESS_PAIN = Event("pain_score", "QuestionnaireResponse/2", Decimal("3"), "1", start=PartialDate.parse("2026-05-04"))
KNOWN = Known("k1", "north", ANNA, "Anna Sample", "S-1")
DECLINE = Decline("", "north", ANNA, Side.LEFT, "physiotherapy", "reason", "a comment", "tiny", "0.0.1", CLINICIAN)
KNOWLEDGE = KnowledgeFiles("tiny", "0.0.1", "the files")
NORTH = Organisation("north", "North Hip Clinic")
KIM = Account("a1", "kim", NORTH.id, frozenset({Role.CLINICIAN}), open=True, hash="")
LINK = Link("l1", "north", "k1", ANNA, "digest of the secret", Purpose.INVITATION, NOON + timedelta(days=14), CLINICIAN)
KIM_ELSEWHERE = Identity("https://ehr.example/fhir", "Practitioner/kim")
CONTACT = Contact("north", "k1", ANNA, "anna@example.org", ("visit",), "", "en", CLINICIAN)
ANSWERED = Answered("", ANNA, 3, NOON.date(), KNOWLEDGE.digest, "digest of the answer", CLINICIAN)

EVENTS = (
    PAIN,
    LESS_PAIN,
    Event("hip_pain", "a", True, side=EventSide.LEFT, asserter=Asserter.PATIENT),
    Event("surgery_wish", "a", False, kind=Kind.STATED),
    Event("stage_entered", "a", date(2026, 2, 28), recorded=PartialDate.parse("2026")),
    Event("imaging", "b", "narrow", qualifiers={"modality": "mri", "leg_position": "neutral"}),
    Event("ischiofemoral_space", "c", Decimal("1.230E+1"), "mm", side=EventSide.BOTH),
    Event("medicine", "d", unread="the code is not known: <b>\0 \N{SNOWMAN}</b>", kind=Kind.PLANNED),
    Event("odd_span", "e", start=PartialDate(date(2025, 12, 30), date(2026, 1, 2)), end=PartialDate.parse("2026-02")),
)


def card(uuid: str, says: str = "review due", hours: int = 0, **other: object) -> Card:
    """A card about the next step, with what it says for its digest."""
    usual: dict[str, object] = {
        "uuid": uuid,
        "service": "next-step",
        "hook": "patient-view",
        "client": CLIENT.who,
        "person": ANNA,
        "key": "next step",
        "pathway_id": "tiny",
        "pathway_version": "0.0.1",
        "side": Side.LEFT,
        "stage": "care",
        "rules": ("gate_care", "review"),
        "digest": says,
        "indicator": "info",
        "shown_at": NOON + timedelta(hours=hours),
        "why": "due",
        "has_card": True,
    }
    return Card(**(usual | other))  # type: ignore[arg-type]  # a mapping of values of several types


def told(card: str, outcome: CardOutcome = CardOutcome.ACCEPTED, **other: object) -> Feedback:
    return Feedback(card, outcome, NOON, **other)  # type: ignore[arg-type]  # the same
