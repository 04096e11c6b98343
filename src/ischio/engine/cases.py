"""Cases: whole patients with the answer they must get, and which rules they show to hold and not to hold."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from ischio.engine.answer import Answer
from ischio.engine.hip import HipView
from ischio.engine.judge import shown
from ischio.engine.lanes import Kleene
from ischio.engine.measures import standing
from ischio.engine.options import Option
from ischio.engine.review import began
from ischio.engine.status import PRESENT
from ischio.model.about import Scope, Side
from ischio.model.assessment import Question
from ischio.model.measures import Standing
from ischio.model.pathway import Pathway
from ischio.model.truth import FALSE, TRUE, UNKNOWN, Truth
from ischio.record.case_form import Case


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
    """Holds the answer for a case against what it expects."""
    answer = Answer(pathway, case.record, case.index_date)
    truths = truths_of_rules(answer)
    return CaseRun(case, (*_differences(case, answer), *_declared(case, truths)), truths)


def run_cases(pathway: Pathway, cases: Iterable[Case]) -> tuple[CaseRun, ...]:
    return tuple(run_case(pathway, case) for case in cases)


def uncovered(pathway: Pathway, runs: Sequence[CaseRun]) -> tuple[Uncovered, ...]:
    """The rules without a case in which they hold and one in which they do not; gates need an unknown one as well.

    Measures need one in which they are met, and one in which they are not.
    """
    gates = {stage.criterion for stage in pathway.ordered_stages}
    telling = [run for run in runs if run.case.expect and not run.differences]
    seen = {rule: {truth for run in telling for truth in run.shows(rule)} for rule in rules(pathway)}
    return (
        *(
            Uncovered(rule, words)
            for rule in rules(pathway)
            for truth, words in ((TRUE, "fires"), (FALSE, "is silent"), (UNKNOWN, "cannot be told"))
            if truth not in seen[rule] and (truth is not UNKNOWN or rule in gates)
        ),
        *_uncovered_measures(pathway, telling),
    )


def _uncovered_measures(pathway: Pathway, telling: Sequence[CaseRun]) -> Iterator[Uncovered]:
    """The measures without a case that expects them to be met on a hip and one that expects them not to be."""
    for measure in pathway.measures:
        shown = {word for run in telling for word in expected_standings(run.case, measure)}
        for standing_, words in ((Standing.MET, "is met"), (Standing.NOT_MET, "is not met")):
            if standing_.value not in shown:
                yield Uncovered(measure, words)


def expected_standings(case: Case, measure: str) -> set[str]:
    """How the hips of a case should stand to a measure, as far as it says."""
    of_parts = (expected.get("measures", {}) for expected in case.expect.values())
    return {str(by_id[measure]) for by_id in of_parts if isinstance(by_id, Mapping) and measure in by_id}


def showing(rule: str, cases: "Iterable[tuple[Case, Truths]]") -> tuple[tuple[Case, ...], tuple[Case, ...]]:
    """The cases in which a rule holds on a hip, and those in which it holds on none; those written for it first."""
    found = [(case, {of_side[rule] for of_side in truths.values()}) for case, truths in cases]
    found.sort(key=lambda shown: not _written_for(shown[0], rule))
    firing = tuple(case for case, truths in found if TRUE in truths)
    return firing, tuple(case for case, truths in found if FALSE in truths and TRUE not in truths)


def _written_for(case: Case, rule: str) -> bool:
    """Whether a case names the rule: in what it shows, in its purpose, or in what it expects."""
    if rule in (*case.fires, *case.silent, *case.purpose.split()):
        return True
    below = (inner for expected in case.expect.values() for inner in expected.values() if isinstance(inner, Mapping))
    return any(rule in inner for inner in below)


def rules(pathway: Pathway) -> tuple[str, ...]:
    """The ids of all rules: criteria (with gates and diversions), actions and flags."""
    return (*pathway.criteria, *pathway.actions, *(flag.fact for flag in pathway.flags))


def truths_of_rules(answer: Answer) -> dict[Side, dict[str, Truth]]:
    """The truth of every rule on each hip: of an action whether it applies, of a flag whether it is present."""
    pathway, board = answer.pathway, answer.board
    found = {name: board.criterion(name) for name in pathway.criteria}
    found |= {name: board.condition(action.when) for name, action in pathway.actions.items()}
    for flag in pathway.flags:
        present = board.lanes_with(flag.fact, PRESENT)
        found[flag.fact] = Kleene(present, board.known(flag.fact).true & ~present)
    for action in pathway.actions.values():
        for rule in (*action.stops, *action.strong_cautions, *action.cautions):
            found.setdefault(rule.id, board.condition(rule.when))  # one named as a criterion stands on it
    return {side: {rule: truth.on(board.lanes.first(side)) for rule, truth in found.items()} for side in Side}


Truths = Mapping[Side, Mapping[str, Truth]]


def _declared(case: Case, truths: Truths) -> Iterator[Difference]:
    """Rules that the case says it shows to hold (or not to hold) and does not."""
    for names, truth, word in ((case.fires, TRUE, "fires"), (case.silent, FALSE, "is silent")):
        for rule in names:
            shown = {of_side[rule] for of_side in truths.values()}
            if truth not in shown:
                yield Difference(rule, word, ", ".join(sorted(one.value for one in shown)))


def _differences(case: Case, answer: Answer) -> Iterator[Difference]:
    for part, expected in case.expect.items():
        actual = _Actual(answer, part)
        for what, wanted in _leaves(expected):
            got = actual.of(what)
            if got != wanted:
                yield Difference(", ".join((part, *what)), wanted, got)


def _leaves(expected: object, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], str]]:
    if isinstance(expected, Mapping):
        for key, inner in expected.items():
            yield from _leaves(inner, (*path, key))
    elif isinstance(expected, tuple | list):
        yield path, _listed(map(str, expected))
    else:
        yield path, str(expected)


@dataclass(frozen=True, slots=True)
class _Actual:
    """Finds in an answer what a case expects. part: right, left or person."""

    answer: Answer
    part: str

    def of(self, what: tuple[str, ...]) -> str:
        hip = self._hip
        match what:
            case ("actions", action):
                return self._option(action).status.value
            case ("due", action):
                return _words(self._option(action).due)
            case ("until", action):
                return _words(self._option(action).until)
            case ("blocked_by", action):
                return _listed(reason.id for reason in self._option(action).blocked_by())
            case ("criteria", criterion):
                return hip.truth(criterion).value
            case ("alerts",):
                return _listed(alert.id for scope in self._scopes for alert in hip.alerts(scope))
            case ("first_question",):
                return min(self._questions(), key=lambda question: question.rank).fact
            case ("stage",):
                return hip.stage_id
            case ("since",):
                return _words(began(hip.stage, hip.facts) if hip.stage is not None else None)
            case ("diversion",):
                return hip.diversion_id or "none"
            case ("next_gate", "to"):
                return hip.gate_ahead.to if hip.gate_ahead is not None else "none"
            case ("next_gate", "truth"):
                return hip.gate_ahead.truth.value if hip.gate_ahead is not None else "none"
            case ("review",):
                review = self.answer.review(hip.side)
                return _words(review.date if review is not None else None)
            case ("overdue",):
                review = self.answer.review(hip.side)
                return "yes" if review is not None and review.overdue else "no"
            case ("valid_until",):
                return _words(self.answer.validity.of_hip[hip.side])
            case ("facts", fact):
                return self._fact(fact)
            case ("measures", measure):
                return self._standing(measure)
            case _:
                return f"(a case cannot expect {' '.join(what)})"

    @property
    def _hip(self) -> HipView:
        """The hip; for the person the right one, which holds the person's facts as well."""
        return self.answer.hips[Side.RIGHT if self.part == "person" else Side(self.part)]

    @property
    def _scopes(self) -> tuple[Scope, ...]:
        return (Scope.PERSON,) if self.part == "person" else (Scope.PERSON, Scope.HIP)

    def _option(self, action: str) -> Option:
        return self.answer.option(self.answer.pathway.actions[action], self._hip.side)

    def _questions(self) -> Iterator[Question]:
        yield from self.answer.questions_of_person()
        if self.part != "person":
            yield from self.answer.questions_of_hip(self._hip.side)

    def _fact(self, fact: str) -> str:
        value = shown(self.answer.pathway.facts[fact].type, self._hip.facts[fact].value)
        if value is None:
            return "unknown"
        if isinstance(value, bool):
            return "yes" if value else "no"
        return str(value)

    def _standing(self, measure: str) -> str:
        answer = self.answer
        found = standing(answer.pathway, answer.pathway.measures[measure], answer.record, answer.index, self._hip.side)
        return found.value


def _words(day: date | None) -> str:
    return "none" if day is None else day.isoformat()


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names)) or "none"
