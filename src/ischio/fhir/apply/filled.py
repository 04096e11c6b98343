"""Whether a filled-in form fits its Questionnaire: every fault of it, so that all can be mended at once."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from ischio.fhir.outcomes import issue
from ischio.fhir.routes import shown

Json = dict[str, Any]

KEYS = {
    "boolean": "valueBoolean",
    "integer": "valueInteger",
    "decimal": "valueDecimal",
    "date": "valueDate",
    "choice": "valueCoding",
    "string": "valueString",
    "text": "valueString",
}
"""Where the answer to a question of each type stands."""
_ITEM, _LIMIT = "QuestionnaireResponse.item", "http://hl7.org/fhir/StructureDefinition"


def faults(questionnaire: Json, response: Json) -> list[Json]:
    """What is wrong with the answers, as issues; none for answers that fit."""
    links = {one["linkId"] for one in _every(questionnaire["item"])}
    return [
        issue("error", fault.code, fault.what, fault.where)
        for fault in _items(questionnaire["item"], response.get("item", []), _ITEM, links)
    ]


@dataclass(frozen=True, slots=True)
class Fault:
    """code: of FHIR's issue types. where: the FHIRPath of what is wrong."""

    code: str
    what: str
    where: str


def _every(items: Sequence[Json]) -> Iterator[Json]:
    for item in items:
        yield item
        yield from _every(item.get("item", ()))


def _items(asked: Sequence[Json], given: Any, path: str, links: set[str]) -> Iterator[Fault]:
    """The faults of items beside each other. links: of all questions of the form."""
    if type(given) is not list:
        yield Fault("structure", "The items are not a list.", path)
        return
    known, seen = {one["linkId"]: one for one in asked}, set()
    for position, item in enumerate(given):
        where = f"{path}[{position}]"
        link = item.get("linkId") if type(item) is dict else None
        if type(link) is not str or link not in known:
            yield _stranger(link, where, links)
        elif link in seen:
            yield Fault("duplicate", f"{link} is there twice.", where)
        else:
            seen.add(link)
            yield from _item(known[link], item, where, links)


def _stranger(link: Any, where: str, links: set[str]) -> Fault:
    if type(link) is str and link in links:
        return Fault("structure", f"{link} does not stand below the item under which the form has it.", where)
    return Fault("value", f"{shown(link)} is no question of this form.", where)


def _item(asked: Json, given: Json, where: str, links: set[str]) -> Iterator[Fault]:
    if asked["type"] == "group":
        if "answer" in given:
            yield Fault("structure", f"{asked['linkId']} is a group, and has no answer of its own.", where)
        yield from _items(asked["item"], given.get("item", []), f"{where}.item", links)
        return
    answers = given.get("answer", [])
    if type(answers) is not list or not all(map(_is_answer, answers)):
        yield Fault("structure", f"The answers to {asked['linkId']} are not a list of answers.", where)
        return
    if len(answers) > 1 and not asked.get("repeats"):
        yield Fault("structure", f"{asked['linkId']} has {len(answers)} answers and takes one.", where)
    for position, answer in enumerate(answers):
        place = f"{where}.answer[{position}]"
        wrong = _wrong(asked, answer)
        if wrong:
            yield Fault("value", f"{asked['linkId']}: {wrong}.", place)
        below = answer.get("item", [])
        yield from _items(asked.get("item", ()), below, f"{place}.item", links)
        yield from _missing(asked, below, place)


def _is_answer(answer: Any) -> bool:
    if type(answer) is not dict:
        return False
    extensions = answer.get("extension", [])
    return type(extensions) is list and all(type(one) is dict for one in extensions)


def _missing(asked: Json, below: Any, where: str) -> Iterator[Fault]:
    """Questions below an answer without which it cannot be used."""
    listed = below if type(below) is list else []
    there = [one.get("linkId") for one in listed if type(one) is dict and one.get("answer")]
    for one in asked.get("item", ()):
        if one.get("required") and one["linkId"] not in there:
            yield Fault("required", f"{asked['linkId']} is answered, and {one['linkId']} is needed with it.", where)


def _wrong(asked: Json, answer: Json) -> str | None:
    """What is wrong with one answer, in words that go on after the question."""
    key = KEYS[asked["type"]]
    if key not in answer:
        return f"its answer is expected as {key}"
    value = answer[key]
    match asked["type"]:
        case "boolean":
            return None if type(value) is bool else "it is neither true nor false"
        case "date":
            return None if _is_day(value) else "it is not a day, such as 2026-03-31"
        case "string" | "text":
            return None if type(value) is str and value.strip() else "it is no text"
        case "choice":
            return None if _is_option(asked, value) else "it is none of the answers offered"
        case _:
            return _wrong_number(asked, value)


def _is_day(value: Any) -> bool:
    try:
        return type(value) is str and bool(date.fromisoformat(value))
    except ValueError:
        return False


def _is_option(asked: Json, value: Any) -> bool:
    offered = [one["valueCoding"] for one in asked["answerOption"]]
    given = (value.get("system"), value.get("code")) if type(value) is dict else None
    return any((one["system"], one["code"]) == given for one in offered)


def _wrong_number(asked: Json, value: Any) -> str | None:
    if type(value) is not int and (type(value) is not Decimal or asked["type"] == "integer"):
        return "it is not a whole number" if asked["type"] == "integer" else "it is not a number"
    low, high = _limit(asked, "minValue"), _limit(asked, "maxValue")
    if (low is not None and value < low) or (high is not None and value > high):
        return f"it lies outside of {low} to {high}"
    return None


def _limit(asked: Mapping[str, Any], name: str) -> Decimal | None:
    for extension in asked.get("extension", ()):
        if extension["url"] == f"{_LIMIT}/{name}":
            return Decimal(str(next(value for key, value in extension.items() if key.startswith("value"))))
    return None
