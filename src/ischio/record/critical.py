"""How the facts go on though no event is added: looked at on the days on which they may change, and on no other day.

An event begins to count when Index reaches it, leaves a window, goes stale; a course grows day by day; a parameter gets
a new value; another fact changes. More days than needed do no harm; a day left out would be a mistake.
"""

from bisect import bisect_right
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import lru_cache
from typing import NamedTuple

from ischio.language.regions import regions_of_fact
from ischio.model.about import Side
from ischio.model.dates import Duration, first_index_reaching, shift
from ischio.model.facts import Compared, Count, CourseLength, DateOf, Exists, Fact, First, Interval, Latest, Selection
from ischio.model.pathway import Pathway
from ischio.record.bounds import Moment
from ischio.record.dossier import Desk, Matches, dossier_of
from ischio.record.events import Facts, FactValue, Record
from ischio.record.occurrence import Occurrence
from ischio.record.patterns import derive_fact
from ischio.record.plan import plan_of

DAY = timedelta(days=1)

Selecting = Latest | First | DateOf | Exists | Count | CourseLength

MOST_LOST_A_DAY = 4
"""When Index moves by a day, a window of months moves by up to four: from 28 February to 1 March."""


class Followed(NamedTuple):
    """A fact over the days ahead. critical: the days on which it was looked at, in order.

    values: those that differ from the one before, each from its day on; the first is that of the index date.
    """

    critical: tuple[date, ...]
    values: tuple[tuple[date, FactValue], ...]

    def on(self, day: date) -> FactValue:
        """Its value on a day."""
        place = bisect_right(self.values, day, key=_since)
        return self.values[place - 1][1]


def follow(
    pathway: Pathway, record: Record, index: date, until: date, facts: Mapping[Side, Facts], wanted: Collection[str]
) -> dict[Side, Mapping[str, Followed]]:
    """Per hip those of the wanted facts that were looked at after `index`, up to `until`. The others stay as they are.

    facts: those of the index date. wanted: some facts with all that they are derived from. A course of treatment is
    looked at where its state or the region of its length changes, unless another fact reckons with its length: then on
    every day on which it grows or shrinks.
    """
    dossier = dossier_of(pathway, record)
    changes = frozenset(day for day in new_values(pathway) if index < day <= until)
    span = pathway, index, until, changes, wanted
    person = Horizon(*span, dossier.of_person, facts[Side.RIGHT]).follow()
    return {side: Horizon(*span, desk, facts[side], dict(person)).follow() for side, desk in dossier.of_hip.items()}


