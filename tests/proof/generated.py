"""Small random pathways and random persons: every kind of condition, action and safety rule, on few facts."""

from datetime import date
from decimal import Decimal
from functools import cache

from hypothesis import strategies as st

from ischio.language.regions import FactData
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
)
from ischio.model.pathway import (
    About,
    Action,
    ActionKind,
    Criterion,
    Diversion,
    Exists,
    Fact,
    FactType,
    Flag,
    Label,
    MustKnow,
    Pathway,
    Place,
    Review,
    SafetyRule,
    Scope,
    Selection,
    Stage,
    ValueKind,
)

INDEX = date(2026, 6, 1)
ABOUT = About("", "", Label.CONVENTION, (), (), "ischio project", "none yet", INDEX, None, Place("generated", 1))
REVIEW = Review((), Duration(days=42))

FLAG = FactType(ValueKind.CODE, codes={"present": "", "absent": "", "assessed_explained": ""})
TYPES = {
    "pain": FactType(ValueKind.NUMBER, low=0, high=10),
    "space": FactType(ValueKind.NUMBER, "mm", Decimal("0.1"), 0, 600),
    "operated": FactType(ValueKind.BOOLEAN),
    "started": FactType(ValueKind.DATE),
    "flag": FLAG,
    "pregnant": FactType(ValueKind.BOOLEAN),
    "deceased": FactType(ValueKind.BOOLEAN),
    "reviewed": FactType(ValueKind.DATE),
}
OF_PERSON = ("pregnant", "deceased")
FACTS = {
    name: Fact(name, ABOUT, type_, Scope.PERSON if name in OF_PERSON else Scope.HIP, Exists(Selection((name,))))
    for name, type_ in TYPES.items()
}

LEAVES: tuple[Expression, ...] = (
    FactHolds("operated"),
    FactHolds("pregnant"),
    Compare("pain", Operator.AT_LEAST, Literal(Decimal(4))),
    Compare("pain", Operator.NOT_EQUAL, Literal(Decimal(0))),
    Compare("space", Operator.AT_MOST, Literal(Decimal("14.5"))),
    Between("space", Literal(Decimal(10)), Literal(Decimal(20))),
    Compare("started", Operator.AT_MOST, IndexDate(Duration(months=3))),
    Compare("started", Operator.GREATER, IndexDate()),
    Compare("flag", Operator.EQUAL, Literal("present")),
    Compare("flag", Operator.NOT_EQUAL, Literal("absent")),
    Constant(True),
)


@cache
def conditions(criteria: tuple[str, ...] = ()) -> st.SearchStrategy[Expression]:
    """Conditions over the facts and the criteria given."""
    leaves = st.sampled_from((*LEAVES, *map(CriterionHolds, criteria)))

    def wider(inner: st.SearchStrategy[Expression]) -> st.SearchStrategy[Expression]:
        several = st.lists(inner, min_size=2, max_size=3).map(tuple)
        return (
            st.builds(Not, inner)
            | st.builds(AllOf, several)
            | st.builds(AnyOf, several)
            | st.builds(Implies, inner, inner)
        )

    return st.recursive(leaves, wider, max_leaves=5)


@cache
def rules(criteria: tuple[str, ...]) -> st.SearchStrategy[tuple[SafetyRule, ...]]:
    rule = st.builds(lambda when: SafetyRule("rule", ABOUT, when, ""), conditions(criteria))
    return st.lists(rule, max_size=2).map(tuple)


@st.composite
def actions(draw: st.DrawFn, name: str, criteria: tuple[str, ...]) -> Action:
    """One action with any mixture of what an action can have."""
    optional = st.none() | conditions(criteria)
    must_know = st.lists(st.builds(MustKnow, st.sampled_from((*TYPES, *criteria)), optional), max_size=2).map(tuple)
    return Action(
        name,
        ABOUT,
        draw(st.sampled_from(ActionKind)),
        draw(st.sampled_from(Scope)),
        draw(st.booleans()),
        draw(conditions(criteria)),
        due_when=draw(optional),
        done=draw(optional),
        in_progress=draw(optional),
        passes=draw(st.sampled_from(((), ("red_flag",), ("outside",), ("red_flag", "outside")))),
        stops=draw(rules(criteria)),
        strong_cautions=draw(rules(criteria)),
        cautions=draw(rules(criteria)),
        must_know=draw(must_know),
    )


@st.composite
def pathways(draw: st.DrawFn) -> Pathway:
    """Two stages with their own condition, two ordered ones, two diversions, three actions."""
    criteria: dict[str, Criterion] = {}

    def define(name: str, *also: Expression) -> str:
        own = draw(conditions(tuple(criteria)))
        criteria[name] = Criterion(name, ABOUT, AllOf((*also, own)) if also else own, "")
        return name

    define("narrow")
    gates = (define("gate_first"), define("gate_second", CriterionHolds("gate_first")))
    own = (define("stage_closed"), define("stage_after"))
    diverted = (define("diversion_red_flag"), define("diversion_outside"))
    stages = tuple(Stage(name.split("_")[1], ABOUT, False, name, REVIEW, None) for name in own)
    stages += tuple(Stage(name.split("_")[1], ABOUT, True, name, REVIEW, None) for name in gates)
    drawn = [draw(actions(name, tuple(criteria))) for name in ("advise", "treat", "operate")]
    return Pathway(
        id="generated",
        version="0",
        title="",
        reviewed=INDEX,
        overlay=None,
        statements=(),
        parameters={},
        facts=FACTS,
        criteria=criteria,
        stages=stages,
        diversions=tuple(Diversion(n.removeprefix("diversion_"), ABOUT, n, draw(st.booleans())) for n in diverted),
        flags=(Flag("flag", ABOUT, "urgent"),),
        actions={action.id: action for action in drawn},
        enquiries={},
        claims={},
        sources={},
        seed={},
        concepts={},
        properties=(),
        review_fact="reviewed",
        deceased_fact="deceased",
    )


@cache
def values(fact: str) -> st.SearchStrategy[FactData | None]:
    """Unknown, or a value, often next to a cut."""
    type_ = TYPES[fact]
    match type_.kind:
        case ValueKind.BOOLEAN:
            known: st.SearchStrategy[FactData] = st.booleans()
        case ValueKind.CODE:
            known = st.sampled_from(tuple(type_.codes))
        case ValueKind.NUMBER:
            near = tuple(
                n for n in (0, 1, 3, 4, 5, 99, 100, 101, 144, 145, 146, 199, 200, 201) if n <= (type_.high or 0)
            )
            known = st.sampled_from(near)
        case ValueKind.DATE:
            known = st.sampled_from((date(2026, 2, 28), date(2026, 3, 1), date(2026, 3, 2), INDEX, date(2026, 6, 2)))
    return st.none() | known


@st.composite
def hips(draw: st.DrawFn, pathway: Pathway) -> tuple[dict[str, FactData | None], dict[str, FactData | None]]:
    """The facts of the right and of the left hip; those of the person are the same."""
    right = {name: draw(values(name)) for name in pathway.facts}
    of_hips = (name for name, fact in pathway.facts.items() if fact.scope is Scope.HIP)
    return right, right | {name: draw(values(name)) for name in of_hips}
