"""The CQL libraries of a pathway, from parameters to the status of every action.

IschioPerson holds parameters and the person's facts, IschioRight and IschioLeft (from one printer, with the same names)
all that is said of a hip, IschioActions the actions that belong to the person and are judged on both hips. They read
events from IschioRecord, which fhir/ prints because it says where they stand in FHIR resources.
"""

from collections.abc import Iterator
from pathlib import Path

from ischio.backends.cql.facts import DATED, EVENT, READING, FactPrinter
from ischio.backends.cql.rules import HIPS, RulePrinter
from ischio.backends.cql.text import Library, comment, define, quoted, rests_on, value
from ischio.model.about import Scope, Side
from ischio.model.mistake import Mistake, PathwayError
from ischio.model.parameters import Parameter
from ischio.model.pathway import Pathway

FHIR_VERSION = "4.0.1"
OWN_NAMES = ("stage", "on_ordered_stage", "next_gate", "diversion", "review_date")
"""Defines that are no rule of the pathway, so that no rule may bear their names."""


def header(pathway: Pathway, name: str, what: str, *includes: tuple[str, str], fhir: bool = True) -> str:
    """The beginning of a library. includes: each library with the name that it is called by."""
    lines = [
        comment(f"{pathway.title}, version {pathway.version}: {what}"),
        *(comment(statement) for statement in pathway.statements),
        *([comment(f"With the values of the overlay {pathway.overlay}.")] if pathway.overlay else []),
        f"library {name} version '{pathway.version}'",
        *([f"using FHIR version '{FHIR_VERSION}'"] if fhir else []),
        *(f"include {library} version '{pathway.version}' called {alias}" for library, alias in includes),
        "parameter Index Date default Today()",
        "context Patient",
    ]
    return "\n".join(lines)


def common(pathway: Pathway) -> Library:
    """The functions that the other libraries share."""
    template = (Path(__file__).parent / "IschioCommon.cql").read_text(encoding="utf-8")
    types = {"@READING@": READING, "@EVENT@": EVENT, "@DATED@": DATED, "@VERSION@": pathway.version}
    for name, type_ in types.items():
        template = template.replace(name, type_)
    return Library("IschioCommon", template)


def libraries(pathway: Pathway) -> tuple[Library, ...]:
    """All libraries above IschioRecord, each after those that it includes. Raises NotExpressible, PathwayError."""
    _refuse_taken_names(pathway)
    return (person(pathway), *(hip(pathway, side) for side in Side), actions(pathway))


def person(pathway: Pathway) -> Library:
    head = header(pathway, "IschioPerson", "parameters, and the facts of the person.", *_BELOW)
    defines = [_parameter(pathway, each) for each in pathway.parameters.values()]
    return _library("IschioPerson", head, (*defines, *FactPrinter(pathway, None).defines()))


def hip(pathway: Pathway, side: Side) -> Library:
    name = f"Ischio{side.value.capitalize()}"
    head = header(pathway, name, f"the {side.value} {pathway.body_part}.", *_BELOW, ("IschioPerson", "Person"))
    defines = (*_borrowed(pathway), *FactPrinter(pathway, side).defines(), *RulePrinter(pathway).of_hip())
    return _library(name, head, defines)


def actions(pathway: Pathway) -> Library:
    hips = [(f"Ischio{hip}", hip) for hip in HIPS]
    head = header(pathway, "IschioActions", "the actions that belong to the person, judged on both sides.", *hips)
    return _library("IschioActions", head, RulePrinter(pathway).of_person())


_BELOW = (("IschioCommon", "Common"), ("IschioRecord", "Record"))


def _library(name: str, head: str, defines: "Iterator[str] | tuple[str, ...]") -> Library:
    return Library(name, "\n\n".join((head, *defines)) + "\n")


def _borrowed(pathway: Pathway) -> Iterator[str]:
    """Parameters and the person's facts under their own names, so that conditions read as they were written."""
    names = [*pathway.parameters, *(fact.id for fact in pathway.facts.values() if fact.scope is Scope.PERSON)]
    yield "\n".join(define(name, f"Person.{quoted(name)}") for name in names)


def _parameter(pathway: Pathway, parameter: Parameter) -> str:
    first, *later = parameter.values
    body = value(first.value)
    for dated in later:
        body = f"if Index on or after @{dated.since} then {value(dated.value)} else {body}"
    about = parameter.about
    return define(parameter.id, body, f"{about.title}. {about.sentence}", rests_on(pathway, about))


def _refuse_taken_names(pathway: Pathway) -> None:
    rules = (pathway.facts, pathway.criteria, pathway.actions, pathway.parameters)
    taken = {rule.id: rule.about.place for group in rules for rule in group.values()}
    mistakes = [
        Mistake(
            f"`{name}` cannot be exported as CQL: the exported libraries use that name themselves.",
            "Give it another name.",
            taken[name].file,
            taken[name].line,
            name,
        )
        for name in OWN_NAMES
        if name in taken
    ]
    if mistakes:
        raise PathwayError(*mistakes)
