"""The ids of all rules: each names one thing in the whole pathway."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ischio.loading.criteria import Definition
from ischio.loading.draft import Draft
from ischio.loading.entries import Rule
from ischio.loading.files import Files
from ischio.loading.shapes import Name
from ischio.model.pathway import Place

SHARED = ({"a fact", "a safety rule"}, {"a criterion", "a safety rule"})
"""Kinds that may share an id: a stop is often named as the fact or criterion on which it stands."""


@dataclass(frozen=True, slots=True)
class Registered:
    """One id with what it names and where."""

    id: str
    kind: str
    place: Place


def registered(files: Files, definitions: tuple[Definition, ...]) -> tuple[Registered, ...]:
    """Every rule of the pathway, in the order of the files. A flag is its fact."""
    safety = (files.safety.stops, files.safety.strong_cautions, files.safety.cautions)
    return (
        *_rules("a parameter", "parameters.yaml", files.parameters),
        *_rules("a fact", "facts.yaml", files.facts),
        *(Registered(each.id, "a criterion", Place(each.reading.file, each.entry.line)) for each in definitions),
        *_rules("a stage", "stages.yaml", files.stages.stages),
        *_rules("a diversion", "stages.yaml", files.stages.diversions),
        *(rule for rules in safety for rule in _rules("a safety rule", "safety.yaml", rules)),
        *_rules("an action", "actions.yaml", files.actions),
        *_rules("a property", "properties.yaml", files.properties),
    )


def _rules(kind: str, file: str, entries: Mapping[Name, Rule]) -> Iterator[Registered]:
    return (Registered(str(name), kind, Place(file, entry.line)) for name, entry in entries.items())


def refuse_duplicates(rules: tuple[Registered, ...], draft: Draft) -> None:
    """Tells every id that names two things."""
    first: dict[str, Registered] = {}
    for rule in rules:
        other = first.setdefault(rule.id, rule)
        if other is not rule and {other.kind, rule.kind} not in SHARED:
            what = f"`{rule.id}` names {rule.kind} here and {other.kind} in {other.place}."
            draft.reading(rule.place.file).mistake(rule.place.line, what, "Give one of the two another id.")
