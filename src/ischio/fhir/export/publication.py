"""What every exported resource carries: its address, version, state of review, publisher and purpose."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from ischio.fhir.bindings import Bindings
from ischio.fhir.tables import OURS
from ischio.model.about import NONE_YET, About, Place
from ischio.model.mistake import Mistake, PathwayError
from ischio.model.pathway import Pathway
from ischio.model.terminology import Code, Concept

Json = dict[str, Any]

FHIR_VERSION = "4.0.1"
LICENCE = "Apache-2.0"
_LONGEST_ID = 64
"""Letters that FHIR allows in the id of a resource."""


@dataclass(frozen=True)
class Publication:
    """A pathway about to be published as FHIR resources, with the bindings that say where its codes live."""

    pathway: Pathway
    bindings: Bindings

    @property
    def system(self) -> str:
        """The URI of the pathway's own codes."""
        return str(self.bindings.systems[OURS])

    @property
    def base(self) -> str:
        """Before the type in every address: what the pathway's own code system has before `/CodeSystem/`."""
        return self.system.partition("/CodeSystem/")[0]

    @property
    def name(self) -> str:
        """Of the package: the host of the addresses backwards, their first folder, the pathway."""
        host, *folders = self.base.partition("://")[2].split("/")
        parts = [*reversed(host.split(".")), *folders[:1], self.pathway.id]
        return ".".join(kebab(part) for part in parts)

    def id(self, *parts: str) -> str:
        """The id of a resource. Raises PathwayError where FHIR has no room for it."""
        found = kebab("-".join((self.pathway.id, *parts)))
        if len(found) > _LONGEST_ID:
            rule = parts[0] if parts else self.pathway.id
            what = f"{rule} makes the resource id `{found}`, and FHIR allows {_LONGEST_ID} letters."
            place = self._place(rule)
            raise PathwayError(Mistake(what, "Give it a shorter id.", place.file, place.line, rule))
        return found

    def _place(self, name: str) -> Place:
        """Where an action or concept is written; the pathway itself for anything else."""
        if name in self.pathway.actions:
            return self.pathway.actions[name].about.place
        return self.pathway.concepts[name].place if name in self.pathway.concepts else Place("pathway.yaml", 1)

    def url(self, kind: str, name: str) -> str:
        return f"{self.base}/{kind}/{name}"

    def canonical(self, kind: str, name: str) -> str:
        """The address of a resource of this version."""
        return f"{self.url(kind, name)}|{self.pathway.version}"

    def head(self, kind: str, name: str, title: str, description: str) -> Json:
        """The elements with which every resource begins. name: its id."""
        return {
            "resourceType": kind,
            "id": name,
            "url": self.url(kind, name),
            "version": self.pathway.version,
            "name": "".join(part[:1].upper() + part[1:] for part in re.split(r"[^A-Za-z0-9]+", name)),
            "title": title,
            "status": "active" if self.reviewed else "draft",
            "experimental": not self.reviewed,
            "date": self.pathway.reviewed.isoformat(),
            "publisher": self.publisher,
            "description": description,
            "useContext": [self._focus],
        }

    @cached_property
    def reviewed(self) -> bool:
        """Whether somebody reviewed every rule."""
        return all(about.reviewer != NONE_YET for about in abouts(self.pathway))

    @cached_property
    def publisher(self) -> str:
        """Who wrote the rules."""
        return ", ".join(sorted({about.author for about in abouts(self.pathway)}))

    @property
    def _focus(self) -> Json:
        system = "http://terminology.hl7.org/CodeSystem/usage-context-type"
        return {"code": {"system": system, "code": "focus"}, "valueCodeableConcept": {"text": self.pathway.title}}

    @property
    def intended_use(self) -> str:
        """The sentences that say what the pathway is for and what not."""
        return "\n".join(f"- {statement}" for statement in self.pathway.statements)

    # ---- codes -----------------------------------------------------------------------------------------------------

    def coding(self, code: str, display: str) -> Json:
        """One of our own codes."""
        return {"system": self.system, "code": code, "display": display}


def abouts(pathway: Pathway) -> Iterator[About]:
    """What every rule says of itself, safety rules with the actions that they guard."""
    keyed = (pathway.parameters, pathway.facts, pathway.criteria, pathway.actions, pathway.measures)
    yield from (rule.about for rules in keyed for rule in rules.values())
    yield from (rule.about for rules in (pathway.stages, pathway.diversions, pathway.flags) for rule in rules)
    for action in pathway.actions.values():
        yield from (rule.about for rule in (*action.stops, *action.strong_cautions, *action.cautions))


def own_code(concept: Concept) -> Code | None:
    """The first of our own codes of a concept."""
    return next((code for code in concept.codes if code.system == OURS), None)


def own_value(concept: Concept, value: str) -> Code | None:
    """The first of our own codes of a value of a concept."""
    return next((code for code in concept.values[value] if code.system == OURS), None)


def kebab(name: str) -> str:
    """An id as FHIR wants it: without underscores."""
    return name.replace("_", "-").lower()
