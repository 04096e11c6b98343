"""What goes missing or wrong between what happened and the record of it.

At most one thing goes wrong with each event, so that every flaw can be told apart afterwards; each is written down.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

from ischio.model.dates import PartialDate
from ischio.record.events import Event, Kind
from ischio.synthesis.chance import Chance
from ischio.synthesis.chart import exactly
from ischio.synthesis.figures import Figures

GROUPS = {
    "scores": ("pain_score",),
    "function": ("ihot12", "mhhs"),
    "acceptable": ("acceptable_state",),
    "alternatives": (
        "alternative_lumbar_radiculopathy",
        "alternative_lumbar_stenosis",
        "alternative_intra_articular",
        "alternative_stress_fracture",
        "alternative_hamstring",
        "minor_alternatives_considered",
    ),
    "adherence": ("sessions_planned", "sessions_attended", "home_programme_kept"),
    "response": ("injection_response",),
    "screen": ("red_flag_screen",),
    "attestations": ("medicines_reviewed", "conditions_reviewed", "allergies_reviewed", "pregnancy"),
    "episode": ("episode_start",),
    "no_pain": ("earlier_symptoms",),
    "decisions": ("ifi_diagnosis", "surgeon_release", "pathway_closed", "re_entry", "image_guided_injection"),
}
MISSED_AS = {concept: f"not_recorded_{group}" for group, concepts in GROUPS.items() for concept in concepts}
SPACES = ("ischiofemoral_space", "quadratus_femoris_space")
PROBLEM_LIST = ("hip_pain", "buttock_pain", "thigh_pain")


@dataclass(frozen=True, slots=True)
class Flaw:
    """One thing that went wrong. event: the number of the true event. resource: where it shows; empty if nowhere."""

    kind: str
    concept: str
    side: str
    on: date | None
    event: str
    resource: str = ""


def flaw_of(kind: str, event: Event, resource: str = "") -> Flaw:
    on = event.start.latest if event.start is not None else None
    return Flaw(kind, event.concept, event.side.value if event.side else "", on, event.source, resource)


class Recording:
    """Writes down the events of one person as a busy clinic would."""

    def __init__(self, chance: Chance, figures: Figures, last: date) -> None:
        self._chance = chance
        self._figures = figures
        self._last = last
        self.flaws: list[Flaw] = []

    def recorded(self, events: list[Event]) -> Iterator[Event]:
        """The events that reach the record, some of them changed."""
        for event in events:
            written, flaw = self._written(event)
            if flaw is not None:
                self.flaws.append(flaw_of(flaw, event))
            if written is not None:
                yield written

    def _written(self, event: Event) -> tuple[Event | None, str | None]:
        chance, figures = self._chance, self._figures
        name = MISSED_AS.get(event.concept, "not_recorded")
        if event.concept == "regional_pain" and event.value == "absent":
            name = "not_recorded_no_pain"
        if chance.happens(figures.numbers[name]):
            return None, "not_recorded"
        changed = self._measure(event) if event.concept in SPACES else None
        if changed is None and event.end is not None and event.start != event.end:
            changed = self._period(event)
        return changed or self._when_and_where(event) or (event, None)

    def _measure(self, event: Event) -> tuple[Event, str] | None:
        chance, figures = self._chance, self._figures
        assert isinstance(event.value, Decimal)
        if chance.happens(figures.not_recorded_leg_position):
            kept = {name: value for name, value in event.qualifiers.items() if name != "leg_position"}
            return replace(event, qualifiers=kept), "leg_position_missing"
        if chance.happens(figures.unit_other):
            return replace(event, value=event.value / 10, unit="cm"), "unit_other"
        if chance.happens(figures.unit_wrong):
            # A figure in mm called cm, or one in cm called mm.
            wrong = replace(event, unit="cm") if chance.happens(0.5) else replace(event, value=event.value / 10)
            return wrong, "unit_wrong"
        return None

    def _period(self, event: Event) -> tuple[Event, str] | None:
        if event.concept in PROBLEM_LIST and self._chance.happens(self._figures.problem_left_on_list):
            return replace(event, end=None), "problem_left_on_list"
        if event.concept == "exercise_therapy" and self._chance.happens(self._figures.period_inverted):
            return replace(event, start=event.end, end=event.start), "period_inverted"
        return None

    def _when_and_where(self, event: Event) -> tuple[Event, str] | None:
        chance, figures = self._chance, self._figures
        if event.side is not None and chance.happens(figures.side_missing):
            return replace(event, side=None), "side_missing"
        if event.start is None or event.start != event.end or event.kind is not Kind.DONE:
            return None
        if chance.happens(figures.date_partial):
            known = 4 if chance.happens(figures.year_alone) else 7
            when = PartialDate.parse(event.start.earliest.isoformat()[:known])
            return replace(event, start=when, end=when), "date_partial"
        if chance.happens(figures.recorded_late):
            day = event.start.latest + timedelta(days=chance.whole(5, 90))
            if day <= self._last:
                return replace(event, recorded=exactly(day)), "recorded_late"
        return None
