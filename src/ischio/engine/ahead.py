"""What would decide the gate ahead of a hip: facts that are unknown, and the smallest changes that would open it."""

from collections.abc import Iterator
from datetime import date
from itertools import groupby

from ischio.engine.changing import Changing
from ischio.engine.hip import HipView
from ischio.engine.judge import shown, unit_shown
from ischio.language.regions import Regions, regions_of_fact
from ischio.model.assessment import Shown
from ischio.model.comparison import GateAt
from ischio.model.facts import ValueKind
from ischio.model.what_if import Ahead, Allowed, Range


def ahead(hip: HipView) -> Ahead | None:
    """What would decide the next gate of a hip; None where it has no gate ahead."""
    gate = hip.gate_ahead
    if gate is None:
        return None
    changes = Changing(hip.pathway, hip.facts, hip.index).opens_with(gate.condition)
    return Ahead(
        hip.side.value,
        GateAt(gate.to, gate.truth),
        gate.opens.sets,
        gate.closes.sets,
        tuple(tuple(_allowed(hip, fact, mask) for fact, mask in each.items()) for each in changes.regions),
        changes.more,
    )


def _allowed(hip: HipView, fact: str, mask: int) -> Allowed:
    """The values of the regions in a mask."""
    type_, regions = hip.pathway.facts[fact].type, regions_of_fact(hip.pathway, fact, hip.index)
    now, unit = shown(type_, hip.facts[fact].value), unit_shown(type_)
    if type_.kind in (ValueKind.NUMBER, ValueKind.DATE):
        return Allowed(fact, now, unit, (), tuple(_ranges(regions, mask)))
    values = (False, True) if type_.kind is ValueKind.BOOLEAN else tuple(type_.codes)
    return Allowed(fact, now, unit, tuple(value for value in values if mask >> regions.of(value) & 1), ())


def _ranges(regions: Regions, mask: int) -> Iterator[Range]:
    """Neighbouring regions of numbers or dates as one range."""
    for inside, run in groupby(range(regions.count), key=lambda region: mask >> region & 1):
        if inside:
            first, *others = run
            last = others[-1] if others else first
            low = regions.cuts[first - 1] + 1 if first > 0 else None
            high = regions.cuts[last] if last < len(regions.cuts) else None
            yield Range(_end(regions, low), _end(regions, high))


def _end(regions: Regions, value: int | None) -> Shown:
    if value is None:
        return None
    return shown(regions.type, date.fromordinal(value) if regions.type.kind is ValueKind.DATE else value)
