"""What a condition comes down to once all that is settled is folded away: needs of facts, joined by every and some.

This is its negation normal form: whatever is to be true or false, each need says where one fact must lie.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Need:
    """The fact must lie in one of these regions (bit mask)."""

    fact: str
    regions: int

    @property
    def times(self) -> Mapping[str, int]:
        return {self.fact: 1}


@dataclass(frozen=True, slots=True)
class Every:
    """Each part must be fulfilled. times: how often, at most, one way to do so names each fact."""

    parts: tuple["Node", ...]
    times: Mapping[str, int] = field(compare=False)


@dataclass(frozen=True, slots=True)
class Some:
    """One part must be fulfilled. times: as of Every."""

    parts: tuple["Node", ...]
    times: Mapping[str, int] = field(compare=False)


Node = Need | Every | Some
SETTLED, HOPELESS = Every((), {}), Some((), {})


def join(parts: Iterable[Node], every: bool) -> Node:
    """Joins parts by every or some, merging the needs of one fact into one, until a part decides the whole."""
    neutral, decisive = (SETTLED, HOPELESS) if every else (HOPELESS, SETTLED)
    masks: dict[str, int] = {}
    others: list[Every | Some] = []
    for part in _flat(parts, Every if every else Some):
        if part is decisive:
            return decisive
        if isinstance(part, Need):
            known = masks.get(part.fact, part.regions)
            masks[part.fact] = known & part.regions if every else known | part.regions
        elif part not in others:
            others.append(part)
    if every and not all(masks.values()):
        return HOPELESS
    kept = (*(Need(fact, mask) for fact, mask in masks.items()), *others)
    if len(kept) < 2:
        return kept[0] if kept else neutral
    times = _times(masks, others, every)
    return Every(kept, times) if every else Some(kept, times)


def _flat(parts: Iterable[Node], kind: type[Every] | type[Some]) -> Iterator[Node]:
    """The parts, with those of nested nodes of the same kind in their place (so what is neutral falls away)."""
    for part in parts:
        if isinstance(part, kind):
            yield from part.parts
        else:
            yield part


def _times(needed: Iterable[str], others: Iterable[Every | Some], every: bool) -> Mapping[str, int]:
    times = dict.fromkeys(needed, 1)
    for part in others:
        for fact, often in part.times.items():
            known = times.get(fact, 0)
            times[fact] = known + often if every else max(known, often)
    return times


def given(node: Node, taken: Mapping[str, int]) -> Node:
    """What is left of a node when facts are known to lie in these regions."""
    if isinstance(node, Need):
        regions = taken.get(node.fact)
        if regions is None:
            return node
        both = regions & node.regions
        return SETTLED if both == regions else Need(node.fact, both) if both else HOPELESS
    if taken.keys().isdisjoint(node.times):
        return node
    return join([given(part, taken) for part in node.parts], isinstance(node, Every))


def tops(node: Node) -> tuple[Node, ...]:
    """The nodes that must each be fulfilled."""
    return node.parts if isinstance(node, Every) else (node,)
