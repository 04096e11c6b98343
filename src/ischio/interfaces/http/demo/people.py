"""What the small record holds, in memory alone: some synthetic people, their resources, what was ordered since."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import msgspec

from ischio.synthesis.figures import load_figures
from ischio.synthesis.registry import shared, write_person
from ischio.synthesis.truth import TrueHip

Json = dict[str, Any]

SEED = 1
TOLD = 60
"""So many people are told; of those the first in each place of the pathway is kept."""
PAGE = 1000


@dataclass
class Chart:
    """One person. resources: the Patient first."""

    id: str
    resources: list[Json] = field(default_factory=list)

    @property
    def patient(self) -> Json:
        return self.resources[0]

    @property
    def name(self) -> str:
        return str(self.patient["name"][0]["text"])

    def of(self, *types: str) -> list[Json]:
        """Resources of these types, the newest first."""
        found = [one for one in self.resources if one["resourceType"] in types]
        return sorted(found, key=day_of, reverse=True)


@dataclass
class Charts:
    """All people, by id. common: resources that belong to nobody."""

    people: dict[str, Chart]
    common: list[Json]
    _made: int = 0

    def read(self, kind: str, name: str) -> tuple[Json, str | None] | None:
        """A resource, and the person to whom it belongs."""
        for chart in self.people.values():
            for one in chart.resources:
                if (one["resourceType"], one["id"]) == (kind, name):
                    return one, chart.id
        return next(((one, None) for one in self.common if (one["resourceType"], one["id"]) == (kind, name)), None)

    def add(self, person: str, resource: Json) -> Json:
        """Takes a resource in under an id of ours."""
        self._made += 1
        kept = {**resource, "id": f"{person}-o{self._made}"}
        self.people[person].resources.append(kept)
        return kept


def charts(on: date) -> Charts:
    """The people of the record, told up to a day."""
    common = [_plain(resource) for resource in shared()]
    return Charts({chart.id: chart for chart in _one_in_each_place(on)}, common)


def _one_in_each_place(on: date) -> Iterator[Chart]:
    figures = load_figures()
    seen: set[tuple[str, str]] = set()
    for number in range(1, TOLD + 1):
        resources, rows = write_person(number, SEED, on, figures)
        places = {(row.stage, row.diversion) for _, row in rows if isinstance(row, TrueHip)}
        if places - seen:
            seen |= places
            yield Chart(resources[0]["id"], [_plain(one) for one in resources])


def _plain(resource: Json) -> Json:
    """As it would arrive: texts of knowledge files are told plainly."""
    found: Json = msgspec.json.decode(msgspec.json.encode(resource, enc_hook=str))
    return found


def day_of(resource: Json) -> str:
    """The day by which a chart is put in order, as written; empty where there is none."""
    for name in ("effectiveDateTime", "performedDateTime", "authoredOn", "onsetDateTime", "recordedDate", "authored"):
        if name in resource:
            return str(resource[name])[:10]
    for name in ("effectivePeriod", "performedPeriod", "onsetPeriod"):
        if name in resource:
            return str(resource[name].get("start", ""))[:10]
    return ""


def title_of(resource: Json) -> str:
    """What a resource is about, in words."""
    for name in ("code", "medicationCodeableConcept", "description", "title", "payload", "questionnaire"):
        told = resource.get(name)
        if isinstance(told, dict):
            return str(told.get("text") or told.get("coding", [{}])[0].get("display") or told["coding"][0].get("code"))
        if isinstance(told, str):
            return told
        if isinstance(told, list) and told:
            return str(told[0].get("contentString", resource["resourceType"]))
    return (
        f"{resource['resourceType']}, {len(resource['item'])} answers"
        if "item" in resource
        else resource["resourceType"]
    )


def _unit(unit: str) -> str:
    """Without what UCUM writes in braces, and without the unit of plain numbers."""
    return re.sub(r"\{.*?\}", "", unit).removesuffix("/").removeprefix("1")


def value_of(resource: Json) -> str:
    """The value of an Observation, in words; empty where there is none."""
    for name, told in resource.items():
        if name == "valueQuantity":
            return f"{told.get('value', '')} {_unit(told.get('unit', ''))}".strip()
        if name == "valueCodeableConcept":
            return str(told.get("text") or told.get("coding", [{}])[0].get("display") or told["coding"][0].get("code"))
        if name.startswith("value"):
            return {True: "yes", False: "no"}.get(told, str(told)) if isinstance(told, bool) else str(told)
    return ""
