"""A second solver (cvc5) is asked the same claims as SMT-LIB text, so that no proof rests on one program's word."""

from collections.abc import Iterator
from datetime import date

import cvc5  # type: ignore[import-untyped]  # it ships no types

from ischio.backends.proof.claims import problem
from ischio.backends.proof.logic import Answer, smt_lib
from ischio.backends.proof.proving import Result, flaw_of
from ischio.model.pathway import Pathway
from ischio.model.rules import Property

_ANSWERS = {"sat": Answer.POSSIBLE, "unsat": Answer.IMPOSSIBLE}


def second_result(pathway: Pathway, prop: Property, index: date, seconds: float) -> Result:
    """What came of a property on one index date, by cvc5. seconds: for each claim."""
    posed = problem(pathway, prop, index)
    text = smt_lib(posed.always, [claim.formula for claim in posed.claims])
    answers = list(zip(posed.claims, _answers(text, seconds), strict=True))
    failed = tuple(claim for claim, answer in answers if answer is flaw_of(claim))
    undecided = tuple(claim for claim, answer in answers if answer is Answer.GAVE_UP)
    return Result(len(answers), failed, undecided, ())


def _answers(text: str, seconds: float) -> Iterator[Answer]:
    """What cvc5 prints for each question of an SMT-LIB text."""
    solver = cvc5.Solver(cvc5.TermManager())
    solver.setOption("incremental", "true")
    solver.setOption("tlimit-per", str(max(1, int(seconds * 1000))))
    parser = cvc5.InputParser(solver)
    parser.setStringInput(cvc5.InputLanguage.SMT_LIB_2_6, text, "claims")
    names = parser.getSymbolManager()
    while not (command := parser.nextCommand()).isNull():
        if said := str(command.invoke(solver, names)).strip():
            yield _ANSWERS.get(said, Answer.GAVE_UP)
