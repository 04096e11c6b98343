"""The ids of all rules: each names one thing in the whole pathway."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ischio.loading.criteria import Definition
from ischio.loading.draft import Draft
from ischio.loading.entries import DiversionEntry, Rule, SeedLineEntry, StageEntry
from ischio.loading.files import MEASURES, Files
from ischio.loading.measures import rules_of
from ischio.loading.shapes import Id, Name
from ischio.loading.yaml_lines import Written
from ischio.model.about import Place

SHARED = ({"a fact", "a safety rule"}, {"a criterion", "a safety rule"})
"""Kinds that may share an id: a stop is often named as the fact or criterion on which it stands."""


@dataclass(frozen=True, slots=True)
class Registered:
    """One id with what it names and where. seed_lines: those that the rule says it came from."""

    id: str
    kind: str
    place: Place
    seed_lines: tuple[Written, ...] = ()


def registered(files: Files, definitions: tuple[Definition, ...]) -> tuple[Registered, ...]:
    """Every rule of the pathway, in the order of the files. A flag is its fact."""
    safety = (files.safety.stops, files.safety.strong_cautions, files.safety.cautions)
    return (
        *_rules("a parameter", "parameters.yaml", files.parameters),
        *_rules("a fact", "facts.yaml", files.facts),
        *(
            Registered(each.id, "a criterion", Place(each.reading.file, each.entry.line), _own_lines(each))
            for each in definitions
        ),
        *_rules("a stage", "stages.yaml", files.stages.stages),
        *_rules("a diversion", "stages.yaml", files.stages.diversions),
        *(rule for rules in safety for rule in _rules("a safety rule", "safety.yaml", rules)),
        *_rules("an action", "actions.yaml", files.actions),
        *_rules("a property", "properties.yaml", files.properties),
        *(rule for kind, rules in rules_of(files.measures) for rule in _rules(kind, MEASURES, rules)),
    )


def _own_lines(definition: Definition) -> tuple[Written, ...]:
    """None for the condition of a stage or diversion: its lines are those of the stage or diversion itself."""
    entry = definition.entry
    return () if isinstance(entry, StageEntry | DiversionEntry) else tuple(entry.seed_lines)


def flag_rules(files: Files) -> tuple[Registered, ...]:
    """The flags, whose ids are those of their facts."""
    return tuple(_rules("a flag", "safety.yaml", files.safety.flags))


def _rules(kind: str, file: str, entries: Mapping[Name, Rule]) -> Iterator[Registered]:
    for name, entry in entries.items():
        yield Registered(str(name), kind, Place(file, entry.line), tuple(entry.seed_lines))


def refuse_duplicates(rules: tuple[Registered, ...], draft: Draft) -> None:
    """Tells every id that names two things."""
    first: dict[str, Registered] = {}
    for rule in rules:
        other = first.setdefault(rule.id, rule)
        if other is not rule and {other.kind, rule.kind} not in SHARED:
            what = f"`{rule.id}` names {rule.kind} here and {other.kind} in {other.place}."
            draft.reading(rule.place.file).mistake(rule.place.line, what, "Give one of the two another id.")


def refuse_one_sided_links(rules: tuple[Registered, ...], lines: Mapping[Id, SeedLineEntry], draft: Draft) -> None:
    """Tells every rule that names a seed line which does not name it, and the reverse."""
    becomes = {str(line): set(map(str, entry.becomes)) for line, entry in lines.items()}
    named: defaultdict[str, set[str]] = defaultdict(set)
    for rule in rules:
        named[rule.id].update(map(str, rule.seed_lines))
        for line in rule.seed_lines:
            if line in becomes and rule.id not in becomes[line]:
                what = f"`{rule.id}` names {line}, and {line} of source.yaml does not name it."
                mend = f"Add {rule.id} to `becomes` of {line}, or take {line} out of `seed_lines`."
                draft.reading(rule.place.file).mistake(line.line, what, mend)
    for name, entry in lines.items():
        for written in entry.becomes:
            if written in named and name not in named[written]:
                what = f"{name} becomes `{written}`, which does not name {name}."
                mend = f"Add {name} to `seed_lines` of {written}, or take it out of `becomes`."
                draft.reading("source.yaml", f"line {name}").mistake(written.line, what, mend)
