"""The answer for one person on one date: facts, stage, diversion, gate ahead, actions, questions, review, validity.

One call, one frozen `Assessment`; every interface renders that object.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property

from ischio.engine.deciding import Sets, closes_with, opens_with
from ischio.engine.evidence import certainty, shown_evidence
from ischio.engine.judge import Judge, shown, unit_shown, used_value
from ischio.engine.lanes import Board, lanes_of_day
from ischio.engine.questions import Ranked, Target, Tier, questions
from ischio.engine.review import next_review
from ischio.engine.status import NOT_ON_PATHWAY, OFFERED, PRESENT, RED_FLAG, Outcome, Status, named, outcome
from ischio.engine.validity import Validity, validity
from ischio.language.regions import interval_on
from ischio.model.assessment import (
    ActionShown,
    AlertShown,
    Assessment,
    DiversionShown,
    FactShown,
    GateShown,
    Hip,
    IgnoredShown,
    Judgement,
    ParameterShown,
    PathwayShown,
    PatientShown,
    Person,
    Reason,
    StageShown,
)
from ischio.model.dates import Duration, shift
from ischio.model.expression import AllOf, CriterionHolds, Expression, Not
from ischio.model.pathway import Action, DueDate, Pathway, Quantity, SafetyRule, Scope, Side
from ischio.model.truth import TRUE, UNKNOWN, Truth
from ischio.record.derivation import derive
from ischio.record.events import Facts, Patient, Record

CONTRACT = "1.0"
LANE = {Side.RIGHT: 0, Side.LEFT: 1}


def assess(pathway: Pathway, record: Record, index: date) -> Assessment:
    """Where each hip is on the pathway on the index date, what is due, why, and what cannot be told.

    Raises RecordError only for what the record as a whole makes impossible; a missing datum is an unknown fact.
    """
    facts = derive(pathway, record, index)
    board = Board(pathway, lanes_of_day(index, _values(facts[Side.RIGHT]), _values(facts[Side.LEFT])))
    answer = _Answer(pathway, facts, index, outcome(pathway, board), validity(pathway, record, index, facts))
    return answer.assessment(record)


def _values(facts: Facts) -> dict[str, object]:
    return {name: fact.value for name, fact in facts.items()}


@dataclass(frozen=True)
class _Answer:
    """Words the outcome of both hips as an assessment."""

    pathway: Pathway
    facts: Mapping[Side, Facts]
    index: date
    outcome: Outcome
    validity: Validity

    @cached_property
    def hips(self) -> Mapping[Side, "_HipAnswer"]:
        return {side: _HipAnswer(self, side) for side in Side}

    def assessment(self, record: Record) -> Assessment:
        ranked = {side: hip.questions for side, hip in self.hips.items()}
        hips = tuple(hip.shown(ranked[side]) for side, hip in self.hips.items())
        return Assessment(
            CONTRACT,
            PathwayShown(self.pathway.id, self.pathway.version, self.pathway.overlay),
            self.index,
            tuple(self._parameters()),
            _patient(record.patient, self.index),
            self._person(ranked),
            hips,
            tuple(IgnoredShown(ignored.source, ignored.why) for ignored in self._ignored(record)),
        )

    def _parameters(self) -> Iterator[ParameterShown]:
        for parameter in self.pathway.parameters.values():
            value = parameter.on(self.index)
            unit = value.unit if isinstance(value, Quantity) and value.unit != "1" else None
            words = f"{value.value.normalize():f}" if isinstance(value, Quantity) else _duration_words(value)
            yield ParameterShown(parameter.id, words, unit, parameter.overridden)

    def _ignored(self, record: Record) -> Iterator[object]:
        seen: dict[object, None] = dict.fromkeys(record.ignored)
        for facts in self.facts.values():
            for fact in facts.values():
                seen.update(dict.fromkeys(fact.ignored))
        yield from seen

    def _person(self, ranked: Mapping[Side, Sequence[Ranked]]) -> Person:
        hips = self.hips.values()
        alerts = {alert.id: alert for hip in hips for alert in hip.alerts(Scope.PERSON)}
        best: dict[str, Ranked] = {}
        for one in (one for each in ranked.values() for one in each if one.scope is Scope.PERSON):
            other = best.get(one.question.fact)
            best[one.question.fact] = one if other is None else _merged(one, other)
        order = sorted(best.values(), key=lambda one: one.question.rank)
        actions = [action for action in self.pathway.actions.values() if action.scope is Scope.PERSON]
        return Person(
            tuple(alerts.values()),
            tuple(self._speaker(action).action(action) for action in actions),
            tuple(one.question for one in order),
            tuple(self.hips[Side.RIGHT].facts_shown(Scope.PERSON)),
        )

    def _speaker(self, action: Action) -> "_HipAnswer":
        """The hip that speaks for a person's action: the one for which it applies, else may apply, else the right."""
        truths = {side: hip.judge.judge(action.when).truth for side, hip in self.hips.items()}
        for wished in (TRUE, UNKNOWN):
            for side, truth in truths.items():
                if truth is wished:
                    return self.hips[side]
        return self.hips[Side.RIGHT]


