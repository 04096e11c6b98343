"""Reminders as patients and clinicians meet them: calendar, form, the line on the handout, and how they stop."""

from datetime import UTC, date, datetime, time, timedelta

import httpx
import pytest
from clinic_pages import Browser
from icalendar import Calendar
from practice import Practice

from ischio.clinic.released import Exercise, Released
from ischio.clinic.reminders import Hours, Letter, What
from ischio.model.about import Side
from ischio.store.accounts import Role
from ischio.store.entries import Known, Outcome

EMAIL = "anna.sample@example.org"
TODAY = date(2026, 6, 1)
VISIT = date(2026, 6, 15)
ADDRESS = "/me/reminders"


@pytest.fixture
def anna(practice: Practice) -> Known:
    known = practice.person("Anna Sample")
    release(practice, known)
    return known


def release(practice: Practice, known: Known, visit: date | None = VISIT, *, exercises: bool = True) -> None:
    done = (Exercise("pt_strengthening", "ten times"),) if exercises else ()
    released = Released(Side.RIGHT, "", (), done, ("symptoms",), visit, "", False, "1", TODAY)
    practice.clinic.releases.release(known, released, practice.by())


@pytest.fixture
def device(practice: Practice, anna: Known) -> Browser:
    """On which Anna is let in."""
    browser = Browser(practice.app)
    browser.cookies.set("ischio-patient", practice.clinic.links.begin(anna, practice.clock.now))
    return browser


def events(answer: httpx.Response) -> dict[str, dict[str, object]]:
    """Those of a calendar file, by their summary, as another program reads them."""
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/calendar; charset=utf-8")
    read = Calendar.from_ical(answer.content)
    return {str(one["SUMMARY"]): dict(one) | {"parts": one.subcomponents} for one in read.walk("VEVENT")}


# ---- P3: the calendar -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("page", ["/me", "/me/plan", ADDRESS])
def test_the_calendar_is_one_click_away(device: Browser, page: str):
    assert "/me/calendar.ics" in device.get(page).text


def test_the_calendar_tells_of_the_visit_the_questions_and_the_exercises(device: Browser):
    told = events(device.get("/me/calendar.ics"))
    assert {name: one["DTSTART"].dt for name, one in told.items()} == {  # type: ignore[attr-defined]
        "Visit at the clinic": VISIT,
        "Answer the questions from the clinic": VISIT - timedelta(days=1),
        "Exercises": datetime.combine(TODAY, time(18)),
    }
    rule = told["Exercises"]["RRULE"]
    assert rule == {"FREQ": ["DAILY"], "UNTIL": [datetime(2026, 6, 14, 18)]}, "until the day before the visit"
    (alarm,) = told["Exercises"]["parts"]  # type: ignore[misc]
    assert (alarm.name, alarm["ACTION"]) == ("VALARM", "DISPLAY")


@pytest.mark.parametrize(("asked", "rule"), [("daily", ["DAILY"]), ("weekly", ["WEEKLY"]), ("never", None)])
def test_the_repeated_one_can_be_left_out_and_that_is_remembered(device: Browser, asked: str, rule: list[str] | None):
    first = events(device.get(f"/me/calendar.ics?repeat={asked}"))
    again = events(device.get("/me/calendar.ics"))
    for told in (first, again):
        assert "Visit at the clinic" in told
        assert told["Exercises"]["RRULE"]["FREQ"] == rule if rule else "Exercises" not in told  # type: ignore[index]
    assert f'<option value="{asked}" selected>' in device.get(ADDRESS).text


def test_the_calendar_names_nobody_and_no_disease(device: Browser, anna: Known):
    text = device.get("/me/calendar.ics").text.lower()
    for word in ("anna", "sample", anna.id, "hip", "impingement", "strengthening", "ten times", "symptoms"):
        assert word not in text.replace("ischio project//ischio", "")


def test_what_is_put_in_again_has_the_same_names(device: Browser):
    first, again = ({str(one["UID"]) for one in events(device.get("/me/calendar.ics")).values()} for _ in range(2))
    assert first == again
    assert len(first) == 3


def test_without_a_release_the_calendar_is_empty(device: Browser, practice: Practice, anna: Known):
    practice.clinic.releases.withdraw(anna, Side.RIGHT, practice.by())
    assert events(device.get("/me/calendar.ics")) == {}


def test_without_a_visit_nothing_repeats_for_ever(device: Browser, practice: Practice, anna: Known):
    release(practice, anna, None)
    told = events(device.get("/me/calendar.ics"))
    assert told["Exercises"]["RRULE"]["UNTIL"] == [datetime(2026, 8, 24, 18)]  # type: ignore[index]
    assert told["Answer the questions from the clinic"]["DTSTART"].dt == TODAY + timedelta(days=3)  # type: ignore[attr-defined]


# ---- by e-mail ------------------------------------------------------------------------------------------------------


def test_nothing_is_on_until_the_patient_turns_it_on(practice: Practice, device: Browser, anna: Known):
    page = device.get(ADDRESS)
    assert "You get no reminders by e-mail." in page.text
    assert " checked" not in page.text
    said = {"address": EMAIL, "wants": ["visit", "exercises"], "rhythm": "weekly"}
    assert device.sent(ADDRESS, said, ADDRESS).headers["location"] == f"{ADDRESS}?said=reminded"
    contact = practice.clinic.reminders.of(anna)
    assert contact is not None
    assert (contact.address, contact.wants, contact.rhythm) == (EMAIL, ("visit", "exercises"), "weekly")
    assert contact.given.who.startswith("patient ")
    page = device.get(ADDRESS)
    assert page.text.count(" checked") == 2
    assert EMAIL in page.text


