"""A measured number as whole steps of a fact's type, rounded half to even, in whole numbers alone."""

from decimal import Decimal
from fractions import Fraction
from math import lcm

from ischio.backends.sql.dialect import Dialect
from ischio.backends.sql.numbering import Scale
from ischio.backends.sql.text import case, quoted
from ischio.language.units import UNITS, UnitError, canonical, line

MILLIONTHS = 1_000_000
"""`events.number` has six decimals."""


def steps(dialect: Dialect, scale: Scale, concept: str) -> str:
    """The steps that `millionths` and `unit` of an event mean; null where the unit cannot be read on the scale."""
    unit, step = scale[0], Fraction(Decimal(scale[1]))
    branches = []
    for own in sorted({*UNITS, canonical(unit)}):
        try:
            factor, divisor, offset = line(own, unit, concept)
        except UnitError:
            continue
        slope = Fraction(factor) / Fraction(divisor) / step / MILLIONTHS
        branches.append((f"unit = {quoted(own)}", _rounded(dialect, slope, Fraction(offset) / step)))
    return case(*branches)


def _rounded(dialect: Dialect, slope: Fraction, offset: Fraction) -> str:
    """slope * millionths + offset, rounded half to even."""
    divisor = lcm(slope.denominator, offset.denominator)
    dividend = f"(millionths * {int(slope * divisor)} + {int(offset * divisor)})"
    if divisor == 1:
        return dividend
    rest = f"(({dividend} % {divisor} + {divisor}) % {divisor})"
    whole = dialect.quotient(f"({dividend} - {rest})", str(divisor))
    up = f"2 * {rest} > {divisor} or (2 * {rest} = {divisor} and {whole} % 2 <> 0)"
    return f"{whole} + {case((up, '1'), otherwise='0')}"
