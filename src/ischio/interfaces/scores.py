"""How the scores of one hip went on: its readings, where one is missing, the borrowed thresholds, and the change."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

from ischio.engine.explain import ClaimShown, shown_claim
from ischio.language.regions import interval_on
from ischio.model.about import Scope, Side
from ischio.model.dates import shift
from ischio.model.facts import Compared
from ischio.model.measures import Better, Outcome, Outcomes, Threshold, ThresholdOf
from ischio.model.parameters import Quantity
from ischio.model.pathway import Pathway
from ischio.record.derivation import derive_one
from ischio.record.dossier import dossier_of
from ischio.record.events import Event, EventSide, FactValue, Record

WITH_REVIEW = timedelta(days=14)
"""A reading so near to a review was taken for it."""
LETTERS = "ABCDEFGH"


@dataclass(frozen=True, slots=True)
class Reading:
    """A day with a score, or one on which a score is missing. days: since the first reading.

    value: None where it is missing; why: then the state of what was recorded, empty if nothing was. change: since the
    first reading.
    """

    on: date
    value: Decimal | None
    why: str = ""
    days: int = 0
    change: Decimal | None = None

    @property
    def week(self) -> int:
        return round(self.days / 7)

    @property
    def score(self) -> Decimal:
        """The value, of a reading that is there."""
        assert self.value is not None
        return self.value


@dataclass(frozen=True, slots=True)
class Change:
    """From one reading to the last. since: what began then, empty for the first reading of all.

    better: 1 improved, -1 worse, 0 the same.
    """

    since: str
    first: Reading
    last: Reading
    better: int

    @property
    def by(self) -> Decimal:
        """The difference, without its direction."""
        return abs(self.last.score - self.first.score)

    @property
    def weeks(self) -> int:
        return self.last.week - self.first.week


@dataclass(frozen=True, slots=True)
class ThresholdShown:
    """A borrowed mark as it is for one hip. at: where it lies on the scale; asks: how much of what it asks for.

    reached: by the last reading; None if there is nothing to compare. claims: what it rests on, and so the people that
    it was measured in.
    """

    letter: str
    title: str
    sentence: str
    label: str
    of: ThresholdOf
    asks: Quantity
    at: Decimal
    reached: bool | None
    claims: tuple[ClaimShown, ...]


@dataclass(frozen=True, slots=True)
class Began:
    """Something that began on or after the day of the first reading. days: since then."""

    title: str
    on: date
    days: int


@dataclass(frozen=True, slots=True)
class ScoreChart:
    """One score of one hip. readings: in the order of days, with the missing ones. low, high: what it can be."""

    id: str
    title: str
    sentence: str
    low: Decimal
    high: Decimal
    higher_is_better: bool
    readings: tuple[Reading, ...]
    changes: tuple[Change, ...]
    thresholds: tuple[ThresholdShown, ...]
    began: tuple[Began, ...]

    @property
    def known(self) -> tuple[Reading, ...]:
        return tuple(reading for reading in self.readings if reading.value is not None)


def score_charts(
    pathway: Pathway, record: Record, side: Side, today: date, reviews: Iterable[date]
) -> tuple[ScoreChart, ...]:
    """The scores that the pathway follows, those first of which there is a reading.

    reviews: the days of reviews, done or missed: where no reading lies near one, a score is missing.
    """
    if pathway.outcomes is None:
        return ()
    course = _Course(pathway, pathway.outcomes, record, side, today, tuple(reviews))
    charts = (course.chart(outcome) for outcome in pathway.outcomes.scores.values())
    return tuple(sorted(charts, key=lambda chart: not chart.readings))


@dataclass(frozen=True)
class _Course:
    """One hip over time."""

    pathway: Pathway
    outcomes: Outcomes
    record: Record
    side: Side
    today: date
    reviews: tuple[date, ...]

    def chart(self, outcome: Outcome) -> ScoreChart:
        scale = self.pathway.facts[outcome.value].type
        assert scale.low is not None, f"{outcome.value} has no range"
        assert scale.high is not None, f"{outcome.value} has no range"
        readings = tuple(_since_the_first(sorted(self._readings(outcome), key=lambda one: one.on)))
        known = [one for one in readings if one.value is not None]
        began = tuple(self._began(outcome, known[0].on)) if known else ()
        return ScoreChart(
            outcome.id,
            outcome.about.title,
            outcome.about.sentence,
            scale.amount(scale.low),
            scale.amount(scale.high),
            outcome.better is Better.HIGHER,
            readings,
            tuple(self._changes(outcome, known, began)),
            tuple(self._thresholds(outcome, known)),
            began,
        )

    # ---- readings ----

    def _readings(self, outcome: Outcome) -> Iterator[Reading]:
        """What counts on each day, as the pathway reads it on that day; and reviews without a reading near them."""
        found = [one for day in self._days(outcome) if (one := self._reading(outcome, day)) is not None]
        yield from found
        for review in sorted(set(self.reviews)):
            if review <= self.today and all(abs(review - one.on) > WITH_REVIEW for one in found):
                yield Reading(review, None)

    def _days(self, outcome: Outcome) -> list[date]:
        """The days for which a score of this hip, or of no side, is recorded; a span counts from its last day."""
        derivation = self.pathway.facts[outcome.value].derivation
        concepts = () if isinstance(derivation, Compared) else derivation.selection.concepts
        events = (event for event in self.record.events if event.concept in concepts and self._may_be_here(event))
        return sorted({event.start.latest for event in events if event.start and event.start.latest <= self.today})

    def _may_be_here(self, event: Event) -> bool:
        return event.side in (None, EventSide.BOTH, EventSide(self.side.value))

    def _reading(self, outcome: Outcome, day: date) -> Reading | None:
        """None if what is recorded of the day says nothing of this hip, or an older reading counts for more."""
        counts = self._fact(outcome.value, day)
        if counts.value is None:
            return Reading(day, None, counts.state.value)
        if counts.date != day:
            return None
        assert type(counts.value) is int
        return Reading(day, self.pathway.facts[outcome.value].type.amount(counts.value))

    def _fact(self, name: str, day: date) -> FactValue:
        fact = self.pathway.facts[name]
        side = self.side if fact.scope is Scope.HIP else None
        return derive_one(dossier_of(self.pathway, self.record), fact, side, day)

    # ---- what it is held against ----

    def _began(self, outcome: Outcome, first: date) -> Iterator[Began]:
        for name in outcome.since:
            milestone = self.outcomes.milestones[name]
            day = self._fact(milestone.day_of, self.today).value if milestone.day_of else None
            if isinstance(day, date) and first <= day <= self.today:
                yield Began(milestone.about.title, day, (day - first).days)

    def _changes(self, outcome: Outcome, known: list[Reading], began: tuple[Began, ...]) -> Iterator[Change]:
        """Since the first reading; and since the last thing that began, from the reading before it."""
        if len(known) > 1:
            yield _change(outcome, "", known[0], known[-1])
        for latest in sorted(began, key=lambda one: one.on, reverse=True):
            back = shift(latest.on, interval_on(self.pathway, self.outcomes.baseline.before, self.today), -1)
            before = [one for one in known[1:] if back <= one.on <= latest.on]
            if before and known[-1].on > latest.on:
                yield _change(outcome, latest.title, before[-1], known[-1])
                return

    def _thresholds(self, outcome: Outcome, known: list[Reading]) -> Iterator[ThresholdShown]:
        for letter, threshold in zip(LETTERS, outcome.thresholds if known else (), strict=False):
            parameter = self.pathway.parameters[threshold.parameter]
            asks = parameter.on(self.today)
            assert isinstance(asks, Quantity), f"{parameter.id} is no number"
            at = _place(outcome, threshold, asks.value, known[0])
            comparable = threshold.of is ThresholdOf.VALUE or len(known) > 1
            about = parameter.about
            yield ThresholdShown(
                letter,
                about.title,
                about.sentence,
                about.label.value,
                threshold.of,
                asks,
                at,
                _is_as_good(outcome, known[-1], at) if comparable else None,
                tuple(claim for name in about.evidence if (claim := shown_claim(self.pathway, name)).statement),
            )


def _since_the_first(readings: list[Reading]) -> Iterator[Reading]:
    """From the first reading on, with the days and the change since then."""
    first = next((one for one in readings if one.value is not None), None)
    for one in readings if first else ():
        if first and one.on >= first.on:
            change = None if one is first or one.value is None else one.score - first.score
            yield replace(one, days=(one.on - first.on).days, change=change)


def _change(outcome: Outcome, since: str, first: Reading, last: Reading) -> Change:
    rise = last.score - first.score
    gain = rise if outcome.better is Better.HIGHER else -rise
    return Change(since, first, last, (gain > 0) - (gain < 0))


def _place(outcome: Outcome, threshold: Threshold, asks: Decimal, first: Reading) -> Decimal:
    """Where a threshold lies on the scale, for somebody who began at `first`."""
    up = 1 if outcome.better is Better.HIGHER else -1
    match threshold.of:
        case ThresholdOf.VALUE:
            return asks
        case ThresholdOf.CHANGE:
            return first.score + up * asks
        case ThresholdOf.SHARE:
            return first.score * (1 + up * asks / 100)


def _is_as_good(outcome: Outcome, last: Reading, at: Decimal) -> bool:
    return last.score >= at if outcome.better is Better.HIGHER else last.score <= at
