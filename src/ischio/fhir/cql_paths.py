"""Paths of bindings.yaml as CQL over FHIR R4: which elements are lists, choices, and of which type.

The bindings name JSON keys, `effectivePeriod.start`; CQL names element and type, `(R.effective as FHIR.Period).start`.
Source: HL7 FHIR R4 (4.0.1), the resource definitions.
"""

import re

from ischio.fhir.routes import Route

_CHOICES = "effective|onset|abatement|performed|medication|occurrence|identified|bounds|value|reported|deceased"
_CHOICE = re.compile(f"({_CHOICES})(DateTime|Instant|Period|CodeableConcept|Reference|Boolean|Quantity)")
_TYPES = {"DateTime": "dateTime", "Instant": "instant", "Boolean": "boolean"}

# Elements that repeat, by resource type; those below them repeat with them.
LISTS = {
    "Observation": ("performer", "focus", "component", "interpretation"),
    "Condition": ("bodySite",),
    "Procedure": ("bodySite", "performer", "usedCode"),
    "MedicationRequest": ("dosageInstruction",),
    "MedicationAdministration": ("performer",),
    "AllergyIntolerance": ("reaction",),
    "ServiceRequest": ("bodySite", "orderDetail"),
    "DiagnosticReport": ("conclusionCode", "resultsInterpreter", "performer"),
    "ImagingStudy": ("procedureCode", "series", "interpreter"),
    "Encounter": ("type", "participant"),
    "CarePlan": ("category", "activity"),
}
_ANYWHERE = ("extension",)
CODINGS = ("series.laterality", "series.bodySite")
"""Routes whose end is a Coding, where the others that hold codes end in a CodeableConcept."""


def element(kind: str, route: Route, start: str = "R") -> str:
    """The element at a route, from the alias of the resource: a list if anything on the way repeats."""
    path, repeats = start, False
    for key in route.keys:
        choice = _CHOICE.fullmatch(key)
        if choice is not None:
            type_ = _TYPES.get(choice[2], choice[2])
            one = f"{'N' if repeats else path}.{choice[1]} as FHIR.{type_}"
            path = f"({path} N return all {one})" if repeats else f"({one})"
        else:
            path = f"{path}.{key}"
            repeats = repeats or key in _ANYWHERE or key in LISTS.get(kind, ())
    return path


def repeats(kind: str, route: Route) -> bool:
    """Whether anything on the way repeats."""
    return any(key in _ANYWHERE or key in LISTS.get(kind, ()) for key in route.keys)


def as_list(kind: str, route: Route, start: str = "R") -> str:
    """The elements at a route as a list."""
    found = element(kind, route, start)
    return found if repeats(kind, route) else f"{{ {found} }}"


def codings(kind: str, route: Route, start: str = "R") -> str:
    """The codings at a route, as a list of FHIR.Coding."""
    found = element(kind, route, start)
    return found if route in CODINGS else f"{found}.coding"


def day(kind: str, route: Route, start: str = "R") -> str:
    """The date at a route, as far as it is known; of several the first."""
    found = element(kind, route, start)
    if repeats(kind, route):
        return f"First(({found}) D where D is not null return all date from D.value)"
    return f"date from {found}.value"
