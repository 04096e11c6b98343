"""Parameters: named values that a site may set, with their history."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from ischio.model.about import About
from ischio.model.dates import Duration


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number with its UCUM unit, such as 15 mm; unit "1" for a bare number."""

    value: Decimal
    unit: str

    def __str__(self) -> str:
        return f"{self.value.normalize():f} {self.unit}" if self.unit != "1" else f"{self.value.normalize():f}"


ParameterData = Quantity | Duration | tuple[Duration, ...]


@dataclass(frozen=True, slots=True)
class DatedValue:
    """A parameter's value from a date on; since None is "from the beginning"."""

    since: date | None
    value: ParameterData


@dataclass(frozen=True, slots=True)
class Parameter:
    """A number or duration that rules name. A site may override it within its allowed range.

    low, high: allowed range, both included, of the same kind as the value; None where the file gives none.
    overridden: whether a site's overlay gave the values.
    """

    id: str
    about: About
    values: tuple[DatedValue, ...]
    low: Quantity | Duration | None = None
    high: Quantity | Duration | None = None
    overridden: bool = False

    def on(self, day: date) -> ParameterData:
        """The value in force on a day: the last one whose date is not after it."""
        current = self.values[0].value
        for dated in self.values:
            if dated.since is not None and dated.since <= day:
                current = dated.value
        return current
