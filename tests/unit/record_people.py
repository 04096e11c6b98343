"""Random facts and random people, for what must hold of every derivation.

Dates lie close together and around month ends, windows are short, values few: so limits are met often.
"""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal

from hypothesis import strategies as st

from ischio.model.about import About, Label, Place, Scope
from ischio.model.dates import Duration, PartialDate
from ischio.model.expression import Compare, FactHolds, Literal, Operator, ParameterValue
from ischio.model.facts import (
    Absent,
    Anchor,
    Compared,
    Conflict,
    Count,
    CourseLength,
    DateOf,
    Exists,
    Fact,
    FactType,
    First,
    Latest,
    Selection,
    SideRule,
    StaleAfter,
    Term,
    ValueKind,
)
from ischio.model.parameters import DatedValue, Parameter, Quantity
from ischio.model.pathway import Pathway
from ischio.model.rules import Criterion
from ischio.model.terminology import Concept
from ischio.record.events import Asserter, Event, EventSide, Gap, Kind, Patient, Record, State

INDEX = date(2024, 2, 15)
HORIZON = date(2024, 5, 31)
PLACE = Place("generated.yaml", 1)
ABOUT = About("A rule", "A sentence.", Label.CONVENTION, (), (), "ischio project", "none yet", INDEX, None, PLACE)

BOOLEAN = FactType(ValueKind.BOOLEAN)
NUMBER = FactType(ValueKind.NUMBER, "mm", low=0, high=5)
DAYS = FactType(ValueKind.NUMBER, "d")
COUNT = FactType(ValueKind.NUMBER)
CODE = FactType(ValueKind.CODE, codes=dict.fromkeys(("present", "absent", "explained"), "..."))
DATE = FactType(ValueKind.DATE)

PARAMETERS = {
    name: Parameter(name, ABOUT, values)
    for name, values in {
        "fresh": (DatedValue(None, Duration(days=42)), DatedValue(date(2024, 4, 10), Duration(months=1))),
        "cutoff": (
            DatedValue(None, Quantity(Decimal(3), "mm")),
            DatedValue(date(2024, 5, 1), Quantity(Decimal(1), "mm")),
        ),
    }.items()
}


# ---- facts ------------------------------------------------------------------------------------------------------

INTERVALS = st.sampled_from(
    [Duration(months=1), Duration(months=3), Duration(days=30), Duration(days=42), ParameterValue("fresh")]
)
ANCHORS = st.builds(
    Anchor,
    fact=st.just("anchor"),
    offset=st.none() | INTERVALS,
    sign=st.sampled_from([1, -1]),
    otherwise=st.none() | INTERVALS,
    until=st.booleans(),
)


def often(usual: object, *others: object) -> st.SearchStrategy:
    """The usual value three times out of four."""
    return st.sampled_from([usual] * 3 * len(others) + list(others))


def selections(*concepts: tuple[str, ...]) -> st.SearchStrategy[Selection]:
    return st.builds(
        Selection,
        concepts=st.sampled_from(concepts),
        kinds=often((), (), ("planned", "done")),
        values=often((), (), ("present", "absent")),
        side=often(*SideRule),
        unsided_when=often(None, "other_free"),
        qualifiers=often({}, {"position": ("*",)}, {"position": ("neutral",)}),
        asserters=often((), (), ("clinician",)),
        patient_first=st.booleans(),
        window=st.none() | INTERVALS,
        unsided_unless=often((), ("attested",)),
        begun_values=often((), ("present",)),
        while_it_lasts=often(False, True),
        back_from=often(None, "anchor"),
        lifted_by=often((), ("absent",)),
        in_force=often(None, Duration(days=10), Duration(months=1)),
        anchors=st.just(()) | st.lists(ANCHORS, max_size=2).map(tuple),
    )


NUMBERS, CODES, ANYTHING = selections(("a",)), selections(("b",)), selections(("a",), ("b",), ("a", "b"), ("course",))
STALE = st.none() | st.builds(StaleAfter, INTERVALS, often((), ("absent",)))
YES_AND_NO = {"yes": st.just(("present",)), "no": st.just(("absent",))}
ABSENTS = st.sampled_from([Absent(), Absent(no=True), Absent(no_when="attested", code="absent")])
DERIVED = st.one_of(
    st.tuples(st.just(NUMBER), st.builds(Latest, NUMBERS, STALE)),
    st.tuples(st.just(CODE), st.builds(Latest, CODES, STALE)),
    st.tuples(st.just(BOOLEAN), st.builds(Latest, CODES, STALE, **YES_AND_NO)),
    st.tuples(st.just(NUMBER), st.builds(First, NUMBERS)),
    st.tuples(st.just(CODE), st.builds(First, CODES)),
    st.tuples(st.just(DATE), st.builds(DateOf, ANYTHING, st.booleans())),
    st.tuples(st.just(BOOLEAN), st.builds(Exists, ANYTHING)),
    st.tuples(st.just(COUNT), st.builds(Count, ANYTHING)),
    st.tuples(st.just(DAYS), st.builds(CourseLength, ANYTHING)),
)


def fact(name: str, type_: FactType, derivation: object, scope: Scope = Scope.HIP, **more: object) -> Fact:
    return Fact(name, ABOUT, type_, scope, derivation, **more)


