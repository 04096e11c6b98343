"""What differs between the SQL of DuckDB and that of Spark, and nothing else.

Days are whole numbers inside the statements, as Python's `date.toordinal` counts them (0001-01-01 is 1), so that
comparing and packing them is the same everywhere; only months are reckoned on the calendar.
"""

from collections.abc import Callable
from dataclasses import dataclass

FIRST_DAY, LAST_DAY = 1, 3652059
"""0001-01-01 and 9999-12-31: dates are held within them."""


@dataclass(frozen=True, slots=True)
class Dialect:
    """Each field prints one thing. day_number: of a date; date_of: of a day number; add_months: to a date.

    gathered: a list of those values for which a condition holds (an aggregate). counted: how many items of a list
    satisfy a condition on `item`. clustered: rows of one key beside each other. quotient: of two whole numbers, whole.
    wide: a whole number of 38 digits.
    """

    name: str
    day_number: Callable[[str], str]
    date_of: Callable[[str], str]
    add_months: Callable[[str, int], str]
    gathered: Callable[[str, str], str]
    counted: Callable[[str, str], str]
    clustered: Callable[[str], str]
    quotient: Callable[[str, str], str]
    wide: str

    def moved(self, day: str, months: int, days: int) -> str:
        """A day number moved as `model.dates.shift` does it: months first, then days, within the calendar."""
        moved = self.day_number(self.add_months(self.date_of(day), months)) if months else day
        if days:
            moved = f"({moved} {'+' if days > 0 else '-'} {abs(days)})"
        # greatest and least pass over nulls, and an unknown day moved is unknown.
        return f"case when {day} is not null then greatest({FIRST_DAY}, least({LAST_DAY}, {moved})) end"


DUCKDB = Dialect(
    name="DuckDB",
    day_number=lambda day: f"(cast({day} - date '0001-01-01' as integer) + 1)",
    date_of=lambda number: f"(date '0001-01-01' + cast({number} - 1 as integer))",
    add_months=lambda day, months: f"cast({day} + to_months({months}) as date)",
    gathered=lambda value, where: f"list({value}) filter (where {where})",
    counted=lambda items, condition: f"coalesce(len(list_filter({items}, lambda item: {condition})), 0)",
    clustered=lambda keys: f"order by {keys}",
    quotient=lambda dividend, divisor: f"({dividend} // {divisor})",
    wide="hugeint",
)

SPARK = Dialect(
    name="Spark",
    day_number=lambda day: f"(datediff({day}, date '0001-01-01') + 1)",
    date_of=lambda number: f"date_add(date '0001-01-01', cast({number} - 1 as int))",
    add_months=lambda day, months: f"add_months({day}, {months})",
    gathered=lambda value, where: f"collect_list({value}) filter (where {where})",
    counted=lambda items, condition: f"coalesce(size(filter({items}, item -> {condition})), 0)",
    clustered=lambda keys: f"cluster by {keys}",
    quotient=lambda dividend, divisor: f"({dividend} div {divisor})",
    wide="decimal(38, 0)",
)
