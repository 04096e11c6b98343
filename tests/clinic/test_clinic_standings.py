"""The list: who is first, who is counted, and that a row never says what is no longer true."""

from collections.abc import Iterable
from datetime import date, timedelta

import pytest
from clinic_steps import answer

from ischio.clinic.answers import Answer
from ischio.clinic.clinic import Clinic
from ischio.clinic.standings import AT_ONCE
from ischio.engine.assess import assess
from ischio.model.about import Side
from ischio.model.dates import PartialDate
from ischio.record.events import Event
from ischio.store.entries import Access, Known, Person
from ischio.store.standings import Place, Score, Standing, Wanted

ON = date(2026, 6, 1)
PAIN = (Answer("regional_pain", "present", "right"), Answer("episode_start", "2026-04-01", "right"))


def listed(clinic: Clinic, by: Access, **wanted: object) -> list[str]:
    found = clinic.standings.list(Wanted("north", ON, **wanted), by)  # type: ignore[arg-type]  # each test names fields of the class
    return [row.known.name for row in found.rows]


def row(clinic: Clinic, name: str, **other: object) -> Standing:
    """A row as it might have been worked out, of somebody new."""
    usual: dict[str, object] = {
        "known": Known(name, "north", Person("urn:x", name), name, f"id {name}"),
        "side": Side.LEFT,
        "born": "",
        "sex": "",
        "stage": "evaluation",
        "since": None,
        "diversion": None,
        "alert": None,
        "alert_on": None,
        "step": None,
        "due": None,
        "due_for": None,
        "cannot_tell": False,
        "missing": ("a", "b"),
        "score": Score("function_now", 41.0, ON, 8.0),
        "knowledge": clinic.knowledge.digest,
        "holds_until": date(2027, 1, 1),
    }
    return Standing(**(usual | other))  # type: ignore[arg-type]  # as above


def put(clinic: Clinic, *rows: Standing) -> None:
    clinic.store.standings.put([each.known for each in rows], rows, head(clinic))


def head(clinic: Clinic) -> int:
    """The number of the audit's last entry."""
    found = clinic.store.audit.head()
    assert found is not None
    return found.number


def day(offset: int) -> date:
    return ON + timedelta(days=offset)


def five(clinic: Clinic) -> None:
    put(
        clinic,
        row(clinic, "rest, due", due=day(30), due_for="review"),
        row(clinic, "Rest", stage="closed"),
        row(clinic, "cannot tell", cannot_tell=True, due=day(3), due_for="mri"),
        row(clinic, "overdue", cannot_tell=True, due=day(-1), due_for="review"),
        row(clinic, "red flag", alert="flag_mass", alert_on=day(-9), due=day(-20), due_for="review"),
        row(clinic, "longer overdue", due=day(-5), due_for="review"),
    )


def test_red_flags_come_first_then_the_overdue_then_who_cannot_be_told_then_the_rest(clinic: Clinic, by: Access):
    five(clinic)
    assert listed(clinic, by) == ["red flag", "longer overdue", "overdue", "cannot tell", "rest, due", "Rest"]


def test_the_order_in_the_database_is_the_order_in_the_code(clinic: Clinic, by: Access):
    five(clinic)
    rows = clinic.standings.list(Wanted("north", ON), by).rows
    places = [each.place(ON) for each in rows]
    assert places == sorted(places)
    assert set(places) == set(Place)


def test_what_is_due_today_is_not_overdue(clinic: Clinic, by: Access):
    put(clinic, row(clinic, "today", due=ON), row(clinic, "yesterday", due=day(-1)))
    assert listed(clinic, by, place=Place.OVERDUE) == ["yesterday"]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({"stage": "closed"}, ["Rest"]),
        ({"due_by": day(7)}, ["red flag", "longer overdue", "overdue", "cannot tell"]),
        ({"place": Place.RED_FLAG}, ["red flag"]),
        ({"place": Place.CANNOT_TELL}, ["overdue", "cannot tell"]),
        ({"search": "TELL cannot"}, ["cannot tell"]),
        ({"search": "id rest"}, ["rest, due", "Rest"]),
        ({"search": "100%"}, []),
        ({"search": "_"}, []),
    ],
)
def test_the_list_is_filtered(clinic: Clinic, by: Access, wanted: dict[str, object], found: list[str]):
    five(clinic)
    assert listed(clinic, by, **wanted) == found


