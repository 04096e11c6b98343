"""Stage, diversion, next gate and the status of every action, over lanes: docs/explanation/meaning.md in code."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from ischio.engine.lanes import Board, Kleene
from ischio.model.about import Scope
from ischio.model.expression import Expression
from ischio.model.pathway import Pathway
from ischio.model.rules import NOT_ON_PATHWAY as NOT_ON_PATHWAY
from ischio.model.rules import Action, Diversion, MustKnow, SafetyRule

RED_FLAG = "red_flag"
PRESENT = "present"


class Status(Enum):
    """The status of an action; a lane has the first that holds, in this order."""

    __hash__ = object.__hash__  # members are single, and Enum's own hash is slow

    NOT_APPLICABLE = "not_applicable"
    BLOCKED = "blocked"
    IN_PROGRESS = "in_progress"
    DONE = "done"
    CANNOT_TELL = "cannot_tell"
    CHECK_FIRST = "check_first"
    OPTIONAL = "optional"
    DUE = "due"


OFFERED = (Status.OPTIONAL, Status.DUE)

ByName = Mapping[str, int]
"""For each name, the lanes that have it; no lane has two."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the pathway says in every lane.

    stages, diversions: by id (a lane without a diversion is in none). next_gates: by (stage it leads to, truth).
    statuses: by action id, then by each status that a lane has. alerts: by flag, the lanes in which it is present.
    """

    stages: ByName
    diversions: ByName
    next_gates: Mapping[tuple[str, str], int]
    statuses: Mapping[str, Mapping[Status, int]]
    alerts: ByName

    def statuses_on(self, lane: int) -> dict[str, Status]:
        """The status of every action in one lane."""
        bit = 1 << lane
        found: dict[str, Status] = {}
        for action, statuses in self.statuses.items():
            for status, lanes in statuses.items():
                if lanes & bit:
                    found[action] = status
                    break
        return found


def named(names: Mapping[str, int], lane: int) -> str | None:
    """The name that a lane has."""
    return next((name for name, lanes in names.items() if lanes >> lane & 1), None)


def outcome(pathway: Pathway, board: Board) -> Outcome:
    """Judges the whole pathway over the lanes of a board."""
    stages = _stages(pathway, board)
    ordered = {stage.id for stage in pathway.ordered_stages} | {NOT_ON_PATHWAY}
    on_ordered = sum(lanes for stage, lanes in stages.items() if stage in ordered)
    tried = {diversion.id: _tried(board, diversion, on_ordered) for diversion in pathway.diversions}
    ladder = _Ladder(pathway, board, tried)
    return Outcome(
        stages,
        _first_of(((name, truth.true) for name, truth in tried.items()), board.lanes.all),
        _next_gates(pathway, board, on_ordered),
        {action.id: ladder.statuses(action) for action in pathway.actions.values()},
        {flag.fact: board.lanes_with(flag.fact, PRESENT) for flag in pathway.flags},
    )


def _first_of(holding: Iterator[tuple[str, int]], lanes: int) -> dict[str, int]:
    """For each name the lanes in which it is the first to hold."""
    first: dict[str, int] = {}
    for name, true in holding:
        first[name] = true & lanes
        lanes &= ~true
    return first


def _stages(pathway: Pathway, board: Board) -> dict[str, int]:
    own = [stage for stage in pathway.stages if not stage.ordered]
    last_first = [stage for stage in reversed(pathway.stages) if stage.ordered]
    holding = ((stage.id, board.criterion(stage.criterion).true) for stage in (*own, *last_first))
    stages = _first_of(holding, board.lanes.all)
    return {**stages, NOT_ON_PATHWAY: board.lanes.all & ~sum(stages.values())}


def _tried(board: Board, diversion: Diversion, on_ordered: int) -> Kleene:
    """The truth of a diversion, false where it is not tried."""
    truth = board.criterion(diversion.criterion)
    if not diversion.only_ordered:
        return truth
    return truth & Kleene(on_ordered, board.lanes.all & ~on_ordered)


def _next_gates(pathway: Pathway, board: Board, on_ordered: int) -> dict[tuple[str, str], int]:
    found: dict[tuple[str, str], int] = {}
    waiting = on_ordered
    for stage in pathway.ordered_stages:
        gate = board.criterion(stage.criterion)
        found[stage.id, "false"] = waiting & gate.false
        found[stage.id, "unknown"] = waiting & ~gate.false & ~gate.true
        waiting &= gate.true
    return found


class _Ladder:
    """The statuses of actions; the words are those of docs/explanation/meaning.md."""

    def __init__(self, pathway: Pathway, board: Board, tried: Mapping[str, Kleene]) -> None:
        self.board = board
        self.lanes = board.lanes.all
        self.deceased = board.lanes_with(pathway.deceased_fact, True)
        self.alive = board.lanes_with(pathway.deceased_fact, False)
        self.never, self.always = Kleene(0, self.lanes), Kleene(self.lanes, 0)
        self.tried = tried
        self._diverted: dict[tuple[tuple[str, ...], Scope], Kleene] = {}

    def statuses(self, action: Action) -> dict[Status, int]:
        """The lanes that stop at each rung; the rungs below the last lane are not worked out."""
        statuses: dict[Status, int] = {}
        left = self.lanes
        for status, lanes in self._rungs(action):
            if left & lanes:
                statuses[status] = left & lanes
                left &= ~lanes
                if not left:
                    break
        return statuses

    def _rungs(self, action: Action) -> Iterator[tuple[Status, int]]:
        when = self.board.condition(action.when)
        yield Status.NOT_APPLICABLE, self._over_hips(action, when).false | self.deceased
        diverted = self._diverted_by(action)
        live = self._over_hips(action, Kleene(when.true & ~diverted.true, when.false | diverted.true))
        yield Status.BLOCKED, live.false | self._any_true(action, action.stops)
        in_progress = self._judged(action, action.in_progress, self.never)
        yield Status.IN_PROGRESS, in_progress.true
        done = self._judged(action, action.done, self.never)
        yield Status.DONE, done.true
        yield Status.CANNOT_TELL, self._unknown(live) | self._unknown(done) | self._unknown(in_progress)
        clear = self._over_hips(action, Kleene(when.true & diverted.false, 0)).true & self.alive
        unclear = 0 if action.low_risk else self.lanes & ~clear
        yield Status.CHECK_FIRST, unclear | self._unknown_rule(action) | self._missing(action, when)
        due = self._judged(action, action.due_when, self.always)
        yield Status.OPTIONAL, self._any_true(action, action.strong_cautions) | ~due.true
        yield Status.DUE, self.lanes

    def _unknown(self, truth: Kleene) -> int:
        return self.lanes & ~truth.true & ~truth.false

    def _over_hips(self, action: Action, truth: Kleene) -> Kleene:
        """Of a hip's action its own truth; of a person's action Kleene's or over both hips."""
        if action.scope is Scope.HIP:
            return truth
        swapped = self.board.lanes.swapped
        return truth | Kleene(swapped(truth.true), swapped(truth.false))

    def _judged(self, action: Action, condition: Expression | None, otherwise: Kleene) -> Kleene:
        return otherwise if condition is None else self._over_hips(action, self.board.condition(condition))

    def _diverted_by(self, action: Action) -> Kleene:
        """The diversions that the action does not pass; of a person's action the red flag of either hip."""
        key = (action.passes, action.scope)
        if key not in self._diverted:
            truth = self.never
            for name, tried in self.tried.items():
                if name not in action.passes:
                    truth |= self._over_hips(action, tried) if name == RED_FLAG else tried
            self._diverted[key] = truth
        return self._diverted[key]

    def _any_true(self, action: Action, rules: Sequence[SafetyRule]) -> int:
        """The lanes in which one of the rules is true."""
        true = 0
        for rule in rules:
            true |= self._judged(action, rule.when, self.never).true
        return true

    def _unknown_rule(self, action: Action) -> int:
        """Each stop and strong caution is asked for null by itself: a true caution must not hide an unknown stop."""
        rules = (*action.stops, *action.strong_cautions)
        unknown = 0
        for rule in rules:
            unknown |= self._unknown(self._judged(action, rule.when, self.never))
        return unknown

    def _missing(self, action: Action, when: Kleene) -> int:
        """Where a must-know is unknown that is needed, on a hip whose `when` is not false."""
        missing = 0
        for must in action.must_know:
            missing |= self._unknown(self.board.known(must.name)) & ~self._not_needed(must)
        return self._over_hips(action, Kleene(missing & ~when.false, 0)).true if missing else 0

    def _not_needed(self, must: MustKnow) -> int:
        return 0 if must.needed_when is None else self.board.condition(must.needed_when).false
