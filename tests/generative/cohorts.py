"""Random pathways whose facts are derived in every way that there is, and random records for many people at once.

The conditions, stages and actions are those of pathways.py; here their facts get random derivations, and others beside
them. Values come from small ranges and dates lie near the limits, so that limits are met often. A pathway is drawn by
Hypothesis, the people of a cohort by one seed: too many values for a draw of each.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from random import Random

from generative.agreement import Asked
from generative.pathways import ABOUT, TYPES, pathways
from hypothesis import strategies as st

from ischio.model.about import Scope
from ischio.model.dates import Duration, PartialDate
from ischio.model.expression import (
    Between,
    Compare,
    Expression,
    FactHolds,
    IndexDate,
    Literal,
    Operator,
    ParameterValue,
    walk,
)
from ischio.model.facts import (
    Absent,
    Anchor,
    Compared,
    Conflict,
    Count,
    CourseLength,
    DateOf,
    Derivation,
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
from ischio.model.rules import Criterion, Review
from ischio.model.terminology import Concept
from ischio.record.events import Asserter, Event, EventSide, Gap, Kind, Patient, Record, State

INDEX = date(2026, 3, 31)
INDEX_DATES = (INDEX, date(2026, 2, 28), date(2026, 3, 30), date(2026, 4, 30), date(2024, 2, 29))

LENGTH = FactType(ValueKind.NUMBER, "mm", Decimal("0.5"), low=-10, high=30)
PLAIN = FactType(ValueKind.NUMBER)
DAYS = FactType(ValueKind.NUMBER, "d")
DATE = FactType(ValueKind.DATE)
BOOLEAN = FactType(ValueKind.BOOLEAN)
WORDS = FactType(ValueKind.CODE, codes=dict.fromkeys(("b", "present", "a", "absent", "d"), "..."))

PARAMETERS = {
    "narrow_below": (
        DatedValue(None, Quantity(Decimal(3), "1")),
        DatedValue(date(2026, 4, 1), Quantity(Decimal(4), "1")),
    ),
    "wait": (DatedValue(None, Duration(months=1)), DatedValue(date(2026, 3, 1), Duration(days=42))),
    "fresh": (DatedValue(None, Duration(days=30)), DatedValue(date(2026, 3, 31), Duration(months=2))),
    "share": (
        DatedValue(None, Quantity(Decimal("0.5"), "1")),
        DatedValue(date(2026, 3, 30), Quantity(Decimal(2), "1")),
    ),
    "reviews": (
        DatedValue(None, (Duration(months=1), Duration(days=42))),
        DatedValue(date(2026, 3, 30), (Duration(days=7),)),
    ),
}

NUMBERS, CODES, MOMENTS = ("size", "score"), ("finding", "flag"), ("operation", "course")
CONCEPTS = (*NUMBERS, *CODES, *MOMENTS, "born", "free", "screen")


def often(usual: object, *others: object) -> st.SearchStrategy:
    """The usual value two times out of three."""
    return st.sampled_from([usual] * 2 * len(others) + list(others))


# ---- derivations ------------------------------------------------------------------------------------------------

# Strategies are kept: to build and validate them takes far longer than to draw from them.

INTERVALS = st.sampled_from(
    [Duration(months=1), Duration(months=2), Duration(days=30), Duration(days=7), ParameterValue("fresh")]
)


@cache
def anchors(scope: Scope) -> st.SearchStrategy[Anchor]:
    dates = ("person_began",) if scope is Scope.PERSON else ("began", "began_first", "born_on", "person_began")
    return st.builds(
        Anchor,
        fact=st.sampled_from(dates),
        offset=st.none() | INTERVALS,
        sign=st.sampled_from([1, -1]),
        otherwise=st.none() | INTERVALS,
        until=often(False, True),
    )


@cache
def selections(
    scope: Scope, *concepts: tuple[str, ...], values: tuple[str, ...] = ("present", "a")
) -> st.SearchStrategy[Selection]:
    hip = scope is Scope.HIP
    return st.builds(
        Selection,
        concepts=st.sampled_from(concepts),
        kinds=often((), ("planned",), ("done", "stated", "declined"), ("declined",)),
        values=often((), values, ("yes",), ("no", "absent")),
        side=often(SideRule.THIS, SideRule.THIS_OR_UNSIDED, SideRule.OTHER, SideRule.ANY)
        if hip
        else st.just(SideRule.PERSON),
        unsided_when=often(None, "other_free") if hip else st.none(),
        unsided_unless=often((), ("screened",)),
        unsided_values=often((), ("present", "b")),
        begun_values=often((), ("present", "a")),
        lifted_by=often((), ("absent",), ("no", "absent", "b")) if values else st.just(()),
        while_it_lasts=often(False, True),
        back_from=often(None, "began" if hip else "person_began"),
        in_force=often(None, Duration(days=10), Duration(months=1)),
        qualifiers=often(
            {},
            {},
            {"position": ("*",)},
            {"position": ("neutral", "flexed")},
            {"position": ("neutral",), "modality": ("*",)},
        ),
        asserters=often((), ("clinician",), ("clinician", "device")),
        patient_first=st.booleans(),
        window=st.none() | INTERVALS,
        anchors=st.just(()) | st.lists(anchors(scope), min_size=1, max_size=2).map(tuple),
    )


@cache
def stale(*codes: str) -> st.SearchStrategy[StaleAfter | None]:
    return st.none() | st.builds(StaleAfter, INTERVALS, often((), codes))


BY = often(None, "clinician", "device", "patient")
YES_AND_NO = {"yes": often(("present",), ()), "no": often(("absent", "a"), ())}


@cache
def yes_or_no(scope: Scope) -> st.SearchStrategy[Derivation]:
    codes = selections(scope, ("finding",), ("flag",), ("finding", "flag"))
    every = selections(scope, ("finding",), ("size", "flag"), ("operation",), ("course",))
    latest = st.builds(
        Latest, codes, stale("no"), **YES_AND_NO, corrected_by=BY, any_yes_of=often(None, "readings", "concepts")
    )
    return st.one_of(latest, st.builds(First, codes, **YES_AND_NO), st.builds(Exists, every), st.builds(Exists, every))


def one_extreme(latest: Latest) -> Latest:
    return replace(latest, smallest=latest.smallest and not latest.largest)


@cache
def number(scope: Scope) -> st.SearchStrategy[Derivation]:
    numbers = selections(scope, ("size",), ("score",), ("size", "score"), values=())
    latest = st.builds(Latest, numbers, stale(), largest=often(False, True), smallest=often(False, True)).map(
        one_extreme
    )
    counted = selections(scope, ("finding",), ("operation",), ("course",), ("score", "flag"))
    return st.one_of(latest, latest, st.builds(First, numbers), st.builds(Count, counted))


@cache
def code(scope: Scope) -> st.SearchStrategy[Derivation]:
    codes = selections(scope, ("finding",), ("flag",), ("finding", "flag"))
    latest = st.builds(Latest, codes, stale("absent", "b", "c"), corrected_by=BY)
    return st.one_of(latest, latest, st.builds(First, codes))


@cache
def day(scope: Scope) -> st.SearchStrategy[Derivation]:
    moments = selections(scope, ("operation",), ("course",), ("finding", "operation"))
    born = selections(scope, ("born",), values=())
    return st.one_of(
        st.builds(DateOf, moments, st.booleans()), st.builds(Latest, born, stale()), st.builds(First, born)
    )


DERIVED = {ValueKind.BOOLEAN: yes_or_no, ValueKind.NUMBER: number, ValueKind.CODE: code, ValueKind.DATE: day}
ABSENT = {
    ValueKind.BOOLEAN: st.sampled_from([Absent(), Absent(no=True), Absent(no_when="screened")]),
    ValueKind.NUMBER: st.sampled_from([Absent(), Absent(no=True), Absent(no_when="screened")]),
    ValueKind.DATE: st.just(Absent()),
}


@cache
def conflicts(kind: ValueKind) -> st.SearchStrategy[Conflict]:
    """Any yes wins only where a value can be yes."""
    yes = kind in (ValueKind.BOOLEAN, ValueKind.CODE)
    return st.sampled_from([each for each in Conflict if yes or each is not Conflict.ANY_YES])


@st.composite
def facts(draw: st.DrawFn, name: str, type_: FactType, scope: Scope) -> Fact:
    """A fact of the type, derived in some way."""
    vouched = st.sampled_from([Absent(), Absent(no_when="screened", code=next(reversed(type_.codes), None))])
    absent = ABSENT.get(type_.kind, vouched)
    derivation = draw(DERIVED[type_.kind](scope))
    if isinstance(derivation, Count):
        type_ = PLAIN
    conflict = draw(conflicts(type_.kind))
    return Fact(name, ABOUT, type_, scope, derivation, draw(absent), conflict)


def _helpers(draw: st.DrawFn) -> Iterator[Fact]:
    """The facts that others lean on, and one of each rarer pattern."""
    began = draw(selections(Scope.HIP, ("operation",), ("operation", "course")))
    bare = {"window": None, "anchors": (), "unsided_when": None, "back_from": None}
    yield Fact(
        "screened",
        ABOUT,
        BOOLEAN,
        Scope.PERSON,
        Exists(Selection(("screen",), side=SideRule.PERSON, window=Duration(days=30))),
    )
    yield Fact(
        "other_free",
        ABOUT,
        BOOLEAN,
        Scope.HIP,
        Latest(Selection(("free",), side=SideRule.OTHER), yes=("present",), no=("absent",)),
    )
    yield Fact("began", ABOUT, DATE, Scope.HIP, DateOf(replace(began, **bare)))
    yield Fact("began_first", ABOUT, DATE, Scope.HIP, DateOf(Selection(("operation",)), oldest=True))
    yield Fact("person_began", ABOUT, DATE, Scope.PERSON, DateOf(Selection(("operation",), side=SideRule.PERSON)))
    yield Fact("born_on", ABOUT, DATE, Scope.HIP, Latest(Selection(("born",), side=SideRule.ANY)))
    course = draw(selections(Scope.HIP, ("course",)))
    yield Fact("days", ABOUT, DAYS, Scope.HIP, CourseLength(course), draw(ABSENT[ValueKind.NUMBER]))
    days = CourseLength(Selection(("course",), side=SideRule.PERSON, window=Duration(months=2)))
    yield Fact("days_of_person", ABOUT, DAYS, Scope.PERSON, days, Absent(no=True))
    terms = (Term("length", Decimal(1)), Term("length_first", Decimal("-0.1"), "share"), Term("days", Decimal("-0.5")))
    yield Fact(
        "grew", ABOUT, BOOLEAN, Scope.HIP, Compared(terms, draw(st.sampled_from([Decimal(0), ParameterValue("share")])))
    )
    lengths = selections(Scope.HIP, ("size",), values=())
    yield Fact(
        "length", ABOUT, LENGTH, Scope.HIP, Latest(draw(lengths), draw(stale())), Absent(), draw(conflicts(LENGTH.kind))
    )
    yield Fact("length_first", ABOUT, LENGTH, Scope.HIP, First(draw(lengths)), Absent(), draw(conflicts(LENGTH.kind)))
    extreme = draw(st.sampled_from(({"largest": True}, {"smallest": True})))
    yield Fact("extreme", ABOUT, LENGTH, Scope.HIP, Latest(draw(lengths), draw(stale()), **extreme))
    codes = draw(selections(Scope.HIP, ("finding", "flag")))
    any_yes = Latest(codes, draw(stale("no")), any_yes_of=draw(st.sampled_from(("readings", "concepts"))))
    yield Fact(
        "any_yes", ABOUT, BOOLEAN, Scope.HIP, any_yes, draw(ABSENT[ValueKind.BOOLEAN]), draw(conflicts(BOOLEAN.kind))
    )
    by = draw(st.sampled_from(("clinician", "device", "patient")))
    corrected = Latest(draw(selections(Scope.HIP, ("finding",), ("flag",))), draw(stale("absent")), corrected_by=by)
    yield Fact("corrected", ABOUT, WORDS, Scope.HIP, corrected, Absent(), draw(conflicts(WORDS.kind)))
    yield draw(facts("words", WORDS, Scope.HIP))
    yield draw(facts("word_of_person", WORDS, Scope.PERSON))


CUTS: Mapping[str, Expression] = {
    "cut_length": Compare("length", Operator.LESS, Literal(Decimal(2))),
    "cut_born": Between("born_on", IndexDate(Duration(months=1)), IndexDate()),
    "cut_words": Compare("words", Operator.EQUAL, Literal("absent")),
    "cut_grew": FactHolds("grew"),
    "cut_days": Compare("days", Operator.EQUAL, Literal(Decimal(9))),
}


FURTHER = tuple((type_, scope) for type_ in (BOOLEAN, LENGTH, WORDS, DATE, BOOLEAN, WORDS) for scope in Scope)


@st.composite
def cohort_pathways(draw: st.DrawFn) -> Pathway:
    """A pathway with facts of every kind."""
    drawn = draw(pathways())
    own = {name: draw(facts(name, type_, scope)) for name, (type_, scope) in TYPES.items() if name != "deceased"}
    # Most people live: else every action would be not applicable.
    death = Selection(("operation",), ("declined",), ("present",), SideRule.PERSON)
    own["deceased"] = Fact("deceased", ABOUT, BOOLEAN, Scope.PERSON, Exists(death), Absent(no=True))
    if draw(st.integers(0, 3)):
        own["last_review"] = Fact("last_review", ABOUT, DATE, Scope.HIP, DateOf(Selection(("course",))))
    own |= {fact.id: fact for fact in _helpers(draw)}
    for number, (type_, scope) in enumerate(draw(st.lists(st.sampled_from(FURTHER), min_size=10, max_size=10))):
        own[f"further_{number}"] = draw(facts(f"further_{number}", type_, scope))
    criteria = {name: Criterion(name, ABOUT, when, "as generated") for name, when in CUTS.items()}
    reviews = (
        Review((ParameterValue("reviews"), Duration(months=3)), ParameterValue("wait")),
        Review((), Duration(months=1)),
    )
    stages = tuple(
        replace(
            stage,
            review=stage.review and draw(st.sampled_from(reviews)),
            since=draw(often(("began",), (), ("exercise_start", "began"), ("born_on", "exercise_start"))),
        )
        for stage in drawn.stages
    )
    return replace(
        drawn,
        facts=own,
        stages=stages,
        criteria={**drawn.criteria, **criteria},
        parameters={name: Parameter(name, ABOUT, values) for name, values in PARAMETERS.items()},
        concepts={name: Concept(name, name, ()) for name in CONCEPTS},
    )


# ---- people -----------------------------------------------------------------------------------------------------

NEAR = (-1, 0, 1, 2, 7, 8, 29, 30, 31, 42, 58, 59, 60, 61, 62)
VALUES: Mapping[str, tuple[object, ...]] = {
    "size": tuple(map(Decimal, ("0", "1", "2", "2.25", "2.75", "3", "4", "5", "9", "-3", "0.3"))),
    "score": tuple(map(Decimal, range(6))),
    "finding": ("present", "absent", "a", "b", "c", "d", "assessed_explained", "present", "absent"),
    "flag": ("present", "absent", "assessed_explained", "b"),
    "free": ("present", "absent"),
    "born": (INDEX, date(2026, 3, 1), date(2026, 2, 28), "2026-03", "2026-03-31T10:00", "spring", "2026-02-30"),
    "operation": (None, None, None, None, "present", "no", False),
}
ODD = (None, True, False, "yes", "no", "unheard of", Decimal(1), INDEX)
UNITS = (None, "1", "mm", "cm", "kg", "unheard of")


@dataclass(frozen=True)
class Chance:
    """Draws values from one seed."""

    random: Random

    def one(self, usual: object, *others: object, rarely: int = 8) -> object:
        """The usual value, but one of the others once in so many times."""
        return self.random.choice(others) if others and self.random.randrange(rarely) == 0 else usual

    def day(self, index: date) -> PartialDate:
        day = index - timedelta(
            days=self.random.choice(NEAR) if self.random.random() < 0.6 else self.random.randrange(-10, 70)
        )
        text = day.isoformat()
        return PartialDate.parse(str(self.one(text, text[:7], text[:7], text[:4], rarely=6)))

    def event(self, number: int, index: date) -> Event:
        concept = self.random.choice(CONCEPTS)
        start = self.one(self.day(index), None)
        period = concept == "course" or self.random.randrange(10) == 0
        return Event(
            concept=concept,
            source=f"event {number}",
            value=self.one(self.random.choice(VALUES.get(concept, (None,))), *ODD),
            unit=self.random.choice(UNITS)
            if concept == "size" and self.random.randrange(3) == 0
            else "mm"
            if concept == "size"
            else None,
            start=start,
            end=self.one(self.day(index), None, rarely=3) if period else start,
            recorded=self.one(None, self.day(index), self.day(index), self.day(index), rarely=3),
            kind=self.one(Kind.DONE, *Kind),
            asserter=self.random.choice(tuple(Asserter)),
            side=self.random.choice((EventSide.RIGHT, EventSide.LEFT, EventSide.BOTH, EventSide.RIGHT, None)),
            qualifiers=self.one(
                {"position": "neutral", "modality": "mri"},
                {},
                {"position": "flexed"},
                {"position": "odd", "modality": "ct"},
            ),
            unread=self.one(None, "not understood", rarely=25),
        )

    def event_for(self, pathway: Pathway, selection: Selection, number: int, index: date) -> Event:
        """An event that a selection looks at, now and then with something amiss."""
        concept = pathway.concepts[self.random.choice(selection.concepts)]
        usual: object = None
        if concept.unit:
            usual = Decimal(self.random.randrange(0, 40)) / 2
        elif selection.values or concept.values:
            usual = self.random.choice(selection.values or tuple(concept.values))
        elif self.random.randrange(4) == 0:
            usual = index - timedelta(days=self.random.choice((400, 12000, 24000)))
        start = self.one(self.long_ago(index), None, rarely=15)
        return Event(
            concept=concept.id,
            source=f"event {number}",
            value=self.one(usual, *ODD, rarely=20),
            unit=self.one(concept.unit, *UNITS, rarely=15),
            start=start,
            end=self.one(start, None, self.long_ago(index), rarely=3),
            recorded=self.one(None, self.day(index)),
            kind=self.one(Kind(self.random.choice(selection.kinds or ("done",))), *Kind, rarely=15),
            asserter=self.one(Asserter(self.random.choice(selection.asserters or ("clinician",))), *Asserter, rarely=5),
            side=self.random.choice((EventSide.RIGHT, EventSide.RIGHT, EventSide.LEFT, EventSide.BOTH, None)),
            qualifiers={
                name: self.random.choice(accepted).replace("*", "neutral")
                for name, accepted in selection.qualifiers.items()
                if self.random.randrange(8)
            },
        )

    def long_ago(self, index: date) -> PartialDate:
        """Within a year, seldom before; now and then known to the month or the year alone."""
        day = index - timedelta(days=self.random.choice((self.random.randrange(400), self.random.randrange(60), 1500)))
        text = day.isoformat()
        return PartialDate.parse(str(self.one(text, text[:7], text[:4], rarely=10)))

    def record(self, name: str, index: date) -> Record:
        """Some have few events of a concept, some many; now and then something could not be read."""
        events = [self.event(number, index) for number in range(self.random.choice((0, 4, 10, 18, 30)))]
        # What was written twice: on the same day, by the same person, with another value and recorded later or not.
        again = [each for each in events[:4] if each.unread is None]
        events += [
            replace(
                each,
                source=f"{each.source} again",
                value=self.random.choice(VALUES.get(each.concept, (None,))),
                recorded=self.one(each.recorded, self.day(index), rarely=2),
            )
            for each in again
        ]
        gaps = (
            (Gap(self.random.choice(CONCEPTS), State.QUERY_FAILED, "query"),) if self.random.randrange(12) == 0 else ()
        )
        return Record(Patient(name), tuple(replace(each, value=None) if each.unread else each for each in events), gaps)


def cohort(seed: int, size: int, dates: Sequence[date] = (INDEX,)) -> list[Asked]:
    """So many people, each asked about on one of the dates."""
    chance = Chance(Random(seed))
    asked = []
    for number in range(size):
        index = chance.random.choice(list(dates))
        asked.append(Asked(chance.record(f"p{number}", index), index))
    return asked


# ---- what is drawn ----------------------------------------------------------------------------------------------

MODIFIERS = (
    "kinds",
    "values",
    "unsided_when",
    "unsided_unless",
    "lifted_by",
    "while_it_lasts",
    "back_from",
    "unsided_values",
    "begun_values",
    "in_force",
    "qualifiers",
    "asserters",
    "patient_first",
    "window",
    "anchors",
)
OF_LATEST = ("stale_after", "yes", "no", "corrected_by", "any_yes_of", "largest", "smallest")


def drawn_in(pathway: Pathway) -> Iterator[str]:
    """The kinds of node, patterns and modifiers that a pathway uses."""
    for criterion in pathway.criteria.values():
        for node in walk(criterion.when):
            yield type(node).__name__
            if isinstance(node, Compare):
                yield from (node.operator.name, type(node.limit).__name__)
    for fact in pathway.facts.values():
        derivation = fact.derivation
        yield type(derivation).__name__
        yield f"conflict {fact.conflict.value}"
        yield f"absent {'no' if fact.absent.no else 'no when' if fact.absent.no_when else 'unknown'}"
        yield f"{fact.type.kind.value} of {fact.scope.value}"
        if isinstance(derivation, Compared):
            continue
        selection = derivation.selection
        yield f"side {selection.side.value}"
        yield from (name for name in MODIFIERS if getattr(selection, name))
        for anchor in selection.anchors:
            yield from (f"anchor {name}" for name in ("offset", "otherwise", "until") if getattr(anchor, name))
        if isinstance(derivation, Latest):
            yield from (
                f"{name} {getattr(derivation, name) if name in ('corrected_by', 'any_yes_of') else ''}".strip()
                for name in OF_LATEST
                if getattr(derivation, name)
            )
            if derivation.stale_after is not None and derivation.stale_after.values:
                yield "stale_after of codes"
        if isinstance(derivation, DateOf) and derivation.oldest:
            yield "oldest"


# ---- people of a pathway that is given --------------------------------------------------------------------------


def cohort_of(pathway: Pathway, seed: int, size: int, dates: Sequence[date] = (INDEX,)) -> list[Asked]:
    """So many people with events that the facts of the pathway look at, each asked about on one of the dates."""
    chance = Chance(Random(seed))
    derivations = (fact.derivation for fact in pathway.facts.values())
    selections_ = [each.selection for each in derivations if not isinstance(each, Compared)]
    asked = []
    for number in range(size):
        index = chance.random.choice(list(dates))
        count = chance.random.choice((3, 10, 25, 60))
        events = [chance.event_for(pathway, chance.random.choice(selections_), n, index) for n in range(count)]
        asked.append(Asked(Record(Patient(f"p{number}"), tuple(events)), index))
    return asked
