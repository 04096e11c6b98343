"""A pathway as plain text, entry by entry and part by part, so that two versions of it can be laid side by side.

Every field of the model is told, without a list of fields to keep: what is left out is named here, with the reason.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import MISSING, dataclass, fields, is_dataclass
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import Any, get_args

from ischio.engine.evidence import certainty
from ischio.language.text import to_text
from ischio.model.about import About, Place
from ischio.model.dates import Duration
from ischio.model.expression import Expression, ParameterValue
from ischio.model.facts import Compared, Count, CourseLength, DateOf, Enquiry, Exists, FactType, First, Latest
from ischio.model.parameters import DatedValue, Quantity
from ischio.model.pathway import Pathway
from ischio.model.rules import Action, Criterion, Property, SafetyRule

Text = str | tuple[str, ...]
"""A part as text: one text, or several of which each may come or go by itself."""

Parts = Mapping[str, Text]
Key = tuple[str, str]
"""Kind and id."""

_LEFT_OUT = {
    (Criterion, "text"),  # the condition as written: told by `when`, however its line is broken
    (SafetyRule, "text"),
    (Property, "text"),
    (Enquiry, "order"),  # told once for all, as an order
    (Action, "stops"),  # rules of their own, told by their ids
    (Action, "strong_cautions"),
    (Action, "cautions"),
}
_TOLD_AS = {"derivation": "taken from", "selection": "", "about": "", "type": ""}
_PATTERNS = {
    Latest: "the newest value",
    First: "the oldest value",
    DateOf: "the date of an event",
    Exists: "whether there is an event",
    Count: "the number of events",
    CourseLength: "days of treatment",
    Compared: "a sum of facts",
}
_LEAVES = (str, int, Decimal, date, Enum, Duration, Quantity, ParameterValue, DatedValue, *get_args(Expression))


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a pathway. parts: by name, as text. names: the parameters, facts and criteria that it leans on."""

    title: str
    parts: Parts
    names: frozenset[str]


def entries(pathway: Pathway) -> dict[Key, Entry]:
    """Every entry of the pathway by kind and id, what a clinician reads first."""
    return {(kind, id_): _entry(pathway, kind, id_, item) for kind, id_, item in _items(pathway)}


def _items(pathway: Pathway) -> Iterator[tuple[str, str, Any]]:
    gates = {stage.criterion for stage in pathway.ordered_stages}
    yield from (("red flag", flag.fact, flag) for flag in pathway.flags)
    yield from (("stage", stage.id, stage) for stage in pathway.stages)
    yield from (("diversion", diversion.id, diversion) for diversion in pathway.diversions)
    for name, criterion in pathway.criteria.items():
        yield "gate" if name in gates else "criterion", name, criterion
    for name, action in pathway.actions.items():
        yield "action", name, action
        yield from (("stop", rule.id, rule) for rule in action.stops)
        yield from (("strong caution", rule.id, rule) for rule in action.strong_cautions)
        yield from (("caution", rule.id, rule) for rule in action.cautions)
    for kind, found in (
        ("parameter", pathway.parameters),
        ("fact", pathway.facts),
        ("enquiry", pathway.enquiries),
        ("claim", pathway.claims),
        ("source", pathway.sources),
        ("concept", pathway.concepts),
        ("seed line", pathway.seed),
    ):
        yield from ((kind, name, item) for name, item in found.items())
    yield from (("property", proved.id, proved) for proved in pathway.properties)


def item_of(pathway: Pathway, kind: str, id_: str) -> Any | None:
    """What an entry is made from; None for one that the pathway has not."""
    return next((item for its_kind, its_id, item in _items(pathway) if (its_kind, its_id) == (kind, id_)), None)


def whole(pathway: Pathway) -> Entry:
    """What the pathway says of itself as a whole. The order of stages and diversions decides which one holds."""
    told: dict[str, Text] = {
        "id": pathway.id,
        "version": pathway.version,
        "title": pathway.title,
        "reviewed": _text(pathway.reviewed),
        "next review": _text(pathway.next_review),
        "funding": pathway.funding,
        "conflicts": pathway.conflicts,
        "overlay": _text(pathway.overlay),
        "statements": pathway.statements,
        "review fact": pathway.review_fact,
        "deceased fact": pathway.deceased_fact,
        "order of stages": ", ".join(stage.id for stage in pathway.stages),
        "order of diversions": ", ".join(diversion.id for diversion in pathway.diversions),
    }
    return Entry(pathway.title, told, frozenset())


