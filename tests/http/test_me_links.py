"""The patient's side as a browser meets it: how a link opens, who is let in, and who is not."""

import logging
import re
from datetime import timedelta

import httpx
import pytest
from clinic_pages import FROM_HERE, Browser
from practice import Practice

from ischio.clinic.links import TRIES
from ischio.interfaces.http.me.routes import OPEN, SCREENS
from ischio.interfaces.http.pages.routes import PERSON, PLACES
from ischio.store.accounts import Role
from ischio.store.entries import Known, Outcome

RIGHT = {"day": "31", "month": "3", "year": "1984"}
"""The date of birth of everybody in the practice."""
WRONG = RIGHT | {"day": "30"}
COOKIE = "ischio-patient"


@pytest.fixture
def anna(practice: Practice) -> Known:
    return practice.person("Anna Sample")


@pytest.fixture
def address(practice: Practice, anna: Known) -> str:
    """Of a new link."""
    return address_of(practice, anna)


def address_of(practice: Practice, known: Known) -> str:
    return f"/in/{practice.clinic.links.make(known, practice.by()).secret}"


def device(practice: Practice) -> Browser:
    """Of a patient."""
    return Browser(practice.app, address="192.0.2.9")


def let_in(practice: Practice, known: Known) -> Browser:
    browser = device(practice)
    assert browser.sent(address_of(practice, known), RIGHT).status_code == 303
    return browser


def heading(page: httpx.Response) -> str:
    return re.findall(r"<h1[^>]*>(.*?)</h1>", page.text, re.S)[0]


def refusals(practice: Practice) -> list[tuple[str, str]]:
    return [(each.what, each.why) for each in practice.refusals()]


# ---- a link ---------------------------------------------------------------------------------------------------------


def test_a_link_asks_for_the_date_of_birth_and_opens_the_patients_page(practice: Practice, address: str):
    browser = device(practice)
    assert heading(browser.get(address)) == "Open your page"
    entered = browser.sent(address, RIGHT)
    assert (entered.status_code, entered.headers["location"]) == (303, "/me?said=welcome")
    page = browser.get("/me?said=welcome")
    assert page.status_code == 200
    assert "You are in." in page.text
    assert "Nothing to do here yet" in page.text


def test_a_program_that_looks_at_the_address_uses_nothing_up(practice: Practice, address: str):
    for _ in range(10):
        assert device(practice).get(address).status_code == 200
        assert device(practice).request("HEAD", address).status_code == 200
    assert device(practice).sent(address, RIGHT).status_code == 303


def test_the_form_can_be_filled_in_by_the_browser_and_pasted_into(practice: Practice, address: str):
    page = device(practice).get(address).text
    assert re.findall(r'autocomplete="(bday-\w+)"', page) == ["bday-day", "bday-month", "bday-year"]
    assert "onpaste" not in page
    assert "<script" not in page
    assert page.count("<label for=") == 3


def test_a_wrong_date_and_a_guessed_link_are_told_alike(practice: Practice, address: str):
    wrong, guessed = device(practice).sent(address, WRONG), device(practice).sent("/in/guessed", RIGHT)
    assert wrong.status_code == guessed.status_code == 403
    assert wrong.text.replace('value="30"', 'value="31"') == guessed.text
    assert "The link or the date is not right." in wrong.text
    assert device(practice).get("/in/guessed").text == device(practice).get(address).text
    assert "set-cookie" not in wrong.headers


@pytest.mark.parametrize("typed", [{"day": "31", "month": "2"}, {"day": ""}, {"year": "84"}, {"month": "March"}])
def test_what_is_no_date_costs_no_try(practice: Practice, anna: Known, address: str, typed: dict[str, str]):
    told = device(practice).sent(address, RIGHT | typed)
    assert told.status_code == 422
    assert "This is no date." in told.text
    assert practice.clinic.links.of(anna)[0].wrong == 0


