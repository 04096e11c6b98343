"""The answer for one person on one date: facts, stage, diversion, gate ahead, actions, questions, review, validity.

One call, one frozen `Assessment`; every interface renders that object.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property

from ischio.engine.hip import HipView
from ischio.engine.lanes import Board, lanes_of_day
from ischio.engine.options import Option
from ischio.engine.questions import Ranked, Target, Tier, questions
from ischio.engine.review import next_review
from ischio.engine.status import RED_FLAG, Outcome, Status, outcome
from ischio.engine.validity import Validity, validity
from ischio.model.assessment import (
    ActionShown,
    Assessment,
    Hip,
    IgnoredShown,
    ParameterShown,
    PathwayShown,
    PatientShown,
    Person,
)
from ischio.model.dates import Duration
from ischio.model.expression import CriterionHolds, Expression
from ischio.model.pathway import Action, Pathway, Quantity, Scope, Side
from ischio.model.truth import TRUE, UNKNOWN
from ischio.record.derivation import derive
from ischio.record.events import Facts, Ignored, Patient, Record

CONTRACT = "1.0"


def assess(pathway: Pathway, record: Record, index: date) -> Assessment:
    """Where each hip is on the pathway on the index date, what is due, why, and what cannot be told.

    A missing datum is an unknown fact, never an error.
    """
    facts = derive(pathway, record, index)
    board = Board(pathway, lanes_of_day(index, facts[Side.RIGHT], facts[Side.LEFT]))
    answer = _Answer(pathway, facts, index, board, outcome(pathway, board), validity(pathway, record, index, facts))
    return answer.assessment(record)


@dataclass(frozen=True)
class _Answer:
    """Words the outcome of both hips as an assessment."""

    pathway: Pathway
    facts: Mapping[Side, Facts]
    index: date
    board: Board
    outcome: Outcome
    validity: Validity

    @cached_property
    def hips(self) -> Mapping[Side, HipView]:
        whole = self.index, self.board, self.outcome
        return {side: HipView(self.pathway, self.facts[side], *whole, side) for side in Side}

    def assessment(self, record: Record) -> Assessment:
        ranked = {side: questions(self.pathway, self.facts[side], self._targets(side)) for side in Side}
        # The hips before the person: a criterion is written out where it is first met, and that is of its own hip.
        hips = tuple(self._hip(hip, ranked[side]) for side, hip in self.hips.items())
        return Assessment(
            CONTRACT,
            PathwayShown(self.pathway.id, self.pathway.version, self.pathway.overlay),
            self.index,
            tuple(self._parameters()),
            PatientShown(record.patient.id, age_on(record.patient, self.index), record.patient.sex),
            self._person(ranked),
            hips,
            tuple(IgnoredShown(ignored.source, ignored.why) for ignored in self._ignored(record)),
        )

    def _hip(self, hip: HipView, ranked: Sequence[Ranked]) -> Hip:
        return Hip(
            hip.side.value,
            hip.stage_shown(),
            hip.diversion_shown(),
            hip.gate_shown(),
            tuple(hip.alerts(Scope.HIP)),
            tuple(self._shown(action, hip) for action in self._actions(Scope.HIP)),
            tuple(one.question for one in ranked if one.scope is Scope.HIP),
            next_review(self.pathway, hip.stage, hip.facts, self.index) if hip.stage is not None else None,
            self.validity.of_hip[hip.side],
            tuple(hip.facts_shown(Scope.HIP)),
        )

    def _person(self, ranked: Mapping[Side, Sequence[Ranked]]) -> Person:
        right = self.hips[Side.RIGHT]
        return Person(
            tuple(right.alerts(Scope.PERSON)),
            tuple(self._shown(action, self._speaker(action)) for action in self._actions(Scope.PERSON)),
            tuple(one.question for one in _of_person(ranked.values())),
            tuple(right.facts_shown(Scope.PERSON)),
        )

    # ---- actions ----

    def _actions(self, scope: Scope) -> Iterator[Action]:
        return (action for action in self.pathway.actions.values() if action.scope is scope)

    def _shown(self, action: Action, hip: HipView) -> ActionShown:
        return Option(action, hip, self.hips).shown(self.validity.of_action[hip.side, action.id])

    def _speaker(self, action: Action) -> HipView:
        """The hip that speaks for a person's action: one for which it applies, else may apply, else the right one."""
        truths = {side: hip.truth(action.when) for side, hip in self.hips.items()}
        wished = (side for truth in (TRUE, UNKNOWN) for side in Side if truths[side] is truth)
        return self.hips[next(wished, Side.RIGHT)]

    # ---- questions ----

    def _targets(self, side: Side) -> Iterator[Target]:
        """What is unknown of a hip and worth asking for."""
        hip = self.hips[side]
        if hip.stage is not None and hip.stage.review is not None:
            yield _target(hip, "alert:red_flag", Tier.ALERT, CriterionHolds(f"diversion_{RED_FLAG}"))
        gate = hip.gate_ahead
        if gate is not None and gate.truth is UNKNOWN:
            sets = gate.opens.sets + gate.closes.sets
            yield _target(hip, f"gate:{gate.to}", Tier.NEXT_GATE, gate.condition, sets)
        for action in self.pathway.actions.values():
            yield from self._targets_of(Option(action, hip, self.hips))

    def _targets_of(self, option: Option) -> Iterator[Target]:
        action, name = option.action, f"action:{option.action.id}"
        if option.status is Status.CHECK_FIRST:
            yield Target(name, Tier.CHECK_FIRST, tuple(dict.fromkeys(option.facts_to_check())))
        elif option.status is Status.CANNOT_TELL:
            for condition in (action.when, action.done, action.in_progress):
                if condition is not None:
                    yield _target(option.hip, name, Tier.OTHER_ACTION, condition)

    # ---- the rest ----

    def _parameters(self) -> Iterator[ParameterShown]:
        for parameter in self.pathway.parameters.values():
            value = parameter.on(self.index)
            if isinstance(value, Quantity):
                unit = value.unit if value.unit != "1" else None
                yield ParameterShown(parameter.id, f"{value.value.normalize():f}", unit, parameter.overridden)
            else:
                words = str(value) if isinstance(value, Duration) else ", ".join(map(str, value))
                yield ParameterShown(parameter.id, words, None, parameter.overridden)

    def _ignored(self, record: Record) -> Iterator[Ignored]:
        """What was not used, each thing once: at intake, then by the facts."""
        by_facts = (one for facts in self.facts.values() for fact in facts.values() for one in fact.ignored)
        yield from dict.fromkeys((*record.ignored, *by_facts))


