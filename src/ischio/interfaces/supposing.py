"""Answers to "what if" in plain words: values, what would do, what a measurement's uncertainty means."""

from collections.abc import Iterator
from datetime import date

from ischio.interfaces.words import TRUTH_WORDS, amount, day, side_title, title_of
from ischio.model.assessment import Shown
from ischio.model.comparison import Changes, GateAt, Named
from ischio.model.facts import Fact, ValueKind
from ischio.model.pathway import Pathway
from ischio.model.truth import FALSE, TRUE, UNKNOWN
from ischio.model.what_if import Allowed, Range, Sensitivity, Stretch

NONE = "none"
NOT_SAVED = "Not saved: nothing here changes the record."


def value_words(pathway: Pathway, fact: str, value: Shown, unit: str | None) -> str:
    """A fact's value with its unit, or its code's words."""
    if value is None:
        return TRUTH_WORDS[UNKNOWN]
    if isinstance(value, bool):
        return TRUTH_WORDS[TRUE if value else FALSE]
    if isinstance(value, str):
        known = pathway.facts[fact].type
        return day(date.fromisoformat(value)) if known.kind is ValueKind.DATE else known.codes.get(value, value)
    return amount(f"{value:g}", unit)


def name_words(named: Named | None) -> str:
    return named.title if named is not None else NONE


def gate_words(pathway: Pathway, gate: GateAt | None) -> str:
    """The gate ahead with its truth."""
    if gate is None:
        return NONE
    told = "cannot be told yet" if gate.truth is UNKNOWN else "open" if gate.truth is TRUE else "not open"
    return f"{title_of(pathway, gate.to)}: {told}"


def status_words(status: str | None) -> str:
    return "no such action" if status is None else status.replace("_", " ")


def allowed_words(pathway: Pathway, allowed: Allowed) -> str:
    """A fact with the values that would do, and what it is now unless that is not known."""
    fact = pathway.facts[allowed.fact]
    one_of = [value_words(pathway, allowed.fact, value, allowed.unit) for value in allowed.values]
    one_of += [_range_words(fact, each, allowed.unit) for each in allowed.ranges]
    now = "" if allowed.now is None else f" (now {value_words(pathway, allowed.fact, allowed.now, allowed.unit)})"
    return f"{fact.about.title}: {' or '.join(one_of)}{now}"


def _range_words(fact: Fact, ends: Range, unit: str | None) -> str:
    low, high = ends.low, ends.high
    if low is None and high is None:
        return "any value"
    if isinstance(low, str) or isinstance(high, str):
        return _dates_words(low, high)
    if low is not None and high is not None:
        return amount(f"{low:g}" if low == high else f"{low:g} to {high:g}", unit)
    step = float(fact.type.step)
    return _at_least(float(low), step, unit) if low is not None else _at_most(float(high or 0), step, unit)


def _at_least(low: float, step: float, unit: str | None) -> str:
    """15.1 in steps of 0.1 reads better as "more than 15"."""
    below = f"{low - step:g}"
    return f"more than {amount(below, unit)}" if len(below) < len(f"{low:g}") else f"{amount(f'{low:g}', unit)} or more"


def _at_most(high: float, step: float, unit: str | None) -> str:
    above = f"{high + step:g}"
    shorter = len(above) < len(f"{high:g}")
    return f"less than {amount(above, unit)}" if shorter else f"{amount(f'{high:g}', unit)} or less"


def _dates_words(low: Shown, high: Shown) -> str:
    first, last = (day(date.fromisoformat(str(end))) if end is not None else None for end in (low, high))
    if first is None:
        return f"{last} or earlier"
    return f"{first} or later" if last is None else f"{first} to {last}"


def measured_words(pathway: Pathway, found: Sensitivity) -> str:
    """A measurement with its uncertainty: whose hip, of which facts."""
    spread = f"{amount(f'{found.value:g}', None)} ± {amount(f'{found.uncertainty:g}', found.unit)}"
    return f"{side_title(pathway, found.side)}, {title_of(pathway, found.facts[0])}: {spread}"


def sensitivity_words(pathway: Pathway, found: Sensitivity) -> Iterator[str]:
    """Whether the stage changes within the uncertainty, then what differs over which values."""
    differing = [stretch for stretch in found.stretches if stretch.comparison.parts]
    staged = any(part.stage or part.diversion for stretch in differing for part in stretch.comparison.parts)
    if not differing:
        yield "changes nothing: stage, diversion, next gate and actions stay as they are."
    elif not staged:
        yield "does not change the stage."
    else:
        yield "CHANGES the stage or diversion."
    for stretch in differing:
        yield f"{_stretch_words(stretch, found.unit)}: {'; '.join(_position_words(pathway, stretch))}"


def _stretch_words(stretch: Stretch, unit: str) -> str:
    low, high = f"{stretch.low:g}", f"{stretch.high:g}"
    return f"At {amount(low if low == high else f'{low} to {high}', unit)}"


def _position_words(pathway: Pathway, stretch: Stretch) -> Iterator[str]:
    for part in stretch.comparison.parts:
        yield from change_words(pathway, part)


def change_words(pathway: Pathway, changes: Changes) -> Iterator[str]:
    """What differs in the position of a part, in short phrases: stage, diversion, gate, alerts, then statuses."""
    if changes.stage:
        yield name_words(changes.stage.after)
    if changes.diversion:
        diverted = changes.diversion.after
        yield f"diverted: {diverted.title}" if diverted else "no longer diverted"
    if changes.next_gate and not changes.stage:
        yield f"next stage {gate_words(pathway, changes.next_gate.after)}"
    yield from (f"alert: {alert.title}" for alert in changes.alerts_new)
    yield from (f"alert over: {alert.title}" for alert in changes.alerts_gone)
    by_status: dict[str, list[str]] = {}
    for change in changes.actions:
        by_status.setdefault(status_words(change.after), []).append(change.title)
    yield from (f"{status}: {', '.join(titles)}" for status, titles in by_status.items())


def site_words(pathway: Pathway) -> str:
    """The values that a site has set, with who set them; empty if none."""
    names = [parameter.id for parameter in pathway.parameters.values() if parameter.overridden]
    return f"Values set by {pathway.overlay or 'this site'}, not by the pathway: {', '.join(names)}. " if names else ""
