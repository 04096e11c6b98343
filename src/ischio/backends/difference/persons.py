"""A person for whom two versions differ, as a case file, with what the engine says of that file under both."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import assert_never

from ischio.backends.difference.answers import compared
from ischio.backends.proof.claims import HIP
from ischio.backends.proof.counter_example import Values, case_file, written
from ischio.backends.proof.equivalence import Aspect, Kind, Someone
from ischio.backends.proof.person import AnyPerson
from ischio.engine.answer import Answer
from ischio.engine.position import positions
from ischio.engine.status import NOT_ON_PATHWAY, Status
from ischio.model.about import Side
from ischio.model.comparison import Comparison
from ischio.model.pathway import Pathway
from ischio.record.case_form import read_case


@dataclass(frozen=True, slots=True)
class Person:
    """Someone for whom the versions differ, as simple as could be found.

    aspect: in what. before, after: what each version says of it. known: whose, which fact, which value, as the case
    file has it. case: the file; case_old: one for the old version, where the versions have different facts.
    differs: all that differs in the two answers.
    """

    aspect: Aspect
    before: str
    after: str
    known: tuple[tuple[str, str, str], ...]
    case: str
    case_old: str | None
    differs: Comparison


class NotConfirmed(Exception):
    """The engine does not see the difference that the solver found: the formulas and the engine disagree."""


def person(old: Pathway, new: Pathway, someone: Someone) -> Person:
    """The person as a case file, run under both versions.

    Raises NotConfirmed if the answers do not differ as the solver said.
    """
    of_old, of_new = _case(someone, someone.old, someone.of_old), _case(someone, someone.new, someone.of_new)
    if {*someone.of_old} == {*someone.of_new}:
        of_old = of_new
    before, after = _answer(old, of_old), _answer(new, of_new)
    was, now = _said(before, someone.aspect), _said(after, someone.aspect)
    if was == now:
        raise NotConfirmed(f"{someone.aspect.kind.value}, {someone.aspect.id}: both versions say {now}")
    case_old = of_old if of_old != of_new else None
    return Person(someone.aspect, was, now, tuple(_known(someone)), of_new, case_old, compared(before, after))


def _case(someone: Someone, person: AnyPerson, values: Values) -> str:
    aspect = someone.aspect
    title = f"Two versions differ: {aspect.kind.value}, {aspect.id.replace('_', ' ')}"
    purpose = "Found by ischio diff; every fact is given, most as unknown."
    return case_file(person, values, file_stem(aspect), title, purpose)


def file_stem(aspect: Aspect) -> str:
    """The name of a case file without its ending."""
    return f"differs-{aspect.kind.name}-{aspect.id}".lower().replace("_", "-")


def _answer(pathway: Pathway, text: str) -> Answer:
    """What the engine says of the case file."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "person.yaml"
        file.write_text(text, encoding="utf-8")
        case = read_case(file, pathway)
    return Answer(pathway, case.record, case.index_date)


def _known(someone: Someone) -> Iterator[tuple[str, str, str]]:
    """Whose (right, left, person), which fact, what value; first the hip of which the difference is told."""
    facts = {**someone.old.pathway.facts, **someone.new.pathway.facts}
    values = {**someone.of_old, **someone.of_new}
    order = (Side.RIGHT, Side.LEFT, None)
    for (side, fact), value in sorted(values.items(), key=lambda item: order.index(item[0][0])):
        if value is not None:
            yield "person" if side is None else side.value, fact, written(facts[fact], value)


def _said(answer: Answer, aspect: Aspect) -> str:
    """What an answer says of the aspect, in a word."""
    hip, _, person = positions(answer)
    match aspect.kind:
        case Kind.ALERT:
            return "present" if aspect.id in {alert.id for alert in (*hip.alerts, *person.alerts)} else "none"
        case Kind.OPERATION | Kind.ACTION:
            statuses = {action.id: action.status for action in (*hip.actions, *person.actions)}
            return statuses.get(aspect.id, Status.NOT_APPLICABLE.value)
        case Kind.GATE:
            return hip.next_gate.truth.value if hip.next_gate and hip.next_gate.to == aspect.id else "not ahead"
        case Kind.STAGE:
            return hip.stage.id if hip.stage else NOT_ON_PATHWAY
        case Kind.DIVERSION:
            return hip.diversion.id if hip.diversion else "none"
        case Kind.SAFETY:
            return "shown" if aspect.id in _safety_shown(answer, aspect.of) else "not shown"
        case _:
            assert_never(aspect.kind)


def _safety_shown(answer: Answer, action: str) -> set[str]:
    """The stops and cautions that an answer shows with the action."""
    if action not in answer.pathway.actions:
        return set()
    option = answer.option(answer.pathway.actions[action], HIP)
    return {reason.id for reason in (*option.blocked_by(), *option.cautions())}
