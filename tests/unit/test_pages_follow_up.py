"""The follow-up: which readings count, where one is missing, what they are held against, and the time line."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from ischio.engine.timeline import timeline
from ischio.interfaces.course_rows import Look, Owed, course_rows, reviews_done
from ischio.interfaces.drawing.scores import score_svg
from ischio.interfaces.scores import ScoreChart, score_charts
from ischio.loading.pathway import load_pathway
from ischio.model.about import Side
from ischio.model.dates import PartialDate
from ischio.record.events import Event, EventSide, Kind, Patient, Record

REAL = load_pathway()
BEGAN, TODAY = date(2026, 1, 12), date(2026, 11, 23)


def week(number: int) -> date:
    return BEGAN + timedelta(weeks=number)


def event(concept: str, day: date, value: object = None, side: EventSide | None = EventSide.RIGHT, **more) -> Event:
    on = PartialDate.on(day)
    number = Decimal(value) if isinstance(value, int) and not isinstance(value, bool) else value
    unit = "{score}" if isinstance(number, Decimal) else None
    return Event(
        concept, f"{concept} {day}", number, unit, more.pop("start", on), more.pop("end", on), on, side=side, **more
    )


def record(*events: Event) -> Record:
    return Record(Patient("sample"), events)


def charts(*events: Event, reviews: tuple[int, ...] = (), side: Side = Side.RIGHT) -> dict[str, ScoreChart]:
    found = score_charts(REAL, record(*events), side, TODAY, tuple(map(week, reviews)))
    return {chart.id.removeprefix("change_in_"): chart for chart in found}


def ihot(**by_week: int | Decimal) -> tuple[Event, ...]:
    return tuple(event("ihot12", week(int(name[1:])), value) for name, value in by_week.items())


def read(chart: ScoreChart) -> list[tuple[int, str]]:
    return [(one.week, "missing" if one.value is None else f"{one.value:f}") for one in chart.readings]


# ---- readings -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("scores", "reviews", "told"),
    [
        ({"w0": 33, "w6": 41}, (0, 6), [(0, "33"), (6, "41")]),
        ({"w0": 33, "w12": 41}, (0, 6, 12), [(0, "33"), (6, "missing"), (12, "41")]),
        ({"w0": 33, "w7": 41}, (6,), [(0, "33"), (7, "41")]),  # a week after the review: it was taken for it
        ({"w0": 33, "w9": 41}, (6,), [(0, "33"), (6, "missing"), (9, "41")]),
        ({"w6": 33, "w12": 41}, (0,), [(0, "33"), (6, "41")]),  # what was missing before the first reading is no gap
        ({}, (0, 6), []),
    ],
)
def test_a_review_without_a_score_is_a_gap(scores: dict[str, int], reviews: tuple[int, ...], told: list):
    assert read(charts(*ihot(**scores), reviews=reviews)["ihot12"]) == told


def test_the_other_hips_scores_are_not_this_hips():
    both = (*ihot(w0=33), event("ihot12", week(6), 80, EventSide.LEFT))
    assert read(charts(*both)["ihot12"]) == [(0, "33")]
    assert read(charts(*both, side=Side.LEFT)["ihot12"]) == [(0, "80")]


def test_two_values_of_one_day_that_the_pathway_tells_apart_are_a_gap_that_says_why():
    scores = (event("pain_score", week(0), 7), event("pain_score", week(6), 3), event("pain_score", week(6), 6))
    told = [(one.week, one.value, one.why) for one in charts(*scores)["pain"].readings]
    assert told == [(0, Decimal(7), ""), (6, None, "conflicting")]


def test_an_unsided_pain_score_counts_only_where_the_other_hip_is_free_of_pain():
    first, unsided = event("pain_score", week(0), 7), event("pain_score", week(6), 5, None)
    free = event("regional_pain", week(0), "absent", EventSide.LEFT)
    assert read(charts(first, unsided)["pain"]) == [(0, "7")]
    assert read(charts(first, free, unsided)["pain"]) == [(0, "7"), (6, "5")]


def test_scores_with_readings_stand_first():
    assert list(charts(event("mhhs", week(0), 60))) == ["mhhs", "pain", "ihot12"]


# ---- what they are held against -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("concept", "score", "first", "last", "better", "by"),
    [
        ("ihot12", "ihot12", 33, 41, 1, 8),
        ("ihot12", "ihot12", 41, 33, -1, 8),
        ("ihot12", "ihot12", 41, 41, 0, 0),
        ("pain_score", "pain", 7, 5, 1, 2),  # of pain, less is better
        ("pain_score", "pain", 5, 7, -1, 2),
    ],
)
def test_the_change_is_told_with_its_direction(concept: str, score: str, first: int, last: int, better: int, by: int):
    (change,) = charts(event(concept, week(0), first), event(concept, week(6), last))[score].changes
    assert (change.better, change.by, change.weeks) == (better, by, 6)


def test_one_reading_is_no_change():
    chart = charts(*ihot(w0=33))["ihot12"]
    assert chart.changes == ()
    assert [(one.letter, one.reached) for one in chart.thresholds] == [("A", None), ("B", None), ("C", False)]


def test_after_an_operation_the_change_since_then_is_told_as_well():
    operated = event("ifi_surgery", week(20), "resection")
    (since_first, since_operation) = charts(*ihot(w0=30, w18=45, w32=80), operated)["ihot12"].changes
    assert (since_first.since, since_first.first.value, since_first.by) == ("", 30, 50)
    assert (since_operation.since, since_operation.first.value, since_operation.by) == ("First operation", 45, 35)


@pytest.mark.parametrize(
    ("last", "reached"), [(46, [False, False, False]), (47, [True, False, False]), (63, [True, True, True])]
)
def test_a_threshold_lies_where_the_knowledge_puts_it(last: int, reached: list[bool]):
    """14 and 18 points above the first reading, and 63."""
    found = charts(*ihot(w0=33, w6=last))["ihot12"].thresholds
    assert [one.at for one in found] == [47, 51, 63]
    assert [one.reached for one in found] == reached


def test_a_share_of_the_first_pain_score():
    found = charts(event("pain_score", week(0), 7), event("pain_score", week(6), 5))["pain"].thresholds
    assert [(one.at, one.reached) for one in found] == [(Decimal(5), True), (Decimal("4.9"), False)]


def test_every_threshold_names_the_people_it_was_measured_in():
    every = charts(*ihot(w0=33), event("pain_score", week(0), 7), event("mhhs", week(0), 60))
    for one in (one for chart in every.values() for one in chart.thresholds):
        assert one.label == "extrapolated"
        assert one.claims, one.title
        assert all(claim.statement and claim.sources for claim in one.claims)


# ---- the drawing ----------------------------------------------------------------------------------------------------


def drawn(*events: Event, reviews: tuple[int, ...] = ()) -> str:
    return score_svg(charts(*events, reviews=reviews)["ihot12"], "right", "weeks", "two readings")


def test_nothing_is_drawn_across_a_gap():
    whole, broken = drawn(*ihot(w0=33, w6=40, w12=41)), drawn(*ihot(w0=33, w12=41), reviews=(6,))
    assert (whole.count('class="joined"'), whole.count('class="missing"')) == (2, 0)
    assert (broken.count('class="joined"'), broken.count('class="missing"')) == (0, 1)
    assert broken.count("<circle") == 2


def test_thresholds_off_the_scale_are_not_drawn():
    high = drawn(*ihot(w0=95, w6=96))
    assert high.count('class="borrowed"') == 1  # 63; 95 + 14 and 95 + 18 are above 100


def test_numbers_are_drawn_as_they_are_written_where_they_are_read():
    chart = charts(*ihot(w0=Decimal("33.5"), w6=41))["ihot12"]
    german = score_svg(chart, "right", "Wochen", "zwei Werte", number=lambda value: f"{value:f}".replace(".", ","))
    assert ">33,5<" in german
    assert "33.5" not in german


def test_a_drawing_carries_no_style_and_is_described():
    svg = drawn(*ihot(w0=33, w6=41))
    assert "style" not in svg
    assert 'aria-labelledby="right-title right-description"' in svg


# ---- the time line --------------------------------------------------------------------------------------------------


def test_the_time_line_tells_what_was_done_planned_declined_and_missed():
    events = (
        event("regional_pain", week(0), "present"),
        event("exercise_therapy", week(1), None, None, end=PartialDate.on(week(12))),
        event("review", week(6)),
        event("image_guided_injection", week(14), qualifiers={"injectate": "steroid", "guidance": "ultrasound"}),
        event("ifi_surgery", week(20), None, kind=Kind.DECLINED),
        event("review", week(30), None, EventSide.LEFT),
    )
    owed = (Owed(week(40), "Review", missed=True), Owed(week(60), "Review", missed=False))
    told_of = record(*events)
    rows = course_rows(REAL, told_of, Side.RIGHT, timeline(REAL, told_of, TODAY), owed)
    told = [(row.look, row.title) for row in rows]
    assert told == [
        (Look.AHEAD, "Review"),
        (Look.MISSED, "Review"),
        (Look.DECLINED, "Operation for ischiofemoral impingement"),
        (Look.DONE, "Image-guided injection into the ischiofemoral space"),
        (Look.ENDED, "Exercise therapy"),
        (Look.DONE, "Review of this hip"),
        (Look.DONE, "Exercise therapy"),
        (Look.STAGE, "Evaluation"),
    ]
    assert next(row.more for row in rows if "injection" in row.title) == "steroid, ultrasound"


def test_a_date_that_is_not_known_to_the_day_is_told_as_it_was_written():
    loose = PartialDate.parse("2026-03")
    operated = record(event("ifi_surgery", TODAY, "resection", start=loose, end=loose))
    (row,) = (
        one
        for one in course_rows(REAL, operated, Side.RIGHT, timeline(REAL, operated, TODAY), ())
        if one.look is Look.DONE
    )
    assert (row.dated, row.on) == ("2026-03", date(2026, 3, 1))


def test_a_planned_review_is_none_that_was_done():
    events = (event("review", week(6)), event("review", week(12), kind=Kind.PLANNED))
    assert reviews_done(REAL, record(*events), Side.RIGHT) == (week(6),)
