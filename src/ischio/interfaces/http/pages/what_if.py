"""What if: facts of one side supposed to be otherwise, and the answer beside the one as it is. Nothing is written.

What is supposed lives in the form of the page alone: it is sent with it, and gone with it.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain, islice
from urllib.parse import parse_qsl, urlencode

from starlette.responses import Response

from ischio.engine.what_if import what_if as ask
from ischio.interfaces.http.pages.frame import page
from ischio.interfaces.http.pages.visit import Visit
from ischio.interfaces.supposing import (
    allowed_words,
    gate_words,
    measured_words,
    name_words,
    sensitivity_words,
    status_words,
    value_words,
)
from ischio.interfaces.telling import key_facts, side_of
from ischio.interfaces.words import RECORDED, TRUTH_WORDS, UNIT_WORDS, Words, capital, day, side_title, title_of
from ischio.model.about import Scope, Side
from ischio.model.assessment import Assessment, Hip, Shown
from ischio.model.comparison import Changes, Position
from ischio.model.pathway import Pathway
from ischio.model.what_if import Ahead, Allowed, Supposed, WhatIf
from ischio.record.case_values import Unfit, given_value
from ischio.record.supposition import Supposition

YES, NO = "true", "false"
UNKNOWN = ".unknown"
"""After the id of a fact: the tick that supposes it not known."""
OFFERED = 8
SHOWN_WAYS = 3
SHOWN_RULES = 8
LISTED = ("due", "optional")
"""The statuses whose actions are listed whole, now and what if."""
Form = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Changeable:
    """A fact that can be supposed to be otherwise, as a field. kind: of its values; choices: of codes and their words.

    now: as it is. typed: what was entered, and fault: why that cannot be. forgotten: it is supposed not to be known.
    """

    name: str
    title: str
    kind: str
    unit: str
    choices: tuple[tuple[str, str], ...]
    now: str
    typed: str
    fault: str
    forgotten: bool


@dataclass(frozen=True, slots=True)
class Row:
    """What the answer says now and what if. what: the kind of thing, worded by the page; title: of which one."""

    what: str
    now: tuple[str, ...]
    then: tuple[str, ...]
    title: str = ""
    rule: str = ""

    @property
    def differs(self) -> bool:
        return self.now != self.then

    @property
    def stay(self) -> tuple[str, ...]:
        """What both hold."""
        return tuple(each for each in self.now if each in self.then)

    @property
    def gone(self) -> tuple[str, ...]:
        return tuple(each for each in self.now if each not in self.then)

    @property
    def new(self) -> tuple[str, ...]:
        return tuple(each for each in self.then if each not in self.now)


@dataclass(frozen=True, slots=True)
class Told:
    """A supposition as it is told. follows: it was not typed, but always follows from what was."""

    title: str
    now: str
    then: str
    differs: bool
    follows: bool


@dataclass(frozen=True, slots=True)
class Way:
    """A smallest change that opens the gate ahead. tried: the same as values of the form, as a query is written."""

    facts: tuple[str, ...]
    tried: str


@dataclass(frozen=True, slots=True)
class GateAhead:
    """What would decide the gate ahead. opens, closes: facts that are not known, of which a value alone could do it."""

    gate: str
    opens: tuple[str, ...]
    closes: tuple[str, ...]
    ways: tuple[Way, ...]
    more: bool


@dataclass(frozen=True, slots=True)
class Measured:
    """What the uncertainty of a measurement means. basis: the label of the parameter that says how large it is."""

    title: str
    parameter: str
    basis: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of supposing. others: what changes apart from this side, by the title of whose it is."""

    supposed: tuple[Told, ...]
    rows: tuple[Row, ...]
    rules: tuple[Row, ...]
    others: tuple[tuple[str, tuple[Row, ...]], ...]
    ahead: GateAhead | None
    measured: tuple[Measured, ...]

    @property
    def alike(self) -> bool:
        rows = (*self.rows, *self.rules, *chain.from_iterable(rows for _, rows in self.others))
        return not any(row.differs for row in rows)