HELPERS = (
    fact(
        "attested",
        BOOLEAN,
        Exists(Selection(("attestation",), side=SideRule.PERSON, window=Duration(days=30))),
        Scope.PERSON,
    ),
    fact("anchor", DATE, DateOf(Selection(("operation",)))),
    fact("other_free", BOOLEAN, Latest(Selection(("free",), side=SideRule.OTHER), yes=("present",), no=("absent",))),
    fact("days", DAYS, CourseLength(Selection(("course",), window=Duration(months=3)))),
    fact("long_enough", BOOLEAN, Compared((Term("days", Decimal(1)),), Decimal(20))),
    fact(
        "days_of_person",
        DAYS,
        CourseLength(
            Selection(("course",), side=SideRule.ANY, anchors=(Anchor("person_anchor", otherwise=Duration(months=1)),))
        ),
        Scope.PERSON,
    ),
    fact("person_anchor", DATE, DateOf(Selection(("operation",), side=SideRule.PERSON)), Scope.PERSON),
)


SEVERAL_FACTS = st.lists(st.tuples(DERIVED, ABSENTS, st.sampled_from(Conflict)), min_size=3, max_size=6)


@st.composite
def facts(draw: st.DrawFn) -> tuple[Fact, ...]:
    drawn = draw(SEVERAL_FACTS)
    return tuple(
        fact(f"fact_{n}", type_, derivation, absent=absent, conflict=conflict)
        for n, ((type_, derivation), absent, conflict) in enumerate(drawn)
    )


def pathway_of(facts: Sequence[Fact]) -> Pathway:
    """A pathway of facts alone, with criteria that cut them."""
    named = {fact.id: fact for fact in (*facts, *HELPERS)}
    criteria = {}
    for name, one in named.items():
        limit = {"mm": ParameterValue("cutoff"), "d": Literal(Decimal(20)), "1": Literal(Decimal(2))}.get(one.type.unit)
        if one.type.kind is ValueKind.NUMBER and limit is not None:
            criteria[f"cut_{name}"] = Criterion(f"cut_{name}", ABOUT, Compare(name, Operator.AT_LEAST, limit), "...")
        elif one.type.kind is ValueKind.BOOLEAN:
            criteria[f"cut_{name}"] = Criterion(f"cut_{name}", ABOUT, FactHolds(name), "...")
        elif one.type.kind is ValueKind.CODE:
            leaf = Compare(name, Operator.EQUAL, Literal("present"))
            criteria[f"cut_{name}"] = Criterion(f"cut_{name}", ABOUT, leaf, "...")
    return bare_pathway(named, criteria)


def bare_pathway(facts: Mapping[str, Fact], criteria: Mapping[str, Criterion]) -> Pathway:
    return Pathway(
        id="generated",
        version="0",
        title="Generated",
        reviewed=INDEX,
        overlay=None,
        statements=(),
        parameters=PARAMETERS,
        facts=facts,
        criteria=criteria,
        stages=(),
        diversions=(),
        flags=(),
        actions={},
        enquiries={},
        claims={},
        sources={},
        seed={},
        concepts={name: Concept(name, name, ()) for name in CONCEPTS},
        properties=(),
        review_fact="anchor",
        deceased_fact="attested",
    )


# ---- people -----------------------------------------------------------------------------------------------------

CONCEPTS = ("a", "a", "b", "b", "course", "operation", "free", "attestation")
DAYS_AROUND = st.integers(-120, 120).map(lambda days: INDEX + timedelta(days=days)) | st.sampled_from(
    [date(2024, 1, 31), date(2024, 2, 28), date(2024, 2, 29), date(2024, 3, 31), date(2024, 4, 30)]
)


def _month_of(day: date) -> PartialDate:
    return PartialDate.parse(day.isoformat()[:7])


DATES = often(PartialDate.on, _month_of).flatmap(DAYS_AROUND.map)
ODD = st.sampled_from([None, True, False, "unheard of", Decimal(9)])
VALUES = {
    "a": st.integers(0, 5).map(Decimal) | ODD,
    "b": st.sampled_from(["present", "absent", "explained"]) | ODD,
    "free": st.sampled_from(["present", "present", "absent"]),
}


# Strategies are made once: to build and validate them takes far longer than to draw from them.
CONCEPT, NUMBER_OF_EVENT, NO_VALUE = st.sampled_from(CONCEPTS), st.integers(0, 10**6), st.none()
STARTS = often(DATES, st.none()).flatmap(lambda dates: dates)
MOMENTS, ENDS = often(True, False), st.none() | DATES
RECORDED = often(st.none(), DATES).flatmap(lambda dates: dates)
UNITS, ASSERTERS = often("mm", "cm", "kg", None), st.sampled_from(Asserter)
KINDS, SIDES = often(Kind.DONE, *Kind), often(EventSide.RIGHT, None, *EventSide)
QUALIFIERS = often({"position": "neutral"}, {}, {"position": "flexed"})


@st.composite
def events(draw: st.DrawFn) -> Event:
    concept = draw(CONCEPT)
    start = draw(STARTS)
    moment = concept != "course" and draw(MOMENTS)
    return Event(
        concept=concept,
        source=f"event {draw(NUMBER_OF_EVENT)}",
        value=draw(VALUES.get(concept, NO_VALUE)),
        unit=draw(UNITS),
        start=start,
        end=start if moment else draw(ENDS),
        recorded=draw(RECORDED),
        kind=draw(KINDS),
        asserter=draw(ASSERTERS),
        side=draw(SIDES),
        qualifiers=draw(QUALIFIERS),
    )


GAPS = st.lists(
    st.builds(Gap, st.sampled_from(CONCEPTS), st.sampled_from([State.QUERY_FAILED, State.TRUNCATED]), st.just("query")),
    max_size=1,
)


ONE_IN_TEN, SEVERAL_EVENTS = st.integers(0, 9), st.lists(events(), min_size=5, max_size=14)


@st.composite
def records(draw: st.DrawFn) -> Record:
    gaps = draw(GAPS) if draw(ONE_IN_TEN) == 0 else ()
    return Record(Patient("random"), tuple(draw(SEVERAL_EVENTS)), tuple(gaps))
