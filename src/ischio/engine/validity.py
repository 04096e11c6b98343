"""Until when an answer holds: the first later date on which it would differ if nothing new were recorded.

Every fact changes only on its critical dates (a window or a freshness limit runs out, an event's date arrives), and a
known date changes its region only where a cut point passes it. The pathway is judged once over all those dates.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from itertools import groupby
from typing import NamedTuple

from ischio.engine.lanes import Board, Column, Lanes, standing
from ischio.engine.status import Outcome, Status, named, outcome
from ischio.language.regions import changes_of_parameters, era_of, interval_on, leaves, leaves_by_fact
from ischio.model.about import Side
from ischio.model.dates import Duration, first_index_reaching, shift
from ischio.model.expression import Between, Compare, IndexDate, Leaf
from ischio.model.pathway import Pathway
from ischio.record.critical import Followed, follow
from ischio.record.events import FactData, Facts, Record
from ischio.record.plan import plan_of

HORIZON = Duration(months=24)
"""How far ahead is looked."""


@dataclass(frozen=True, slots=True)
class Validity:
    """The first later date on which something differs, or None if nothing does within the horizon.

    of_hip: stage, diversion, alerts, next gate or any action's status. of_action: that action's status.
    """

    of_hip: Mapping[Side, date | None]
    of_action: Mapping[tuple[Side, str], date | None]


Pieces = list[tuple[date, FactData | None]]
"""A fact's values in order of date: each holds from its date until the next."""


class Judged(NamedTuple):
    """Some days judged together, and what the pathway says on each."""

    board: Board
    outcome: Outcome


def ahead(pathway: Pathway, record: Record, index: date, facts: Mapping[Side, Facts]) -> Iterator[Judged]:
    """The index date and the days after it as far as the horizon, events unchanged."""
    return course(pathway, record, index, shift(index, HORIZON), facts)


def course(pathway: Pathway, record: Record, index: date, until: date, facts: Mapping[Side, Facts]) -> Iterator[Judged]:
    """The index date and every later day up to `until` that may differ from the day before it.

    facts: those of the index date. The days of one era of the parameters come together.
    """
    followed = follow(pathway, record, index, until, facts, _behind_rules(pathway))
    pieces = {side: _pieces(followed[side]) for side in Side}
    dates = {day for of_side in pieces.values() for values in of_side.values() for day, _ in values}
    dates.update(_crossing_dates(pathway, facts, pieces, index))
    dates.update(changes_of_parameters(pathway))
    return _by_era(pathway, [index, *sorted(day for day in dates if index < day <= until)], facts, pieces)


@lru_cache(maxsize=8)
def _behind_rules(pathway: Pathway) -> frozenset[str]:
    """The facts on which an outcome rests; the others are only told."""
    named = {fact for fact, _ in leaves(pathway)} | {flag.fact for flag in pathway.flags} | {pathway.deceased_fact}
    named |= {must.name for action in pathway.actions.values() for must in action.must_know}
    needs = plan_of(pathway).needs
    return frozenset(fact.id for name in named if name in needs for fact in needs[name])


def _pieces(facts: Mapping[str, Followed]) -> dict[str, Pieces]:
    """The values of each fact that has several between the index date and the horizon."""
    pieces = {name: list(_values(fact)) for name, fact in facts.items() if len(fact.values) > 1}
    return {name: values for name, values in pieces.items() if len(values) > 1}


def _values(fact: Followed) -> Iterator[tuple[date, FactData | None]]:
    """Each value of the fact that differs from the one before, not only in its state or date."""
    for value, same in groupby(fact.values, key=lambda since: since[1].value):
        yield next(same)[0], value


def _crossing_dates(
    pathway: Pathway, facts: Mapping[Side, Facts], pieces: Mapping[Side, Mapping[str, Pieces]], index: date
) -> Iterator[date]:
    """The dates on which a cut point passes a value of a date fact."""
    for fact, offsets in _cuts(pathway, era_of(pathway, index)).items():
        values = {value for side in Side for _, value in pieces[side].get(fact, ((index, facts[side][fact].value),))}
        for value in values:
            if isinstance(value, date):
                yield from _crossings(value, offsets)


Offset = tuple[Duration, int]
"""A distance from Index, and whether it lies after it (1) or before (-1)."""


@lru_cache(maxsize=16)
def _cuts(pathway: Pathway, era: date) -> Mapping[str, tuple[Offset, ...]]:
    """Per fact that is cut at a distance from Index, those distances in this era and in later ones."""
    cuts = {fact: tuple(_offsets(pathway, leaves, era)) for fact, leaves in leaves_by_fact(pathway).items()}
    return {fact: offsets for fact, offsets in cuts.items() if offsets}