def _merged(one: Ranked, other: Ranked) -> Ranked:
    first, second = sorted((one, other), key=lambda ranked: ranked.question.rank)
    why = tuple(dict.fromkeys(first.question.why + second.question.why))
    return Ranked(replace(first.question, why=why), first.scope)


@dataclass(frozen=True)
class _HipAnswer:
    """One hip's part of the answer."""

    whole: _Answer
    side: Side

    @cached_property
    def pathway(self) -> Pathway:
        return self.whole.pathway

    @cached_property
    def facts(self) -> Facts:
        return self.whole.facts[self.side]

    @cached_property
    def judge(self) -> Judge:
        return Judge(self.pathway, self.facts, self.whole.index)

    @cached_property
    def stage_id(self) -> str:
        return named(self.whole.outcome.stages, LANE[self.side]) or NOT_ON_PATHWAY

    def status(self, action: Action) -> Status:
        return self.whole.outcome.status(action.id, LANE[self.side])

    def shown(self, ranked: Sequence[Ranked]) -> Hip:
        stages = {stage.id: stage for stage in self.pathway.stages}
        stage = stages.get(self.stage_id)
        return Hip(
            self.side.value,
            self._stage(),
            self._diversion(),
            self.next_gate,
            tuple(self.alerts(Scope.HIP)),
            tuple(self.action(action) for action in self._actions()),
            tuple(one.question for one in ranked if one.scope is Scope.HIP),
            next_review(self.pathway, stage, self.facts, self.whole.index) if stage is not None else None,
            self.whole.validity.of_hip[self.side],
            tuple(self.facts_shown(Scope.HIP)),
        )

    # ---- stage, diversion, gate, alerts ----

    def _stage(self) -> StageShown:
        stage = next((stage for stage in self.pathway.stages if stage.id == self.stage_id), None)
        if stage is None:
            first = self.pathway.ordered_stages[0].criterion or ""
            return StageShown(NOT_ON_PATHWAY, "Not on the pathway", None, (self.judge.criterion(first),))
        return StageShown(
            stage.id, stage.about.title, self._date(stage.since), (self.judge.criterion(stage.criterion or ""),)
        )

    def _diversion(self) -> DiversionShown | None:
        name = named(self.whole.outcome.diversions, LANE[self.side])
        if name is None:
            return None
        diversion = next(diversion for diversion in self.pathway.diversions if diversion.id == name)
        return DiversionShown(name, diversion.about.title, (self.judge.criterion(diversion.criterion),))

    @cached_property
    def next_gate(self) -> GateShown | None:
        lane = 1 << LANE[self.side]
        found = next((key for key, lanes in self.whole.outcome.next_gates.items() if lanes & lane), None)
        if found is None:
            return None
        to, truth = found
        condition = CriterionHolds(self.pathway.stage(to).criterion or "")
        opens, closes = self._sets(condition, truth)
        return GateShown(
            to,
            Truth(truth),
            (self.judge.judge(condition),),
            opens.sets,
            closes.sets,
            opens.more or closes.more,
        )

    def _sets(self, condition: Expression, truth: str) -> tuple[Sets, Sets]:
        if truth != Truth.UNKNOWN.value:
            return Sets((), False), Sets((), False)
        search = (self.pathway, self.facts, self.whole.index, condition)
        return opens_with(*search), closes_with(*search)

    def alerts(self, scope: Scope) -> Iterator[AlertShown]:
        for flag in self.pathway.flags:
            fact = self.facts[flag.fact]
            if fact.value == PRESENT and self.pathway.facts[flag.fact].scope is scope:
                reason = Judgement(None, flag.about.sentence, TRUE, (used_value(self.pathway, fact),))
                yield AlertShown(flag.fact, flag.about.title, flag.urgency, (reason,))

    # ---- actions ----

    def _actions(self) -> Iterator[Action]:
        return (action for action in self.pathway.actions.values() if action.scope is Scope.HIP)

    def action(self, action: Action) -> ActionShown:
        """An action of this hip, or a person's action for which this hip speaks."""
        status, about = self.status(action), action.about
        return ActionShown(
            action.id,
            about.title,
            about.sentence,
            action.kind.value,
            action.low_risk,
            status.value,
            about.label.value,
            certainty(self.pathway, about.label, about.evidence),
            shown_evidence(self.pathway, about.evidence),
            about.seed_lines,
            tuple(self._because(action, status)),
            tuple(self._blocked_by(action)) if status is Status.BLOCKED else (),
            tuple(self._cautions(action)),
            tuple(self._check_first(action)) if status is Status.CHECK_FIRST else (),
            self._opens(action, status),
            self._moved(action.due) if action.due is not None and status in OFFERED else None,
            self._until(action) if status is Status.BLOCKED else None,
            self.whole.validity.of_action[self.side, action.id],
        )

    def _because(self, action: Action, status: Status) -> Iterator[Judgement]:
        yield self.judge.judge(action.when)
        told_by = {
            Status.IN_PROGRESS: action.in_progress,
            Status.DONE: action.done,
            Status.OPTIONAL: action.due_when,
            Status.DUE: action.due_when,
        }
        condition = told_by.get(status)
        if condition is not None:
            yield self.judge.judge(condition)

    def _diversions(self, action: Action, truth: Truth) -> Iterator[Reason]:
        """The diversions that the action does not pass and that have this truth."""
        if action.low_risk and truth is UNKNOWN:
            return
        ordered = {stage.id for stage in self.pathway.ordered_stages} | {NOT_ON_PATHWAY}
        for diversion in self.pathway.diversions:
            tried = not diversion.only_ordered or self.stage_id in ordered
            if tried and diversion.id not in action.passes and self._diversion_truth(action, diversion.id) is truth:
                yield Reason(diversion.criterion, diversion.about.title)

    def _diversion_truth(self, action: Action, diversion: str) -> Truth:
        criterion = next(one.criterion for one in self.pathway.diversions if one.id == diversion)
        own = self.judge.criterion(criterion).truth
        if action.scope is Scope.HIP or diversion != RED_FLAG or own is TRUE:
            return own
        other = self.whole.hips[self.side.other].judge.criterion(criterion).truth
        return other if own is not UNKNOWN or other is TRUE else own

    def _rules(self, action: Action, rules: Sequence[SafetyRule], truth: Truth) -> Iterator[SafetyRule]:
        hips = [self] if action.scope is Scope.HIP else list(self.whole.hips.values())
        for rule in rules:
            truths = [hip.judge.judge(rule.when).truth for hip in hips]
            if truth in truths and (truth is TRUE or TRUE not in truths):
                yield rule

    def _blocked_by(self, action: Action) -> Iterator[Reason]:
        yield from self._diversions(action, TRUE)
        yield from (Reason(rule.id, rule.about.title) for rule in self._rules(action, action.stops, TRUE))

    def _cautions(self, action: Action) -> Iterator[Reason]:
        rules = (*action.strong_cautions, *action.cautions)
        yield from (Reason(rule.id, rule.about.title) for rule in self._rules(action, rules, TRUE))

    def _check_first(self, action: Action) -> Iterator[Reason]:
        yield from self._diversions(action, UNKNOWN)
        rules = (*action.stops, *action.strong_cautions)
        yield from (Reason(rule.id, rule.about.title) for rule in self._rules(action, rules, UNKNOWN))
        yield from (Reason(name, self._title(name)) for name in self._unknown_must_knows(action))

    def _unknown_must_knows(self, action: Action) -> Iterator[str]:
        for must in action.must_know:
            needed = must.needed_when is None or self.judge.judge(must.needed_when).truth is not Truth.FALSE
            if needed and self._is_unknown(must.name):
                yield must.name

    def _is_unknown(self, name: str) -> bool:
        if name in self.pathway.criteria:
            return self.judge.criterion(name).truth is UNKNOWN
        return self.facts[name].value is None

    def _title(self, name: str) -> str:
        rule = self.pathway.criteria.get(name) or self.pathway.facts[name]
        return rule.about.title

    def _opens(self, action: Action, status: Status) -> tuple[tuple[str, ...], ...]:
        """For an action that cannot be told: what would make it apply with nothing done or under way."""
        if status is not Status.CANNOT_TELL:
            return ()
        undone = [Not(part) for part in (action.done, action.in_progress) if part is not None]
        condition = AllOf((action.when, *undone)) if undone else action.when
        return opens_with(self.pathway, self.facts, self.whole.index, condition).sets

    def _until(self, action: Action) -> date | None:
        days = [self._moved(rule.until) for rule in self._rules(action, action.stops, TRUE) if rule.until is not None]
        return max((day for day in days if day is not None), default=None)

    def _moved(self, named_date: DueDate) -> date | None:
        day = self._date(named_date.fact)
        if day is None or named_date.plus is None:
            return day
        return shift(day, interval_on(self.pathway, named_date.plus, self.whole.index))

    def _date(self, fact: str | None) -> date | None:
        value = self.facts[fact].value if fact is not None else None
        return value if isinstance(value, date) else None

    # ---- questions ----

    @cached_property
    def questions(self) -> tuple[Ranked, ...]:
        return questions(self.pathway, self.facts, self._targets())

    def _targets(self) -> Iterator[Target]:
        stage = next((stage for stage in self.pathway.stages if stage.id == self.stage_id), None)
        if stage is not None and stage.review is not None:
            yield self._target("alert:red_flag", Tier.ALERT, CriterionHolds(f"diversion_{RED_FLAG}"))
        if self.next_gate is not None and self.next_gate.truth is UNKNOWN:
            gate = CriterionHolds(self.pathway.stage(self.next_gate.to).criterion or "")
            sets = self.next_gate.opens_with + self.next_gate.closes_with
            yield self._target(f"gate:{self.next_gate.to}", Tier.NEXT_GATE, gate, sets)
        for action in self.pathway.actions.values():
            yield from self._targets_of(action)

    def _targets_of(self, action: Action) -> Iterator[Target]:
        name, status = f"action:{action.id}", self.status(action)
        if status is Status.CHECK_FIRST:
            facts = dict.fromkeys(fact for fact in self._facts_to_check(action))
            yield Target(name, Tier.CHECK_FIRST, tuple(facts))
        elif status is Status.CANNOT_TELL:
            for condition in (action.when, action.done, action.in_progress):
                if condition is not None:
                    yield self._target(name, Tier.OTHER_ACTION, condition)

    def _facts_to_check(self, action: Action) -> Iterator[str]:
        rules = {rule.id: rule.when for rule in (*action.stops, *action.strong_cautions)}
        for reason in self._check_first(action):
            if reason.id in rules:
                yield from self.judge.unknown_facts(self.judge.judge(rules[reason.id]))
            elif reason.id in self.pathway.criteria:
                yield from self.judge.unknown_facts(self.judge.criterion(reason.id))
            else:
                yield reason.id

    def _target(self, name: str, tier: Tier, condition: Expression, sets: tuple[tuple[str, ...], ...] = ()) -> Target:
        return Target(name, tier, tuple(self.judge.unknown_facts(self.judge.judge(condition))), sets)

    # ---- facts ----

    def facts_shown(self, scope: Scope) -> Iterator[FactShown]:
        for fact in self.facts.values():
            definition = self.pathway.facts[fact.fact]
            if definition.scope is scope:
                value, unit = shown(definition.type, fact.value), unit_shown(definition.type)
                yield FactShown(fact.fact, value, unit, fact.date, fact.source, fact.state.value, fact.note)


def _patient(patient: Patient, index: date) -> PatientShown:
    return PatientShown(patient.id, _age(patient, index), patient.sex)


def _age(patient: Patient, index: date) -> int | None:
    """Whole years on the index date; None if the birth date leaves it open."""
    if patient.birth_date is None:
        return None
    ages = {_years(born, index) for born in (patient.birth_date.earliest, patient.birth_date.latest)}
    return ages.pop() if len(ages) == 1 else None


def _years(born: date, index: date) -> int:
    return index.year - born.year - ((index.month, index.day) < (born.month, born.day))


def _duration_words(value: Duration | tuple[Duration, ...]) -> str:
    return str(value) if isinstance(value, Duration) else ", ".join(map(str, value))
