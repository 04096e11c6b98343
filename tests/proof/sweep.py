"""Every single fault of a few plain kinds in every condition of the knowledge, drawn up by machine.

The mutants of `mutants.py` are chosen by hand; these are not chosen at all, so that what survives them says where the
cases and the table of safety rules look away. Run as a program it tries them all, or every Nth (`1/4`, `2/4` ...), and
prints the survivors.
"""

import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields, replace

from ischio.engine.cases import run_case
from ischio.language.text import to_text
from ischio.model.expression import AllOf, AnyOf, Between, Compare, Expression, Implies, Not, Operator
from ischio.model.pathway import Pathway
from ischio.model.rules import Action
from ischio.record.case_form import Case

# The comparison that differs at the limit only: the mistake that people make.
NEIGHBOUR = {
    Operator.EQUAL: Operator.NOT_EQUAL,
    Operator.NOT_EQUAL: Operator.EQUAL,
    Operator.LESS: Operator.AT_MOST,
    Operator.AT_MOST: Operator.LESS,
    Operator.GREATER: Operator.AT_LEAST,
    Operator.AT_LEAST: Operator.GREATER,
}


@dataclass(frozen=True)
class Fault:
    """Where, and what was changed there, in words; the knowledge with it."""

    where: str
    what: str
    change: Callable[[Pathway], Pathway]

    def __str__(self) -> str:
        return f"{self.where}: {self.what}"


def faults(pathway: Pathway) -> Iterator[Fault]:
    """All single faults in the conditions of criteria and actions."""
    for name, criterion in pathway.criteria.items():
        for what, when in variants(criterion.when):
            yield Fault(name, what, _of_criterion(name, when))
    for action in pathway.actions.values():
        for part in ("when", "due_when", "done", "in_progress"):
            condition = getattr(action, part)
            for what, when in variants(condition) if condition is not None else ():
                yield Fault(f"{action.id}, {part}", what, _of_action(action, part, when))
        for part in ("stops", "strong_cautions", "cautions"):
            rules = getattr(action, part)
            for at, rule in enumerate(rules):
                others = (*rules[:at], *rules[at + 1 :])
                yield Fault(f"{action.id}, {part}", f"without {rule.id}", _of_action(action, part, others))
                for what, when in variants(rule.when):
                    changed = (*rules[:at], replace(rule, when=when), *rules[at + 1 :])
                    yield Fault(f"{action.id}, {rule.id}", what, _of_action(action, part, changed))


def variants(condition: Expression) -> Iterator[tuple[str, Expression]]:
    """The condition with one fault: another comparison at the limit, a part lost, `and` for `or`, a lost `not`."""
    match condition:
        case Compare(_, operator, _):
            yield (
                f"`{to_text(condition)}` with {NEIGHBOUR[operator].value}",
                replace(condition, operator=NEIGHBOUR[operator]),
            )
        case Between(fact, low, high):
            yield f"`{to_text(condition)}` open below", Compare(fact, Operator.AT_MOST, high)
            yield f"`{to_text(condition)}` open above", Compare(fact, Operator.AT_LEAST, low)
        case Not(part):
            yield f"`{to_text(condition)}` without its not", part
        case Implies(premise, consequence):
            yield f"`{to_text(condition)}` without its premise", consequence
            yield from ((what, Implies(part, consequence)) for what, part in variants(premise))
            yield from ((what, Implies(premise, part)) for what, part in variants(consequence))
        case AllOf(parts) | AnyOf(parts):
            kind, other = (AllOf, AnyOf) if isinstance(condition, AllOf) else (AnyOf, AllOf)
            yield f"`{'or' if other is AnyOf else 'and'}` in `{to_text(condition)}`", other(parts)
            for at, part in enumerate(parts):
                rest = (*parts[:at], *parts[at + 1 :])
                yield f"without `{to_text(part)}`", rest[0] if len(rest) == 1 else kind(rest)
                for what, changed in variants(part):
                    yield what, kind((*parts[:at], changed, *parts[at + 1 :]))


def _of_criterion(name: str, when: Expression) -> Callable[[Pathway], Pathway]:
    def changed(pathway: Pathway) -> Pathway:
        return replace(pathway, criteria={**pathway.criteria, name: replace(pathway.criteria[name], when=when)})

    return changed


def _of_action(action: Action, part: str, value: object) -> Callable[[Pathway], Pathway]:
    assert part in {field.name for field in fields(action)}

    def changed(pathway: Pathway) -> Pathway:
        faulty = replace(pathway.actions[action.id], **{part: value})
        return replace(pathway, actions={**pathway.actions, action.id: faulty})

    return changed


def shown_by(pathway: Pathway, cases: Sequence[Case]) -> Case | None:
    """The first case that does not get the answer that it expects."""
    return next((case for case in cases if run_case(pathway, case).differences), None)


if __name__ == "__main__":
    from spec.test_safety_rules import told_otherwise

    from ischio.interfaces.inputs import read_cases
    from ischio.loading.pathway import load_pathway

    whole = load_pathway()
    everyone = read_cases(whole, None)[0]
    part, of = (int(word) for word in (sys.argv[1] if sys.argv[1:] else "1/1").split("/"))
    tried = [fault for at, fault in enumerate(faults(whole)) if at % of == part - 1]
    alive = 0
    first: list[Case] = []
    for fault in tried:
        faulty = fault.change(whole)
        found = shown_by(faulty, [*first[:20], *everyone])
        if found is not None:
            first = [found, *(case for case in first if case is not found)]
        elif told_otherwise(fault.where.split(",")[0], faulty) is None:
            alive += 1
            print(f"survives: {fault}", flush=True)
    print(f"{len(tried)} faults, {len(tried) - alive} shown by a case or a row of the safety rules, {alive} survive")
