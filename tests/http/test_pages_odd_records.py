"""Pages of people whose record is at an edge: all gates open, knowledge that went on, entries of a later release."""

import re
import sqlite3
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

import pytest
from clinic_pages import Browser
from hook_calls import case
from practice import Practice

from ischio.clinic.diary import DiaryEntry
from ischio.clinic.knowledge import Knowledge
from ischio.clinic.released import Exercise, Released
from ischio.model.about import Side
from ischio.model.patient import ENGLISH
from ischio.store.accounts import Role
from ischio.store.entries import Known

PAGES = ("", "/surgery", "/what-if", "/imaging", "/follow-up", "/follow-up.ics", "/record", "/record.json", "/handout")
OF_PATIENTS = ("/me", "/me/plan", "/me/diary", "/me/questions", "/me/progress", "/me/reminders", "/me/calendar.ics")
DONE = DiaryEntry(str(UUID(int=7)), date(2026, 6, 1), ("pt_gait", "pt_strengthening"))


def of_case(practice: Practice, name: str) -> Known:
    """Somebody with the record of a case, on its day."""
    found = case(name)
    practice.clock.now = datetime.combine(found.index_date, time(9), UTC)
    known = practice.clinic.people.register("Somebody", name, "clinic", practice.by())
    practice.store.events.append(known.whom, found.record.events, practice.by())
    return known


def release(practice: Practice, known: Known, next_visit: date | None = None) -> None:
    done = (Exercise("pt_gait", "ten times"), Exercise("pt_strengthening", "twice"))
    today = practice.clock.now.date()
    released = Released(Side.RIGHT, "", (), done, ("symptoms",), next_visit, "", True, "1", today)
    practice.clinic.releases.release(known, released, practice.by())


def device(practice: Practice, known: Known) -> Browser:
    """On which somebody is let in."""
    browser = Browser(practice.app)
    browser.cookies.set("ischio-patient", practice.clinic.links.begin(known, practice.clock.now))
    return browser


@pytest.mark.parametrize("name", ["operation-in-pregnancy", "osteotomy-in-a-smoker", "gate-surgical-unknown"])
def test_every_page_is_shown_whether_the_gates_are_open_or_not(practice: Practice, name: str):
    known = of_case(practice, name)
    browser = practice.browser("anna", *Role)
    assert {page: browser.get(f"/p/{known.id}{page}").status_code for page in PAGES} == dict.fromkeys(PAGES, 200)


@pytest.mark.parametrize(("name", "count"), [("operation-in-pregnancy", 0), ("gate-surgical-unknown", 1)])
def test_of_open_gates_none_is_unfolded_and_else_the_first_that_bars_the_way(practice: Practice, name: str, count: int):
    """What is settled can be looked up; the page leads with what is not."""
    known = of_case(practice, name)
    page = practice.browser("anna").get(f"/p/{known.id}/surgery").text
    assert len(re.findall(r'<details class="gate \w+" open>', page)) == count


def test_an_exercise_that_is_gone_from_the_knowledge_is_told_and_asked_no_more(
    practice: Practice, knowledge: Knowledge, monkeypatch: pytest.MonkeyPatch
):
    known = practice.person("Anna Sample")
    release(practice, known)
    practice.clinic.diary.write(known, DONE, practice.by())
    words = knowledge.pathway.patient
    for language, one in dict(words).items():
        left = {id: told for id, told in one.actions.items() if id != "pt_gait"}
        diary = replace(one.diary, exercises=tuple(id for id in one.diary.exercises if id != "pt_gait"))
        monkeypatch.setitem(words, language, replace(one, actions=left, diary=diary))
    browser = device(practice, known)
    pages = {page: browser.get(page) for page in OF_PATIENTS}
    assert {page: answer.status_code for page, answer in pages.items()} == dict.fromkeys(OF_PATIENTS, 200)
    diary = pages["/me/diary"].text
    assert "An exercise of an earlier plan" in diary
    assert words[ENGLISH].actions["pt_strengthening"].title.text in diary
    assert ('value="pt_strengthening"' in diary, 'value="pt_gait"' in diary) == (True, False)


def test_a_visit_on_the_last_day_of_time_stops_no_page_and_no_calendar(practice: Practice):
    known = practice.person("Anna Sample")
    release(practice, known, date.max)
    browser = device(practice, known)
    assert {page: browser.get(page).status_code for page in OF_PATIENTS} == dict.fromkeys(OF_PATIENTS, 200)


def test_what_a_later_release_wrote_is_told_as_unread_and_stops_neither_a_page_nor_the_list(practice: Practice):
    known = of_case(practice, "operation-in-pregnancy")
    release(practice, known)
    browser = practice.browser("anna", *Role)
    assert f"/p/{known.id}" in browser.get("/patients").text
    damaged(
        practice, "UPDATE event SET body = replace(body, '\"kind\"', '\"sort\"') WHERE body LIKE '%:\"pregnancy\"%'"
    )
    damaged(practice, "UPDATE release SET body = replace(body, '\"side\"', '\"hip\"')")
    answers = {page: browser.get(f"/p/{known.id}{page}") for page in PAGES}
    assert {page: answer.status_code for page, answer in answers.items()} == dict.fromkeys(PAGES, 200)
    assert "could not be read (query failed)" in answers[""].text
    assert "query failed: Pregnan" in answers["/record"].text
    assert "Something was released that this version cannot read" in answers["/handout"].text
    assert "Pregnant" in answers["/surgery"].text
    patient = device(practice, known)
    assert {page: patient.get(page).status_code for page in OF_PATIENTS} == dict.fromkeys(OF_PATIENTS, 200)
    practice.clock.now += timedelta(days=800)
    assert f"/p/{known.id}" in practice.browser("anna").get("/patients").text


def damaged(practice: Practice, statement: str) -> None:
    """Changes the store past the service."""
    with sqlite3.connect(practice.store.database.file) as connection:
        for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            connection.execute(f"DROP TRIGGER {name}")
        assert connection.execute(statement).rowcount > 0
    connection.close()
