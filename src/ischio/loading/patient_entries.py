"""patient.yaml and its translations as declared: which keys each entry has, of what kind, and what they mean."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated

from ischio.loading.shapes import Entry, Id
from ischio.loading.yaml_lines import Written

Ids = tuple[Written, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class HeadedEntry(Entry):
    """A title and what is said under it."""

    title: Written
    text: Written


@dataclass(frozen=True, slots=True, kw_only=True)
class WarningEntry(Entry):
    """A line of the box that says when to call."""

    text: Written
    flags: Annotated[Ids, "The red flags that it tells of; in patient.yaml alone."] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class WarningsEntry(Entry):
    """A part of the box that says when to call."""

    title: Written
    lines: Mapping[Id, WarningEntry]


@dataclass(frozen=True, slots=True, kw_only=True)
class RedFlagBoxEntry(Entry):
    """When to call: for an emergency, and us."""

    emergency: WarningsEntry
    today: WarningsEntry
    unseen: Annotated[Ids, "Red flags that nobody can notice."] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LinesEntry(Entry):
    """A title and lines under it."""

    title: Written
    lines: Mapping[Id, Written]
    shown_with: Annotated[Ids, "Shown only with one of these actions; in patient.yaml alone."] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PatientEntry(Entry):
    """What patients are told, in one language."""

    drafted: Annotated[Written, "Who wrote the words."]
    reviewer: Annotated[Written, "Who has reviewed them, or `none yet`."]
    condition: HeadedEntry
    red_flags: RedFlagBoxEntry
    stages: Annotated[Mapping[Id, HeadedEntry], "By the ids of stages.yaml."]
    actions: Annotated[Mapping[Id, HeadedEntry], "By the ids of actions.yaml."]
    not_released: Annotated[Ids, "Actions that only a clinician does; in patient.yaml alone."] = ()
    positions: Annotated[LinesEntry | None, "What to avoid."] = None
    unknowns: Annotated[LinesEntry, "What is not known."]
    scores: Annotated[Mapping[Id, Written], "The names of the scores, by the outcome."] = field(default_factory=dict)
    questions: Annotated[Mapping[Id, Written], "In a translation: `ask_patient` of enquiries.yaml, by the fact."] = (
        field(default_factory=dict)
    )
    answers: Annotated[
        Mapping[Id, Mapping[Id, Written]], "The words of answers: by the concept, or `any`, and the code."
    ] = field(default_factory=dict)
