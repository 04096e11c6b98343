"""A measured number as whole steps of a fact's type, rounded half to even, in whole numbers alone."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from math import lcm

from ischio.backends.sql.dialect import Dialect
from ischio.backends.sql.text import case
from ischio.language.units import UNITS, UnitError, canonical, line
from ischio.model.facts import FactType

MILLIONTHS = 1_000_000
"""`events.number` has six decimals."""


@dataclass(frozen=True, slots=True)
class Steps:
    """(millionths * times + plus) / per, rounded half to even."""

    times: int
    plus: int
    per: int


def units_of(type_: FactType) -> Iterator[str]:
    """The units in which a value of the type can be written, at the most."""
    yield from sorted({*UNITS, canonical(type_.unit)})


def steps_of(type_: FactType, unit: str, concept: str) -> Steps | None:
    """How a number in the unit becomes steps of the type; None where it cannot be converted."""
    try:
        factor, divisor, offset = line(unit, type_.unit, concept)
    except UnitError:
        return None
    slope = Fraction(factor) / Fraction(divisor) / Fraction(type_.step) / MILLIONTHS
    shift = Fraction(offset) / Fraction(type_.step)
    per = lcm(slope.denominator, shift.denominator)
    return Steps(int(slope * per), int(shift * per), per)


def rounded(dialect: Dialect) -> str:
    """The steps, of the columns `millionths`, `times`, `plus` and `per`."""
    dividend = "(millionths * times + plus)"
    rest = f"(({dividend} % per + per) % per)"
    whole = dialect.quotient(f"({dividend} - {rest})", "per")
    up = f"2 * {rest} > per or (2 * {rest} = per and {whole} % 2 <> 0)"
    return f"{whole} + {case((up, '1'), otherwise='0')}"
