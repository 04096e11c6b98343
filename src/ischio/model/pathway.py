"""The pathway: everything that one version of the knowledge holds, as frozen data."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from ischio.model.about import NONE_YET, SIDE, Scope
from ischio.model.facts import Enquiry, Fact
from ischio.model.map import PathwayMap
from ischio.model.measures import Measure, Outcomes
from ischio.model.parameters import Parameter
from ischio.model.patient import PatientWords
from ischio.model.rules import Action, Criterion, Diversion, Flag, Property, Stage
from ischio.model.sources import Claim, SeedLine, Source
from ischio.model.terminology import Concept


@dataclass(frozen=True, slots=True, eq=False)
class Pathway:
    """One pathway, whole. Mappings keep the order of the files; criteria come after those they name.

    Compared and hashed by identity, so that what is computed once for a pathway can be kept with it.
    body_part: the paired part that it is about, in one word. What the code calls a hip is the right or the left of it.
    next_review: the day by which its content is to be reviewed again. funding, conflicts: what its authors say of them.
    patient: per language what patients are told, English first.
    """

    id: str
    version: str
    title: str
    reviewed: date
    overlay: str | None
    statements: tuple[str, ...]
    parameters: Mapping[str, Parameter]
    facts: Mapping[str, Fact]
    criteria: Mapping[str, Criterion]
    stages: tuple[Stage, ...]
    diversions: tuple[Diversion, ...]
    flags: tuple[Flag, ...]
    actions: Mapping[str, Action]
    enquiries: Mapping[str, Enquiry]
    claims: Mapping[str, Claim]
    sources: Mapping[str, Source]
    seed: Mapping[str, SeedLine]
    concepts: Mapping[str, Concept]
    properties: tuple[Property, ...]
    review_fact: str
    deceased_fact: str
    map: PathwayMap | None = None
    body_part: str = SIDE
    measures: Mapping[str, Measure] = field(default_factory=dict)
    outcomes: Outcomes | None = None
    next_review: date | None = None
    funding: str = NONE_YET
    conflicts: str = NONE_YET
    patient: Mapping[str, PatientWords] = field(default_factory=dict)

    def review_overdue(self, on: date) -> bool:
        """Whether its content was to be reviewed before this day, and no newer version says that it was."""
        return self.next_review is not None and self.next_review < on

    @property
    def one_body_part(self) -> str:
        """Such as `a hip` or `an ankle`."""
        return f"{'an' if self.body_part[0] in 'aeiou' else 'a'} {self.body_part}"

    def whose(self, scope: Scope) -> str:
        """To whom something belongs, in words: the body part, or the person."""
        return self.body_part if scope is Scope.HIP else scope.value

    def stage(self, stage_id: str) -> Stage:
        return next(stage for stage in self.stages if stage.id == stage_id)

    @property
    def ordered_stages(self) -> tuple[Stage, ...]:
        return tuple(stage for stage in self.stages if stage.ordered)
