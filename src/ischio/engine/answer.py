"""What the pathway says of one person on one date, worked out part by part as it is asked for."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property

from ischio.engine.hip import HipView
from ischio.engine.judge import judges_of
from ischio.engine.lanes import Board, lanes_of_day
from ischio.engine.options import Option
from ischio.engine.questions import Ranked, Target, Tier, questions
from ischio.engine.review import next_review
from ischio.engine.status import RED_FLAG, Outcome, Status, outcome
from ischio.engine.validity import Judged, Validity, ahead, validity
from ischio.model.about import Scope, Side
from ischio.model.assessment import Question, ReviewShown
from ischio.model.pathway import Pathway
from ischio.model.rules import Action
from ischio.model.truth import TRUE, UNKNOWN
from ischio.record.derivation import derive
from ischio.record.events import Facts, Record, State


@dataclass(frozen=True)
class Answer:
    """The answer for one record on one index date. A missing datum is an unknown fact, never an error.

    telling: whether the facts say what was not used for them; where nobody asks, as for a card, they are found quicker.
    lasting: whether it will be asked until when the answer holds; then the index date is judged with the days after it.
    """

    pathway: Pathway
    record: Record
    index: date
    telling: bool = True
    lasting: bool = False

    @cached_property
    def facts(self) -> Mapping[Side, Facts]:
        return derive(self.pathway, self.record, self.index, self.telling)

    @cached_property
    def _ahead(self) -> Sequence[Judged]:
        return tuple(ahead(self.pathway, self.record, self.index, self.facts))

    @cached_property
    def _today(self) -> Judged:
        if self.lasting:
            return self._ahead[0]
        board = Board(self.pathway, lanes_of_day(self.index, self.facts[Side.RIGHT], self.facts[Side.LEFT]))
        return Judged(board, outcome(self.pathway, board))

    @property
    def board(self) -> Board:
        """The truths of all conditions; of each hip the first lane is that of the index date."""
        return self._today.board

    @property
    def outcome(self) -> Outcome:
        return self._today.outcome

    @cached_property
    def validity(self) -> Validity:
        return validity(self.pathway, self._ahead)

    @cached_property
    def hips(self) -> Mapping[Side, HipView]:
        whole = self.index, self.board, self.outcome
        judges = judges_of(self.pathway, self.facts, self.index)
        return {side: HipView(self.pathway, self.facts[side], *whole, side, judges[side]) for side in Side}

    def review(self, side: Side) -> ReviewShown | None:
        """When the next review of a hip is owed."""
        hip = self.hips[side]
        return next_review(self.pathway, hip.stage, hip.facts, self.index) if hip.stage is not None else None

    # ---- actions ----

    def option(self, action: Action, side: Side) -> Option:
        """An action of a hip; a person's action is told by the hip that speaks for it, whichever side is named."""
        return self._option(action, side if action.scope is Scope.HIP else self._speaker(action))

    def _option(self, action: Action, side: Side) -> Option:
        """An action as this very hip tells it."""
        key = side, action.id
        if key not in self._options:
            hip = self.hips[side]
            self._options[key] = Option(action, hip, self.hips, hip.statuses[action.id])
        return self._options[key]

    @cached_property
    def _options(self) -> dict[tuple[Side, str], Option]:
        return {}

    def _speaker(self, action: Action) -> Side:
        """The hip for which a person's action applies, else may apply, else the right one."""
        truths = {side: hip.truth(action.when) for side, hip in self.hips.items()}
        wished = (side for truth in (TRUE, UNKNOWN) for side in Side if truths[side] is truth)
        return next(wished, Side.RIGHT)

    # ---- questions ----

    @cached_property
    def _ranked(self) -> Mapping[Side, Sequence[Ranked]]:
        return {side: questions(self.pathway, self.facts[side], self._targets(side)) for side in Side}

    def questions_of_hip(self, side: Side) -> Iterator[Question]:
        """The questions about a hip's own facts."""
        return (one.question for one in self._ranked[side] if one.scope is Scope.HIP)

    def questions_of_person(self) -> Iterator[Question]:
        """The questions about the person, each once with its best rank and the reasons of both hips."""
        best: dict[str, Question] = {}
        for question in (
            one.question for of_hip in self._ranked.values() for one in of_hip if one.scope is Scope.PERSON
        ):
            other = best.get(question.fact, question)
            first = min(question, other, key=lambda either: either.rank)
            best[question.fact] = replace(first, why=tuple(dict.fromkeys(other.why + question.why)))
        return iter(sorted(best.values(), key=lambda question: question.rank))

    def _targets(self, side: Side) -> Iterator[Target]:
        """What is unknown of a hip and worth asking for; of the dead nothing is."""
        hip = self.hips[side]
        if hip.facts[self.pathway.deceased_fact].value is True:
            return
        if hip.stage is not None and hip.stage.review is not None:
            unknown = hip.unknown_facts(f"diversion_{RED_FLAG}")
            yield Target("alert:red_flag", Tier.ALERT, tuple(unknown))
            yield from _of_no_side(hip, [(f"diversion:{one.id}", one.criterion) for one in self.pathway.diversions])
        own = [stage for stage in self.pathway.stages if not stage.ordered]
        yield from _of_no_side(hip, [(f"stage:{one.id}", one.criterion) for one in own])
        gate = hip.gate_ahead
        if gate is not None and gate.truth is UNKNOWN:
            sets = gate.opens.sets + gate.closes.sets
            unknown = hip.unknown_facts(gate.condition.criterion)
            yield Target(f"gate:{gate.to}", Tier.NEXT_GATE, tuple(unknown), sets)
        for action in self.pathway.actions.values():
            yield from _targets_of(self._option(action, side))


def _of_no_side(hip: HipView, criteria: Iterable[tuple[str, str]]) -> Iterator[Target]:
    """Those of the criteria, each after its target's name, that hang on something recorded without a side."""
    for name, criterion in criteria:
        unknown = hip.unknown_facts(criterion)
        of_no_side = tuple(fact for fact in unknown if hip.facts[fact].state is State.SIDE_NOT_GIVEN)
        if of_no_side:
            yield Target(name, Tier.SIDE, of_no_side)


def _targets_of(option: Option) -> Iterator[Target]:
    action, name = option.action, f"action:{option.action.id}"
    if option.status is Status.CHECK_FIRST:
        yield Target(name, Tier.CHECK_FIRST, tuple(dict.fromkeys(option.facts_to_check())))
    elif option.status is Status.CANNOT_TELL:
        for condition in (action.when, action.done, action.in_progress):
            if condition is not None and option.hip.truth(condition) is UNKNOWN:
                yield Target(name, Tier.OTHER_ACTION, tuple(option.hip.unknown_facts(condition)))
