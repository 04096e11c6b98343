"""Units in UCUM, as far as the pathway meets them: exact conversion, and a refusal of everything else.

Source: Unified Code for Units of Measure (ucum.org).
"""

import re
from collections.abc import Mapping
from decimal import Decimal
from functools import lru_cache

from ischio.model.mistake import IschioError, Mistake

# unit -> what it measures, and how many of the first unit of that kind it is worth
UNITS: Mapping[str, tuple[str, Decimal]] = {
    unit: (kind, Decimal(worth))
    for kind, units in {
        "length": {"mm": "1", "cm": "10", "m": "1000"},
        "mass": {"mg": "1", "g": "1000", "kg": "1000000"},
        "volume": {"mL": "1", "dL": "100", "L": "1000"},
        # Months and years have no fixed number of days, so they convert into each other alone.
        "days": {"d": "1", "wk": "7"},
        "months": {"mo": "1", "a": "12"},
        "angle": {"deg": "1"},
        "number": {"1": "1"},
        "share": {"%": "1"},
        "filtration for 1.73 m2": {"mL/min/{1.73_m2}": "1"},
        "HbA1c of IFCC": {"mmol/mol": "1"},
        "amount in volume": {"mmol/L": "1000", "umol/L": "1"},
        "mass in volume": {"mg/dL": "1", "g/dL": "1000", "g/L": "100", "mg/L": "0.1"},
        "cells in volume": {"10*9/L": "1"},
        "mass over area": {"kg/m2": "1"},
    }.items()
    for unit, worth in units.items()
}

# Ways of writing that laboratories and image viewers use, in small letters, without spaces.
SPELLINGS: Mapping[str, str] = {
    "": "1",
    "ml/min/1.73m2": "mL/min/{1.73_m2}",
    "ml/min/1.73_m2": "mL/min/{1.73_m2}",
    "ml/min/{1.73_m2}": "mL/min/{1.73_m2}",
    "ml/min/{1.73m2}": "mL/min/{1.73_m2}",
    "ml/min/1.73m^2": "mL/min/{1.73_m2}",
    "ml/min/1.73m²": "mL/min/{1.73_m2}",
    "ml/min/(173.10*-2.m2)": "mL/min/{1.73_m2}",
    "degree": "deg",
    "degrees": "deg",
    "°": "deg",
    "day": "d",
    "days": "d",
    "week": "wk",
    "weeks": "wk",
    "month": "mo",
    "months": "mo",
    "year": "a",
    "years": "a",
    "percent": "%",
}

# Scales of their own: (first word of the concept, unit, unit wanted) -> factor, offset.
# A visual analogue scale is a line of 100 mm, read as 0 to 10.
# HbA1c: the master equation, NGSP % = 0.09148 * IFCC + 2.152, and its inverse as published (Hoelzel 2004).
SCALES: Mapping[tuple[str, str, str], tuple[Decimal, Decimal]] = {
    ("pain", "mm", "1"): (Decimal("0.1"), Decimal(0)),
    ("pain", "cm", "1"): (Decimal(1), Decimal(0)),
    ("hba1c", "mmol/mol", "%"): (Decimal("0.09148"), Decimal("2.152")),
    ("hba1c", "%", "mmol/mol"): (Decimal("10.93"), Decimal("-23.50")),
}

ANNOTATION = re.compile(r"\{[^}]*\}")


class UnitError(IschioError):
    """A number's unit is not known, or measures something else."""


def convert(value: Decimal, unit: str, to: str, concept: str = "") -> Decimal:
    """A number in another unit. concept: what was measured; pain and HbA1c have scales of their own.

    Exact, except where a division has no end (days to weeks): then to 28 digits.
    Raises UnitError where the unit is unknown or measures something else (mL/min is not mL/min per 1.73 m2).
    """
    factor, divisor, offset = line(unit, to, concept)
    return value * factor / divisor + offset


@lru_cache(maxsize=1024)
def line(unit: str, to: str, concept: str) -> tuple[Decimal, Decimal, Decimal]:
    """Factor, divisor and offset from one unit to the other."""
    own, wanted = canonical(unit), canonical(to)
    scale = SCALES.get((concept.split("_")[0], own, wanted))
    if scale is not None:
        return scale[0], Decimal(1), scale[1]
    kind, worth = UNITS.get(own, (None, Decimal(1)))
    kind_wanted, worth_wanted = UNITS.get(wanted, (None, Decimal(1)))
    if own != wanted and (kind is None or kind != kind_wanted):
        raise UnitError(Mistake(f"A value in {_shown(unit)} cannot be read in {_shown(to)}.", _mend(to)))
    return worth, worth_wanted, Decimal(0)


def canonical(unit: str) -> str:
    """The unit as UCUM writes it: `ML/MIN/1.73m2` is `mL/min/{1.73_m2}`; a mere annotation such as {score} is 1."""
    unit = unit.strip()
    if unit in UNITS:
        return unit
    plain = unit.replace(" ", "").lower()
    if plain in SPELLINGS:
        return SPELLINGS[plain]
    return "1" if ANNOTATION.fullmatch(unit) else unit


def _mend(to: str) -> str:
    return "Write the number alone." if canonical(to) == "1" else f"Give it in {to}."


def _shown(unit: str) -> str:
    return "no unit" if canonical(unit) == "1" else unit