def test_stopping_takes_one_press(practice: Practice, device: Browser, anna: Known):
    device.sent(ADDRESS, {"address": EMAIL, "wants": "visit"}, ADDRESS)
    assert device.sent(ADDRESS, {"stop": "yes", "address": ""}, ADDRESS).headers["location"].endswith("not-reminded")
    assert practice.clinic.reminders.of(anna) is None


def test_what_cannot_be_is_told_at_its_field_and_nothing_is_kept(practice: Practice, device: Browser, anna: Known):
    page = device.sent(ADDRESS, {"address": "anna"}, ADDRESS)
    assert page.status_code == 422
    assert 'aria-describedby="fault-address"' in page.text
    assert "Tick at least one." in page.text
    assert 'value="anna"' in page.text
    assert practice.clinic.reminders.of(anna) is None


def test_it_is_said_where_the_clinic_sends_no_mails(device: Browser):
    assert "Your clinic does not send e-mails yet." in device.get(ADDRESS).text


# ---- stopping from a mail, without being let in ---------------------------------------------------------------------


@pytest.fixture
def stop(practice: Practice, anna: Known) -> str:
    """The address in a mail that Anna got."""
    practice.clinic.reminders.give(anna, EMAIL, frozenset(What), None, "en", practice.by())
    letters: list[Letter] = []
    practice.clinic.reminders.run(letters.append, Hours(), lambda: datetime(2026, 6, 13, 12, tzinfo=UTC))
    return f"/reminders/stop/{letters[0].stop}"


def test_to_look_at_the_address_stops_nothing(practice: Practice, anna: Known, stop: str):
    page = Browser(practice.app).get(stop)
    assert page.status_code == 200
    assert page.text.count("<button") == 1
    assert practice.clinic.reminders.of(anna) is not None


@pytest.mark.parametrize(
    "sent",
    [
        {"data": {"List-Unsubscribe": "One-Click"}},
        {"files": {"List-Unsubscribe": (None, "One-Click")}},
        {"content": b"anything", "headers": {"content-type": "text/plain"}},
        {"data": {}, "headers": {"origin": "https://mail.example", "sec-fetch-site": "cross-site"}},
    ],
    ids=["as a form", "in parts", "as anything", "from the page of a mail provider"],
)
def test_a_mail_program_stops_them_at_one_click(practice: Practice, anna: Known, stop: str, sent: dict[str, object]):
    """RFC 8058: a POST without a cookie, from anywhere, is enough for whoever has the address."""
    for _ in range(2):
        page = Browser(practice.app).post(stop, **sent)  # type: ignore[arg-type]  # what a client of HTTP may be told
        assert (page.status_code, "The reminders are off" in page.text) == (200, True)
    assert practice.clinic.reminders.of(anna) is None
    told = [each.why for each in practice.store.audit.entries() if each.what == "contact"]
    assert told == ["reminders given", "reminders stopped: link in a mail"]


def test_a_guessed_address_stops_nobody_and_is_told_nothing(practice: Practice, anna: Known, stop: str):
    page = Browser(practice.app).post(f"{stop[:-4]}AAAA")
    assert page.status_code == 200
    assert "The reminders are off" in page.text
    assert practice.clinic.reminders.of(anna) is not None


# ---- the clinician's side -------------------------------------------------------------------------------------------


def test_a_clinician_enters_them_by_the_patients_word_alone(practice: Practice, anna: Known):
    browser, page = practice.browser("kim"), f"/p/{anna.id}/handout"
    assert "No reminders are sent." in browser.get(page).text
    said = {"address": EMAIL, "wants": ["visit"], "language": "es", "side": "right"}
    assert browser.sent(f"/p/{anna.id}/reminders", said, page).status_code == 422
    assert practice.clinic.reminders.of(anna) is None
    assert browser.sent(f"/p/{anna.id}/reminders", said | {"word": "yes"}, page).status_code == 303
    contact = practice.clinic.reminders.of(anna)
    assert contact is not None
    assert (contact.language, contact.given.who[:8]) == ("es", "account ")
    shown = browser.get(page).text
    assert EMAIL in shown
    assert "by the patient's word" in shown
    assert browser.sent(f"/p/{anna.id}/reminders", {"stop": "yes"}, page).status_code == 303
    assert practice.clinic.reminders.of(anna) is None


@pytest.mark.usefixtures("stop")
def test_the_handout_tells_when_one_did_not_arrive(practice: Practice, anna: Known):
    outbox = practice.store.outbox
    (sent,) = [one for one in outbox.of(anna) if one.what == "visit"]
    browser, page = practice.browser("kim"), f"/p/{anna.id}/handout"
    assert "Last sent on" in browser.get(page).text
    assert "Not delivered" not in browser.get(page).text
    outbox.settle(sent.id, type(sent.state).GIVEN_UP, sent.next, "refused with 550")
    assert "Not delivered" in browser.get(page).text


def test_who_may_not_let_patients_in_changes_no_reminders(practice: Practice, anna: Known):
    browser = practice.browser("rae", Role.RESEARCHER)
    assert browser.sent(f"/p/{anna.id}/reminders", {"address": EMAIL}, None).status_code == 403
    assert practice.clinic.reminders.of(anna) is None
    assert [each.outcome for each in practice.refusals()] == [Outcome.REFUSED]
