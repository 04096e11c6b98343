"""What differs between two answers: of one person with something changed, on two days, or by two pathways."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from typing import TypeVar

from ischio.model.assessment import Assessment, FactShown, Hip, Judgement, Person, Question
from ischio.model.comparison import (
    ActionAt,
    Changes,
    Comparison,
    DateChange,
    FactChange,
    GateAt,
    GateChange,
    Named,
    NamedChange,
    Position,
    StatusChange,
    TruthChange,
)

T = TypeVar("T")
C = TypeVar("C")


def compare(before: Assessment, after: Assessment) -> Comparison:
    """What differs from one answer to the other, part by part; a part that does not differ is left out.

    Compared are stage, diversion, alerts, next gate, the status of each action, review, valid_until, the facts and
    questions, and on each hip the truth of each rule that both answers name in its reasons. The reasons of the person's
    actions are not compared, because either hip may give them. Only the hips that both answers hold are looked at.
    """
    theirs = {hip.side: hip for hip in after.hips}
    hips = (_of_hip(hip, theirs[hip.side]) for hip in before.hips if hip.side in theirs)
    found = (
        *hips,
        _of_part(person_position(before.person), before.person, person_position(after.person), after.person),
    )
    return Comparison(tuple(changes for changes in found if changes != Changes(changes.part)))


def moved(before: Position, after: Position) -> Changes:
    """What differs from one position to the other: stage, diversion, next gate, alerts and statuses."""
    gone, new = _came_and_went(before.alerts, after.alerts)
    return Changes(
        after.part,
        stage=_differing(_id(before.stage), _id(after.stage), NamedChange(before.stage, after.stage)),
        diversion=_differing(
            _id(before.diversion), _id(after.diversion), NamedChange(before.diversion, after.diversion)
        ),
        next_gate=_differing(before.next_gate, after.next_gate, GateChange(before.next_gate, after.next_gate)),
        alerts_gone=gone,
        alerts_new=new,
        actions=tuple(_statuses(before.actions, after.actions)),
    )


def hip_position(hip: Hip) -> Position:
    """Where a hip stands, as its assessment says."""
    return Position(
        hip.side,
        Named(hip.stage.id, hip.stage.title),
        Named(hip.diversion.id, hip.diversion.title) if hip.diversion else None,
        GateAt(hip.next_gate.to, hip.next_gate.truth) if hip.next_gate else None,
        *_alerts_and_actions(hip),
    )


def person_position(person: Person) -> Position:
    """Where the person's own alerts and actions stand."""
    return Position("person", None, None, None, *_alerts_and_actions(person))


def _alerts_and_actions(part: Hip | Person) -> tuple[tuple[Named, ...], tuple[ActionAt, ...]]:
    alerts = tuple(Named(alert.id, alert.title) for alert in part.alerts)
    return alerts, tuple(ActionAt(action.id, action.title, action.status) for action in part.actions)


def _of_hip(before: Hip, after: Hip) -> Changes:
    return replace(
        _of_part(hip_position(before), before, hip_position(after), after),
        rules=tuple(_truths(_rules(before), _rules(after))),
        review=_dates(_review(before), _review(after)),
        valid_until=_dates(before.valid_until, after.valid_until),
    )


def _of_part(was: Position, before: Hip | Person, now: Position, after: Hip | Person) -> Changes:
    gone, new = _came_and_went(tuple(map(_asked, before.questions)), tuple(map(_asked, after.questions)))
    return replace(
        moved(was, now),
        questions_gone=gone,
        questions_new=new,
        facts=tuple(_facts(before.facts, after.facts)),
    )


def _review(hip: Hip) -> date | None:
    return hip.review.date if hip.review is not None else None


def _asked(question: Question) -> Named:
    return Named(question.fact, question.ask)


def _id(named: Named | None) -> str | None:
    return named.id if named is not None else None


def _differing(before: object, after: object, change: C) -> C | None:
    return change if before != after else None


def _dates(before: date | None, after: date | None) -> DateChange | None:
    return _differing(before, after, DateChange(before, after))


def _came_and_went(before: Iterable[Named], after: Iterable[Named]) -> tuple[tuple[Named, ...], tuple[Named, ...]]:
    """Those of before that are gone, and those of after that are new."""
    was, now = {named.id: named for named in before}, {named.id: named for named in after}
    return tuple(was[name] for name in was if name not in now), tuple(now[name] for name in now if name not in was)


def _statuses(before: Iterable[ActionAt], after: Iterable[ActionAt]) -> Iterator[StatusChange]:
    for was, now in _pairs(before, after, lambda action: action.id):
        known, old, new = now or was, was.status if was else None, now.status if now else None
        if known is not None and old != new:
            yield StatusChange(known.id, known.title, old, new)


def _truths(before: Mapping[str, Judgement], after: Mapping[str, Judgement]) -> Iterator[TruthChange]:
    for name, now in after.items():
        was = before.get(name)
        if was is not None and was.truth is not now.truth:
            yield TruthChange(name, now.text, was.truth, now.truth)


def _facts(before: Iterable[FactShown], after: Iterable[FactShown]) -> Iterator[FactChange]:
    for was, now in _pairs(before, after, lambda fact: fact.id):
        known, old, new = now or was, was.value if was else None, now.value if now else None
        if known is not None and (type(old), old) != (type(new), new):  # 1 equals True, and is another value
            yield FactChange(known.id, old, new, known.unit)


def _pairs(before: Iterable[T], after: Iterable[T], name: Callable[[T], str]) -> Iterator[tuple[T | None, T | None]]:
    """Each thing as it was and as it is now, in the order of now, then what there is no longer."""
    was, now = {name(one): one for one in before}, {name(one): one for one in after}
    for key in (*now, *(key for key in was if key not in now)):
        yield was.get(key), now.get(key)


def _rules(hip: Hip) -> dict[str, Judgement]:
    """Every criterion, gate and diversion in the reasons of a hip, by id, in reading order."""
    parts = (hip.stage, hip.diversion, hip.next_gate, *hip.actions)
    tops = (top for part in parts if part is not None for top in part.because)
    return {node.id: node for top in tops for node in _nodes(top) if node.id is not None}


def _nodes(node: Judgement) -> Iterator[Judgement]:
    yield node
    for inner in node.because:
        yield from _nodes(inner)
