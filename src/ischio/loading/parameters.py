"""Parameters: numbers with units, durations, dated values, allowed ranges, and a site's overlay."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from decimal import Decimal

from ischio.language.literals import duration
from ischio.loading.draft import Draft, text_or_none
from ischio.loading.entries import DatedEntry, OverlayEntry, OverrideEntry, ParameterEntry
from ischio.loading.shapes import Name
from ischio.loading.yaml_lines import Reading, Written
from ischio.model.dates import Duration, days_spanned
from ischio.model.parameters import DatedValue, Parameter, ParameterData, Quantity

_QUANTITY = re.compile(r"(-?\d+(?:\.\d+)?)(?: +(\S+))?")

Amount = Quantity | Duration


def parameters(entries: Mapping[Name, ParameterEntry], draft: Draft) -> None:
    """Adds the parameters of parameters.yaml to the draft."""
    for name, entry in entries.items():
        reading = draft.reading("parameters.yaml", f"parameter {name}")
        about = draft.about(entry, reading)
        values = _values(entry, reading)
        bounds = _bounds(entry.range, reading)
        if not values or bounds is None:
            draft.broken.add(name)
            continue
        parameter = Parameter(str(name), about, values, *bounds)
        if _within(parameter, values, entry.at("range"), reading):
            draft.parameters[str(name)] = parameter
        else:
            draft.broken.add(name)


def overrides(overlay: OverlayEntry, file: str, draft: Draft) -> None:
    """Puts a site's values in the place of the pathway's."""
    for name, entry in overlay.parameters.items():
        reading = draft.reading(file, f"parameter {name}")
        values = _values(entry, reading)
        if draft.known(name, draft.parameters, "a parameter", reading) and values:
            base = draft.parameters[name]
            if _within(base, values, entry.line, reading):
                about = replace(base.about, note=text_or_none(entry.note) or base.about.note)
                draft.parameters[base.id] = replace(base, about=about, values=values, overridden=True)


def _values(entry: ParameterEntry | OverrideEntry, reading: Reading) -> tuple[DatedValue, ...]:
    """The dated values; empty after telling the mistake."""
    if (entry.value is None) == (not entry.values):
        reading.mistake(entry.line, "Either `value` or `values` is asked for.", "Write one of the two.")
        return ()
    dated = entry.values or (DatedEntry(line=entry.line, value=entry.value or ()),)
    values = [_data(each.value, reading) for each in dated]
    if not _in_order(dated, reading):
        return ()
    return tuple(
        DatedValue(each.from_, value) for each, value in zip(dated, values, strict=True) if value is not None
    ) * (None not in values)


def _in_order(dated: Iterable[DatedEntry], reading: Reading) -> bool:
    previous = None
    for number, each in enumerate(dated):
        if number and (each.from_ is None or (previous is not None and each.from_ <= previous)):
            reading.mistake(each.line, "The dated values are not in order.", "Give each a later `from` than the last.")
            return False
        previous = each.from_
    return True


def _data(written: Written | tuple[Written, ...], reading: Reading) -> ParameterData | None:
    if isinstance(written, Written):
        return _amount(written, reading)
    found = [_amount(each, reading) for each in written]
    durations = tuple(each for each in found if isinstance(each, Duration))
    if None in found:
        return None
    if len(durations) < len(found):
        reading.mistake(written[0].line, "A list of values holds durations only.", "Write, say, [2 weeks, 6 weeks].")
        return None
    return durations


def _amount(text: Written, reading: Reading) -> Amount | None:
    if (period := duration(text)) is not None:
        return period
    if found := _QUANTITY.fullmatch(text.strip()):
        return Quantity(Decimal(found[1]), found[2] or "1")
    mend = "Write a number with its UCUM unit (15 mm), a bare number (4), or a duration (6 weeks)."
    reading.mistake(text.line, f"`{text}` is neither a number nor a duration.", mend)
    return None


def _bounds(text: Written | None, reading: Reading) -> tuple[Amount | None, Amount | None] | None:
    """The allowed range, (None, None) where none is written; None after telling the mistake."""
    if text is None:
        return None, None
    parts = [Written(part, text.line) for part in text.split(" to ")]
    if len(parts) != 2:
        reading.mistake(text.line, f"`{text}` is not a range.", "Write, for example, 10 mm to 20 mm.")
        return None
    low, high = (_amount(part, reading) for part in parts)
    return None if low is None or high is None else (low, high)


def _within(parameter: Parameter, values: Iterable[DatedValue], line: int, reading: Reading) -> bool:
    """Whether the values are of one kind and unit with the parameter's own, and in its range."""
    first = parameter.values[0].value
    for dated in values:
        if _kind(dated.value) != _kind(first):
            what = f"{_shown(dated.value)} is not of the kind or unit of {_shown(first)}."
            reading.mistake(line, what, f"Give it as {_kind(first)}.")
            return False
    for bound in (parameter.low, parameter.high):
        if bound is not None and _kind(bound) != _kind(first):
            what = f"The range is given as {_kind(bound)}, and the value is {_kind(first)}."
            reading.mistake(line, what, "Give both in one unit.")
            return False
    for dated in values:
        if not _in_range(dated.value, parameter.low, parameter.high):
            what = f"{_shown(dated.value)} lies outside the allowed range, {parameter.low} to {parameter.high}."
            reading.mistake(line, what, "Choose a value within it.")
            return False
    return True


def _kind(value: ParameterData) -> str:
    match value:
        case Quantity(_, unit):
            return "a bare number" if unit == "1" else f"a number in {unit}"
        case Duration():
            return "a duration"
        case _:
            return "a list of durations"


def _shown(value: ParameterData) -> str:
    return str(value) if not isinstance(value, tuple) else ", ".join(map(str, value))


def _in_range(value: ParameterData, low: Amount | None, high: Amount | None) -> bool:
    match value, low, high:
        case (Quantity(), Quantity(), Quantity()):
            return low.value <= value.value <= high.value
        case (Duration(), Duration(), Duration()):
            return _never_longer(low, value) and _never_longer(value, high)
        case _:
            return True


def _never_longer(first: Duration, second: Duration) -> bool:
    """Whether, back from any date, the first reaches no further than the second (3 months may be 89 days)."""
    months, days = second.months - first.months, first.days - second.days
    if days <= 28 * months and months >= 0:  # no month is shorter: spares the calendar in all but close calls
        return True
    fewest = days_spanned(months)[0] if months >= 0 else -days_spanned(-months)[1]
    return fewest >= days
