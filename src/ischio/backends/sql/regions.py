"""Where the values of a fact are cut into regions (language/regions.py), as printed numbers."""

from collections.abc import Iterator
from datetime import date

from ischio.backends.sql.index import Calendar
from ischio.backends.sql.setting import Setting
from ischio.language.regions import leaves_by_fact, limit_on
from ischio.model.expression import Between, Compare, IndexDate, Limit, Operator
from ischio.model.facts import Fact, ValueKind


def cuts_of(setting: Setting, fact: Fact) -> tuple[str, ...]:
    """After which numbers another region of the fact begins."""
    if fact.type.kind is ValueKind.BOOLEAN:
        return ("0",)
    if fact.type.kind is ValueKind.CODE:
        return tuple(map(str, setting.numbers.region_bounds(fact)))
    found: dict[str, None] = {}
    for operator, limit in _comparisons(setting, fact):
        printed = limit_number(setting.calendar, limit, fact)
        if operator not in (Operator.LESS, Operator.AT_LEAST):
            found[printed] = None
        if operator not in (Operator.AT_MOST, Operator.GREATER):
            found[f"{printed} - 1"] = None
    return tuple(found)


def _comparisons(setting: Setting, fact: Fact) -> Iterator[tuple[Operator, Limit]]:
    for leaf in leaves_by_fact(setting.pathway)[fact.id]:
        if isinstance(leaf, Compare):
            yield leaf.operator, leaf.limit
        elif isinstance(leaf, Between):
            yield Operator.AT_LEAST, leaf.low
            yield Operator.AT_MOST, leaf.high


def limit_number(calendar: Calendar, limit: Limit, fact: Fact) -> str:
    """The constant with which a fact is compared, as a printed number."""
    if isinstance(limit, IndexDate):
        return calendar.from_index(limit.offset, limit.sign)

    def printed(on: date) -> str:
        value = limit_on(calendar.pathway, limit, fact.type, on)
        return str(value if isinstance(value, int) else value.toordinal() if not isinstance(value, str) else value)

    return calendar.index.on_date(calendar.pathway, printed)