def test_after_five_wrong_dates_the_link_is_closed_and_the_clinician_sees_it(
    practice: Practice, anna: Known, address: str
):
    for _ in range(TRIES - 1):
        assert device(practice).sent(address, WRONG).status_code == 403
    assert "The date of birth was wrong too often." in device(practice).sent(address, WRONG).text
    assert device(practice).sent(address, RIGHT).status_code == 410
    page = practice.browser("kim").get(f"/p/{anna.id}/handout").text
    assert "locked: wrong date of birth too often" in page


def test_a_link_that_was_used_leads_back_on_its_device_and_nowhere_on_another(practice: Practice, address: str):
    browser = device(practice)
    browser.sent(address, RIGHT)
    own, other = browser.get(address), device(practice).get(address)
    assert own.status_code == other.status_code == 410
    assert heading(own) == heading(other) == "This link was used already"
    assert 'href="/me"' in own.text
    assert "Ask your clinic for a new link." in other.text
    assert device(practice).sent(address, RIGHT).status_code == 410, "forwarded to somebody who knows the date"
    assert ("patient session", "used already") in refusals(practice)


def test_a_link_that_ended_or_was_revoked_says_so(practice: Practice, anna: Known, address: str):
    revoked = address_of(practice, anna)
    practice.clinic.links.revoke(anna, practice.clinic.links.of(anna)[0].id, practice.by())
    assert "Your clinic closed it." in device(practice).get(revoked).text
    practice.clock.now += timedelta(days=14)
    assert heading(device(practice).get(address)) == "The time of this link is over"
    assert device(practice).sent(address, RIGHT).status_code == 410


def test_a_second_device_is_let_in_by_the_first(practice: Practice, anna: Known):
    first, second = let_in(practice, anna), device(practice)
    page = first.sent("/me/devices", {}, "/me/devices")
    (made,) = re.findall(r'value="http://127.0.0.1:8000(/in/[\w-]+)"', page.text)
    assert 'role="img" aria-label="QR code of the link"' in page.text
    assert second.sent(made, RIGHT).status_code == 303
    assert "You are signed in on 2 devices." in first.get("/me/devices").text
    first.sent("/me/out", {}, "/me/devices")
    assert [one.get("/me").status_code for one in (first, second)] == [401, 200]


def test_who_opens_another_persons_link_is_no_longer_the_first_person(practice: Practice, anna: Known):
    browser = let_in(practice, anna)
    bert = practice.person("Bert Sample")
    address = address_of(practice, bert)
    token = re.findall(r'name="csrf" value="(\w+)"', browser.get(address).text)[0]
    assert browser.sent(address, RIGHT | {"csrf": token}).status_code == 303
    assert practice.clinic.links.devices(anna, practice.clock.now) == 0
    assert practice.clinic.links.devices(bert, practice.clock.now) == 1


# ---- what is held of it ---------------------------------------------------------------------------------------------


def test_the_secret_is_in_no_log_no_audit_and_no_title(
    practice: Practice, address: str, caplog: pytest.LogCaptureFixture
):
    secret, browser = address.removeprefix("/in/"), device(practice)
    with caplog.at_level(logging.DEBUG, "ischio"):
        pages = [browser.get(address), browser.sent(address, WRONG), browser.sent(address, RIGHT), browser.get("/me")]
    assert [record for record in caplog.records if secret in str(record.__dict__)] == []
    assert secret not in str(list(practice.store.audit.entries()))
    for page in pages:
        assert secret not in page.text, "not even as where the form goes"
        assert page.headers["referrer-policy"] == "no-referrer"
        assert page.headers["cache-control"] == "no-store"
        assert secret not in str(page.headers)


def test_the_cookie_is_for_this_site_alone_and_lasts_as_long_as_the_device(practice: Practice, address: str):
    cookie = device(practice).sent(address, RIGHT).headers["set-cookie"]
    assert cookie.startswith(f"{COOKIE}=")
    for part in ("HttpOnly", "SameSite=lax", "Path=/", f"Max-Age={90 * 24 * 3600}"):
        assert part in cookie


