"""What must be supposed with a fact, because the knowledge says that it always follows (`implies` in facts.yaml).

Whoever supposes a confirmed diagnosis supposes that a diagnosis is recorded; whoever supposes a pain of 6 now supposes
that the pain held since the last review is 6 as well. Without this the question would be about a person who cannot be.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from ischio.engine.judge import Judge
from ischio.language.regions import mask_of, regions_of_fact
from ischio.model.about import Scope, Side
from ischio.model.expression import AllOf, Between, Compare, Expression, FactHolds, Leaf, Not, facts_named
from ischio.model.facts import Implication
from ischio.model.pathway import Pathway
from ischio.model.truth import TRUE, truth_of
from ischio.record.derivation import derive
from ischio.record.events import FactData, Record
from ischio.record.supposition import Supposition, suppose


def following(
    pathway: Pathway, record: Record, index: date, suppositions: Sequence[Supposition]
) -> tuple[Supposition, ...]:
    """The suppositions that follow from those given. What is supposed already is never supposed otherwise."""
    supposed = {(one.fact, one.side): one for one in suppositions}
    implications = tuple(implied for fact in pathway.facts.values() for implied in fact.implies)
    for _ in implications:  # each pass follows one step further
        facts = derive(pathway, suppose(record, supposed.values()), index)
        steps = [_Step(Judge(pathway, facts[side], index), side, dict(supposed)) for side in Side]
        new = {(one.fact, one.side): one for step in steps for each in implications for one in step.follow(each)}
        if not new:
            break
        supposed |= new
    return tuple(supposed.values())[len(suppositions) :]


@dataclass(frozen=True)
class _Step:
    """One hip as supposed so far."""

    judge: Judge
    side: Side
    supposed: dict[tuple[str, Side | None], Supposition]

    def follow(self, implied: Implication) -> Iterator[Supposition]:
        """What mends an implication that something supposed has broken: what it asks for, else what asks for it."""
        if self.judge.judge(implied.when).truth is not TRUE or self.judge.judge(implied.then).truth is TRUE:
            return
        named = (*facts_named(implied.when), *facts_named(implied.then))
        cause = next((self.supposed[key] for key in map(self._key, named) if key in self.supposed), None)
        if cause is None:
            return
        for condition, want in ((implied.then, True), (implied.when, False)):
            free = [each for each in _leaves(condition, want) if self._key(each[0].fact) not in self.supposed]
            broken = [each for each in free if self.judge.judge(each[0]).truth is not truth_of(each[1])]
            if broken:
                yield from (Supposition(*self._key(leaf.fact), self._value(leaf, wish, cause)) for leaf, wish in broken)
                return

    def _key(self, fact: str) -> tuple[str, Side | None]:
        return fact, self.side if self.judge.pathway.facts[fact].scope is Scope.HIP else None

    def _value(self, leaf: Leaf, want: bool, cause: Supposition) -> FactData | None:
        """The value of the cause where it fits, else one for which the comparison is as wanted."""
        pathway, index = self.judge.pathway, self.judge.index
        regions = regions_of_fact(pathway, leaf.fact, index)
        mask = mask_of(pathway, leaf, regions, index)
        fitting = [k for k in range(regions.count) if (mask >> k & 1) == want]
        alike = pathway.facts[leaf.fact].type == pathway.facts[cause.fact].type
        if alike and (cause.value is None or regions.of(cause.value) in fitting):
            return cause.value
        return regions.sample(fitting[0]) if fitting else None


def _leaves(condition: Expression, want: bool) -> Iterator[tuple[Leaf, bool]]:
    """The comparisons that must each be so for the condition to be as wanted; none where there is a choice."""
    match condition:
        case FactHolds() | Compare() | Between():
            yield condition, want
        case Not(part):
            yield from _leaves(part, not want)
        case AllOf(parts) if want:
            for part in parts:
                yield from _leaves(part, want)
        case _:
            return
