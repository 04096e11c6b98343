"""The later dates on which a fact may change though no event is added: when to look again, and no other day.

An event begins to count when Index reaches it, leaves a window, goes stale; a course grows day by day; a parameter gets
a new value. More dates than needed do no harm; a date left out would be a mistake.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from ischio.language.regions import regions_of_fact
from ischio.model.about import Side
from ischio.model.dates import Duration, first_index_reaching, shift
from ischio.model.facts import Compared, Count, CourseLength, DateOf, Exists, Fact, First, Interval, Latest, Selection
from ischio.model.pathway import Pathway
from ischio.record.bounds import Moment
from ischio.record.derivation import derive_one
from ischio.record.dossier import Desk, Dossier, Matches, dossier_of
from ischio.record.events import Record
from ischio.record.occurrence import Occurrence
from ischio.record.plan import Plan, plan_of

DAY = timedelta(days=1)

Dates = Mapping[str, frozenset[date]]
"""Per fact its critical dates; a fact that has none is left out."""

Selecting = Latest | First | DateOf | Exists | Count | CourseLength

MOST_LOST_A_DAY = 4
"""When Index moves by a day, a window of months moves by up to four: from 28 February to 1 March."""


def critical_dates(
    pathway: Pathway, record: Record, index: date, until: date
) -> dict[Side, dict[str, tuple[date, ...]]]:
    """Per hip and fact, the dates d with index < d <= until on which its value or state may differ from the day before.

    A course of treatment is listed where its state or the region of its length changes, unless another fact reckons
    with its length: then on every day on which it grows or shrinks.
    """
    changes = frozenset(day for day in new_values(pathway) if index < day <= until)
    horizon = Horizon(dossier_of(pathway, record), plan_of(pathway), index, until, changes)
    person = horizon.dates(horizon.dossier.of_person, None, {})
    hips = {side: horizon.dates(desk, side, person) for side, desk in horizon.dossier.of_hip.items()}
    never: dict[str, tuple[date, ...]] = dict.fromkeys(pathway.facts, ())
    return {side: never | {fact: tuple(sorted(days)) for fact, days in dates.items()} for side, dates in hips.items()}


@dataclass(frozen=True, slots=True, eq=False)
class Horizon:
    """The days after `index` up to `until`, for one record. parameter_dates: those on which a parameter changes."""

    dossier: Dossier
    plan: Plan
    index: date
    until: date
    parameter_dates: frozenset[date]

    def dates(self, desk: Desk, side: Side | None, found: Dates) -> Dates:
        """`found` with the critical dates of the facts of a hip, or of the person, that have any."""
        dates = dict(found)
        for fact in desk.open:
            of_inputs = frozenset().union(*[dates[name] for name in self.plan.inputs[fact.id] if name in dates])
            own = self._dates(fact, side, desk.matches.get(fact.id), of_inputs)
            if own:
                dates[fact.id] = own
        return dates

    def _dates(
        self, fact: Fact, side: Side | None, matches: Matches | None, of_inputs: frozenset[date]
    ) -> frozenset[date]:
        if isinstance(fact.derivation, Compared):
            return of_inputs | self.parameter_dates
        if matches is None:
            return of_inputs
        when = tuple(occurrences(matches))
        recent = self._recent(fact, when)
        own = {day for day in self._own(fact, fact.derivation, recent) if self.index < day <= self.until}
        edges = of_inputs | own | self.parameter_dates
        if isinstance(fact.derivation, CourseLength):
            edges |= frozenset(self._of_anchors(fact.derivation.selection, side, sorted(edges)))
            edges |= frozenset(self._growth(fact, side, when, sorted(edges)))
        return edges

    # ---- one event ----

    def _recent(self, fact: Fact, events: Iterable[Occurrence]) -> list[Occurrence]:
        """The events that may still come to count, leave a window, or go stale; most are over for good."""
        reach = self.index - timedelta(days=min(reaches(self.dossier.pathway)[fact.id], self.index.toordinal() - 1))
        return [when for when in events if when.ends.latest >= reach or when.starts.latest >= reach]

    def _own(self, fact: Fact, derivation: Selecting, events: Iterable[Occurrence]) -> Iterator[date]:
        """When a matching event begins to count, and when it leaves a window or goes stale."""
        windows, limits = lengths(self.dossier.pathway)[fact.id]
        for when in events:
            yield from (when.starts.earliest, when.starts.latest)
            for window in windows:
                yield from self._passed(window, when.ends.earliest, when.ends.latest)
            if derivation.selection.while_it_lasts:
                yield from (edge + DAY for edge in (when.ends.earliest, when.ends.latest) if edge < date.max)
            for limit in limits:
                yield from self._passed(limit, when.starts.earliest, when.starts.latest)
            if isinstance(derivation, CourseLength):
                yield from self._course_edges(when, windows)

    def _course_edges(self, when: Occurrence, windows: Sequence[Duration]) -> Iterator[date]:
        """The ends of what is certain and of what is possible of a period, and the days next to them."""
        for edge in (when.starts.earliest, when.starts.latest, when.ends.earliest, when.ends.latest):
            yield edge
            if edge < date.max:
                yield edge + DAY
            for window in windows:
                yield from self._passed(window, edge)
                if edge > date.min:
                    yield from self._passed(window, edge - DAY)

    def _passed(self, duration: Duration, *days: date) -> Iterator[date]:
        """The first index date at which Index minus the duration lies after the day, unless that is long past."""
        most = _most_days(duration)
        for day in days:
            if date.min < day < self.until and (self.index - day).days <= most:
                yield leaves(day, duration)

    # ---- a course that grows or shrinks ----

    def _of_anchors(self, selection: Selection, side: Side | None, edges: Sequence[date]) -> Iterator[date]:
        """When Index, or a window, comes to a day that an anchor holds, which may lie ahead or not be known to the day.

        edges: the dates between which no anchor changes.
        """
        windows = _durations(self.dossier.pathway, intervals_back(selection))
        for anchor in (anchor for anchor in selection.anchors if not anchor.until):
            ahead = () if anchor.offset is None else (anchor.offset,)
            offsets = _durations(self.dossier.pathway, ahead) or (Duration(),)
            for first in (self.index, *edges):
                for day in self._held_by(anchor.fact, side, first):
                    for moved in (shift(day, offset, anchor.sign) for offset in offsets):
                        reached = (first_index_reaching(moved, window) for window in windows)
                        yield from (day for day in (moved, *reached) if first < day <= self.until)

    def _held_by(self, name: str, side: Side | None, day: date) -> tuple[date, ...]:
        """The days that a date fact can be, as far as it is known on this day."""
        found = derive_one(self.dossier, self.dossier.pathway.facts[name], side, day)
        return (found.value,) if isinstance(found.value, date) else found.between or ()

    def _growth(
        self, fact: Fact, side: Side | None, periods: Sequence[Occurrence], edges: Sequence[date]
    ) -> Iterator[date]:
        """The days between the edges on which the length of a course comes to another region."""
        starts = (self.index, *edges)
        ends = (*(edge - DAY for edge in edges), self.until)
        for first, last in zip(starts, ends, strict=True):
            grows = any(when.starts.earliest <= first < when.ends.latest for when in periods)
            shrinks = self._shrinks(fact, periods, last)
            if not (grows or shrinks):
                continue
            if fact.id in self.plan.terms:
                yield from (first + DAY * n for n in range(1, (last - first).days + 1))
            else:
                yield from self._crossings(fact, side, first, last, shrinks)

    def _shrinks(self, fact: Fact, periods: Iterable[Occurrence], last: date) -> bool:
        """Whether a window has reached one of the periods by this day."""
        assert isinstance(fact.derivation, CourseLength)
        back = Moment(self.dossier.pathway, last, {}).back
        windows = [back(interval) for interval in intervals_back(fact.derivation.selection)]
        return any(when.starts.earliest < max(windows) for when in periods) if windows else False

    def _crossings(self, fact: Fact, side: Side | None, first: date, last: date, shrinks: bool) -> Iterator[date]:
        """Looks again only when the length can have come to another region: it grows by one day a day at most."""
        day, region, wait = first, *self._region(fact, side, first, shrinks)
        while wait <= (last - day).days:
            day += DAY * wait
            now, wait = self._region(fact, side, day, shrinks)
            if now != region:
                yield day
            region = now

    def _region(self, fact: Fact, side: Side | None, day: date, shrinks: bool) -> tuple[int | None, int]:
        """The region of the length on a day (None if unknown), and after how many days it can be another."""
        value = derive_one(self.dossier, fact, side, day).value
        never = (self.until - day).days + 1
        if not isinstance(value, int):
            return None, never
        regions = regions_of_fact(self.dossier.pathway, fact.id, day)
        region = regions.of(value)
        waits = [never]
        if region < len(regions.cuts):
            waits.append(regions.cuts[region] - value + 1)
        if shrinks and region > 0:
            waits.append((value - regions.cuts[region - 1] - 1) // MOST_LOST_A_DAY + 1)
        return region, min(waits)


def occurrences(matches: Matches) -> Iterator[Occurrence]:
    """All matching events that have a date."""
    readings = (reading.when for reading in (*matches.own, *matches.unsided, *matches.incomplete))
    return (when for when in (*readings, *matches.lifting, *matches.unsided_lifting) if not when.undated)


def intervals_back(selection: Selection) -> tuple[Interval, ...]:
    """The intervals that move with Index: the window, and the windows that stand in for anchors."""
    own = (selection.window, *(anchor.otherwise for anchor in selection.anchors))
    return tuple(interval for interval in own if interval is not None)


@lru_cache(maxsize=8)
def lengths(pathway: Pathway) -> Mapping[str, tuple[tuple[Duration, ...], tuple[Duration, ...]]]:
    """Per fact that reads events, how far its windows reach back and after how long its value goes stale."""
    found = {}
    for fact in pathway.facts.values():
        if not isinstance(fact.derivation, Compared):
            stale = fact.derivation.stale_after if isinstance(fact.derivation, Latest) else None
            windows = _durations(pathway, intervals_back(fact.derivation.selection))
            found[fact.id] = windows, _durations(pathway, [stale.interval] if stale is not None else [])
    return found


@lru_cache(maxsize=8)
def reaches(pathway: Pathway) -> Mapping[str, int]:
    """Per fact that reads events, for how many days at most one of them may matter after it is over."""
    return {
        fact: max((_most_days(length) for of_kind in both for length in of_kind), default=0)
        for fact, both in lengths(pathway).items()
    }


def _most_days(duration: Duration) -> int:
    return duration.months * 31 + duration.days


def _durations(pathway: Pathway, intervals: Iterable[Interval]) -> tuple[Duration, ...]:
    """All durations that the intervals mean, on whatever date."""
    found: dict[Duration, None] = {}
    for interval in intervals:
        if isinstance(interval, Duration):
            found[interval] = None
        else:
            dated = pathway.parameters[interval.parameter].values
            found |= {each.value: None for each in dated if isinstance(each.value, Duration)}
    return tuple(found)


@lru_cache(maxsize=1 << 16)
def leaves(day: date, duration: Duration) -> date:
    """The first index date at which Index minus the duration lies after the day."""
    return first_index_reaching(day + DAY, duration)


@lru_cache(maxsize=8)
def new_values(pathway: Pathway) -> tuple[date, ...]:
    """The dates from which a parameter has a new value."""
    values = (dated.since for parameter in pathway.parameters.values() for dated in parameter.values)
    return tuple(sorted({since for since in values if since is not None}))
