"""Where both hips and the person stand, read from the lanes without reasons: on one date or on many."""

from collections.abc import Iterator
from dataclasses import dataclass

from ischio.engine.answer import Answer
from ischio.engine.status import NOT_ON_PATHWAY, Outcome, named
from ischio.model.about import Scope, Side
from ischio.model.comparison import ActionAt, GateAt, Named, Position
from ischio.model.pathway import Pathway
from ischio.model.truth import Truth


def positions(answer: Answer) -> tuple[Position, ...]:
    """Where right hip, left hip and person stand on the index date."""
    return Positions(answer.pathway, answer.outcome, len(answer.board.lanes.dates)).on(0)


@dataclass(frozen=True)
class Positions:
    """The positions on `count` dates, in lanes: the right hip's first, then the left's."""

    pathway: Pathway
    outcome: Outcome
    count: int

    def on(self, place: int) -> tuple[Position, ...]:
        """The positions of right hip, left hip and person on the date at this place."""
        hips = (self._of_hip(side, place + offset) for side, offset in ((Side.RIGHT, 0), (Side.LEFT, self.count)))
        return (*hips, self._of_person(place))

    def _of_hip(self, side: Side, lane: int) -> Position:
        diversion = named(self.outcome.diversions, lane)
        titles = {one.id: one.about.title for one in self.pathway.stages}
        titles |= {one.id: one.about.title for one in self.pathway.diversions}
        stage = named(self.outcome.stages, lane) or NOT_ON_PATHWAY
        return Position(
            side.value,
            Named(stage, titles.get(stage, "Not on the pathway")),
            Named(diversion, titles[diversion]) if diversion is not None else None,
            self._next_gate(lane),
            tuple(self._alerts(Scope.HIP, lane)),
            tuple(self._actions(Scope.HIP, lane)),
        )

    def _next_gate(self, lane: int) -> GateAt | None:
        gates = self.outcome.next_gates.items()
        return next((GateAt(to, Truth(truth)) for (to, truth), lanes in gates if lanes >> lane & 1), None)

    def _of_person(self, lane: int) -> Position:
        """What is the person's is the same in the lanes of both hips."""
        alerts, actions = self._alerts(Scope.PERSON, lane), self._actions(Scope.PERSON, lane)
        return Position("person", None, None, None, tuple(alerts), tuple(actions))

    def _alerts(self, scope: Scope, lane: int) -> Iterator[Named]:
        for flag in self.pathway.flags:
            if self.outcome.alerts[flag.fact] >> lane & 1 and self.pathway.facts[flag.fact].scope is scope:
                yield Named(flag.fact, flag.about.title)

    def _actions(self, scope: Scope, lane: int) -> Iterator[ActionAt]:
        statuses = self.outcome.statuses_on(lane)
        for action in self.pathway.actions.values():
            if action.scope is scope:
                yield ActionAt(action.id, action.about.title, statuses[action.id].value)