def test_a_name_is_found_without_its_accents_and_capitals(clinic: Clinic, by: Access):
    clinic.people.register("Görel Übel-Ångström", "S-1", "north", by)
    for search in ("gorel", "UBEL", "ångström s-1", "angstrom"):
        assert listed(clinic, by, search=search) == ["Görel Übel-Ångström"]


def test_the_counts_are_those_of_the_list(clinic: Clinic, by: Access):
    five(clinic)
    put(clinic, row(clinic, "both", side=Side.LEFT), row(clinic, "both", side=Side.RIGHT))
    found = clinic.standings.list(Wanted("north", ON, stage="evaluation"), by, first=2, most=3)
    assert len(found.rows) == 3
    counts = found.counts
    assert (counts.rows, counts.people, counts.red_flag, counts.overdue) == (7, 6, 1, 2)
    assert (counts.due, counts.cannot_tell) == (4, 2)
    assert (found.everyone.rows, found.stages) == (8, {"closed": 1, "evaluation": 7})


def test_a_row_comes_back_as_it_was_put_in(clinic: Clinic):
    one = row(clinic, "a", since=day(-3), diversion="red_flag", step="mri", born="1984-03", sex="female")
    put(clinic, one)
    assert clinic.standings.of(one.known) == (one,)


def test_an_organisation_sees_its_own_people_only(clinic: Clinic, anna: Known, by: Access):
    assert listed(clinic, by) == [anna.name]
    assert clinic.standings.list(Wanted("south", ON), by).rows == ()


# ---- what is true -------------------------------------------------------------------------------------------------


def test_who_is_on_no_pathway_has_one_row_without_a_side(clinic: Clinic, anna: Known):
    (found,) = clinic.standings.of(anna)
    assert (found.side, found.stage, found.cannot_tell) == (None, "not_on_pathway", True)


def test_the_row_says_what_the_chart_says(clinic: Clinic, anna: Known, by: Access, on: date):
    answer(clinic, anna, by, *PAIN, Answer("pain_score", "6", "right", "2026-04-02"), Answer("ihot12", "33", "right"))
    (found,) = clinic.standings.of(anna)
    hip, _ = clinic.charts.of(anna, on, by).assessment.hips
    assert (found.side, found.stage, found.since) == (Side.RIGHT, hip.stage.id, hip.stage.since)
    assert hip.review is not None
    assert found.due == hip.review.date
    assert found.score == Score("function_now", 33.0, on, None)
    assert found.holds_until == hip.valid_until


def test_a_score_is_told_with_its_change(clinic: Clinic, anna: Known, by: Access):
    answer(clinic, anna, by, *PAIN, Answer("ihot12", "33", "right", "2026-04-02"), Answer("ihot12", "41", "right"))
    (found,) = clinic.standings.of(anna)
    assert found.score == Score("function_now", 41.0, ON, 8.0)


def test_a_red_flag_stands_in_the_row_with_its_day(clinic: Clinic, anna: Known, by: Access):
    answer(clinic, anna, by, *PAIN, Answer("flag_mass", "present", "right"))
    (found,) = clinic.standings.of(anna)
    assert (found.alert, found.alert_on, found.diversion, found.cannot_tell) == ("flag_mass", ON, "red_flag", False)


DEATH = Event("death", "registry", start=PartialDate.parse("2026-05-01"), end=PartialDate.parse("2026-05-01"))


@pytest.mark.parametrize("answers", [(), PAIN, (*PAIN, Answer("flag_mass", "present", "right"))])
def test_for_the_dead_nothing_is_due_and_nothing_waits_to_be_told(
    clinic: Clinic, anna: Known, by: Access, answers: tuple[Answer, ...]
):
    if answers:
        answer(clinic, anna, by, *answers)
    clinic.store.events.append(anna.whom, [DEATH], by)
    listed = clinic.standings.list(Wanted("north", ON), by)
    (found,) = listed.rows
    assert (found.side, found.diversion) == (Side.RIGHT if answers else None, "deceased")
    assert (found.step, found.due, found.alert, found.missing) == (None, None, None, ())
    counts = listed.everyone
    assert (counts.people, counts.red_flag, counts.overdue, counts.due, counts.cannot_tell) == (1, 0, 0, 0, 0)


