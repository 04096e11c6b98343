"""Cases: whole patients with the answer they must get, and which rules they show to hold and not to hold."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from ischio.engine.assess import assess
from ischio.engine.hip import LANE
from ischio.engine.lanes import Board, Kleene, lanes_of_day
from ischio.engine.status import PRESENT
from ischio.model.assessment import ActionShown, Assessment, Hip
from ischio.model.pathway import Pathway, Side
from ischio.model.truth import FALSE, TRUE, UNKNOWN, Truth
from ischio.record.case_form import Case
from ischio.record.derivation import derive


@dataclass(frozen=True, slots=True)
class Difference:
    """Where a case's answer is not the expected one. what: such as `right, stage`."""

    what: str
    expected: str
    got: str


@dataclass(frozen=True, slots=True)
class CaseRun:
    """One case, run. truths: of every rule on each hip."""

    case: Case
    assessment: Assessment
    differences: tuple[Difference, ...]
    truths: Mapping[Side, Mapping[str, Truth]]

    def shows(self, rule: str) -> set[Truth]:
        """The truths that the case shows a rule to have, on either hip."""
        return {truths[rule] for truths in self.truths.values()}


@dataclass(frozen=True, slots=True)
class Uncovered:
    """A rule that lacks a case: which kind of case is missing."""

    rule: str
    missing: str


def run_case(pathway: Pathway, case: Case) -> CaseRun:
    """Assesses a case and holds the answer against what it expects."""
    answer = assess(pathway, case.record, case.index_date)
    truths = truths_of_rules(pathway, case)
    differences = (*_differences(case, answer, truths), *_declared(case, truths))
    return CaseRun(case, answer, differences, truths)


def run_cases(pathway: Pathway, cases: Iterable[Case]) -> tuple[CaseRun, ...]:
    return tuple(run_case(pathway, case) for case in cases)


def uncovered(pathway: Pathway, runs: Sequence[CaseRun]) -> tuple[Uncovered, ...]:
    """The rules without a case in which they hold and one in which they do not; gates need an unknown one as well."""
    gates = {stage.criterion for stage in pathway.ordered_stages}
    telling = [run for run in runs if run.case.expect and not run.differences]
    seen = {rule: {truth for run in telling for truth in run.shows(rule)} for rule in rules(pathway)}
    return tuple(
        Uncovered(rule, words)
        for rule in rules(pathway)
        for truth, words in ((TRUE, "fires"), (FALSE, "is silent"), (UNKNOWN, "cannot be told"))
        if truth not in seen[rule] and (truth is not UNKNOWN or rule in gates)
    )


def rules(pathway: Pathway) -> tuple[str, ...]:
    """The ids of all rules: criteria (with gates and diversions), actions and flags."""
    return (*pathway.criteria, *pathway.actions, *(flag.fact for flag in pathway.flags))


def truths_of_rules(pathway: Pathway, case: Case) -> dict[Side, dict[str, Truth]]:
    """The truth of every rule on each hip: of an action whether it applies, of a flag whether it is present."""
    facts = derive(pathway, case.record, case.index_date)
    board = Board(pathway, lanes_of_day(case.index_date, facts[Side.RIGHT], facts[Side.LEFT]))
    found = {name: board.criterion(name) for name in pathway.criteria}
    found |= {name: board.condition(action.when) for name, action in pathway.actions.items()}
    for flag in pathway.flags:
        present = board.lanes_with(flag.fact, PRESENT)
        found[flag.fact] = Kleene(present, board.known(flag.fact).true & ~present)
    return {side: {rule: truth.on(LANE[side]) for rule, truth in found.items()} for side in Side}


Truths = Mapping[Side, Mapping[str, Truth]]


def _declared(case: Case, truths: Truths) -> Iterator[Difference]:
    """Rules that the case says it shows to hold (or not to hold) and does not."""
    for names, truth, word in ((case.fires, TRUE, "fires"), (case.silent, FALSE, "is silent")):
        for rule in names:
            shown = {of_side[rule] for of_side in truths.values()}
            if truth not in shown:
                yield Difference(rule, word, ", ".join(sorted(one.value for one in shown)))


def _differences(case: Case, answer: Assessment, truths: Truths) -> Iterator[Difference]:
    for part, expected in case.expect.items():
        actual = _Actual(answer, truths, part)
        for what, wanted in _leaves(expected):
            got = actual.of(what)
            if got != wanted:
                yield Difference(", ".join((part, *what)), wanted, got)


def _leaves(expected: object, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], str]]:
    if isinstance(expected, Mapping):
        for key, inner in expected.items():
            yield from _leaves(inner, (*path, key))
    elif isinstance(expected, tuple | list):
        yield path, ", ".join(sorted(map(str, expected))) or "none"
    else:
        yield path, str(expected)


@dataclass(frozen=True, slots=True)
class _Actual:
    """Finds in an assessment what a case expects. part: right, left or person."""

    answer: Assessment
    truths: Truths
    part: str

    def of(self, what: tuple[str, ...]) -> str:
        match what:
            case ("actions", action):
                return self._action(action).status
            case ("due", action):
                return str(self._action(action).due or "none")
            case ("until", action):
                return str(self._action(action).until or "none")
            case ("blocked_by", action):
                return ", ".join(sorted(reason.id for reason in self._action(action).blocked_by)) or "none"
            case ("criteria", criterion):
                return self.truths[Side(self.part)][criterion].value
            case ("alerts",):
                alerts = (*self.answer.person.alerts, *(() if self.part == "person" else self._hip.alerts))
                return ", ".join(sorted(alert.id for alert in alerts)) or "none"
            case ("first_question",):
                questions = self.answer.person.questions + (() if self.part == "person" else self._hip.questions)
                return min(questions, key=lambda question: question.rank).fact if questions else "none"
            case ("stage",):
                return self._hip.stage.id
            case ("since",):
                return str(self._hip.stage.since or "none")
            case ("diversion",):
                return self._hip.diversion.id if self._hip.diversion is not None else "none"
            case ("next_gate", "to"):
                return self._hip.next_gate.to if self._hip.next_gate is not None else "none"
            case ("next_gate", "truth"):
                return self._hip.next_gate.truth.value if self._hip.next_gate is not None else "none"
            case ("review",):
                return str(self._hip.review.date) if self._hip.review is not None else "none"
            case ("overdue",):
                return "yes" if self._hip.review is not None and self._hip.review.overdue else "no"
            case ("valid_until",):
                return str(self._hip.valid_until or "none")
            case ("facts", fact):
                return self._fact(fact)
            case _:
                return f"(a case cannot expect {' '.join(what)})"

    @property
    def _hip(self) -> Hip:
        return next(hip for hip in self.answer.hips if hip.side == self.part)

    def _action(self, action: str) -> ActionShown:
        everywhere = (*self.answer.person.actions, *(action for hip in self._hips() for action in hip.actions))
        return next(found for found in everywhere if found.id == action)

    def _hips(self) -> tuple[Hip, ...]:
        return self.answer.hips if self.part == "person" else (self._hip,)

    def _fact(self, fact: str) -> str:
        facts = (*self.answer.person.facts, *(fact for hip in self._hips() for fact in hip.facts))
        found = next(one for one in facts if one.id == fact)
        if found.value is None:
            return "unknown"
        if isinstance(found.value, bool):
            return "yes" if found.value else "no"
        return str(found.value)
