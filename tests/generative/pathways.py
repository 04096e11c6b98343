"""Random small pathways and random people, for tests of what must hold for all of them.

Values come from small ranges, so that limits are met often.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import cache

from hypothesis import strategies as st

from ischio.model.about import About, Label, Place, Scope
from ischio.model.dates import Duration
from ischio.model.expression import (
    AllOf,
    AnyOf,
    Between,
    Compare,
    Constant,
    CriterionHolds,
    Expression,
    FactHolds,
    Implies,
    IndexDate,
    Literal,
    Not,
    Operator,
    ParameterValue,
)
from ischio.model.facts import Burden, Enquiry, Exists, Fact, FactType, Selection, ValueKind
from ischio.model.parameters import DatedValue, Parameter, Quantity
from ischio.model.pathway import Pathway
from ischio.model.rules import Action, ActionKind, Criterion, Diversion, Flag, MustKnow, Review, SafetyRule, Stage
from ischio.record.events import FactData, FactValue, State

INDEX = date(2026, 3, 31)
PLACE = Place("generated.yaml", 1)
ABOUT = About("A rule", "A sentence.", Label.CONVENTION, (), (), "ischio project", "none yet", INDEX, None, PLACE)

BOOLEAN = FactType(ValueKind.BOOLEAN)
NUMBER = FactType(ValueKind.NUMBER, low=0, high=5)
DATE = FactType(ValueKind.DATE)
CODE = FactType(ValueKind.CODE, codes={"a": "A", "b": "B", "c": "C", "d": "D"})
FLAG = FactType(ValueKind.CODE, codes=dict.fromkeys(("present", "absent", "assessed_explained"), "..."))

TYPES: Mapping[str, tuple[FactType, Scope]] = {
    "pain": (BOOLEAN, Scope.HIP),
    "spasm": (BOOLEAN, Scope.PERSON),
    "space": (NUMBER, Scope.HIP),
    "age": (NUMBER, Scope.PERSON),
    "diagnosis": (CODE, Scope.HIP),
    "flag_weakness": (FLAG, Scope.HIP),
    "flag_fever": (FLAG, Scope.PERSON),
    "exercise_start": (DATE, Scope.HIP),
    "last_review": (DATE, Scope.HIP),
    "deceased": (BOOLEAN, Scope.PERSON),
}

FREE = ("pain", "spasm", "space", "age", "diagnosis", "exercise_start")
"""The facts that random conditions are about."""

PARAMETERS = {
    "narrow_below": Parameter("narrow_below", ABOUT, (DatedValue(None, Quantity(Decimal(3), "1")),)),
    "wait": Parameter("wait", ABOUT, (DatedValue(None, Duration(months=1)),)),
}


def _facts() -> dict[str, Fact]:
    return {
        name: Fact(name, ABOUT, type_, scope, Exists(Selection((name,))), changeable=name != "age")
        for name, (type_, scope) in TYPES.items()
    }


def _enquiries(order: list[str]) -> dict[str, Enquiry]:
    burdens = {"space": Burden.IMAGING, "spasm": Burden.EXAMINE, "diagnosis": Burden.LABORATORY}
    return {
        name: Enquiry(name, f"{name}?", None, burdens.get(name, Burden.ASK), place, PLACE)
        for place, name in enumerate(order)
    }


numbers = st.integers(0, 5).map(Decimal).map(Literal) | st.just(ParameterValue("narrow_below"))
days = st.sampled_from(
    (
        IndexDate(),
        IndexDate(Duration(days=14)),
        IndexDate(ParameterValue("wait")),
        IndexDate(Duration(months=3)),
        IndexDate(Duration(days=14), 1),
    )
)
leaves = st.one_of(
    st.builds(Constant, st.booleans()),
    st.builds(FactHolds, st.sampled_from(("pain", "spasm"))),
    st.builds(Compare, st.sampled_from(("space", "age")), st.sampled_from(Operator), numbers),
    st.builds(Between, st.sampled_from(("space", "age")), numbers, numbers),
    st.builds(
        Compare,
        st.just("diagnosis"),
        st.sampled_from((Operator.EQUAL, Operator.NOT_EQUAL)),
        st.sampled_from("abc").map(Literal),
    ),
    st.builds(Compare, st.just("exercise_start"), st.sampled_from(Operator), days),
    st.builds(Between, st.just("exercise_start"), days, days),
)


orders = st.permutations(FREE)


@cache
def conditions(criteria: tuple[str, ...] = (), max_leaves: int = 6) -> st.SearchStrategy[Expression]:
    """Random conditions over the free facts and the named criteria. Kept: to build and validate them takes far longer
    than to draw from them.
    """
    base = leaves | st.sampled_from(criteria).map(CriterionHolds) if criteria else leaves

    def wider(inner: st.SearchStrategy[Expression]) -> st.SearchStrategy[Expression]:
        several = st.lists(inner, min_size=2, max_size=3).map(tuple)
        return st.one_of(
            st.builds(Not, inner),
            st.builds(AllOf, several),
            st.builds(AnyOf, several),
            st.builds(Implies, inner, inner),
        )

    return st.recursive(base, wider, max_leaves=max_leaves)


def _criterion(name: str, when: Expression) -> Criterion:
    return Criterion(name, ABOUT, when, "as generated")


@st.composite
def pathways(draw: st.DrawFn) -> Pathway:
    """A pathway with a criterion `asked` of any shape, stages of both kinds, diversions and actions."""
    criteria: dict[str, Criterion] = {}
    for name in ("first", "second", "third"):
        criteria[name] = _criterion(name, draw(conditions(tuple(criteria))))
    for name in ("stage_closed", "stage_recovery"):
        criteria[name] = _criterion(name, draw(conditions(("first", "second", "third"), 3)))
    previous: tuple[Expression, ...] = ()
    for name in ("gate_evaluation", "gate_care", "gate_surgery"):
        own = draw(conditions(("first", "second", "third"), 3))
        criteria[name] = _criterion(name, AllOf((*previous, own)) if previous else own)
        previous = (CriterionHolds(name),)
    flags = tuple(Compare(flag, Operator.EQUAL, Literal("present")) for flag in ("flag_weakness", "flag_fever"))
    criteria["diversion_red_flag"] = _criterion("diversion_red_flag", AnyOf(flags))
    for name in ("diversion_elsewhere", "diversion_quiet"):
        criteria[name] = _criterion(name, draw(conditions(("first",), 2)))
    criteria["asked"] = _criterion("asked", draw(conditions(("first", "second"))))
    every = tuple(criteria)
    actions = {name: draw(_actions(name, every)) for name in ("advice", "medicine", "operation", "form")}
    review = Review((), Duration(days=42))
    return Pathway(
        id="generated",
        version="0",
        title="Generated",
        reviewed=INDEX,
        overlay=None,
        statements=(),
        parameters=PARAMETERS,
        facts=_facts(),
        criteria=criteria,
        stages=(
            Stage("closed", ABOUT, False, "stage_closed", None, ()),
            Stage("recovery", ABOUT, False, "stage_recovery", review, ()),
            Stage("evaluation", ABOUT, True, "gate_evaluation", review, ()),
            Stage("care", ABOUT, True, "gate_care", review, ("exercise_start",)),
            Stage("surgery", ABOUT, True, "gate_surgery", review, ()),
        ),
        diversions=(
            Diversion("red_flag", ABOUT, "diversion_red_flag", False),
            Diversion("elsewhere", ABOUT, "diversion_elsewhere", False),
            Diversion("quiet", ABOUT, "diversion_quiet", True),
        ),
        flags=(Flag("flag_weakness", ABOUT, "same day"), Flag("flag_fever", ABOUT, "urgent")),
        actions=actions,
        enquiries=_enquiries(draw(orders)),
        claims={},
        sources={},
        seed={},
        concepts={},
        properties=(),
        review_fact="last_review",
        deceased_fact="deceased",
    )


@cache
def _actions(name: str, criteria: tuple[str, ...]) -> st.SearchStrategy[Action]:
    some = conditions(criteria, 3)
    maybe = st.none() | some

    def rules(word: str) -> st.SearchStrategy[tuple[SafetyRule, ...]]:
        rule = st.builds(SafetyRule, st.just(f"{name}_{word}"), st.just(ABOUT), some, st.just(""))
        return st.lists(rule, max_size=1).map(tuple)

    return st.builds(
        Action,
        id=st.just(name),
        about=st.just(ABOUT),
        kind=st.sampled_from(ActionKind),
        scope=st.sampled_from(Scope),
        low_risk=st.booleans(),
        when=some,
        due_when=maybe,
        done=maybe,
        in_progress=maybe,
        passes=st.sampled_from(((), ("red_flag", "elsewhere", "quiet"), ("elsewhere",))),
        stops=rules("stop"),
        strong_cautions=rules("strong"),
        must_know=st.lists(st.builds(MustKnow, st.sampled_from((*FREE, "first")), maybe), max_size=1).map(tuple),
    )


_VALUES: Mapping[ValueKind, st.SearchStrategy[FactData]] = {
    ValueKind.BOOLEAN: st.booleans(),
    ValueKind.NUMBER: st.integers(0, 5),
    ValueKind.DATE: st.integers(-100, 20).map(lambda offset: INDEX + timedelta(days=offset)),
}


def values_of(type_: FactType) -> st.SearchStrategy[FactData]:
    return st.sampled_from(tuple(type_.codes)) if type_.kind is ValueKind.CODE else _VALUES[type_.kind]


Values = dict[str, FactData | None]


@dataclass(frozen=True)
class Person:
    """The values of all facts of both hips; those of the person are the same on both."""

    right: Values
    left: Values


@st.composite
def people(draw: st.DrawFn) -> Person:
    right, left = {}, {}
    for name, (_, scope) in TYPES.items():
        right[name] = draw(_OF_FACT[name])
        left[name] = right[name] if scope is Scope.PERSON else draw(_OF_FACT[name])
    return Person(right, left)


_OF_FACT = {name: st.none() | values_of(type_) for name, (type_, _) in TYPES.items()}
_OF_FACT["deceased"] = st.sampled_from((False, False, None, True))


def as_facts(values: Values) -> dict[str, FactValue]:
    """Values as the engine takes them."""
    return {
        name: FactValue(name, value, State.NOT_ASKED if value is None else State.KNOWN)
        for name, value in values.items()
    }
