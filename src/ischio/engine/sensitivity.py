"""Whether the uncertainty of a measurement matters: the answer at every value that a repeated measurement may give."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import groupby

from ischio.engine.answer import Answer
from ischio.engine.compare import moved
from ischio.engine.position import positions
from ischio.language.regions import regions_of_fact
from ischio.model.about import Scope, Side
from ischio.model.comparison import Changes, Comparison
from ischio.model.parameters import Quantity
from ischio.model.pathway import Pathway
from ischio.model.what_if import Sensitivity, Stretch
from ischio.record.events import Facts
from ischio.record.plan import plan_of
from ischio.record.supposition import Supposition, suppose


def sensitivities(answer: Answer) -> Iterator[Sensitivity]:
    """One for each measurement that is known and whose knowledge says how uncertain it is."""
    for side in Side:
        for facts in measured(answer.pathway, answer.facts[side]):
            yield _sensitivity(answer, side, facts)


def measured(pathway: Pathway, facts: Facts) -> Iterator[tuple[str, ...]]:
    """The facts that hold an uncertain measurement; those that hold the same one together."""
    uncertain = [
        (str(fact.uncertainty), str(facts[fact.id].source), value, fact.id)
        for fact in pathway.facts.values()
        if fact.uncertainty is not None and isinstance(value := facts[fact.id].value, int)
    ]
    for _, same in groupby(sorted(uncertain), key=lambda each: each[:3]):
        yield tuple(fact for *_, fact in same)


def _sensitivity(answer: Answer, side: Side, facts: tuple[str, ...]) -> Sensitivity:
    fact = answer.pathway.facts[facts[0]]
    value = answer.facts[side][fact.id].value
    uncertainty = answer.pathway.parameters[str(fact.uncertainty)].on(answer.index)
    assert isinstance(value, int), "as found by measured"
    assert isinstance(uncertainty, Quantity), "as checked at loading"
    spread, type_ = fact.type.nearest_steps(uncertainty.value), fact.type
    low = value - spread if type_.low is None else max(value - spread, type_.low)
    high = value + spread if type_.high is None else min(value + spread, type_.high)
    stretches = [
        Stretch(float(type_.amount(first)), float(type_.amount(last)), _at(answer, side, facts, last))
        for first, last in _cut(answer, facts, low, high)
    ]
    return Sensitivity(
        side.value,
        facts,
        float(type_.amount(value)),
        type_.unit,
        str(fact.uncertainty),
        float(uncertainty.value),
        tuple(_joined(stretches)),
    )


def _cut(answer: Answer, facts: Sequence[str], low: int, high: int) -> Iterator[tuple[int, int]]:
    """The values from low to high in stretches that no rule tells apart; each by itself where facts are reckoned."""
    if plan_of(answer.pathway).terms.isdisjoint(facts):
        cuts = {cut for fact in facts for cut in regions_of_fact(answer.pathway, fact, answer.index).cuts}
    else:
        cuts = set(range(low, high))
    ends = [*sorted(cut for cut in cuts if low <= cut < high), high]
    return zip([low, *(end + 1 for end in ends)], ends, strict=False)


def _at(answer: Answer, side: Side, facts: Sequence[str], value: int) -> Comparison:
    """What would differ if the measurement had given this value."""
    scopes = {fact: answer.pathway.facts[fact].scope for fact in facts}
    supposed = [Supposition(fact, side if scope is Scope.HIP else None, value) for fact, scope in scopes.items()]
    other = Answer(answer.pathway, suppose(answer.record, supposed), answer.index)
    changes = map(moved, positions(answer), positions(other))
    return Comparison(tuple(each for each in changes if each != Changes(each.part)))


def _joined(stretches: Sequence[Stretch]) -> Iterator[Stretch]:
    """Neighbouring stretches with the same answer as one."""
    for _, same in groupby(stretches, key=lambda stretch: stretch.comparison):
        first, *others = same
        yield replace(first, high=others[-1].high) if others else first
