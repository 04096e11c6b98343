"""A clinician is launched into the application by a records system: signed in, on the page of the open patient."""

import re
import shutil
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from clinic_pages import FROM_HERE, PASSWORD, Browser, Clock, account, cheap
from launching_system import CLIENT, LaunchingSystem, knowledge_of, launching
from page_forms import sheets
from practice import Practice

from ischio.clinic.accounts import Accounts
from ischio.clinic.clinic import Clinic
from ischio.clinic.knowledge import Knowledge
from ischio.clinic.taken_over import TAKEN, is_taken_over
from ischio.engine.assess import assess
from ischio.interfaces.http.app import guarded
from ischio.interfaces.http.pages import routes
from ischio.interfaces.http.service import Service
from ischio.interfaces.http.settings import LaunchServer
from ischio.interfaces.http.whose import kept_of
from ischio.loading.pathway import packaged
from ischio.store.accounts import Role
from ischio.store.entries import Outcome, Person
from ischio.store.identities import Identity
from ischio.store.store import open_store

BASE = "https://ifi.example.org"
IFI = knowledge_of(packaged(), "sides-differ", "persistent-after-surgery")
NAME = {"name": [{"text": "Synthetic Person"}], "identifier": [{"value": "SYN-1"}]}


@dataclass
class Ward(Practice):
    """The application, and the records system beside it that launches it."""

    system: LaunchingSystem

    @property
    def server(self) -> str:
        return f"{self.system.url}/fhir"

    def another_browser(self) -> Browser:
        return Browser(self.app, BASE)

    def launched(self, browser: Browser, patient: str = "p1", **headers: str) -> httpx.Response:
        """The end of a launch: what the browser shows when it is back from the records system."""
        sent = browser.get("/smart/launch", params={"iss": self.server, "launch": "xyz"})
        assert sent.status_code == 302, sent.text
        answer = browser.get(
            "/smart/callback", params=self.system.authorised(sent.headers["location"], patient), headers=headers
        )
        while answer.next_request is not None:
            answer = browser.get(str(answer.next_request.url), headers=headers)
        return answer

    def linked(self, login: str = "anna", *roles: Role, organisation: str = "clinic") -> Browser:
        """A new browser of somebody whom an administrator linked to who works with the records system."""
        made = account(self.store, login, *(roles or (Role.CLINICIAN,)), organisation=organisation)
        self.store.identities.link(Identity(self.server, "Practitioner/d1"), made.id, self.by())
        return self.another_browser()

    def taken_over(self, patient: str = "p1") -> list[str]:
        """What was taken over of somebody, as the log has it now."""
        events = self.store.events.of(Person(self.server, patient), self.by()).events
        return sorted(repr(event) for event in events if is_taken_over(event))

    def refused(self) -> list[str]:
        return [entry.why for entry in self.refusals()]


@pytest.fixture
def ward(
    made: Path, tmp_path: Path, service: Service, knowledge: Knowledge, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Ward]:
    monkeypatch.setattr(routes, "Passwords", cheap)
    clock = Clock(datetime.combine(IFI.on, time(9), UTC))
    system = LaunchingSystem(IFI.records(), clock.now)
    for held in system.records.values():
        patient = next(one for one in held if one["resourceType"] == "Patient")
        patient |= NAME | {"identifier": [{"value": f"SYN-{patient['id']}"}]}
    with (
        launching(system) as served,
        closing(open_store(f"sqlite:///{shutil.copy(made, tmp_path / 'ward.db')}")) as store,
    ):
        server = LaunchServer(f"{served.url}/fhir", CLIENT, organisation="clinic")
        settings = replace(service.settings, base=BASE, inside=(served.url,), launches=(server,))
        own = replace(service, store=store, clock=clock, settings=settings)
        yield Ward(store, clock, Clinic(store, knowledge), guarded(own, routes.routes(own)), system)


def heading(answer: httpx.Response) -> str:
    found = re.search(r"<h1[^>]*>(.*?)</h1>", answer.text, re.DOTALL)
    return re.sub(r"<[^>]+>|\s+", " ", found[1]).strip() if found else answer.text


def patient_shown(answer: httpx.Response) -> str:
    found = re.search(r'class="person.*?<strong>(.*?)</strong>', answer.text, re.DOTALL)
    return found[1] if found else ""


# ---- as it should be ------------------------------------------------------------------------------------------------


