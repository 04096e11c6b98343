"""The types of facts: units, steps, ranges, codes."""

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal, InvalidOperation
from typing import assert_never

from ischio.loading.draft import Draft
from ischio.loading.entries import FactEntry
from ischio.loading.shapes import Name
from ischio.loading.yaml_lines import Reading, Written
from ischio.model.facts import FactType, ValueKind


def fact_types(entries: Mapping[Name, FactEntry], draft: Draft) -> None:
    """Adds the types and scopes of all facts to the draft, so that facts and conditions can name them."""
    for name, entry in entries.items():
        reading = draft.reading("facts.yaml", f"fact {name}")
        type_ = _type(entry, reading)
        if type_ is None:
            draft.broken.add(name)
        else:
            draft.types[str(name)], draft.scopes[str(name)] = type_, entry.scope


def _type(entry: FactEntry, reading: Reading) -> FactType | None:
    fits = [_only_for(entry, ValueKind.NUMBER, ("unit", "step", "range", "doubt"), reading)]
    fits.append(_only_for(entry, ValueKind.CODE, ("codes", "absent_code"), reading))
    if not all(fits):
        return None
    match entry.type:
        case ValueKind.BOOLEAN | ValueKind.DATE:
            return FactType(entry.type)
        case ValueKind.CODE:
            return _code_type(entry, reading)
        case ValueKind.NUMBER:
            return _number_type(entry, reading)
        case _:
            assert_never(entry.type)


def _only_for(entry: FactEntry, kind: ValueKind, keys: Iterable[str], reading: Reading) -> bool:
    misplaced = [key for key in keys if key in entry.key_lines and entry.type is not kind]
    for key in misplaced:
        what = f"`{key}` belongs to a fact of type {kind.value}, and this one is of type {entry.type.value}."
        reading.mistake(entry.at(key), what, "Remove it, or mend the type.")
    return not misplaced


def _code_type(entry: FactEntry, reading: Reading) -> FactType | None:
    if not entry.codes:
        reading.mistake(entry.line, "A fact of codes declares none.", "Add `codes: {code: its words}`.")
        return None
    return FactType(ValueKind.CODE, codes={str(code): str(words) for code, words in entry.codes.items()})


def _number_type(entry: FactEntry, reading: Reading) -> FactType | None:
    step = Decimal(1) if entry.step is None else entry.step
    if step <= 0:
        reading.mistake(entry.at("step"), "The step is not greater than 0.", "Write, for example, 0.1.")
        return None
    type_ = FactType(ValueKind.NUMBER, str(entry.unit or "1"), step)
    low, high = _limits(entry.range, r"(\S+) to (\S+)", "0 to 60", type_, reading)
    below, above = _limits(
        entry.doubt, r"(?:below (\S+?))?(?:, )?(?:above (\S+))?", "below 5, above 40", type_, reading
    )
    return FactType(ValueKind.NUMBER, type_.unit, step, low, high, below, above)


def _limits(
    text: Written | None, pattern: str, example: str, type_: FactType, reading: Reading
) -> tuple[int | None, int | None]:
    """Two numbers of a text as whole steps; None where there is none, or after telling the mistake."""
    if text is None:
        return None, None
    found = re.fullmatch(pattern, text.strip())
    try:
        low, high = [None if part is None else Decimal(part) for part in found.groups()] if found else (None, None)
    except InvalidOperation:
        found = None
    if not found:
        reading.mistake(text.line, f"`{text}` is not understood.", f"Write, for example, {example}.")
        return None, None
    steps = [None if value is None else type_.steps(value) for value in (low, high)]
    if any(value is not None and step is None for value, step in zip((low, high), steps, strict=True)):
        reading.mistake(text.line, f"`{text}` falls between the steps of {type_.step}.", "Round it to a step.")
    elif steps[0] is not None and steps[1] is not None and steps[0] > steps[1]:
        reading.mistake(text.line, f"`{text}` ends before it begins.", f"Write, for example, {example}.")
    return steps[0], steps[1]
