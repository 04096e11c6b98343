"""What differs between the SQL of DuckDB and that of Spark, and nothing else.

Days are whole numbers inside the statements, as Python's `date.toordinal` counts them (0001-01-01 is 1), so that
comparing and packing them is the same everywhere; only months are reckoned on the calendar.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from ischio.backends.sql.text import Column, quoted

Cell = str | int | bool | None

FIRST_DAY, LAST_DAY = 1, 3652059
"""0001-01-01 and 9999-12-31: dates are held within them."""


@dataclass(frozen=True, slots=True)
class Dialect:
    """Each field prints one thing. day_number: of a date; date_of: of a day number; add_months: to a date.

    quotient: of two whole numbers, whole. numbered: a number for each row, where possible in the order of a column.
    items: a row for each item of a list.
    """

    name: str
    day_number: Callable[[str], str]
    date_of: Callable[[str], str]
    add_months: Callable[[str, int], str]
    quotient: Callable[[str, str], str]
    numbered: Callable[[str], str]
    items: Callable[[str], str]

    def written(self, name: str, types: Sequence[Column], rows: Iterable[Sequence[Cell]]) -> str:
        """A table written out as text, which is read a hundred times faster than an expression for each cell."""
        text = "\n".join("\t".join(map(_cell, row)) for row in rows)
        cells = (
            f"cast(nullif(split_part(line, '\t', {place}), '') as {type_}) as {column}"
            for place, (column, type_) in enumerate(types, 1)
        )
        split = f"split({quoted(text)}, '\n')"
        lines = f"select {self.items(split)} as line"
        return f"(\nselect {', '.join(cells)}\nfrom ({lines}) as lines) as {name}"

    def moved(self, day: str, months: int, days: int) -> str:
        """A day number moved as `model.dates.shift` does it: months first, then days, within the calendar."""
        moved = self.day_number(self.add_months(self.date_of(day), months)) if months else day
        if days:
            moved = f"({moved} {'+' if days > 0 else '-'} {abs(days)})"
        # greatest and least pass over nulls, and an unknown day moved is unknown.
        return f"case when {day} is not null then greatest({FIRST_DAY}, least({LAST_DAY}, {moved})) end"


def _cell(cell: Cell) -> str:
    text = "" if cell is None else str(cell).lower() if isinstance(cell, bool) else str(cell)
    assert not {"\t", "\n", "\\"} & set(text), f"{text!r} cannot be written in a table"
    return text


DUCKDB = Dialect(
    name="DuckDB",
    day_number=lambda day: f"(cast({day} - date '0001-01-01' as integer) + 1)",
    date_of=lambda number: f"(date '0001-01-01' + cast({number} - 1 as integer))",
    add_months=lambda day, months: f"cast({day} + to_months({months}) as date)",
    quotient=lambda dividend, divisor: f"({dividend} // {divisor})",
    numbered=lambda column: f"cast(row_number() over (order by {column}) as integer)",
    items=lambda items: f"unnest({items})",
)

SPARK = Dialect(
    name="Spark",
    day_number=lambda day: f"(datediff({day}, date '0001-01-01') + 1)",
    date_of=lambda number: f"date_add(date '0001-01-01', cast({number} - 1 as int))",
    add_months=lambda day, months: f"add_months({day}, {months})",
    quotient=lambda dividend, divisor: f"({dividend} div {divisor})",
    # A row number would bring all persons to one machine.
    numbered=lambda _: "monotonically_increasing_id()",
    items=lambda items: f"explode({items})",
)