def test_who_is_linked_lands_on_the_page_of_the_patient(ward: Ward):
    browser = ward.linked()
    page = ward.launched(browser)
    assert page.status_code == 200, page.text
    assert patient_shown(page) == "Synthetic Person"
    assert "anna" in page.text
    for hip in assess(IFI.pathway, IFI.cases[0].record, IFI.on).hips:
        assert hip.stage.title in page.text
    cookie = next(cookie for cookie in browser.cookies.jar if cookie.name == "__Host-ischio-session")
    assert (cookie.secure, cookie.path) == (True, "/")


def test_what_the_chart_says_is_what_the_record_says(ward: Ward):
    ward.launched(ward.linked())
    known = ward.clinic.people.find(only_person(ward), "clinic", ward.by())
    assert known is not None
    chart = ward.clinic.charts.of(known, IFI.on, ward.by())
    expected = assess(IFI.pathway, IFI.cases[0].record, IFI.on)
    told = [(hip.side, hip.stage.id, [(action.id, action.status) for action in hip.actions]) for hip in expected.hips]
    assert [
        (hip.side, hip.stage.id, [(action.id, action.status) for action in hip.actions])
        for hip in chart.assessment.hips
    ] == told


def only_person(ward: Ward) -> str:
    (known,) = ward.store.people.all("clinic")
    return known.id


def test_a_second_launch_writes_nothing_twice(ward: Ward):
    browser = ward.linked()
    ward.launched(browser)
    before, last = ward.taken_over(), ward.store.audit.head()
    assert before
    ward.launched(browser)
    assert ward.taken_over() == before
    assert last is not None
    written = [one for one in ward.store.audit.entries() if one.number > last.number and one.what == "event"]
    assert {one.action.value for one in written} == {"R"}
    assert only_person(ward)


def test_what_the_record_says_otherwise_by_now_is_followed(ward: Ward):
    browser = ward.linked()
    ward.launched(browser)
    before = ward.taken_over()
    dropped = next(one for one in ward.system.records["p1"] if one["resourceType"] == "Observation")
    ward.system.records["p1"].remove(dropped)
    ward.launched(browser)
    after = ward.taken_over()
    gone = set(before) - set(after)
    assert gone
    assert all(f"{TAKEN}Observation/{dropped['id']}" in one for one in gone)
    assert set(after) < set(before)


def test_what_could_be_read_at_no_launch_is_unknown_until_it_is_read(ward: Ward):
    browser = ward.linked()
    ward.system.scope = "launch openid fhirUser patient/Patient.rs patient/Condition.rs"
    page = ward.launched(browser)
    record = ward.store.events.of(Person(ward.server, "p1"), ward.by())
    assert {gap.state.value for gap in record.gaps} == {"not authorised"}
    assert "could not be read (not authorised)" in page.text
    ward.launched(browser)
    assert ward.store.events.of(Person(ward.server, "p1"), ward.by()).gaps == record.gaps
    ward.system.scope = "patient/*.rs"
    page = ward.launched(browser)
    assert ward.store.events.of(Person(ward.server, "p1"), ward.by()).gaps == ()
    assert "could not be read" not in page.text


def test_what_was_read_before_and_cannot_be_read_now_stays_as_it_was_and_the_page_says_so(ward: Ward):
    """Else one failed query would take somebody off the pathway, and off the list of what is due."""
    browser = ward.linked()
    ward.launched(browser)
    before = ward.taken_over()
    ward.system.scope = "launch openid fhirUser patient/Patient.rs patient/Condition.rs"
    page = ward.launched(browser)
    assert ward.taken_over() == before
    assert ward.store.events.of(Person(ward.server, "p1"), ward.by()).gaps == ()
    assert "It did not let all be read just now" in page.text
    for hip in assess(IFI.pathway, IFI.cases[0].record, IFI.on).hips:
        assert hip.stage.title in page.text


def test_what_could_not_be_read_is_unknown_also_in_an_export(ward: Ward):
    ward.system.scope = "patient/Patient.rs"
    ward.launched(ward.linked())
    known = ward.clinic.people.find(only_person(ward), "clinic", ward.by())
    assert known is not None
    gaps = ward.store.events.of(known.whom, ward.by()).gaps
    written = ward.clinic.transfer.out(known, ward.by()).replace(ward.server.encode(), b"https://elsewhere.example")
    again = ward.clinic.transfer.take_in(written.replace(b"SYN-p1", b"SYN-9"), "clinic", ward.by())
    assert gaps
    assert ward.store.events.of(again.whom, ward.by()).gaps == gaps


