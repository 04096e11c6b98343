"""What a rule says beside its conditions: values, units, what a fact is taken from, how an action is guarded."""

from collections.abc import Iterable, Iterator
from typing import assert_never

from ischio.model.dates import Duration
from ischio.model.expression import ParameterValue
from ischio.model.facts import (
    Anchor,
    Compared,
    Count,
    CourseLength,
    DateOf,
    Derivation,
    Exists,
    Fact,
    First,
    Interval,
    Latest,
    Selection,
    SideRule,
    StaleAfter,
    ValueKind,
)
from ischio.model.parameters import Parameter, ParameterData
from ischio.model.pathway import Pathway
from ischio.model.rules import Action, SafetyRule

Parts = dict[str, str]


def parts(pathway: Pathway, rule: str) -> Parts:
    """The parts of the rule of this id, by name, as text. Empty for a rule that is its conditions alone."""
    found: Parts = {}
    for stage in pathway.stages:
        if stage.id == rule:
            found |= told(entered_through="its gate and all before it" if stage.ordered else "its own condition")
            found |= told(criterion=stage.criterion, since=" or ".join(stage.since))
    for flag in pathway.flags:
        if flag.fact == rule:
            found |= told(urgency=flag.urgency)
    if rule in pathway.actions:
        found |= action_parts(pathway.actions[rule], pathway)
    if rule in pathway.parameters:
        found |= parameter_parts(pathway.parameters[rule])
    if rule in pathway.facts:
        found |= fact_parts(pathway.facts[rule], pathway)
    return found


def told(**texts: str | None) -> Parts:
    """The texts that are there, each under its word."""
    return {word.replace("_", " "): text for word, text in texts.items() if text}


def action_parts(action: Action, pathway: Pathway) -> Parts:
    scope = f"{action.kind.value}, for the {pathway.whose(action.scope)}"
    return told(
        kind=f"{scope}, low risk" if action.low_risk else scope,
        stops=titles(action.stops),
        strong_cautions=titles(action.strong_cautions),
        cautions=titles(action.cautions),
        must_be_known=", ".join(must.name for must in action.must_know),
        not_blocked_by=", ".join(action.passes),
        told_beside_it=", ".join(action.shows),
    ) | dict(action.texts)


def titles(rules: Iterable[SafetyRule]) -> str:
    return "; ".join(rule.about.title for rule in rules)


def parameter_parts(parameter: Parameter) -> Parts:
    later = (f"{value_text(each.value)} from {each.since}" for each in parameter.values[1:])
    return told(
        value=value_text(parameter.values[0].value),
        later="; ".join(later),
        allowed_range=f"{parameter.low} to {parameter.high}" if parameter.low is not None else None,
        set_by="a site's overlay" if parameter.overridden else None,
    )


def value_text(value: ParameterData) -> str:
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)


def fact_parts(fact: Fact, pathway: Pathway) -> Parts:
    return told(
        type=f"{type_text(fact)}, of the {pathway.whose(fact.scope)}",
        codes=", ".join(fact.type.codes),
        taken_from=derivation_text(fact.derivation),
        if_none_is_recorded=absent_text(fact),
        measurement_uncertainty=fact.uncertainty,
    )


def type_text(fact: Fact) -> str:
    number = fact.type.kind is ValueKind.NUMBER and fact.type.unit != "1"
    unit = f" in {fact.type.unit}, held in steps of {fact.type.step}" if number else ""
    return f"{fact.type.kind.value}{unit}"


def absent_text(fact: Fact) -> str:
    if fact.absent.no_when:
        return f"known absent while {fact.absent.no_when} holds, else unknown"
    return "known absent" if fact.absent.no else "unknown"


def derivation_text(derivation: Derivation) -> str:
    match derivation:
        case Latest(selection, stale_after):
            return f"{held_text(derivation)} of {selection_text(selection)}{stale_text(stale_after)}"
        case First(selection):
            return f"the oldest value of {selection_text(selection)}"
        case DateOf(selection, oldest):
            return f"the date of the {'oldest' if oldest else 'newest'} {selection_text(selection)}"
        case Exists(selection):
            return f"whether there is {selection_text(selection)}"
        case Count(selection):
            return f"how many there are of {selection_text(selection)}"
        case CourseLength(selection):
            return f"days of {selection_text(selection)}, overlaps counted once"
        case Compared(terms, at_least):
            limit = at_least.parameter if isinstance(at_least, ParameterValue) else at_least
            return f"whether {' + '.join(f'{term.times} x {term.fact}' for term in terms)} is at least {limit}"
        case _:
            assert_never(derivation)


def held_text(derivation: Latest) -> str:
    """Which of the values is held."""
    if derivation.largest or derivation.smallest:
        return "the largest value" if derivation.largest else "the smallest value"
    if derivation.any_yes_of is not None:
        return "one yes among all values" if derivation.any_yes_of == "readings" else "one yes among the newest values"
    corrected = f", a yes only taken back by a {derivation.corrected_by}," if derivation.corrected_by else ""
    return f"the newest value{corrected}"


def selection_text(selection: Selection) -> str:
    parts = [" or ".join(selection.concepts)]
    parts += [" or ".join(selection.values)] if selection.values else []
    parts += [" or ".join(selection.kinds)] if selection.kinds else []
    parts += [
        f"{name} {'recorded' if values == ('*',) else ' or '.join(values)}"
        for name, values in selection.qualifiers.items()
    ]
    parts += [f"said by {' or '.join(selection.asserters)}"] if selection.asserters else []
    parts += [f"within {interval_text(selection.window)}"] if selection.window else []
    parts += [anchor_text(anchor) for anchor in selection.anchors]
    parts += side_parts(selection)
    parts += [f"back from {selection.back_from} once that is recorded"] if selection.back_from else []
    parts += [f"until {' or '.join(selection.lifted_by)} is said later"] if selection.lifted_by else []
    parts += [f"{' or '.join(selection.begun_values)} begun as soon as dated so"] if selection.begun_values else []
    parts += ["until it is over"] if selection.while_it_lasts else []
    parts += [f"with one date for {selection.in_force} at most"] if selection.in_force else []
    return ", ".join(parts)


def side_parts(selection: Selection) -> Iterator[str]:
    """Which side counts, and when what has none does."""
    if selection.side in (SideRule.OTHER, SideRule.ANY):
        yield f"{selection.side.value} side"
    if selection.side is SideRule.THIS_OR_UNSIDED:
        yield "this side, or none named"
    if selection.unsided_when:
        unless = f" unless {' or '.join(selection.unsided_unless)}" if selection.unsided_unless else ""
        yield f"without a side while {selection.unsided_when}{unless}"
    if selection.unsided_values:
        yield f"without a side if {' or '.join(selection.unsided_values)}"


def anchor_text(anchor: Anchor) -> str:
    moved = f" {'+' if anchor.sign > 0 else '-'} {interval_text(anchor.offset)}" if anchor.offset else ""
    return f"{'on or before' if anchor.until else 'on or after'} {anchor.fact}{moved}"


def interval_text(interval: Interval) -> str:
    return str(interval) if isinstance(interval, Duration) else interval.parameter


def stale_text(stale: StaleAfter | None) -> str:
    if stale is None:
        return ""
    which = f" ({' or '.join(stale.values)} only)" if stale.values else ""
    return f"; stale after {interval_text(stale.interval)}{which}"