def _target(
    hip: HipView, name: str, tier: Tier, condition: Expression, sets: tuple[tuple[str, ...], ...] = ()
) -> Target:
    return Target(name, tier, tuple(hip.judge.unknown_facts(hip.judge.judge(condition))), sets)


def _of_person(ranked: Iterable[Sequence[Ranked]]) -> list[Ranked]:
    """The questions that belong to the person, each once with its best rank and the reasons of both hips."""
    best: dict[str, Ranked] = {}
    for one in (one for of_hip in ranked for one in of_hip if one.scope is Scope.PERSON):
        other = best.get(one.question.fact, one)
        first = min(one, other, key=lambda either: either.question.rank)
        why = tuple(dict.fromkeys(other.question.why + one.question.why))
        best[one.question.fact] = Ranked(replace(first.question, why=why), Scope.PERSON)
    return sorted(best.values(), key=lambda one: one.question.rank)


def age_on(patient: Patient, index: date) -> int | None:
    """Whole years on the index date; None if the birth date is not recorded or leaves it open."""
    if patient.birth_date is None:
        return None
    ages = {_years(born, index) for born in (patient.birth_date.earliest, patient.birth_date.latest)}
    return ages.pop() if len(ages) == 1 else None


def _years(born: date, index: date) -> int:
    return index.year - born.year - ((index.month, index.day) < (born.month, born.day))