def test_what_was_taken_over_does_not_count_where_the_record_itself_is_read(ward: Ward, service: Service):
    """Else a hook would show what was taken back in the record since."""
    ward.launched(ward.linked())
    assert ward.taken_over()
    assert kept_of(replace(service, store=ward.store), Person(ward.server, "p1"), ward.by()) is None


def test_two_patients_in_two_tabs(ward: Ward):
    browser = ward.linked()
    first, second = ward.launched(browser, "p1"), ward.launched(browser, "p2")
    assert first.url.path != second.url.path
    assert "SYN-p1" in browser.get(first.url.path).text
    assert "SYN-p2" in browser.get(second.url.path).text


def test_a_second_launch_leaves_the_forms_of_the_first_tab_good(ward: Ward):
    browser = ward.linked()
    first = ward.launched(browser, "p1")
    form = next(sheet for sheet in sheets(first) if sheet.action.endswith("/answers"))
    ward.launched(browser, "p2")
    assert browser.fill_in(form).status_code in (303, 422)


# ---- once: who are you here? ----------------------------------------------------------------------------------------


def test_who_is_not_known_yet_signs_in_once_and_never_again(ward: Ward):
    account(ward.store, "anna", Role.CLINICIAN)
    browser = ward.another_browser()
    page = ward.launched(browser)
    assert heading(page) == "Who are you here?"
    assert ward.store.people.all("clinic") == (), "nothing is taken over before it is known who asks"
    (form,) = [sheet for sheet in sheets(page) if sheet.action.startswith("/arrived/")]
    wrong = browser.fill_in(form, login="anna", password="not the right one")
    assert (wrong.status_code, heading(wrong)) == (401, "Who are you here?")
    right = browser.fill_in(form, login="anna", password=PASSWORD)
    assert right.status_code == 303
    assert patient_shown(browser.get(right.headers["location"])) == "Synthetic Person"
    assert patient_shown(ward.launched(ward.another_browser())) == "Synthetic Person"
    linked = [one for one in ward.store.audit.entries() if one.what == "identity"]
    assert [(one.why, one.outcome) for one in linked] == [("linked", Outcome.SUCCESS)]


def test_the_account_of_another_organisation_cannot_be_linked(ward: Ward):
    account(ward.store, "anna", Role.CLINICIAN, organisation="elsewhere")
    browser = ward.another_browser()
    (form,) = [sheet for sheet in sheets(ward.launched(browser)) if sheet.action.startswith("/arrived/")]
    answer = browser.fill_in(form, login="anna", password=PASSWORD)
    assert answer.status_code == 403
    assert "another organisation" in heading(answer)
    assert ward.store.identities.all() == ()
    assert ward.refused() == ["identity not linked", "account of another organisation"]


def test_guessing_is_locked_out_there_too(ward: Ward):
    account(ward.store, "anna", Role.CLINICIAN)
    browser = ward.another_browser()
    (form,) = [sheet for sheet in sheets(ward.launched(browser)) if sheet.action.startswith("/arrived/")]
    answers = [browser.fill_in(form, login="anna", password="wrong") for _ in range(7)]
    assert [one.status_code for one in answers][-1] == 429
    assert browser.fill_in(form, login="anna", password=PASSWORD).status_code == 429


# ---- refused, and audited -------------------------------------------------------------------------------------------


def nobody_is_signed_in(ward: Ward, browser: Browser) -> bool:
    return browser.get("/patients").status_code == 303 and ward.store.people.all("clinic") == ()


def test_a_closed_account(ward: Ward):
    browser = ward.linked()
    Accounts(ward.store, cheap).close("anna", ward.by())
    answer = ward.launched(browser)
    assert answer.status_code == 403
    assert "closed" in heading(answer)
    assert ward.refused() == ["account closed"]
    assert nobody_is_signed_in(ward, browser)


def test_an_account_of_another_organisation(ward: Ward):
    browser = ward.linked(organisation="elsewhere")
    answer = ward.launched(browser)
    assert answer.status_code == 403
    assert "another organisation" in heading(answer)
    assert ward.refused() == ["account of another organisation"]
    assert nobody_is_signed_in(ward, browser)


def test_an_account_that_may_see_nobody(ward: Ward):
    browser = ward.linked("rosa", Role.RESEARCHER)
    assert ward.launched(browser).status_code == 403
    assert ward.refused() == ["may not register_people"]
    assert nobody_is_signed_in(ward, browser)