# ---- who is let in where --------------------------------------------------------------------------------------------

OWN = [(path.replace("{number:int}", "1"), method) for path, method, _ in SCREENS if "{" not in path or "plan" in path]


@pytest.mark.parametrize(("path", "method"), OWN)
def test_who_is_not_let_in_sees_no_page(practice: Practice, path: str, method: str):
    told = device(practice).request(method, path, headers=dict(FROM_HERE))
    assert told.status_code == 401
    assert heading(told) == "This device is not signed in"


def test_a_patient_opens_no_page_of_the_clinicians(practice: Practice, anna: Known):
    browser = let_in(practice, anna)
    for path, method, *_ in (*PLACES, *PERSON):
        filled = path.replace("{person}", anna.id).replace("{fact}", "pain_score").replace("{rule}", "physiotherapy")
        told = browser.request(method, filled, headers=dict(FROM_HERE))
        assert told.status_code in (303, 401), f"{method} {path}"
        assert "Anna" not in told.text


def test_a_clinician_opens_no_page_of_a_patient(practice: Practice, anna: Known):
    browser = practice.browser("kim")
    let_in(practice, anna)
    for path, method in OWN:
        assert browser.request(method, path, headers=dict(FROM_HERE)).status_code == 401


def test_each_look_of_a_patient_is_audited(practice: Practice, anna: Known):
    browser = let_in(practice, anna)
    browser.get("/me/plan")
    *_, last = [each for each in practice.store.audit.entries() if each.what == "patient page"]
    assert (last.why, last.whom, last.outcome) == ("/me/plan", anna.whom, Outcome.SUCCESS)
    assert last.by.who.startswith("patient ")


@pytest.mark.parametrize("headers", [{"sec-fetch-site": "cross-site"}, {"origin": "https://elsewhere.example"}, {}])
def test_a_form_of_another_site_is_refused(practice: Practice, anna: Known, headers: dict[str, str]):
    browser = let_in(practice, anna)
    assert browser.sent("/me/out", {}, "/me/devices", headers).status_code == 403
    assert browser.get("/me").status_code == 200


def test_a_form_without_its_token_is_refused_and_audited(practice: Practice, anna: Known):
    browser = let_in(practice, anna)
    assert browser.sent("/me/out", {"csrf": "0" * 64}).status_code == 403
    assert ("patient page", "form token: /me/out") in refusals(practice)


def test_revoking_all_signs_out_every_device(practice: Practice, anna: Known):
    devices, clinician = [let_in(practice, anna) for _ in range(2)], practice.browser("kim")
    at = f"/p/{anna.id}/handout"
    assert clinician.sent(f"/p/{anna.id}/links/revoke", {"all": "yes"}, at).status_code == 303
    assert [one.get("/me").status_code for one in devices] == [401, 401]


def test_a_coordinator_makes_links_and_releases_nothing(practice: Practice, anna: Known):
    browser = practice.browser("cora", Role.COORDINATOR)
    at = f"/p/{anna.id}/handout"
    assert browser.sent(f"/p/{anna.id}/links", {"side": "right"}, at).status_code == 200
    assert browser.sent(at, {"side": "right", "do": "release"}, at).status_code == 403


def test_without_a_date_of_birth_the_clinician_is_told_the_mend(practice: Practice):
    known = practice.clinic.people.register("Bert Sample", "", "clinic", practice.by())
    at, browser = f"/p/{known.id}/handout", practice.browser("kim")
    told = browser.sent(f"/p/{known.id}/links", {"side": "right"}, at)
    assert told.status_code == 422
    assert "The date of birth is not recorded" in told.text
    assert f'href="/p/{known.id}/record"' in told.text


def test_the_pages_for_everybody_are_these() -> None:
    assert [path for path, _, _ in OPEN] == ["/in/{secret}", "/in/{secret}", "/me/out", "/me/worker.js"]