@dataclass(frozen=True, slots=True, eq=False)
class Horizon:
    """The days after `index` up to `until`, for one hip or the person. parameter_dates: those with a new parameter.

    wanted: the facts to look at. facts: those of the index date. followed: what was looked at so far.
    """

    pathway: Pathway
    index: date
    until: date
    parameter_dates: frozenset[date]
    wanted: Collection[str]
    desk: Desk
    facts: Facts
    followed: dict[str, Followed] = field(default_factory=dict)

    def follow(self) -> Mapping[str, Followed]:
        """The facts in the order in which they can be derived, each on the days on which it may change."""
        inputs = plan_of(self.pathway).inputs
        for fact in [fact for fact in self.desk.open if fact.id in self.wanted]:
            matches = self.desk.matches.get(fact.id)
            of_inputs = {day for name in inputs[fact.id] for day in self._changes(name)}
            if matches is None and not of_inputs and not isinstance(fact.derivation, Compared):
                continue
            days = self._days(fact, matches, of_inputs)
            if days:
                self.followed[fact.id] = self._looked_at(fact, matches, sorted(days))
        return self.followed

    def _changes(self, name: str) -> Iterable[date]:
        """The days on which a fact changes."""
        followed = self.followed.get(name)
        return () if followed is None else [day for day, _ in followed.values[1:]]

    def _looked_at(self, fact: Fact, matches: Matches | None, days: Sequence[date]) -> Followed:
        now = self.facts[fact.id]
        values = [(self.index, now)]
        for day in days:
            was, now = now, self._derived(fact, matches, day)
            if _differ(was, now):
                values.append((day, now))
        return Followed(tuple(days), tuple(values))

    def _derived(self, fact: Fact, matches: Matches | None, day: date) -> FactValue:
        known = {name: self._on(name, day) for name in plan_of(self.pathway).inputs[fact.id]}
        return derive_fact(fact, matches, Moment(self.pathway, day, known, telling=False))

    def _on(self, name: str, day: date) -> FactValue:
        followed = self.followed.get(name)
        return self.facts[name] if followed is None else followed.on(day)

    def _days(self, fact: Fact, matches: Matches | None, of_inputs: set[date]) -> set[date]:
        """The days on which the fact may differ from the day before. of_inputs: those on which its inputs do."""
        if isinstance(fact.derivation, Compared):
            return of_inputs | self.parameter_dates
        if matches is None:
            return of_inputs
        when = occurrences(matches)
        own = {day for day in self._own(fact, fact.derivation, when) if self.index < day <= self.until}
        edges = of_inputs | own | self.parameter_dates
        if isinstance(fact.derivation, CourseLength):
            edges |= set(self._of_anchors(fact.derivation.selection, sorted(edges)))
            edges |= set(self._growth(fact, matches, when, sorted(edges)))
        return edges

    # ---- one event ----

    def _own(self, fact: Fact, derivation: Selecting, events: Iterable[Occurrence]) -> Iterator[date]:
        """When a matching event begins to count, and when it leaves a window or goes stale."""
        windows, limits, reach = lengths(self.pathway)[fact.id]
        for when in events:
            starts, ends = when.starts, when.ends
            if (self.index - max(starts.latest, ends.latest)).days > reach:
                continue  # over for good, as most are
            yield from (starts.earliest, starts.latest)
            for window in windows:
                yield from self._passed(window, ends.earliest, ends.latest)
            if derivation.selection.while_it_lasts:
                yield from (edge + DAY for edge in (ends.earliest, ends.latest) if edge < date.max)
            for limit in limits:
                yield from self._passed(limit, starts.earliest, starts.latest)
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

    def _of_anchors(self, selection: Selection, edges: Sequence[date]) -> Iterator[date]:
        """When Index, or a window, comes to a day that an anchor holds, which may lie ahead or not be known to the day.

        edges: the dates between which no anchor changes.
        """
        windows = _durations(self.pathway, intervals_back(selection))
        for anchor in (anchor for anchor in selection.anchors if not anchor.until):
            ahead = () if anchor.offset is None else (anchor.offset,)
            offsets = _durations(self.pathway, ahead) or (Duration(),)
            for first in (self.index, *edges):
                for day in _held(self._on(anchor.fact, first)):
                    for moved in (shift(day, offset, anchor.sign) for offset in offsets):
                        reached = (first_index_reaching(moved, window) for window in windows)
                        yield from (day for day in (moved, *reached) if first < day <= self.until)

    def _growth(
        self, fact: Fact, matches: Matches, periods: Sequence[Occurrence], edges: Sequence[date]
    ) -> Iterator[date]:
        """The days between the edges on which the length of a course comes to another region."""
        starts = (self.index, *edges)
        ends = (*(edge - DAY for edge in edges), self.until)
        for first, last in zip(starts, ends, strict=True):
            grows = any(when.starts.earliest <= first < when.ends.latest for when in periods)
            shrinks = self._shrinks(fact, periods, last)
            if not (grows or shrinks):
                continue
            if fact.id in plan_of(self.pathway).terms:
                yield from (first + DAY * n for n in range(1, (last - first).days + 1))
            else:
                yield from self._crossings(fact, matches, first, last, shrinks)

    def _shrinks(self, fact: Fact, periods: Iterable[Occurrence], last: date) -> bool:
        """Whether a window has reached one of the periods by this day."""
        assert isinstance(fact.derivation, CourseLength)
        back = Moment(self.pathway, last, {}).back
        windows = [back(interval) for interval in intervals_back(fact.derivation.selection)]
        return any(when.starts.earliest < max(windows) for when in periods) if windows else False

    def _crossings(self, fact: Fact, matches: Matches, first: date, last: date, shrinks: bool) -> Iterator[date]:
        """Looks again only when the length can have come to another region: it grows by one day a day at most."""
        day, region, wait = first, *self._region(fact, matches, first, shrinks)
        while wait <= (last - day).days:
            day += DAY * wait
            now, wait = self._region(fact, matches, day, shrinks)
            if now != region:
                yield day
            region = now

    def _region(self, fact: Fact, matches: Matches, day: date, shrinks: bool) -> tuple[int | None, int]:
        """The region of the length on a day (None if unknown), and after how many days it can be another."""
        value = self._derived(fact, matches, day).value
        never = (self.until - day).days + 1
        if not isinstance(value, int):
            return None, never
        regions = regions_of_fact(self.pathway, fact.id, day)
        region = regions.of(value)
        waits = [never]
        if region < len(regions.cuts):
            waits.append(regions.cuts[region] - value + 1)
        if shrinks and region > 0:
            waits.append((value - regions.cuts[region - 1] - 1) // MOST_LOST_A_DAY + 1)
        return region, min(waits)


def _since(value: tuple[date, FactValue]) -> date:
    return value[0]


def _differ(one: FactValue, other: FactValue) -> bool:
    """Whether a rule or another fact can tell the two apart."""
    seen, now = (one.value, one.state, one.date, one.between), (other.value, other.state, other.date, other.between)
    return seen != now


def _held(fact: FactValue) -> tuple[date, ...]:
    """The days that a date fact can be, as far as it is known."""
    return (fact.value,) if isinstance(fact.value, date) else fact.between or ()


def occurrences(matches: Matches) -> list[Occurrence]:
    """All matching events that have a date."""
    chronicles = (matches.own, matches.unsided, matches.incomplete)
    readings = [reading.when for chronicle in chronicles for reading in chronicle.readings]
    return [when for when in (*readings, *matches.lifting, *matches.unsided_lifting) if not when.undated]


def intervals_back(selection: Selection) -> tuple[Interval, ...]:
    """The intervals that move with Index: the window, and the windows that stand in for anchors."""
    own = (selection.window, *(anchor.otherwise for anchor in selection.anchors))
    return tuple(interval for interval in own if interval is not None)


class Lengths(NamedTuple):
    """How far the windows of a fact reach back, and after how long its value goes stale.

    reach: for how many days at most an event may matter after it is over.
    """

    windows: tuple[Duration, ...]
    limits: tuple[Duration, ...]
    reach: int


@lru_cache(maxsize=8)
def lengths(pathway: Pathway) -> Mapping[str, Lengths]:
    """For each fact that reads events."""
    found = {}
    for fact in pathway.facts.values():
        if not isinstance(fact.derivation, Compared):
            stale = fact.derivation.stale_after if isinstance(fact.derivation, Latest) else None
            windows = _durations(pathway, intervals_back(fact.derivation.selection))
            limits = _durations(pathway, [stale.interval] if stale is not None else [])
            reach = max(map(_most_days, (*windows, *limits)), default=0)
            found[fact.id] = Lengths(windows, limits, reach)
    return found


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
