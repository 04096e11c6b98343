"""Where everyone stands, for the list: worked out on every write, and again once it may no longer be true."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from threading import Lock

from ischio.clinic.knowledge import Knowledge
from ischio.engine.answer import Answer
from ischio.engine.assess import brief
from ischio.engine.hip import GateAhead
from ischio.engine.steps import due_steps
from ischio.language.units import UnitError, convert
from ischio.model.about import Side
from ischio.model.assessment import ActionShown, Assessment, Hip
from ischio.model.dates import Duration, shift
from ischio.model.facts import First, Latest
from ischio.model.measures import Better
from ischio.model.rules import NOT_ON_PATHWAY
from ischio.model.truth import UNKNOWN
from ischio.record.events import Event, EventSide, Record
from ischio.store.entries import Access, Action, Known, Outcome
from ischio.store.events import record_of
from ischio.store.standings import Counts, Score, Standing, Wanted
from ischio.store.store import Store

REVIEW = "review"
AT_ONCE = 20
"""People worked out anew before a list is shown; where more are due, the list says so."""
IN_ONE_WRITING = 100
LOOKED_AHEAD = Duration(months=24)
"""How far `valid_until` looks: where it finds no day, the answer holds for as long."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A page of the list. counts: of all that is asked for; everyone: of the whole organisation.

    unsettled: people whose rows may be out of date: what is shown of them may not be true any more.
    """

    rows: tuple[Standing, ...]
    counts: Counts
    everyone: Counts
    stages: dict[str, int]
    unsettled: int


class Standings:
    def __init__(self, store: Store, knowledge: Knowledge) -> None:
        self._store, self._knowledge = store, knowledge
        self._settling = Lock()

    def list(self, wanted: Wanted, by: Access, first: int = 0, most: int = 25, due_within: int = 7) -> Listed:
        """A page of the list of an organisation, from row `first` (0). due_within: days that count as due soon."""
        unsettled = self._settle(wanted.organisation, wanted.on)
        self._store.audit.write(by, Action.READ, "list", None, Outcome.SUCCESS)
        due_by = wanted.on + timedelta(days=due_within)
        rows, all_of_them = self._store.standings, Wanted(wanted.organisation, wanted.on)
        everyone = rows.counts(all_of_them, due_by)
        return Listed(
            rows.page(wanted, first, most),
            everyone if wanted == all_of_them else rows.counts(wanted, due_by),
            everyone,
            rows.stages(wanted.organisation),
            unsettled,
        )

    def of(self, known: Known) -> tuple[Standing, ...]:
        """The rows of one person."""
        return self._store.standings.of(known)

    def bring_up_to_date(self, people: Iterable[Known], on: date) -> None:
        """Works out the rows of some people. Of whom somebody writes meanwhile, the rows are left to that writing."""
        some, head = tuple(people), self._store.audit.head()
        rows = [row for known in some for row in self._rows(known, on)]
        self._store.standings.put(some, rows, head.number if head else 0)

    def refresh(self, on: date, everybody: bool = False) -> Iterator[tuple[int, int]]:
        """Works out what may no longer be true, of all organisations; everybody: all there is. Tells (done, of)."""
        store = self._store
        people = store.people.all() if everybody else store.standings.unsettled(on, self._knowledge.digest)
        for start in range(0, len(people), IN_ONE_WRITING):
            some = people[start : start + IN_ONE_WRITING]
            self.bring_up_to_date(some, on)
            yield start + len(some), len(people)

    def _settle(self, organisation: str, on: date) -> int:
        """Works out the rows of some who are due, and says how many are left."""
        due = self._store.standings.unsettled(on, self._knowledge.digest, organisation)
        # One visitor at a time: in the morning many open the list at once, and each would work out the same people.
        if due and self._settling.acquire(blocking=False):
            try:
                self.bring_up_to_date(due[:AT_ONCE], on)
            finally:
                self._settling.release()
            due = due[AT_ONCE:]
        return len(due)

    def _rows(self, known: Known, on: date) -> Iterator[Standing]:
        record = record_of(known.whom, self._store.events.unaudited(known.whom))
        answer = Answer(self._knowledge.pathway, record, on, lasting=True)
        assessment = brief(answer)
        dead = _is_dead(answer)
        hips = [hip for hip in assessment.hips if _is_listed(hip, dead)]
        if not hips:
            yield self._row(known, answer, assessment, assessment.hips, None)
        for hip in hips:
            yield self._row(known, answer, assessment, (hip,), Side(hip.side))

    def _row(
        self, known: Known, answer: Answer, assessment: Assessment, hips: tuple[Hip, ...], side: Side | None
    ) -> Standing:
        hip, person, patient = hips[0], assessment.person, answer.record.patient
        # Nobody can act on a red flag of the dead, and it must not stand before those of the living.
        alerts = () if _is_dead(answer) else (*person.alerts, *hip.alerts)
        values = [value for alert in alerts[:1] for because in alert.because for value in because.values]
        steps = due_steps((*hip.actions, *person.actions))
        owed = sorted(_owed(answer, hip, steps))
        ahead = [gate for each in hips if (gate := _unknown_ahead(answer, each))]
        return Standing(
            known=known,
            side=side,
            born=str(patient.birth_date) if patient.birth_date else "",
            sex=patient.sex or "",
            stage=hip.stage.id,
            since=hip.stage.since,
            diversion=hip.diversion.id if hip.diversion else None,
            alert=alerts[0].id if alerts else None,
            alert_on=values[0].date if values else None,
            step=steps[0].id if steps else None,
            due=owed[0][0] if owed else None,
            due_for=owed[0][1] if owed else None,
            cannot_tell=bool(ahead),
            missing=ahead[0].opens.sets[0] if ahead and ahead[0].opens.sets else (),
            score=last_score(answer, side) if side else None,
            knowledge=self._knowledge.digest,
            holds_until=_holds_until(answer),
        )


def _is_dead(answer: Answer) -> bool:
    return answer.facts[Side.RIGHT][answer.pathway.deceased_fact].value is True


def _is_listed(hip: Hip, dead: bool) -> bool:
    """Of the dead only a hip that was on the pathway: death diverts both."""
    return bool(hip.stage.id != NOT_ON_PATHWAY or (not dead and (hip.diversion or hip.alerts)))


def _unknown_ahead(answer: Answer, hip: Hip) -> GateAhead | None:
    """The gate ahead, if it cannot be told whether it is open; a hip that left the path has none that matters."""
    gate = answer.hips[Side(hip.side)].gate_ahead
    return gate if gate is not None and gate.truth is UNKNOWN and hip.diversion is None else None


def _owed(answer: Answer, hip: Hip, steps: Sequence[ActionShown]) -> Iterator[tuple[date, str]]:
    """What has a day on which it is due. A review that is counted from today, for want of a date, has none yet."""
    for action in steps:
        if action.due is not None:
            yield action.due, action.id
    reviewed = answer.facts[Side(hip.side)][answer.pathway.review_fact].value is not None
    if hip.review is not None and (reviewed or hip.stage.since is not None):
        yield hip.review.date, REVIEW


def _holds_until(answer: Answer) -> date:
    days = (day for day in answer.validity.of_hip.values() if day is not None)
    return min(days, default=shift(answer.index, LOOKED_AHEAD))


# ---- the last score -----------------------------------------------------------------------------------------------


def last_score(answer: Answer, side: Side) -> Score | None:
    """The newest score that the pathway follows, however old it is. Of one day, one of which more is better."""
    found = list(_scores(answer, side))
    return max(found, key=lambda each: (each[0].on or date.min, each[1]), default=(None, False))[0]


def _scores(answer: Answer, side: Side) -> Iterator[tuple[Score, bool]]:
    """Each score with whether more of it is better."""
    outcomes, facts = answer.pathway.outcomes, answer.pathway.facts
    for outcome in outcomes.scores.values() if outcomes else ():
        derivation, unit = facts[outcome.value].derivation, facts[outcome.value].type.unit
        if isinstance(derivation, Latest):
            readings = sorted(_readings(answer.record, derivation.selection.concepts, side, unit))
            if readings:
                last_on, last = readings[-1]
                first = _first(answer, side, derivation.selection.concepts)
                change = last - first[1] if first and first[0] < last_on else None
                yield Score(outcome.value, last, last_on, change), outcome.better is Better.HIGHER


def _readings(record: Record, concepts: tuple[str, ...], side: Side, unit: str) -> Iterator[tuple[date, float]]:
    """Numbers that were read on a known day, of a side."""
    for event in record.events:
        sided = event.side in (EventSide(side.value), EventSide.BOTH)
        if event.concept in concepts and sided and event.start and event.start.exact:
            number = _number(event, unit)
            if number is not None:
                yield event.start.earliest, number


def _number(event: Event, unit: str) -> float | None:
    if not isinstance(event.value, Decimal):
        return None
    try:
        return float(convert(event.value, event.unit or unit, unit, event.concept))
    except UnitError:
        return None


def _first(answer: Answer, side: Side, concepts: tuple[str, ...]) -> tuple[date, float] | None:
    """The first reading of the episode, as the fact says it that is there for that."""
    for fact in answer.pathway.facts.values():
        found = answer.facts[side][fact.id]
        if isinstance(fact.derivation, First) and fact.derivation.selection.concepts == concepts and found.date:
            return (found.date, float(fact.type.amount(found.value))) if isinstance(found.value, int) else None
    return None
