"""Comparisons of one date fact must cut it in an order that no calendar can change.

`Index - 30 days` comes before or after `Index - 1 month` according to the month, so no proof could speak of all dates;
the same goes for a constant date beside one that moves with Index.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import combinations

from ischio.language.text import limit_text
from ischio.loading.draft import Draft
from ischio.model.about import Place
from ischio.model.dates import Duration, order_is_fixed
from ischio.model.expression import Between, Compare, Expression, IndexDate, Limit, Literal, ParameterValue, walk
from ischio.model.parameters import Parameter


@dataclass(frozen=True, slots=True)
class Cut:
    """Where a condition cuts a date fact."""

    limit: IndexDate | Literal
    place: Place


def refuse_calendar_dependent_cuts(draft: Draft) -> None:
    """Tells each pair of cut points on one fact whose order depends on the calendar, with both places."""
    for fact, cuts in _cuts(draft).items():
        for first, second in combinations(cuts, 2):
            if not _order_is_fixed(first.limit, second.limit, draft.parameters):
                what = (
                    f"`{fact}` is compared with {limit_text(second.limit)} here and with {limit_text(first.limit)} in "
                    f"{first.place}; which of the two is earlier depends on the calendar."
                )
                constant = isinstance(first.limit, Literal) or isinstance(second.limit, Literal)
                together = "both from Index, or both as dates" if constant else "both in months, or both in days"
                mend = f"Write {together}."
                draft.reading(second.place.file).mistake(second.place.line, what, mend)


def _cuts(draft: Draft) -> Mapping[str, list[Cut]]:
    """The different cut points of each fact, at the place where each is first written."""
    cuts: dict[str, dict[Limit, Cut]] = defaultdict(dict)
    for expression, place in draft.conditions:
        for fact, limit in _date_limits(expression):
            cuts[fact].setdefault(limit, Cut(limit, place))
    return {fact: list(found.values()) for fact, found in cuts.items()}


def _date_limits(expression: Expression) -> Iterator[tuple[str, IndexDate | Literal]]:
    for node in walk(expression):
        if isinstance(node, Compare | Between):
            for limit in (node.limit,) if isinstance(node, Compare) else (node.low, node.high):
                if isinstance(limit, IndexDate) or (isinstance(limit, Literal) and isinstance(limit.value, date)):
                    yield node.fact, limit


def _order_is_fixed(
    first: IndexDate | Literal, second: IndexDate | Literal, parameters: Mapping[str, Parameter]
) -> bool:
    if isinstance(first, Literal) or isinstance(second, Literal):
        return isinstance(first, Literal) and isinstance(second, Literal)
    return all(
        order_is_fixed(*moved)
        for day in _days_of_change((first, second), parameters)
        if (moved := _same_side(first, second, day, parameters))
    )


def _days_of_change(limits: tuple[IndexDate, ...], parameters: Mapping[str, Parameter]) -> set[date]:
    """The days from which the limits may mean other durations."""
    named = (limit.offset.parameter for limit in limits if isinstance(limit.offset, ParameterValue))
    return {dated.since or date.min for name in named for dated in parameters[name].values} | {date.min}


def _same_side(
    first: IndexDate, second: IndexDate, day: date, parameters: Mapping[str, Parameter]
) -> tuple[Duration, Duration] | None:
    """The two durations, if both lead to the same side of Index; on different sides their order is fixed."""
    one, two = _duration(first, day, parameters), _duration(second, day, parameters)
    same = first.sign == second.sign or Duration() in (one, two)
    return (one, two) if same else None


def _duration(limit: IndexDate, day: date, parameters: Mapping[str, Parameter]) -> Duration:
    if limit.offset is None:
        return Duration()
    if isinstance(limit.offset, Duration):
        return limit.offset
    value = parameters[limit.offset.parameter].on(day)
    assert isinstance(value, Duration), "the parser lets Index move only by durations"
    return value
