"""An action as it is told: its status, why, what blocks it, what speaks for caution, what must be checked first."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from ischio.engine.evidence import certainty, shown_evidence
from ischio.engine.hip import HipView
from ischio.engine.judge import Writer
from ischio.engine.status import OFFERED, RED_FLAG, Status
from ischio.model.about import Scope, Side
from ischio.model.assessment import ActionShown, Judgement, Reason
from ischio.model.pathway import Pathway
from ischio.model.rules import Action, Diversion, SafetyRule
from ischio.model.truth import FALSE, TRUE, UNKNOWN, Truth, disjunction


@dataclass(frozen=True)
class Option:
    """One action for one hip, or a person's action for which one hip speaks."""

    action: Action
    hip: HipView
    hips: Mapping[Side, HipView]
    status: Status

    @property
    def pathway(self) -> Pathway:
        return self.hip.pathway

    @property
    def writer(self) -> Writer:
        return self.hip.writer if self.action.scope is Scope.HIP else self.hip.person_writer

    @property
    def judged_on(self) -> tuple[HipView, ...]:
        """The hips on which it is judged: one, or both for a person's action."""
        return (self.hip,) if self.action.scope is Scope.HIP else tuple(self.hips.values())

    def shown(self, valid_until: date | None) -> ActionShown:
        action, about, status = self.action, self.action.about, self.status
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
            tuple(self._because()),
            tuple(self.blocked_by()),
            tuple(self.cautions()),
            tuple({reason.title: reason for reason in self.check_first}.values()) if self.check_first else (),
            self._opens_with(),
            self.due,
            self.until,
            valid_until,
        )

    @cached_property
    def check_first(self) -> tuple[Reason, ...]:
        """What is unknown and must be known: diversions, stops, strong cautions, must-knows."""
        return tuple(self._unknown()) if self.status is Status.CHECK_FIRST else ()

    def _unknown(self) -> Iterator[Reason]:
        if not self.action.low_risk:
            yield from (_of_diversion(one) for one in self._diversions(UNKNOWN))
        rules = (*self.action.stops, *self.action.strong_cautions)
        yield from (_of_rule(rule) for rule in self._rules(rules, UNKNOWN))
        yield from (Reason(name, self._title(name)) for name in self._unknown_must_knows())

    def facts_to_check(self) -> Iterator[str]:
        """The unknown facts behind what must be checked first."""
        rules = {rule.id: rule.when for rule in (*self.action.stops, *self.action.strong_cautions)}
        for reason in self.check_first:
            if reason.id in rules:
                yield from self.hip.unknown_facts(rules[reason.id])
            elif reason.id in self.pathway.criteria:
                yield from self.hip.unknown_facts(reason.id)
            else:
                yield reason.id

    def _because(self) -> Iterator[Judgement]:
        yield self.writer.condition(self.action.when)
        told_by = {
            Status.IN_PROGRESS: self.action.in_progress,
            Status.DONE: self.action.done,
            Status.OPTIONAL: self.action.due_when,
            Status.DUE: self.action.due_when,
        }
        condition = told_by.get(self.status)
        if condition is not None:
            yield self.writer.condition(condition)

    @property
    def due(self) -> date | None:
        """From when it is due, where the action names a date."""
        return self.hip.moved(self.action.due) if self.action.due is not None and self.status in OFFERED else None

    @property
    def until(self) -> date | None:
        """When the last of the stops that hold lifts, as far as dated."""
        if self.status is not Status.BLOCKED:
            return None
        dated = [rule.until for rule in self._rules(self.action.stops, TRUE) if rule.until is not None]
        return max((day for day in map(self.hip.moved, dated) if day is not None), default=None)

    def blocked_by(self) -> Iterator[Reason]:
        """The diversions and stops that block it."""
        if self.status is not Status.BLOCKED:
            return
        yield from (_of_diversion(one) for one in self._diversions(TRUE))
        yield from self.stops()

    def stops(self) -> Iterator[Reason]:
        """The stops that hold, whatever the status: also where the pathway does not ask for the action."""
        yield from (_of_rule(rule) for rule in self._rules(self.action.stops, TRUE))

    def cautions(self) -> Iterator[Reason]:
        """The strong cautions and cautions that hold."""
        rules = (*self.action.strong_cautions, *self.action.cautions)
        yield from (_of_rule(rule) for rule in self._rules(rules, TRUE))

    def _diversions(self, truth: Truth) -> Iterator[Diversion]:
        """The diversions that the action does not pass and that have this truth on the hip."""
        for diversion in self.pathway.diversions:
            tried = self.hip.on_ordered_stage or not diversion.only_ordered
            if tried and diversion.id not in self.action.passes and self._truth_of(diversion) is truth:
                yield diversion

    def _truth_of(self, diversion: Diversion) -> Truth:
        """A red flag on either hip counts for what belongs to the person."""
        hips = self.judged_on if diversion.id == RED_FLAG else (self.hip,)
        return disjunction(hip.truth(diversion.criterion) for hip in hips)

    def _rules(self, rules: Sequence[SafetyRule], truth: Truth) -> Iterator[SafetyRule]:
        if not rules:
            return
        hips = self.judged_on
        for rule in rules:
            if disjunction([hip.truth(rule.when) for hip in hips]) is truth:
                yield rule

    def _unknown_must_knows(self) -> Iterator[str]:
        wanting = [hip for hip in self.judged_on if hip.truth(self.action.when) is not FALSE]
        for must in self.action.must_know:
            needing = [hip for hip in wanting if must.needed_when is None or hip.truth(must.needed_when) is not FALSE]
            if any(hip.is_unknown(must.name) for hip in needing):
                yield must.name

    def _title(self, name: str) -> str:
        rule = self.pathway.criteria.get(name) or self.pathway.facts[name]
        return rule.about.title

    def _opens_with(self) -> tuple[tuple[str, ...], ...]:
        """For an action that cannot be told: what would make it apply with nothing done or under way."""
        return self.hip.deciding.opens_with(self.action.id).sets if self.status is Status.CANNOT_TELL else ()


def _of_diversion(diversion: Diversion) -> Reason:
    return Reason(diversion.criterion, diversion.about.title)


def _of_rule(rule: SafetyRule) -> Reason:
    return Reason(rule.id, rule.about.title)
