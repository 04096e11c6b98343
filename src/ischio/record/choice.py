"""Which of several readings is the value: the newest or oldest, by whom, and what happens when they disagree."""

from collections.abc import Callable, Sequence
from datetime import date

from ischio.model.facts import Conflict, Fact, Selection, ValueKind
from ischio.model.frozen import frozen
from ischio.record.events import Asserter, FactData, Ignored, State
from ischio.record.reading import Reading, in_words

RegionOf = Callable[[FactData], object]
"""The region of a value: two values of one region are alike to every rule."""

RANK = {Asserter.CLINICIAN: 0, Asserter.DEVICE: 1, Asserter.PATIENT: 2}


@frozen()
class Choice:
    """The value chosen, or None and why there is none. reading: the one it came from."""

    value: FactData | None
    state: State
    reading: Reading
    note: str | None = None
    ignored: tuple[Ignored, ...] = ()


@frozen(eq=False)
class Rivals:
    """The readings that can be the newest (or oldest), as far as their dates tell.

    edge, reach: the newest is of the day `edge` or later, and of the day `reach` at the latest (for the oldest: or
    earlier, at the earliest). on_one_day: all are certain and of that one day.
    """

    readings: Sequence[Reading]
    edge: date
    reach: date
    on_one_day: bool


def rivals_for(oldest: bool, certain: Sequence[Reading], possible: Sequence[Reading]) -> Rivals:
    """Who can be the newest (or oldest). certain: readings that match, at least one; possible: those that may."""
    if oldest:
        edge = min(reading.when.starts.latest for reading in certain)
        sure = [reading for reading in certain if reading.when.starts.earliest <= edge]
        maybe = [reading for reading in possible if reading.when.starts.earliest <= edge]
        reach = min(reading.when.starts.earliest for reading in (*sure, *maybe))
    else:
        edge = max(reading.when.starts.earliest for reading in certain)
        sure = [reading for reading in certain if reading.when.starts.latest >= edge]
        maybe = [reading for reading in possible if reading.when.starts.latest >= edge]
        reach = max(reading.when.starts.latest for reading in (*sure, *maybe))
    return Rivals((*sure, *maybe), edge, reach, not maybe and all(reading.when.day == edge for reading in sure))


def uncorrected(fact: Fact, by: Asserter, certain: Sequence[Reading]) -> bool:
    """Whether a yes stands that nobody of this authority has corrected, on its day (unless he said it) or later."""
    corrections = [r for r in certain if _may_correct(r, by) and r.value not in (None, _yes(fact))]
    return any(
        all(_before(correction, yes, by) for correction in corrections) for yes in certain if yes.value == _yes(fact)
    )


def _before(correction: Reading, yes: Reading, by: Asserter) -> bool:
    """Whether the correction is too early, or of the yes's own day and authority, to take it back."""
    first, last = correction.when.starts.earliest, yes.when.starts.latest
    return first < last or (first == last and _may_correct(yes, by))


def gives_way(fact: Fact, by: Asserter, reading: Reading) -> bool:
    """Whether a reading is passed over beside a yes that stands."""
    return reading.value != _yes(fact) and not _may_correct(reading, by)


def _may_correct(reading: Reading, by: Asserter) -> bool:
    return RANK[reading.when.event.asserter] <= RANK[by]


def choose(fact: Fact, selection: Selection, rivals: Rivals, region: RegionOf) -> Choice:
    """The value of the newest (or oldest) reading. Of one day, authority decides, then the rule for conflicts."""
    on_one_day = rivals.on_one_day
    if on_one_day and len(rivals.readings) == 1 and rivals.readings[0].refused is None:
        (alone,) = rivals.readings
        return Choice(alone.value, State.KNOWN, alone)
    top = _of_highest_authority(selection, rivals.readings) if on_one_day else rivals.readings
    usable = [reading for reading in top if reading.refused is None]
    best = max(in_order(usable), key=lambda reading: _size(fact, reading.value), default=None)
    if best is not None and _settled(fact, top, usable, best, on_one_day, region):
        passed = (_passed(reading, usable) for reading in in_order(rivals.readings) if reading.value != best.value)
        return Choice(best.value, State.KNOWN, best, ignored=tuple(passed))
    if best is None or not (on_one_day or len(usable) == len(top)):
        refused = next(reading for reading in in_order(top) if reading.refused is not None)
        return Choice(None, refused.refused or State.VALUE_REFUSED, refused, refused.why)
    if not on_one_day:
        return Choice(None, State.IMPRECISE_DATE, best, _all_shown(fact, usable))
    last = _recorded_last(usable)
    if fact.conflict is Conflict.LATEST and len({reading.value for reading in last}) == 1:
        return Choice(last[0].value, State.KNOWN, last[0])
    return Choice(None, State.CONFLICTING, best, _all_shown(fact, usable))


def _settled(
    fact: Fact, top: Sequence[Reading], usable: Sequence[Reading], best: Reading, on_one_day: bool, region: RegionOf
) -> bool:
    """Whether the largest value stands for all."""
    if fact.conflict is Conflict.ANY_YES and best.value == _yes(fact):
        return True
    values = {reading.value for reading in usable}
    if not on_one_day:
        return len(values) == 1 and len(usable) == len(top)
    return len(values) == 1 or len({region(value) for value in values if value is not None}) == 1


def _of_highest_authority(selection: Selection, rivals: Sequence[Reading]) -> list[Reading]:
    ranks = [_rank(selection, reading) for reading in rivals]
    highest = min(ranks)
    return [reading for reading, rank in zip(rivals, ranks, strict=True) if rank == highest]


def _rank(selection: Selection, reading: Reading) -> int:
    asserter = reading.when.event.asserter
    return -1 if selection.patient_first and asserter is Asserter.PATIENT else RANK[asserter]


def _size(fact: Fact, value: FactData | None) -> float:
    """Larger numbers, later dates, yes, and codes declared earlier come out on top."""
    if isinstance(value, date):
        return value.toordinal()
    if isinstance(value, str):
        return -list(fact.type.codes).index(value)
    return value or 0


def _yes(fact: Fact) -> FactData:
    """What counts as yes where any yes wins: of codes, the one declared first."""
    return next(iter(fact.type.codes)) if fact.type.kind is ValueKind.CODE else True


def _recorded_last(readings: Sequence[Reading]) -> list[Reading]:
    days = [recorded.earliest if (recorded := r.when.event.recorded) else date.min for r in readings]
    return [reading for reading, day in zip(readings, days, strict=True) if day == max(days)]


def in_order(readings: Sequence[Reading]) -> list[Reading]:
    """By source, so that the order of events in a file never shows."""
    return sorted(readings, key=lambda reading: (reading.source, reading.when.starts.earliest))


def _passed(reading: Reading, usable: Sequence[Reading]) -> Ignored:
    if reading.refused is not None:
        return Ignored(reading.source, reading.why)
    why = "another value is held" if reading in usable else "another's word of that day goes first"
    return Ignored(reading.source, why)


def _all_shown(fact: Fact, readings: Sequence[Reading]) -> str:
    return "; ".join(
        f"{in_words(fact.type, reading.value)} {reading.when.dated} ({reading.source})"
        for reading in in_order(readings)
    )
