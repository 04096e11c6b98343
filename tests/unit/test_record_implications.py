"""What the pathway says always follows from a fact (`implies` in facts.yaml) does follow, whatever is recorded.

The proofs lean on it: a person in whom it failed would be one that they left out.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from functools import cache

from hypothesis import given, settings
from hypothesis import strategies as st

from ischio.language.regions import holds
from ischio.loading.facts import inputs
from ischio.loading.pathway import load_pathway
from ischio.model.dates import PartialDate
from ischio.model.expression import (
    AllOf,
    AnyOf,
    Between,
    Compare,
    Constant,
    Expression,
    FactHolds,
    Implies,
    Not,
    facts_named,
)
from ischio.model.facts import Compared, Fact, Selection
from ischio.model.pathway import Pathway
from ischio.model.truth import FALSE, TRUE, UNKNOWN, Truth, conjunction, disjunction, implication, negation, truth_of
from ischio.record.derivation import derive
from ischio.record.events import Asserter, Event, EventSide, Facts, Kind, Patient, Record

INDEX = date(2026, 6, 1)


@cache
def pathway() -> Pathway:
    return load_pathway()


@cache
def selections(name: str) -> tuple[Selection, ...]:
    """What a fact, the facts it is derived from, and those that its implications name look at."""
    own = pathway().facts[name]
    named = (fact for implied in own.implies for fact in facts_named(implied.then))
    behind = dict.fromkeys(fact for start in (name, *named) for fact in _behind(pathway().facts[start]))
    facts = (pathway().facts[fact].derivation for fact in behind)
    return tuple(derivation.selection for derivation in facts if not isinstance(derivation, Compared))


def _behind(fact: Fact) -> Iterator[str]:
    yield fact.id
    for name in inputs(fact):
        yield from _behind(pathway().facts[name])


@st.composite
def events(draw: st.DrawFn, name: str) -> Event:
    selection = draw(st.sampled_from(selections(name)))
    concept = pathway().concepts[draw(st.sampled_from(selection.concepts))]
    day = INDEX - timedelta(days=draw(st.integers(-20, 60) | st.integers(60, 800)))
    start = PartialDate.on(day) if draw(st.integers(0, 5)) else PartialDate.parse(day.isoformat()[:7])
    value: object = draw(st.integers(0, 20)) if concept.unit else None
    if concept.values:
        value = draw(st.sampled_from(selection.values or tuple(concept.values)))
    return Event(
        concept.id,
        f"event {draw(st.integers(0, 9999))}",
        Decimal(value) if isinstance(value, int) else value,
        concept.unit,
        start,
        draw(st.sampled_from([start, start, None])),
        kind=draw(st.sampled_from([Kind(kind) for kind in selection.kinds or ("done",)])),
        asserter=draw(st.sampled_from([Asserter(word) for word in selection.asserters or ("clinician", "patient")])),
        side=draw(st.sampled_from([EventSide.RIGHT, EventSide.RIGHT, EventSide.LEFT, EventSide.BOTH, None])),
        qualifiers={
            qualifier: draw(st.sampled_from(accepted)).replace("*", "neutral")
            for qualifier, accepted in selection.qualifiers.items()
        },
    )


def truth(condition: Expression, facts: Facts) -> Truth:
    """The truth of a condition over facts alone."""
    match condition:
        case FactHolds() | Compare() | Between():
            value = facts[condition.fact].value
            return UNKNOWN if value is None else truth_of(holds(pathway(), condition, value, INDEX))
        case Not(part):
            return negation(truth(part, facts))
        case AllOf(parts):
            return conjunction(truth(part, facts) for part in parts)
        case AnyOf(parts):
            return disjunction(truth(part, facts) for part in parts)
        case Implies(premise, consequence):
            return implication(truth(premise, facts), truth(consequence, facts))
        case Constant(value):
            return truth_of(value)
        case _:
            raise AssertionError(f"{condition} names a criterion")


IMPLYING = sorted(name for name, fact in pathway().facts.items() if fact.implies)


@settings(max_examples=4 * settings().max_examples)
@given(st.data())
def test_what_always_follows_follows(data: st.DataObject):
    name = data.draw(st.sampled_from(IMPLYING))
    record = Record(Patient("random"), tuple(data.draw(st.lists(events(name), min_size=1, max_size=8))))
    for side, facts in derive(pathway(), record, INDEX).items():
        for implied in pathway().facts[name].implies:
            if truth(implied.when, facts) is TRUE:
                assert truth(implied.then, facts) is not FALSE, (side, implied, facts[name])