def _entry(pathway: Pathway, kind: str, id_: str, item: Any) -> Entry:
    told = dict(_parts(item))
    about: About | None = getattr(item, "about", None)
    if about is not None:
        told["certainty"] = certainty(pathway, about.label, about.evidence)
    if isinstance(item, Action):
        rules = {"stops": item.stops, "strong cautions": item.strong_cautions, "cautions": item.cautions}
        told |= {name: tuple(rule.id for rule in attached) for name, attached in rules.items()}
    if kind in ("gate", "criterion") and _is_told_elsewhere(pathway, id_):
        told = {"when": told["when"]}
    return Entry(about.title if about else str(told.get("title", id_)), told, frozenset(names_in(item)))


def _is_told_elsewhere(pathway: Pathway, criterion: str) -> bool:
    """Whether the criterion shares its words and evidence with a stage or diversion, which tells them."""
    named = (*(stage.criterion for stage in pathway.stages), *(each.criterion for each in pathway.diversions))
    return criterion in named


# ---- values as text ---------------------------------------------------------------------------------------------


def _parts(item: Any, within: str = "") -> Iterator[tuple[str, Text]]:
    """The parts of a dataclass that say something, each under its name."""
    for field in fields(item):
        value = getattr(item, field.name)
        name = f"{within} {_TOLD_AS.get(field.name, field.name.replace('_', ' '))}".strip()
        if value is None or isinstance(value, Place) or (type(item), field.name) in _LEFT_OUT:
            continue
        if field.name == "derivation":
            yield name, _PATTERNS[type(value)]
        yield from _named(name, value, item)


def _named(name: str, value: Any, item: Any) -> Iterator[tuple[str, Text]]:
    if isinstance(value, _LEAVES):
        yield name, _in_unit(value, item) if isinstance(item, FactType) else _text(value)
    elif isinstance(value, tuple):
        yield name, tuple(map(_text, value))
    elif isinstance(value, Mapping):
        for key, each in value.items():
            yield from _named(f"{name} {key}", each, item)
    else:
        yield from _parts(value, name)


def _in_unit(value: Any, type_: FactType) -> str:
    """Limits of a fact are held in steps, and read in its unit."""
    return f"{type_.amount(value):f}" if type(value) is int else _text(value)


def _text(value: Any) -> str:
    match value:
        case bool():
            return "yes" if value else "no"
        case Enum():
            return str(value.value)
        case ParameterValue(name):
            return name
        case DatedValue(since, several):
            amount = ", ".join(map(str, several)) if isinstance(several, tuple) else str(several)
            return amount if since is None else f"{amount} from {since}"
        case Decimal():
            return f"{value:f}"
        case str() | int() | date() | Duration() | Quantity():
            return str(value)
        case None:
            return "none"
        case _:
            return to_text(value) if isinstance(value, get_args(Expression)) else _in_a_row(value)


def _in_a_row(item: Any) -> str:
    """A small dataclass in a list: its first field, then what is not as usual."""
    first, *others = fields(item)
    told = [_text(getattr(item, first.name))]
    for field in others:
        value = getattr(item, field.name)
        if value != field.default and not (field.default is MISSING and value in (None, ())):
            told.append(f"{field.name.replace('_', ' ')} {_text(value)}")
    return ", ".join(told)


# ---- what an entry leans on -------------------------------------------------------------------------------------

_REFERENCES = {"fact", "criterion", "parameter", "no_when", "unsided_when", "since", "name", "uncertainty"}
"""The fields that hold the id of a fact, criterion or parameter, wherever in the model they stand."""


def names_in(item: Any) -> Iterator[str]:
    """The ids of parameters, facts and criteria that a part of the model names, wherever within it."""
    if isinstance(item, tuple):
        for each in item:
            yield from names_in(each)
    elif is_dataclass(item):
        for field in fields(item):
            value = getattr(item, field.name)
            if field.name in _REFERENCES and isinstance(value, str):
                yield value
            elif field.name not in ("about", "implies"):
                yield from names_in(value)


def reached(entries: Mapping[Key, Entry], name: str) -> tuple[Key, ...]:
    """The entries that lean on a parameter, fact or criterion, straight or through others, in their order."""
    leaning: dict[str, list[Key]] = {}
    for key, entry in entries.items():
        for each in entry.names:
            leaning.setdefault(each, []).append(key)
    found: set[Key] = set()
    ahead = [name]
    while ahead:
        for key in leaning.get(ahead.pop(), ()):
            if key not in found:
                found.add(key)
                ahead += _id_that_is_named(key)
    return tuple(key for key in entries if key in found)


def _id_that_is_named(key: Key) -> Iterable[str]:
    kind, id_ = key
    return (id_,) if kind in ("gate", "criterion", "fact") else ()
