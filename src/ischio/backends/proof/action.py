"""The status of every action for any person, by the table of docs/explanation/meaning.md."""

from collections.abc import Iterable, Iterator, Mapping

from ischio.backends.proof.logic import (
    FALSE,
    KLEENE_FALSE,
    KLEENE_TRUE,
    TRUE,
    Formula,
    Kleene,
    all_of,
    any_of,
    first_of,
    kleene_any,
    negation,
)
from ischio.backends.proof.person import AnyPerson
from ischio.engine.status import RED_FLAG, Status
from ischio.model.about import Scope, Side
from ischio.model.expression import Expression
from ischio.model.rules import Action, MustKnow, SafetyRule


class Actions:
    """Formulas about the actions of one person. A person's action is the same whichever side is asked for."""

    def __init__(self, person: AnyPerson) -> None:
        self.person = person
        self._statuses: dict[tuple[str, Side], Mapping[Status, Formula]] = {}

    def status(self, action: Action, side: Side) -> Mapping[Status, Formula]:
        """Of each status, whether the action has it: the first in the table that holds."""
        key = action.id, Side.RIGHT if action.scope is Scope.PERSON else side
        if key not in self._statuses:
            self._statuses[key] = first_of(self._ladder(action, side))
        return self._statuses[key]

    def offered(self, action: Action, side: Side) -> Formula:
        status = self.status(action, side)
        return any_of(status[Status.DUE], status[Status.OPTIONAL])

    def due(self, action: Action, side: Side) -> Formula:
        return self.status(action, side)[Status.DUE]

    def _ladder(self, action: Action, side: Side) -> Iterator[tuple[Status, Formula]]:
        wanted = self._joined(action, action.when, side, KLEENE_FALSE)
        live, done = self.live(action, side), self._joined(action, action.done, side, KLEENE_FALSE)
        in_progress = self._joined(action, action.in_progress, side, KLEENE_FALSE)
        stops = self._rules(action, action.stops, side)
        strong = self._rules(action, action.strong_cautions, side)
        due = self._joined(action, action.due_when, side, KLEENE_TRUE)
        yield Status.NOT_APPLICABLE, any_of(wanted.no, self.person.deceased().yes)
        yield Status.BLOCKED, any_of(live.no, *(stop.yes for stop in stops))
        yield Status.IN_PROGRESS, in_progress.yes
        yield Status.DONE, done.yes
        yield Status.CANNOT_TELL, any_of(live.unknown, done.unknown, in_progress.unknown)
        unclear = FALSE if action.low_risk else negation(self.clear(action, side))
        unknown = (rule.unknown for rule in (*stops, *strong))
        yield Status.CHECK_FIRST, any_of(unclear, *unknown, *self.missing(action, side))
        yield Status.OPTIONAL, any_of(*(caution.yes for caution in strong), negation(due.yes))
        yield Status.DUE, TRUE

    # ---- over one hip or both -----------------------------------------------------------------------------------

    def hips(self, action: Action, side: Side) -> tuple[Side, ...]:
        """The hips that the action is judged for."""
        return tuple(Side) if action.scope is Scope.PERSON else (side,)

    def when(self, action: Action, hip: Side) -> Kleene:
        return self.person.truth(action.when, hip)

    def diverted(self, action: Action, hip: Side) -> Kleene:
        """The diversions that the action does not pass; of a person's action the red flag of either hip."""
        return kleene_any(
            self.person.diversion(diversion, judged)
            for diversion in self.person.pathway.diversions
            if diversion.id not in action.passes
            for judged in (self.hips(action, hip) if diversion.id == RED_FLAG else (hip,))
        )

    def live(self, action: Action, side: Side) -> Kleene:
        """Whether the action applies to a hip that is not known to be diverted."""
        return kleene_any(self.live_of(action, hip) for hip in self.hips(action, side))

    def live_of(self, action: Action, hip: Side) -> Kleene:
        """The same for one of the hips."""
        when, diverted = self.when(action, hip), self.diverted(action, hip).yes
        return Kleene(all_of(when.yes, negation(diverted)), any_of(when.no, diverted))

    def clear(self, action: Action, side: Side) -> Formula:
        """Whether the action applies to a hip known not to be diverted, of a person known to be alive."""
        hips = self.hips(action, side)
        undiverted = (all_of(self.when(action, hip).yes, self.diverted(action, hip).no) for hip in hips)
        return all_of(any_of(*undiverted), self.person.deceased().no)

    def _joined(self, action: Action, condition: Expression | None, side: Side, left_out: Kleene) -> Kleene:
        if condition is None:
            return left_out
        return kleene_any(self.person.truth(condition, hip) for hip in self.hips(action, side))

    def _rules(self, action: Action, rules: Iterable[SafetyRule], side: Side) -> list[Kleene]:
        return [self.rule(action, rule, side) for rule in rules]

    def rule(self, action: Action, rule: SafetyRule, side: Side) -> Kleene:
        """The truth of a stop, strong caution or caution."""
        return self._joined(action, rule.when, side, KLEENE_FALSE)

    # ---- must-knows ---------------------------------------------------------------------------------------------

    def missing(self, action: Action, side: Side) -> Iterator[Formula]:
        """Of each must-know, whether it is unknown on a hip that needs it."""
        for must in action.must_know:
            for hip in self.hips(action, side):
                yield all_of(self.needed(action, must, hip), negation(self._known(must.name, hip)))

    def needed(self, action: Action, must: MustKnow, hip: Side) -> Formula:
        """Whether the hip needs the must-know."""
        wanting = TRUE if action.scope is Scope.HIP else negation(self.when(action, hip).no)
        needed = FALSE if must.needed_when is None else self.person.truth(must.needed_when, hip).no
        return all_of(wanting, negation(needed))

    def _known(self, name: str, hip: Side) -> Formula:
        if name in self.person.pathway.facts:
            return self.person.known(name, hip)
        return negation(self.person.criterion(name, hip).unknown)