def what_if(visit: Visit) -> Response:
    """GET and POST /p/{person}/what-if. The side of the first is in its query, that of the second in its form."""
    pathway, chart = visit.clinic.knowledge.pathway, visit.chart
    form = sent({name: visit.form.one(name) for name in visit.form.names()})
    side = side_of(form.get("side") or visit.request.query_params.get("side"), chart.assessment)
    suppositions, faults = read(pathway, side, form)
    answer = ask(pathway, chart.record, visit.today, () if faults else suppositions)
    names = named(pathway, chart.assessment, side, answer, form)
    return page(
        visit,
        "what_if",
        422 if faults else 200,
        side=side.value,
        title=side_title(pathway, side.value),
        sides=tuple((one.value, side_title(pathway, one.value)) for one in Side),
        fields=tuple(changeable(pathway, chart.assessment, side, name, form, faults) for name in names),
        more=more_facts(pathway, names),
        outcome=outcome(pathway, answer, side),
        faulty=bool(faults),
        shown_rules=SHOWN_RULES,
    )


# ---- the form -----------------------------------------------------------------------------------------------------


def sent(form: Form) -> Form:
    """The form with the values of the way that was pressed, if one was."""
    return {**form, **dict(parse_qsl(form.get("try", "")))}


def read(pathway: Pathway, side: Side, form: Form) -> tuple[tuple[Supposition, ...], Form]:
    """What a form supposes, and by fact what cannot be and how to mend it. A fact left empty stays as it is."""
    found: list[Supposition] = []
    faults: dict[str, str] = {}
    for name in form:
        text = "unknown" if form.get(f"{name}{UNKNOWN}") else form[name].strip().replace(",", ".")
        if name in pathway.facts and text:
            scope = pathway.facts[name].scope
            try:
                value = given_value(pathway.facts[name], scope, text)
                found.append(Supposition(name, side if scope is Scope.HIP else None, value))
            except Unfit as unfit:
                faults[name] = f"{unfit.what} {unfit.mend}"
    return tuple(found), faults


def named(pathway: Pathway, assessment: Assessment, side: Side, answer: WhatIf, form: Form) -> tuple[str, ...]:
    """The facts that have a field: those of the form and the one that was asked for besides; else what decides most."""
    asked = [name for name in (*form, form.get("another", "")) if name in pathway.facts]
    return tuple(dict.fromkeys(asked or islice(_deciding(pathway, assessment, side, answer), OFFERED)))


def _deciding(pathway: Pathway, assessment: Assessment, side: Side, answer: WhatIf) -> Iterator[str]:
    """The facts of the smallest changes that open the gate ahead, then those on which the position rests, each once."""
    ahead = [each for each in answer.ahead if each.side == side.value]
    ways = (allowed.fact for each in ahead for way in each.changes[:SHOWN_WAYS] for allowed in way)
    sets = (fact for each in ahead for facts in (*each.opens_with[:1], *each.closes_with[:1]) for fact in facts)
    hip = hip_of(assessment, side)
    known = (fact.id for fact in key_facts(hip, assessment.person.facts, Words(pathway, assessment, hip)))
    yield from dict.fromkeys((*ways, *sets, *known))


def hip_of(assessment: Assessment, side: Side) -> Hip:
    return next(hip for hip in assessment.hips if hip.side == side.value)


def changeable(pathway: Pathway, assessment: Assessment, side: Side, name: str, form: Form, faults: Form) -> Changeable:
    """The field of a fact, with what it is now and what was typed of it."""
    hip = hip_of(assessment, side)
    shown = next(fact for fact in (*hip.facts, *assessment.person.facts) if fact.id == name)
    value = value_words(pathway, name, shown.value, shown.unit)
    dated = shown.date is not None and shown.value is not None and value != day(shown.date)
    now = f"{value} ({day(shown.date)})" if dated and shown.date else value
    kind = pathway.facts[name].type
    return Changeable(
        name,
        _title(pathway, name),
        kind.kind.value,
        UNIT_WORDS.get(kind.unit, kind.unit),
        tuple(kind.codes.items()),
        now,
        form.get(name, ""),
        faults.get(name, ""),
        bool(form.get(f"{name}{UNKNOWN}")),
    )


def more_facts(pathway: Pathway, names: Iterable[str]) -> tuple[tuple[str, str], ...]:
    """Every other fact that somebody can be asked for, by its title."""
    rest = (name for name in pathway.enquiries if name not in set(names))
    return tuple(sorted(((name, _title(pathway, name)) for name in rest), key=lambda each: each[1].casefold()))


# ---- the answer ---------------------------------------------------------------------------------------------------