def _offsets(pathway: Pathway, leaves: Iterable[Leaf], era: date) -> Iterator[Offset]:
    limits = (limit for leaf in leaves for limit in _limits(leaf) if isinstance(limit, IndexDate))
    eras = dict.fromkeys((era, *changes_of_parameters(pathway)))
    for limit in limits:
        for era in eras:
            offset = Duration() if limit.offset is None else interval_on(pathway, limit.offset, era)
            yield offset, limit.sign


def _limits(leaf: Leaf) -> tuple[object, ...]:
    if isinstance(leaf, Compare):
        return (leaf.limit,)
    return (leaf.low, leaf.high) if isinstance(leaf, Between) else ()


def _crossings(day: date, offsets: Iterable[Offset]) -> Iterator[date]:
    """The index dates on which a cut point comes to lie on the day, and on the day after it."""
    for target in (day, day + timedelta(days=1)) if day < date.max else (day,):
        for offset, sign in offsets:
            yield first_index_reaching(target, offset, sign)


def _by_era(
    pathway: Pathway, dates: list[date], facts: Mapping[Side, Facts], pieces: Mapping[Side, Mapping[str, Pieces]]
) -> Iterator[Judged]:
    changing = dict.fromkeys(name for of_side in pieces.values() for name in of_side)
    for _, group in groupby(dates, key=lambda day: era_of(pathway, day)):
        days = tuple(group)
        columns = standing(facts[Side.RIGHT], facts[Side.LEFT], len(days))
        for name in changing:
            right, left = (pieces[side].get(name, [(dates[0], facts[side][name].value)]) for side in pieces)
            columns[name] = _column(days, right, left)
        board = Board(pathway, Lanes(days, columns))
        yield Judged(board, outcome(pathway, board))


def _column(days: tuple[date, ...], right: Pieces, left: Pieces) -> Column:
    """The known values of a fact with the lanes in which they hold: the right hip's first, then the left's."""
    column: list[tuple[FactData, int]] = []
    for pieces, place in ((right, 0), (left, len(days))):
        left_over = (1 << len(days)) - 1
        for day, value in reversed(pieces):
            lanes = left_over & -1 << bisect_left(days, day)
            left_over &= ~lanes
            if value is not None and lanes:
                column.append((value, lanes << place))
    return column


@dataclass(frozen=True, slots=True)
class _Signature:
    """What a lane says, to be found again in other lanes."""

    stage: str | None
    diversion: str | None
    gate: tuple[str, str] | None
    alerts: frozenset[str]
    statuses: Mapping[str, Status]

    @classmethod
    def of(cls, found: Outcome, lane: int) -> "_Signature":
        gate = next((key for key, lanes in found.next_gates.items() if lanes >> lane & 1), None)
        alerts = frozenset(flag for flag, lanes in found.alerts.items() if lanes >> lane & 1)
        return cls(named(found.stages, lane), named(found.diversions, lane), gate, alerts, found.statuses_on(lane))

    def unlike(self, found: Outcome, lanes: int) -> tuple[int, Mapping[str, int]]:
        """The lanes that differ in anything, and for each action those that differ in its status."""
        diverted = sum(found.diversions.values())
        same = found.stages.get(self.stage or "", 0)
        same &= ~diverted if self.diversion is None else found.diversions[self.diversion]
        same &= ~sum(found.next_gates.values()) if self.gate is None else found.next_gates[self.gate]
        for flag, present in found.alerts.items():
            same &= present if flag in self.alerts else ~present
        by_action = {action: lanes & ~found.statuses[action].get(status, 0) for action, status in self.statuses.items()}
        unlike = lanes & ~same
        for differing in by_action.values():
            unlike |= differing
        return unlike, by_action


def validity(pathway: Pathway, eras: Iterable[Judged]) -> Validity:
    """The first differences from the index date, the first of the days judged."""
    of_hip: dict[Side, date | None] = dict.fromkeys(Side)
    of_action: dict[tuple[Side, str], date | None] = {
        (side, action): None for side in Side for action in pathway.actions
    }
    now: dict[Side, _Signature] = {}
    for board, found in eras:
        days = board.lanes.dates
        for side in Side:
            first = board.lanes.first(side)
            if side not in now:
                now[side] = _Signature.of(found, first)
            lanes = ((1 << len(days)) - 1) << first
            unlike, by_action = now[side].unlike(found, lanes)
            of_hip[side] = of_hip[side] or _first(days, unlike >> first)
            for action, differing in by_action.items():
                of_action[side, action] = of_action[side, action] or _first(days, differing >> first)
    return Validity(of_hip, of_action)


def _first(days: tuple[date, ...], lanes: int) -> date | None:
    """The date of the lowest lane."""
    return days[(lanes & -lanes).bit_length() - 1] if lanes else None
