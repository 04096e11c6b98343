"""The whole answer as one frozen `Assessment`, the published contract that every interface renders."""

from collections.abc import Iterator
from datetime import date
from functools import lru_cache

from ischio.engine.answer import Answer
from ischio.engine.status import OFFERED
from ischio.language.regions import era_of
from ischio.model.about import Scope, Side
from ischio.model.assessment import (
    ActionShown,
    Assessment,
    Hip,
    IgnoredShown,
    ParameterShown,
    PathwayShown,
    PatientShown,
    Person,
)
from ischio.model.dates import Duration, PartialDate
from ischio.model.parameters import Parameter, ParameterData, Quantity
from ischio.model.pathway import Pathway
from ischio.record.events import Ignored, Record

CONTRACT = "1.0"


def assess(pathway: Pathway, record: Record, index: date) -> Assessment:
    """Where each hip is on the pathway on the index date, what is due, why, and what cannot be told."""
    answer = Answer(pathway, record, index, lasting=True)
    return Assessment(
        CONTRACT,
        PathwayShown(pathway.id, pathway.version, pathway.overlay),
        index,
        _parameters(pathway, era_of(pathway, index)),
        PatientShown(record.patient.id, age_on(record.patient.birth_date, index), record.patient.sex),
        _person(answer),
        tuple(_hip(answer, side) for side in Side),
        tuple(IgnoredShown(ignored.source, ignored.why) for ignored in _ignored(answer)),
    )


def brief(answer: Answer) -> Assessment:
    """The same answer without what a card does not show: of the actions those that are offered, no facts, questions,
    parameters or days until which it holds, and nothing that was ignored.
    """
    pathway, patient = answer.pathway, answer.record.patient
    alerts = tuple(answer.hips[Side.RIGHT].alerts(Scope.PERSON))
    return Assessment(
        CONTRACT,
        PathwayShown(pathway.id, pathway.version, pathway.overlay),
        answer.index,
        (),
        PatientShown(patient.id, age_on(patient.birth_date, answer.index), patient.sex),
        Person(alerts, tuple(_offered(answer, Side.RIGHT, Scope.PERSON)), (), ()),
        tuple(_brief_hip(answer, side) for side in Side),
        (),
    )


def _brief_hip(answer: Answer, side: Side) -> Hip:
    hip = answer.hips[side]
    return Hip(
        side.value,
        hip.stage_shown(),
        hip.diversion_shown(),
        None,
        tuple(hip.alerts(Scope.HIP)),
        tuple(_offered(answer, side, Scope.HIP)),
        (),
        answer.review(side),
        None,
        (),
    )


def _offered(answer: Answer, side: Side, scope: Scope) -> Iterator[ActionShown]:
    for action in answer.pathway.actions.values():
        if action.scope is scope:
            option = answer.option(action, side)
            if option.status in OFFERED:
                yield option.shown(None)


def _person(answer: Answer) -> Person:
    right = answer.hips[Side.RIGHT]
    return Person(
        tuple(right.alerts(Scope.PERSON)),
        tuple(_actions(answer, Side.RIGHT, Scope.PERSON)),
        tuple(answer.questions_of_person()),
        tuple(right.facts_shown(Scope.PERSON)),
    )


def _hip(answer: Answer, side: Side) -> Hip:
    hip = answer.hips[side]
    return Hip(
        side.value,
        hip.stage_shown(),
        hip.diversion_shown(),
        hip.gate_shown(),
        tuple(hip.alerts(Scope.HIP)),
        tuple(_actions(answer, side, Scope.HIP)),
        tuple(answer.questions_of_hip(side)),
        answer.review(side),
        answer.validity.of_hip[side],
        tuple(hip.facts_shown(Scope.HIP)),
    )


def _actions(answer: Answer, side: Side, scope: Scope) -> Iterator[ActionShown]:
    for action in answer.pathway.actions.values():
        if action.scope is scope:
            option = answer.option(action, side)
            yield option.shown(answer.validity.of_action[option.hip.side, action.id])


def _ignored(answer: Answer) -> Iterator[Ignored]:
    """What was not used, each thing once: at intake, then by the facts."""
    by_facts = (one for facts in answer.facts.values() for fact in facts.values() for one in fact.ignored)
    yield from dict.fromkeys((*answer.record.ignored, *by_facts))


@lru_cache(maxsize=16)
def _parameters(pathway: Pathway, era: date) -> tuple[ParameterShown, ...]:
    """The parameters as shown on every day of an era."""
    return tuple(_parameter(parameter, parameter.on(era)) for parameter in pathway.parameters.values())


def _parameter(parameter: Parameter, value: ParameterData) -> ParameterShown:
    if isinstance(value, Quantity):
        unit = value.unit if value.unit != "1" else None
        return ParameterShown(parameter.id, f"{value.value.normalize():f}", unit, parameter.overridden)
    words = str(value) if isinstance(value, Duration) else ", ".join(map(str, value))
    return ParameterShown(parameter.id, words, None, parameter.overridden)


def age_on(birth: PartialDate | None, index: date) -> int | None:
    """Whole years on the index date; None if the birth date is not recorded, leaves it open, or lies ahead."""
    if birth is None or birth.latest > index:
        return None
    ages = {_years(born, index) for born in (birth.earliest, birth.latest)}
    return ages.pop() if len(ages) == 1 else None


def _years(born: date, index: date) -> int:
    return index.year - born.year - ((index.month, index.day) < (born.month, born.day))
