"""Whether a question is asked of a hip: a fact with an enquiry that a path of unknowns leads to from an unknown target.

Targets: a red flag, the gate ahead, an action that cannot be told or must be checked first. Where it is hard to say
exactly what engine/questions.py asks, fewer questions are assumed here, so that nothing is proved too easily.
"""

from collections.abc import Iterator

from ischio.backends.proof.action import Actions
from ischio.backends.proof.logic import FALSE, TRUE, Formula, all_of, any_of, negation
from ischio.backends.proof.person import AnyPerson
from ischio.engine.questions import sources_of
from ischio.engine.status import RED_FLAG, Status
from ischio.model.about import Side
from ischio.model.expression import Between, Compare, CriterionHolds, Expression, FactHolds, parts_of
from ischio.model.facts import Compared
from ischio.model.rules import Action

ANY_FACT = None


class Questions:
    """Formulas about what is asked of one person."""

    def __init__(self, person: AnyPerson, actions: Actions) -> None:
        self.person = person
        self.pathway = person.pathway
        self.actions = actions
        self._by_criterion: dict[tuple[str, Side, str | None], Formula] = {}

    def asked(self, side: Side) -> Formula:
        """Whether anything is asked of the hip; of the dead nothing is."""
        sought = any_of(self._for_alerts(side), self.for_gate(side), *self._for_actions(side))
        return all_of(negation(self.person.deceased().yes), sought)

    def for_gate(self, side: Side, fact: str | None = ANY_FACT) -> Formula:
        """Whether the gate ahead is unknown and the fact (or any) is asked for it."""
        ahead = self.person.next_gates(side)
        paths = (all_of(is_next, self._path(CriterionHolds(gate), side, fact)) for gate, is_next in ahead)
        return all_of(negation(self.person.deceased().yes), any_of(*paths))

    def _for_alerts(self, side: Side) -> Formula:
        """Red flags are asked about in every stage that has a review."""
        stages = self.person.stages(side)
        reviewed = any_of(*(stages[stage.id] for stage in self.pathway.stages if stage.review is not None))
        flagged = (each.criterion for each in self.pathway.diversions if each.id == RED_FLAG)
        return all_of(reviewed, any_of(*(self._path(CriterionHolds(criterion), side) for criterion in flagged)))

    def _for_actions(self, side: Side) -> Iterator[Formula]:
        for action in self.pathway.actions.values():
            status = self.actions.status(action, side)
            telling = (part for part in (action.when, action.done, action.in_progress) if part is not None)
            yield all_of(status[Status.CANNOT_TELL], any_of(*(self._path(part, side) for part in telling)))
            yield all_of(status[Status.CHECK_FIRST], any_of(*self._to_check(action, side)))

    def _to_check(self, action: Action, side: Side) -> Iterator[Formula]:
        for diversion in self.pathway.diversions:
            if not action.low_risk and diversion.id not in action.passes:
                unknown = self.person.diversion(diversion, side).unknown
                yield all_of(unknown, self._path(CriterionHolds(diversion.criterion), side))
        for rule in (*action.stops, *action.strong_cautions):
            unknown = self.actions.rule(action, rule, side).unknown
            yield all_of(unknown, self._path(rule.when, side))
        for must in action.must_know:
            named = FactHolds(must.name) if must.name in self.pathway.facts else CriterionHolds(must.name)
            yield all_of(self.actions.needed(action, must, side), self._path(named, side))

    def _path(self, condition: Expression, side: Side, goal: str | None = ANY_FACT) -> Formula:
        """Whether a path of unknowns leads from the condition to the goal (or any fact), which can be asked for."""
        match condition:
            case FactHolds(fact) | Compare(fact) | Between(fact):
                return FALSE if goal not in (ANY_FACT, fact) else self._learnt_by_asking(fact, side)
            case CriterionHolds(name):
                if (name, side, goal) not in self._by_criterion:
                    path = self._path(self.pathway.criteria[name].when, side, goal)
                    self._by_criterion[name, side, goal] = path
                return self._by_criterion[name, side, goal]
            case _:
                parts = (self._path(part, side, goal) for part in parts_of(condition))
                return all_of(self.person.truth(condition, side).unknown, any_of(*parts))

    def _learnt_by_asking(self, fact: str, side: Side) -> Formula:
        """Whether the fact is unknown, and it or an unknown fact that it derives from has an enquiry."""
        if fact in self.pathway.enquiries:
            asked = TRUE
        else:
            asked = any_of(*(self._learnt_by_asking(source, side) for source in sources_of(self.pathway, fact)))
        return all_of(negation(self.person.known(fact, side)), asked)


def compared_with_reason(person: AnyPerson) -> Iterator[Formula]:
    """Axioms: a fact compared from others is unknown only while one of them is."""
    for fact in person.pathway.facts.values():
        if isinstance(fact.derivation, Compared):
            for side in Side:
                inputs = [person.known(term.fact, side) for term in fact.derivation.terms]
                yield any_of(negation(all_of(*inputs)), person.known(fact.id, side))