def outcome(pathway: Pathway, answer: WhatIf, side: Side) -> Outcome:
    """What the page tells of an answer, for one side."""
    changes = {part.part: part for part in answer.comparison.parts}
    own = changes.get(side.value, Changes(side.value))
    now, then = (next(at for at in positions if at.part == side.value) for positions in (answer.now, answer.then))
    others = {part: tuple(_differences(changes[part])) for part in (side.other.value, "person") if part in changes}
    return Outcome(
        tuple(_told(pathway, one) for one in answer.supposed if one.part in (side.value, "person")),
        (*_position(pathway, now, then), *_differences(own)),
        tuple(_rules(own)),
        tuple((_whose(pathway, part), rows) for part, rows in others.items() if rows),
        next((_gate_ahead(pathway, each) for each in answer.ahead if each.side == side.value), None),
        tuple(_measured(pathway, answer, side)),
    )


def _whose(pathway: Pathway, part: str) -> str:
    return "" if part == "person" else side_title(pathway, part)


def _told(pathway: Pathway, one: Supposed) -> Told:
    now, then = (value_words(pathway, one.fact, value, one.unit) for value in (one.before, one.after))
    return Told(_title(pathway, one.fact), now, then, one.differs, one.follows)


def _position(pathway: Pathway, now: Position, then: Position) -> Iterator[Row]:
    """Where the side stands and what comes next: told whether it differs or not."""
    yield Row("stage", (name_words(now.stage),), (name_words(then.stage),))
    if now.diversion or then.diversion:
        yield Row("diversion", (name_words(now.diversion),), (name_words(then.diversion),))
    yield Row("gate", (gate_words(pathway, now.next_gate),), (gate_words(pathway, then.next_gate),))
    for status in LISTED:
        yield Row(status, _having(now, status), _having(then, status))


def _having(at: Position, status: str) -> tuple[str, ...]:
    return tuple(action.title for action in at.actions if action.status == status)


def _differences(changes: Changes) -> Iterator[Row]:
    """What else differs: alerts, what became of actions that were not and are not offered, review and questions."""
    gone, new = (tuple(alert.title for alert in each) for each in (changes.alerts_gone, changes.alerts_new))
    if gone or new:
        yield Row("alerts", gone, new)
    for action in changes.actions:
        if changes.part == "person" or not {action.before, action.after} <= {*LISTED, "not_applicable"}:
            yield Row(
                "action", (status_words(action.before),), (status_words(action.after),), action.title, action.action
            )
    if changes.review:
        before, after = ((day(each),) if each else () for each in (changes.review.before, changes.review.after))
        yield Row("review", before, after)
    gone, new = (tuple(asked.title for asked in each) for each in (changes.questions_gone, changes.questions_new))
    if gone or new:
        yield Row("questions", gone, new)


def _rules(changes: Changes) -> Iterator[Row]:
    for change in changes.rules:
        yield Row("rule", (TRUTH_WORDS[change.before],), (TRUTH_WORDS[change.after],), change.title, change.rule)


# ---- how sure, and what would decide more -------------------------------------------------------------------------


def _gate_ahead(pathway: Pathway, ahead: Ahead) -> GateAhead:
    opens, closes = (
        tuple(_title(pathway, fact) for facts in sets[:1] for fact in facts)
        for sets in (ahead.opens_with, ahead.closes_with)
    )
    ways = tuple(_way(pathway, change) for change in ahead.changes[:SHOWN_WAYS])
    more = ahead.more or len(ahead.changes) > SHOWN_WAYS
    return GateAhead(gate_words(pathway, ahead.gate), opens, closes, ways, more)


def _way(pathway: Pathway, change: Iterable[Allowed]) -> Way:
    values = {allowed.fact: value for allowed in change if (value := _nearest(allowed)) is not None}
    return Way(tuple(_plainly(allowed_words(pathway, allowed)) for allowed in change), urlencode(values))


def _nearest(allowed: Allowed) -> str | None:
    """One of the values that would do, as the form has it; None where every value does, and so none is to be chosen."""
    ends = (end for each in allowed.ranges for end in (each.low, each.high))
    found: Shown = next((value for value in (*allowed.values, *ends) if value is not None), None)
    match found:
        case None:
            return None
        case bool():
            return YES if found else NO
        case str():
            return found
        case number:
            return f"{number:g}"


def _measured(pathway: Pathway, answer: WhatIf, side: Side) -> Iterator[Measured]:
    for found in answer.sensitivity:
        if found.side == side.value:
            label = pathway.parameters[found.parameter].about.label.value
            lines = tuple(sensitivity_words(pathway, found))
            yield Measured(measured_words(pathway, found), found.parameter, label, lines)


def _title(pathway: Pathway, name: str) -> str:
    """The title of a fact without the word that it is only recorded: here it is supposed."""
    return _plainly(title_of(pathway, name))


def _plainly(words: str) -> str:
    return capital(words.removeprefix(RECORDED))