def test_rows_that_do_not_know_what_was_written_since_do_not_take_the_place_of_those_that_do(
    clinic: Clinic, anna: Known, by: Access
):
    """Two at once: the slower one worked out its rows before the quicker one wrote, and puts them in after it."""
    before, stale = head(clinic), clinic.standings.of(anna)
    answer(clinic, anna, by, *PAIN)
    renamed = clinic.people.rename(anna, "Anna Other", "S-17", by)
    clinic.store.standings.put([anna], stale, before)
    (found,) = clinic.standings.of(anna)
    assert (found.stage, found.known) == ("evaluation", renamed)


def test_what_is_written_past_the_application_is_seen_by_the_next_list(clinic: Clinic, anna: Known, by: Access):
    other = clinic.people.register("Bert", "", "north", by)
    answer(clinic, other, by, *PAIN)
    events = clinic.charts.of(other, ON, by).record.events
    clinic.store.events.append(anna.whom, events, by)
    assert clinic.standings.of(anna)[0].holds_until is None
    rows = clinic.standings.list(Wanted("north", ON, search="anna"), by).rows
    assert [(each.stage, each.side) for each in rows] == [("evaluation", Side.RIGHT)]


def test_a_row_is_worked_out_again_on_the_day_on_which_it_may_no_longer_be_true(
    clinic: Clinic, anna: Known, by: Access
):
    answer(clinic, anna, by, *PAIN, Answer("pain_score", "6", "right"))
    before = clinic.standings.of(anna)
    until = before[0].holds_until
    assert until is not None
    later = clinic.standings.list(Wanted("north", until - timedelta(days=1)), by).rows
    assert later == before
    after = clinic.standings.list(Wanted("north", until), by).rows
    assert after[0].holds_until is not None
    assert after[0].holds_until > until


def test_no_list_waits_for_more_than_a_few_and_it_says_how_many_are_left(clinic: Clinic, by: Access):
    people = [Known(f"p{n}", "north", Person("urn:x", f"p{n}"), f"Person {n}", "") for n in range(AT_ONCE + 5)]
    for known in people:
        clinic.store.people.keep(known, by)
    first = clinic.standings.list(Wanted("north", ON), by)
    assert (first.unsettled, first.everyone.people) == (5, AT_ONCE)
    assert list(clinic.standings.refresh(ON)) == [(5, 5)]
    second = clinic.standings.list(Wanted("north", ON), by)
    assert (second.unsettled, second.everyone.people) == (0, AT_ONCE + 5)
    assert list(clinic.standings.refresh(ON)) == []
    assert list(clinic.standings.refresh(ON, everybody=True)) == [(AT_ONCE + 5, AT_ONCE + 5)]


def test_that_a_list_was_looked_at_is_in_the_audit_and_what_was_searched_is_not(clinic: Clinic, by: Access):
    listed(clinic, by, search="anna sample")
    *_, last = clinic.store.audit.entries()
    assert (last.what, last.by, last.whom) == ("list", by, None)
    assert "anna" not in repr(last).casefold()


def test_a_row_costs_no_whole_answer_and_says_the_same(clinic: Clinic, anna: Known, by: Access, on: date):
    """The row is worked out from parts; the parts are those of the answer that is shown."""
    answer(clinic, anna, by, *PAIN)
    chart = clinic.charts.of(anna, on, by)
    assert chart.assessment == assess(clinic.knowledge.pathway, chart.record, on)
    (found,) = clinic.standings.of(anna)
    gate = chart.assessment.hips[0].next_gate
    assert gate is not None
    assert found.missing == gate.opens_with[0]
    due = [action.id for action in chart.assessment.hips[0].actions if action.status == "due"]
    assert found.step in due


def test_of_many_who_open_the_list_at_once_one_works_people_out(
    clinic: Clinic, by: Access, monkeypatch: pytest.MonkeyPatch
):
    known = Known("p1", "north", Person("urn:x", "p1"), "Person 1", "")
    clinic.store.people.keep(known, by)
    worked_out, waiting = clinic.standings.bring_up_to_date, list[int]()

    def meanwhile(people: Iterable[Known], on: date) -> None:
        waiting.append(clinic.standings.list(Wanted("north", ON), by).unsettled)
        worked_out(people, on)

    monkeypatch.setattr(clinic.standings, "bring_up_to_date", meanwhile)
    assert clinic.standings.list(Wanted("north", ON), by).unsettled == 0
    assert waiting == [1]