def test_a_patient_of_another_organisation(ward: Ward):
    ward.clinic.people.take_over(Person(ward.server, "p1"), "Synthetic Person", "", "elsewhere", ward.by())
    browser = ward.linked()
    assert ward.launched(browser).status_code == 409
    assert nobody_is_signed_in(ward, browser)
    failed = [one for one in ward.store.audit.entries() if one.what == "record"]
    assert [(one.whom, one.outcome) for one in failed] == [(Person(ward.server, "p1"), Outcome.REFUSED)]


def test_an_identity_that_was_unlinked(ward: Ward):
    browser = ward.linked()
    assert patient_shown(ward.launched(browser))
    ward.store.identities.unlink(Identity(ward.server, "Practitioner/d1"), ward.by())
    assert heading(ward.launched(ward.another_browser())) == "Who are you here?"


IDENTITIES: dict[str, dict[str, Any]] = {
    "another nonce": {"nonce": "x" * 43},
    "another issuer": {"iss": "https://evil.example.org/fhir"},
    "another application": {"aud": "another-app"},
    "ended": {"exp": 1_000_000_000},
}


@pytest.mark.parametrize("more", IDENTITIES.values(), ids=IDENTITIES)
def test_a_token_that_is_not_for_this_launch_signs_nobody_in(ward: Ward, more: dict[str, Any]):
    browser = ward.linked()
    ward.system.id_more = more
    assert ward.launched(browser).status_code == 502
    assert nobody_is_signed_in(ward, browser)


def test_a_token_of_another_key_signs_nobody_in(ward: Ward):
    browser = ward.linked()
    ward.system.faults = {"another key"}
    assert ward.launched(browser).status_code == 502
    assert nobody_is_signed_in(ward, browser)


def test_without_a_name_of_the_user_the_page_of_the_launch_is_shown_and_nobody_is_signed_in(ward: Ward):
    browser = ward.linked()
    ward.system.id_more = {"fhirUser": None}
    assert ward.launched(browser).url.path.startswith("/smart/at/")
    assert nobody_is_signed_in(ward, browser)


def test_an_address_of_an_arrival_is_for_one_browser_and_one_time(ward: Ward):
    browser = ward.linked()
    sent = browser.get("/smart/launch", params={"iss": ward.server, "launch": "xyz"})
    params = ward.system.authorised(sent.headers["location"], "p1")
    address = browser.get("/smart/callback", params=params).headers["location"]
    for site in ("", "cross-site", "none", "same-origin"):
        headers = {"sec-fetch-site": site} if site else {}
        assert ward.another_browser().get(address, headers=headers).status_code == 403
    assert browser.get(address).status_code == 303
    assert browser.get(address).status_code == 403
    assert browser.get("/smart/callback", params=params).status_code == 403, "a state counts once"


def test_an_arrival_waits_ten_minutes(ward: Ward):
    account(ward.store, "anna", Role.CLINICIAN)
    browser = ward.another_browser()
    page = ward.launched(browser)
    ward.clock.now = ward.clock.now.replace(minute=11)
    assert browser.get(page.url.path).status_code == 403


def test_a_record_that_cannot_be_had_signs_nobody_in(ward: Ward):
    browser = ward.linked()
    ward.system.faults = {"another record"}
    assert ward.launched(browser, "p2").status_code == 502
    assert nobody_is_signed_in(ward, browser)


# ---- in a frame -----------------------------------------------------------------------------------------------------


def test_in_a_frame_it_offers_a_tab_of_its_own(ward: Ward):
    """The cookie of the application is not sent in a frame of another site."""
    framed = ward.linked()
    page = ward.launched(framed, **{"sec-fetch-dest": "iframe"})
    assert page.url.path.startswith("/smart/at/")
    (address,) = re.findall(r'href="(/arrived/[^"]+)" target="_blank" rel="noopener"', page.text)
    tab = ward.another_browser()
    for site in ("cross-site", "none"):
        assert tab.get(address, headers={"sec-fetch-site": site}).status_code == 403
    assert tab.get("/sign-in", params={"next": address}).text.count(address) == 0, "nobody is led there"
    came = tab.get(address, headers=dict(FROM_HERE))
    assert came.status_code == 303
    assert patient_shown(tab.get(came.headers["location"])) == "Synthetic Person"
    assert urlsplit(came.headers["location"]).path.startswith("/p/")
