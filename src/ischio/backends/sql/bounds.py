"""Which days a fact looks at (record/bounds.py), as expressions over the facts derived before."""

from dataclasses import dataclass

from ischio.backends.sql.dialect import FIRST_DAY
from ischio.backends.sql.index import Calendar
from ischio.backends.sql.names import fact_column
from ischio.backends.sql.text import Column, any_of, case
from ischio.model.facts import Anchor, Interval, Selection

NEVER = 9_999_999
"""A day after all days: what has to lie after it is nowhere."""

OPEN, BOUNDED, UNCLEAR, NOTHING = range(4)


@dataclass(frozen=True, slots=True)
class Bounds:
    """since, surely, until: day numbers; state: one of the four above. All as expressions."""

    since: str
    surely: str
    until: str
    state: str

    def columns(self, prefix: str) -> tuple[Column, ...]:
        """The bounds as columns of a table."""
        parts = (("since", self.since), ("surely", self.surely), ("until", self.until), ("state", self.state))
        return tuple(Column(f"{prefix}_{name}", sql) for name, sql in parts)


def bounded_by_facts(selection: Selection) -> bool:
    """Whether the days that it looks at depend on what else is known."""
    return bool(selection.anchors) or (selection.back_from is not None and selection.window is not None)


def bounds_of(selection: Selection, calendar: Calendar) -> Bounds:
    """The days that a selection looks at which depends on facts."""
    if not selection.anchors:
        assert selection.window is not None, "bounded by facts"
        first, last = (_reach(selection, selection.window, calendar, end) for end in ("first", "last"))
        return Bounds(first, last, str(NEVER), str(BOUNDED))
    anchors = [_Anchored(anchor, selection, calendar) for anchor in selection.anchors]
    since, surely = (
        _extreme(
            "greatest",
            [
                *([] if selection.window is None else [_reach(selection, selection.window, calendar, end)]),
                *(each.since(end) for each in anchors),
            ],
        )
        for end in ("first", "last")
    )
    until = _extreme("least", [each.until for each in anchors])
    nothing = any_of(each.nothing for each in anchors)
    unclear = any_of(each.unclear for each in anchors)
    bounded = f"{since} is not null or {until} is not null"
    state = case((nothing, str(NOTHING)), (unclear, str(UNCLEAR)), (bounded, str(BOUNDED)), otherwise=str(OPEN))
    return Bounds(
        case((nothing, str(NEVER)), otherwise=f"coalesce({since}, 0)"),
        case((nothing, str(NEVER)), otherwise=f"coalesce({surely}, 0)"),
        f"coalesce({until}, {NEVER})",
        state,
    )


def _reach(selection: Selection, interval: Interval, calendar: Calendar, end: str) -> str:
    """Since when a window counts, possibly (first) or surely (last): from Index, or from an earlier recorded date."""
    from_index = calendar.from_index(interval)
    if selection.back_from is None:
        return from_index
    held = fact_column(selection.back_from)
    day = f"coalesce({held}, {held}__{end})"
    unclear = (f"{held}__asked", str(FIRST_DAY)) if end == "first" else ("false", "null")
    earlier = f"least({from_index}, {calendar.moved(day, interval, -1)})"
    return case((f"{day} is not null", earlier), unclear, otherwise=from_index)


def _extreme(of_several: str, days: list[str]) -> str:
    """greatest or least, which pass over nulls in both dialects."""
    kept = [day for day in days if day != "null"]
    if len(kept) < 2:
        return kept[0] if kept else "cast(null as int)"
    return f"{of_several}({', '.join(kept)})"


@dataclass(frozen=True, slots=True)
class _Anchored:
    """What one anchor says. A date fact has, beside its value, the days between which it lies, and whether anything
    is recorded on it (`known_first`, `known_last`, `asked` in patterns.py)."""

    anchor: Anchor
    selection: Selection
    calendar: Calendar

    @property
    def _value(self) -> str:
        return fact_column(self.anchor.fact)

    @property
    def _absent(self) -> str:
        return f"({self._value} is null and not {self._value}__asked)"

    def since(self, end: str) -> str:
        branches = []
        if not self.anchor.until:
            day = f"coalesce({self._value}, {self._value}__{end})"
            branches.append((f"{day} is not null", self._moved(day)))
        if self.anchor.otherwise is not None:
            branches.append((self._absent, _reach(self.selection, self.anchor.otherwise, self.calendar, end)))
        return case(*branches) if branches else "null"

    @property
    def until(self) -> str:
        return self._moved(self._value) if self.anchor.until else "null"

    @property
    def unclear(self) -> str:
        known = self._value if self.anchor.until else f"coalesce({self._value}, {self._value}__first)"
        return f"({known} is null and {self._value}__asked)"

    @property
    def nothing(self) -> str:
        return "false" if self.anchor.until or self.anchor.otherwise is not None else self._absent

    def _moved(self, day: str) -> str:
        return self.calendar.moved(day, self.anchor.offset, self.anchor.sign)
