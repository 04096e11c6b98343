"""On which later dates facts are looked at again, and that it is on no more days than that."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

import pytest
from record_people import BOOLEAN, DAYS, NUMBER, fact, pathway_of

from ischio.model.about import Side
from ischio.model.dates import Duration, PartialDate, shift
from ischio.model.expression import ParameterValue
from ischio.model.facts import Anchor, CourseLength, Derivation, Exists, FactType, Latest, Selection, StaleAfter
from ischio.model.pathway import Pathway
from ischio.record.critical import follow
from ischio.record.derivation import derive
from ischio.record.events import Event, EventSide, Kind, Patient, Record

INDEX, HORIZON = date(2026, 1, 1), date(2027, 1, 1)


def event(concept: str, start: str, end: str | None = None, **more: object) -> Event:
    ends = PartialDate.parse(end) if end else None
    return Event(concept, "event", start=PartialDate.parse(start), end=ends, side=EventSide.RIGHT, **more)


def moment(concept: str, day: str, **more: object) -> Event:
    return event(concept, day, day, **more)


def critical_dates(pathway: Pathway, record: Record, index: date = INDEX, until: date = HORIZON) -> tuple[date, ...]:
    """The days on which the fact `one` of the right hip was looked at."""
    followed = follow(pathway, record, index, until, derive(pathway, record, index), pathway.facts)
    return followed[Side.RIGHT]["one"].critical if "one" in followed[Side.RIGHT] else ()


def dates_of(type_: FactType, derivation: Derivation, *events: Event, index: date = INDEX) -> list[str]:
    critical = critical_dates(pathway_of([fact("one", type_, derivation)]), Record(Patient("x"), events), index)
    return [day.isoformat() for day in critical]


PARAMETER_DATES = ["2024-04-10", "2024-05-01"]  # of the parameters in record_people; all before INDEX

MONTH, QUARTER = Duration(months=1), Duration(months=3)
IN_A_MONTH = Exists(Selection(("a",), window=MONTH))
FRESH = Latest(Selection(("a",)), StaleAfter(Duration(days=42)))

TABLE: Sequence[tuple[str, FactType, Derivation, tuple[Event, ...], list[str]]] = [
    ("nothing recorded", BOOLEAN, IN_A_MONTH, (), []),
    ("leaves the window", BOOLEAN, IN_A_MONTH, (moment("a", "2025-12-15"),), ["2026-01-16"]),
    ("leaves it at a month's end", BOOLEAN, IN_A_MONTH, (moment("a", "2026-01-30"),), ["2026-01-30", "2026-03-01"]),
    ("left it before", BOOLEAN, IN_A_MONTH, (moment("a", "2025-11-15"),), []),
    ("no window", BOOLEAN, Exists(Selection(("a",))), (moment("a", "2025-11-15"),), []),
    ("comes to pass", BOOLEAN, Exists(Selection(("a",))), (moment("a", "2026-05-15"),), ["2026-05-15"]),
    (
        "comes to pass in a month",
        BOOLEAN,
        Exists(Selection(("a",))),
        (moment("a", "2026-05"),),
        ["2026-05-01", "2026-05-31"],
    ),
    ("goes stale", NUMBER, FRESH, (moment("a", "2025-12-01", value=Decimal(3), unit="mm"),), ["2026-01-13"]),
    ("another side", BOOLEAN, IN_A_MONTH, (Event("a", "e", start=PartialDate.on(INDEX), side=EventSide.LEFT),), []),
    ("another kind", BOOLEAN, IN_A_MONTH, (moment("a", "2025-12-15", kind=Kind.DECLINED),), []),
    ("undated", BOOLEAN, IN_A_MONTH, (Event("a", "e", side=EventSide.RIGHT),), []),
]


@pytest.mark.parametrize(("name", "type_", "derivation", "events", "dates"), TABLE, ids=[row[0] for row in TABLE])
def test_critical_dates(
    name: str,  # noqa: ARG001  # shown as the test's id
    type_: FactType,
    derivation: Derivation,
    events: tuple[Event, ...],
    dates: list[str],
):
    assert dates_of(type_, derivation, *events) == dates


def test_a_course_is_looked_at_only_where_its_length_comes_to_another_region():
    """The rule asks for 20 days or more: the course that began on 22 December reaches them on 10 January."""
    days = dates_of(DAYS, CourseLength(Selection(("course",))), event("course", "2025-12-22"))
    assert days == ["2026-01-10"]


def test_a_course_that_leaves_its_window_falls_below_the_limit_at_the_end_of_a_short_month():
    """15 January to 18 February: 22 days lie in the month before 28 February, 18 in the month before 1 March."""
    course = event("course", "2026-01-15", "2026-02-18")
    days = dates_of(DAYS, CourseLength(Selection(("course",), window=MONTH)), course)
    assert "2026-03-01" in days
    assert len(days) <= 12


def test_a_window_with_two_values_is_looked_at_when_it_changes():
    window = Exists(Selection(("a",), window=ParameterValue("fresh")))
    dates = dates_of(BOOLEAN, window, moment("a", "2024-03-01"), index=date(2024, 4, 1))
    assert set(PARAMETER_DATES) <= set(dates)


def test_what_is_given_never_changes():
    pathway = pathway_of([fact("one", BOOLEAN, IN_A_MONTH)])
    record = Record(Patient("x"), (moment("a", "2025-12-15"),), given={Side.RIGHT: {"one": True}})
    assert critical_dates(pathway, record) == ()


def test_a_course_after_a_date_not_known_to_the_day_is_known_again_once_its_window_has_passed_that_date():
    after = Selection(("course",), window=MONTH, anchors=(Anchor("anchor"),))
    pathway = pathway_of([fact("one", DAYS, CourseLength(after))])
    record = Record(Patient("x"), (event("course", "2025-01-01"), moment("operation", "2025-12")))
    days = [INDEX, date(2026, 1, 30), date(2026, 1, 31)]
    assert [derive(pathway, record, day)[Side.RIGHT]["one"].value for day in days] == [None, None, 32]
    assert date(2026, 1, 31) in critical_dates(pathway, record)


def test_a_course_after_a_moved_date_is_looked_at_when_that_comes():
    after = Selection(("course",), anchors=(Anchor("anchor", offset=Duration(days=42)),))
    pathway = pathway_of([fact("one", DAYS, CourseLength(after))])
    record = Record(Patient("x"), (event("course", "2025-01-01"), moment("operation", "2025-12-01")))
    assert date(2026, 1, 12) in critical_dates(pathway, record)


@pytest.mark.parametrize("index", [date.min, date(9999, 12, 30), date.max])
def test_at_the_ends_of_the_calendar_it_is_looked_no_further(index: date):
    """Records hold 9999-12-31 for what has no end."""
    pathway = pathway_of([fact("one", DAYS, CourseLength(Selection(("a",), window=QUARTER)))])
    record = Record(Patient("x"), (event("a", "0001-01-01", "9999-12-31"), event("a", "9999-12-01", "9999-12-31")))
    until = shift(index, Duration(months=24))
    assert all(index < day <= until for day in critical_dates(pathway, record, index, until))
