"""Which days a fact looks at: its window back from Index, and the dates that anchor it."""

from datetime import date
from functools import lru_cache

from ischio.language.regions import interval_on
from ischio.model.dates import shift
from ischio.model.facts import Anchor, Interval, Selection
from ischio.model.frozen import frozen
from ischio.model.pathway import Pathway
from ischio.model.truth import FALSE, TRUE, UNKNOWN, Truth
from ischio.record.events import Facts, State
from ischio.record.occurrence import Occurrence


@frozen(eq=False)
class Moment:
    """What a derivation may look at besides events: the pathway, the index date, and the facts derived before.

    telling: whether what was not used is to be told. Where only the values are asked for, what cannot count is skipped.
    """

    pathway: Pathway
    index: date
    known: Facts
    telling: bool = True

    def back(self, interval: Interval) -> date:
        """Index minus the interval."""
        return _back(self.pathway, interval, self.index)


@lru_cache(maxsize=4096)
def _back(pathway: Pathway, interval: Interval, index: date) -> date:
    return shift(index, interval_on(pathway, interval, index), -1)


@frozen()
class Bounds:
    """The days from `since` to `until`, both included; None where there is no bound.

    surely_since: later than `since` where an anchor is not known to the day: between the two it cannot be told.
    nothing: the event after which to look is not recorded. unclear: the state of an anchor that cannot be told.
    """

    index: date
    since: date | None = None
    surely_since: date | None = None
    until: date | None = None
    nothing: bool = False
    unclear: State | None = None

    def hold(self, when: Occurrence, begun_if_possible: bool = False) -> Truth:
        """Whether the event, a period if any day of it, lies within; unknown where its dates leave it open.

        What is planned may lie after Index; all else must have begun. begun_if_possible: it has, as soon as its date
        allows it.
        """
        if self.nothing:
            return FALSE
        if when.undated:
            return TRUE if self.since is None and self.until is None and self.unclear is None else UNKNOWN
        until = self.until
        starts, ends = when.starts, when.ends
        ahead = when.planned or (begun_if_possible and starts.earliest <= self.index)
        if not ahead and (until is None or self.index < until):
            until = self.index
        if (until is not None and starts.earliest > until) or (self.since is not None and ends.latest < self.since):
            return FALSE
        begun = until is None or starts.latest <= until
        recent = self.surely_since is None or ends.earliest >= self.surely_since
        return TRUE if begun and recent and self.unclear is None else UNKNOWN

    def ahead(self, when: Occurrence) -> bool:
        """Whether something that is not planned lies after Index."""
        return not (when.planned or when.undated) and when.starts.earliest > self.index


def bounds_of(selection: Selection, moment: Moment) -> Bounds:
    """The days that a selection looks at."""
    since, surely, until, unclear = None, None, None, None
    if selection.window is not None:
        since, surely = _reach(selection, selection.window, moment)
    for anchor in selection.anchors:
        fact = moment.known[anchor.fact]
        if isinstance(fact.value, date):
            day = _moved(anchor, fact.value, moment)
            if anchor.until:
                until = day if until is None else min(until, day)
            else:
                since, surely = _later(since, day), _later(surely, day)
        elif fact.between is not None and not anchor.until:
            first, last = (_moved(anchor, day, moment) for day in fact.between)
            since, surely = _later(since, first), _later(surely, last)
        elif fact.state is not State.NOT_ASKED:
            unclear = fact.state
        elif anchor.otherwise is not None:
            first, last = _reach(selection, anchor.otherwise, moment)
            since, surely = _later(since, first), _later(surely, last)
        elif not anchor.until:  # nothing comes after what has not happened, and all comes before it
            return Bounds(moment.index, nothing=True)
    return Bounds(moment.index, since, surely, until, unclear=unclear)


def _reach(selection: Selection, interval: Interval, moment: Moment) -> tuple[date, date]:
    """Since when a window counts, possibly and surely: back from Index, or from an earlier date once it is recorded."""
    from_index = moment.back(interval)
    if selection.back_from is None:
        return from_index, from_index
    held = moment.known[selection.back_from]
    if isinstance(held.value, date):
        first = last = held.value
    elif held.between is not None:
        first, last = held.between
    else:
        return (from_index if held.state is State.NOT_ASKED else date.min), from_index
    length = interval_on(moment.pathway, interval, moment.index)
    return min(from_index, shift(first, length, -1)), min(from_index, shift(last, length, -1))


def _moved(anchor: Anchor, day: date, moment: Moment) -> date:
    if anchor.offset is None:
        return day
    return shift(day, interval_on(moment.pathway, anchor.offset, moment.index), anchor.sign)


def _later(since: date | None, day: date) -> date:
    return day if since is None else max(since, day)
