"""Formulas over Booleans and Kleene values made of two of them; the only module that speaks to the solver (z3).

A Kleene value is the pair "is true", "is false": unknown is neither, and nothing can be both.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Any, NewType, TypeVar

import z3  # type: ignore[import-untyped]  # it ships no types

Formula = NewType("Formula", object)

TRUE = Formula(z3.BoolVal(True))
FALSE = Formula(z3.BoolVal(False))


def variable(name: str) -> Formula:
    """A Boolean of its own."""
    return Formula(z3.Bool(name))


def negation(part: Formula) -> Formula:
    if part is TRUE:
        return FALSE
    return TRUE if part is FALSE else Formula(z3.Not(part))


def all_of(*parts: Formula) -> Formula:
    """True of none. Constants are folded here, so that the solver sees only what matters."""
    return _joined(z3.And, parts, neutral=TRUE, deciding=FALSE)


def any_of(*parts: Formula) -> Formula:
    """False of none."""
    return _joined(z3.Or, parts, neutral=FALSE, deciding=TRUE)


def _joined(join: Any, parts: tuple[Formula, ...], neutral: Formula, deciding: Formula) -> Formula:
    if any(part is deciding for part in parts):
        return deciding
    kept = [part for part in parts if part is not neutral]
    if not kept:
        return neutral
    return kept[0] if len(kept) == 1 else Formula(join(kept))


def implication(condition: Formula, consequence: Formula) -> Formula:
    return any_of(negation(condition), consequence)


def unlike(one: Formula, other: Formula) -> Formula:
    """That one of the two holds without the other; never of one and the same formula, for which nothing is asked."""
    return FALSE if z3.eq(one, other) else Formula(z3.Xor(one, other))


Name = TypeVar("Name")


def first_of(named: Iterable[tuple[Name, Formula]]) -> dict[Name, Formula]:
    """Of each name, whether its formula holds and none before it."""
    found: dict[Name, Formula] = {}
    open_still = TRUE
    for name, holds in named:
        found[name] = all_of(open_still, holds)
        open_still = all_of(open_still, negation(holds))
    return found


@dataclass(frozen=True, slots=True)
class Kleene:
    """A truth: `yes` says that it is true, `no` that it is false."""

    yes: Formula
    no: Formula

    @property
    def unknown(self) -> Formula:
        return negation(any_of(self.yes, self.no))


KLEENE_TRUE = Kleene(TRUE, FALSE)
KLEENE_FALSE = Kleene(FALSE, TRUE)


def kleene_not(part: Kleene) -> Kleene:
    return Kleene(part.no, part.yes)


def kleene_all(parts: Iterable[Kleene]) -> Kleene:
    listed = tuple(parts)
    return Kleene(all_of(*(part.yes for part in listed)), any_of(*(part.no for part in listed)))


def kleene_any(parts: Iterable[Kleene]) -> Kleene:
    return kleene_not(kleene_all(kleene_not(part) for part in parts))


class Answer(Enum):
    """What the solver says of a formula: some person makes it true, none does, or it ran out of time."""

    POSSIBLE = "possible"
    IMPOSSIBLE = "impossible"
    GAVE_UP = "gave up"


def smt_lib(always: Iterable[Formula], questions: Iterable[Formula]) -> str:
    """What always holds and what is asked beside it, one question after the other, in SMT-LIB 2.6 for any solver."""
    written, asked = z3.Solver(), []
    for formula in always:
        written.add(formula)
    for number, question in enumerate(questions):
        handle = z3.Bool(f"claim {number}")
        written.add(z3.Implies(handle, question))
        asked.append(f"(check-sat-assuming ({handle.sexpr()}))")
    return "\n".join(("(set-logic QF_UF)", written.sexpr(), *asked, ""))


class Solver:
    """Formulas that always hold, and questions whether others can hold beside them."""

    def __init__(self, always: Iterable[Formula], seconds: float) -> None:
        """seconds: the longest that one question may take."""
        self._z3 = z3.SolverFor("QF_FD")
        self._z3.set("timeout", max(1, int(seconds * 1000)))
        for formula in always:
            self._z3.add(formula)
        self._handles: dict[int, tuple[Formula, Formula]] = {}

    def can_hold(self, *formulas: Formula) -> Answer:
        """Whether all of these can hold together."""
        answer = self._z3.check(*(self._handle(formula) for formula in formulas))
        if answer == z3.sat:
            return Answer.POSSIBLE
        return Answer.IMPOSSIBLE if answer == z3.unsat else Answer.GAVE_UP

    def conflict(self) -> set[Formula]:
        """Some of the formulas just asked that cannot hold together. Ask only after IMPOSSIBLE."""
        core = {_number(handle) for handle in self._z3.unsat_core()}
        return {formula for formula, handle in self._handles.values() if _number(handle) in core}

    def holding(self, formulas: Iterable[Formula]) -> Iterator[bool]:
        """Of each variable, whether it is true in the person just found. Ask only after POSSIBLE."""
        model = self._z3.model()
        return (z3.is_true(model.eval(formula, model_completion=True)) for formula in formulas)

    def _handle(self, formula: Formula) -> Formula:
        """A variable that stands for the formula: the solver keeps what it learnt when only such are assumed."""
        number = _number(formula)
        if number not in self._handles:
            handle = variable(f"asked {len(self._handles)}")
            self._z3.add(implication(handle, formula))
            self._handles[number] = formula, handle
        return self._handles[number][1]


def _number(formula: Any) -> int:
    """The solver's own number of a formula that is kept: to compare formulas themselves takes far longer."""
    return int(formula.get_id())
