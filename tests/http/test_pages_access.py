"""The way into the clinic's pages: who is let in, what is refused, and what the audit tells of it."""

import json
import logging
import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cache
from html import escape
from pathlib import Path
from typing import Any

import httpx
import pytest
from clinic_pages import BASE, FROM_HERE, PASSWORD, Browser, Clock, account, cheap, csrf
from sqlalchemy import select
from starlette.applications import Starlette
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from ischio.clinic.access import MATRIX, May
from ischio.clinic.lock_out import Free
from ischio.clinic.signing_in import Lasts, SigningIn
from ischio.interfaces.http.app import build, guarded, service_of
from ischio.interfaces.http.pages import sign_in
from ischio.interfaces.http.pages.forms import LARGEST, MOST
from ischio.interfaces.http.pages.gate import Gate, Refused, safe_next
from ischio.interfaces.http.pages.visit import Visit
from ischio.interfaces.http.service import Service
from ischio.interfaces.http.settings import Settings
from ischio.store.accounts import Account, Role
from ischio.store.entries import Access, AuditEntry, Outcome, Person
from ischio.store.faults import StoreUnusable
from ischio.store.schema import SESSION
from ischio.store.store import Store, open_store

CANARY = "Canaria-Mustermann"
REFUSED_PAGE = '<h1 id="refused">'


@dataclass(frozen=True)
class Known:
    whom: Person
    name: str
    identifier: str = ""

    @property
    def id(self) -> str:
        return self.whom.id


class Ward:
    """Two organisations with somebody each, and one of them with somebody more. All are synthetic."""

    people: Mapping[tuple[str, str], str] = {
        ("clinic", "p1"): f"{CANARY} One",
        ("clinic", "p2"): f"{CANARY} Two",
        ("elsewhere", "p3"): f"{CANARY} Three",
    }

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, str]] = []

    def find(self, id: str, organisation: str, by: Access) -> Known | None:
        self.asked.append((id, organisation, by.who))
        name = self.people.get((organisation, id))
        return Known(Person(f"urn:ischio:organisation:{organisation}", id), name) if name else None


@cache
def plain_service() -> Service:
    return service_of(Settings())


def chart(visit: Visit) -> Response:
    """A page with a form, as the screens have them."""
    assert visit.who is not None
    note = escape(visit.form.one("note"))
    return HTMLResponse(f'<h1>{escape(visit.known.name)}</h1><p>{note}</p><input name="csrf" value="{visit.who.csrf}">')


def fails(visit: Visit) -> Response:
    raise ValueError(f"cannot show {visit.request.url} {visit.form.fields}")


def dawdles(_: Visit) -> Response:
    time.sleep(0.5)
    return Response("late")


def conflict(visit: Visit) -> Response:
    raise Refused(409, visit.gettext("Somebody else wrote meanwhile."), "Look at it again.", "superseded")


@dataclass
class Desk:
    """The application over one store, with a clock that can be moved, and the people that its gate asks for."""

    store: Store
    clock: Clock
    ward: Ward
    settings: Settings

    def app(self) -> Starlette:
        service = replace(plain_service(), settings=self.settings, store=self.store, clock=self.clock)
        signing_in = SigningIn(self.store, cheap(), Lasts(), Free(3, 20))
        gate = Gate(service, signing_in, self.ward)
        screens = [
            Route("/p/{person}", gate.of_person(May.SEE_PEOPLE, chart), methods=["GET"]),
            Route("/p/{person}", gate.of_person(May.WRITE_RECORD, chart), methods=["POST"]),
            Route("/p/{person}/fails", gate.of_person(May.SEE_PEOPLE, fails), methods=["GET", "POST"]),
            Route("/p/{person}/dawdles", gate.of_person(May.SEE_PEOPLE, dawdles)),
            Route("/p/{person}/conflict", gate.of_person(May.SEE_PEOPLE, conflict)),
            *(Route(f"/may/{may.name}", gate.page(may, lambda _: Response("let in"))) for may in May),
        ]
        return guarded(service, [*sign_in.routes(service, gate, signing_in), *screens])

    def browser(self, login: str | None = None, base: str = BASE, address: str = "192.0.2.7") -> Browser:
        """A browser, in which somebody is signed in."""
        browser = Browser(self.app(), base, address)
        if login is not None:
            assert browser.sign_in(login).status_code == 303
        return browser

    def person(self, login: str, *roles: Role, organisation: str = "clinic") -> Account:
        return account(self.store, login, *(roles or (Role.CLINICIAN,)), organisation=organisation)

    def audit(self, what: str = "page") -> list[AuditEntry]:
        return [entry for entry in self.store.audit.entries() if entry.what == what]


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A new store, to be copied: making one takes longer than a test."""
    file = tmp_path_factory.mktemp("made") / "store.db"
    open_store(f"sqlite:///{file}").close()
    return file


@pytest.fixture
def desk(made: Path, tmp_path: Path) -> Iterator[Desk]:
    store = open_store(f"sqlite:///{shutil.copy(made, tmp_path)}")
    yield Desk(store, Clock(), Ward(), Settings())
    store.close()


# ---- in and out -----------------------------------------------------------------------------------------------------


def test_who_is_not_signed_in_is_asked_to_and_comes_back_to_where_they_went(desk: Desk):
    desk.person("anna")
    browser = desk.browser()
    sent_off = browser.get("/p/p1?side=left")
    assert (sent_off.status_code, sent_off.headers["location"]) == (303, "/sign-in?next=/p/p1%3Fside%3Dleft")
    page = browser.get(sent_off.headers["location"])
    assert 'name="next" value="/p/p1?side=left"' in page.text
    back = browser.sign_in("anna", next="/p/p1?side=left")
    assert (back.status_code, back.headers["location"]) == (303, "/p/p1?side=left")
    assert f"{CANARY} One" in browser.get(back.headers["location"]).text


HOMES = (
    (Role.CLINICIAN, "/patients"),
    (Role.COORDINATOR, "/patients"),
    (Role.AUTHOR, "/author"),
    (Role.RESEARCHER, "/cohort"),
    (Role.ADMINISTRATOR, "/accounts"),
)


@pytest.mark.parametrize(("role", "place"), HOMES)
def test_each_begins_where_their_work_is(desk: Desk, role: Role, place: str):
    desk.person("anna", role)
    browser = desk.browser()
    assert browser.sign_in("anna").headers["location"] == place
    assert browser.get("/").headers["location"] == place


def test_the_form_works_without_a_script_and_with_a_password_manager(desk: Desk):
    page = desk.browser().get("/sign-in").text
    assert "<script" not in page
    assert 'autocomplete="username"' in page
    assert 'autocomplete="current-password"' in page
    assert "onpaste" not in page
    assert page.count("<label for=") == 2


def test_a_wrong_login_and_a_wrong_password_are_told_alike(desk: Desk):
    desk.person("anna")
    browser = desk.browser()
    unknown, wrong = browser.sign_in("nobody"), browser.sign_in("anna", "not the password")
    assert unknown.status_code == wrong.status_code == 401
    assert unknown.text.replace("nobody", "anna") == wrong.text
    assert "The login or the password is wrong." in wrong.text
    assert "not the password" not in wrong.text
    assert "set-cookie" not in wrong.headers


def test_what_was_typed_stays_text(desk: Desk):
    assert "<b>anna" not in desk.browser().sign_in('"><b>anna').text


def test_signed_out_is_out(desk: Desk):
    desk.person("anna")
    browser = desk.browser("anna")
    token = browser.cookies["ischio-session"]
    gone = browser.sent("/sign-out", {}, page="/p/p1")
    assert (gone.status_code, gone.headers["location"]) == (303, "/sign-in")
    assert "ischio-session" not in browser.cookies
    browser.cookies.set("ischio-session", token)
    assert browser.get("/p/p1").status_code == 303
    assert browser.sent("/sign-out", {}).headers["location"] == "/sign-in"


def test_signed_out_on_every_machine(desk: Desk):
    desk.person("anna")
    ward, home = desk.browser("anna"), desk.browser("anna")
    assert "Sign out on every machine" in home.get("/sign-in").text
    home.sent("/sign-out", {"everywhere": "yes"}, page="/sign-in")
    assert ward.get("/p/p1").status_code == 303


def test_a_session_that_somebody_planted_is_not_taken_over(desk: Desk):
    """Session fixation: who knows the token that the browser had before knows nothing of the one that it gets."""
    desk.person("anna")
    desk.person("mallory")
    planted = desk.browser("mallory").cookies["ischio-session"]
    browser = desk.browser()
    browser.cookies.set("ischio-session", planted, domain="127.0.0.1")
    browser.sent("/sign-in", {"login": "anna", "password": PASSWORD}, page="/sign-in")
    own = browser.cookies["ischio-session"]
    assert own not in ("", planted)
    other = desk.browser()
    other.cookies.set("ischio-session", planted)
    assert other.get("/p/p1").status_code == 303, "the session before has ended"


def test_a_session_ends_when_nothing_is_looked_at_and_after_a_day_of_work(desk: Desk):
    desk.person("anna")
    browser = desk.browser("anna")
    for _ in range(24):
        desk.clock.now += timedelta(minutes=30)
        assert browser.get("/p/p1").status_code == 200
    desk.clock.now += timedelta(minutes=1)
    assert browser.get("/p/p1").status_code == 303


def test_what_was_sent_after_the_session_ended_is_said_to_be_lost(desk: Desk):
    desk.person("anna")
    browser = desk.browser("anna")
    token = csrf(browser.get("/p/p1"))
    desk.clock.now += timedelta(hours=1)
    answer = browser.sent("/p/p1", {"csrf": token, "note": "much work"})
    assert answer.status_code == 401
    assert "Nothing was kept of what you sent." in answer.text


# where somebody should be sent | whether that is on this site
NEXT = (
    ("/p/p1", True),
    ("/patients?due=week&step=care", True),
    ("/", True),
    ("", False),
    ("patients", False),
    ("//evil.example", False),
    ("///evil.example", False),
    ("/\\evil.example", False),
    ("\\\\evil.example", False),
    ("/\t/evil.example", False),
    ("/\n/evil.example", False),
    ("/\r\nSet-Cookie: a=b", False),
    (" //evil.example", False),
    ("https://evil.example", False),
    ("https:/evil.example", False),
    ("HTTPS:evil.example", False),
    ("javascript:alert(1)", False),
    ("data:text/html,x", False),
    ("/sign-in?next=/sign-in", False),
    ("/sign-out", False),
    ("/p/p1/ask/pain_now?side=left", True),
    ("/p/a-b.c~d_e/", True),
    ("/p/../smart/launch?iss=x", False),
    ("/./sign-in", False),
    ("/p/%2e%2e/smart/launch", False),
    ("/p/.%2E/smart/launch", False),
    ("/%73mart/launch", False),
    ("/p//p1", False),
    ("/p/\u2025/smart", False),
    ("/p/p1#x", False),
    ("/p/p1?a\0b", False),
    ("/" + "a" * 600, False),
)


@pytest.mark.parametrize(("place", "inside"), NEXT)
def test_nobody_is_sent_to_another_site(desk: Desk, place: str, inside: bool):
    assert safe_next(place) == (place if inside else "")
    desk.person("anna")
    assert desk.browser().sign_in("anna", next=place).headers["location"] == (place if inside else "/patients")


# ---- the cookie -----------------------------------------------------------------------------------------------------


def cookie(answer: httpx.Response) -> tuple[str, set[str]]:
    """Name and attributes."""
    first, *rest = answer.headers["set-cookie"].split("; ")
    return first.partition("=")[0], {each.lower() for each in rest}


def test_the_cookie_of_a_service_behind_https_is_bound_to_it(desk: Desk):
    desk.person("anna")
    desk.settings = Settings(base="https://ifi.example.org")
    browser = desk.browser(base="https://ifi.example.org")
    name, attributes = cookie(browser.sign_in("anna"))
    assert name == "__Host-ischio-session"
    assert attributes == {"path=/", "secure", "httponly", "samesite=lax"}
    assert browser.get("/p/p1").status_code == 200


def test_on_this_machine_alone_it_works_without_https(desk: Desk):
    desk.person("anna")
    assert cookie(desk.browser().sign_in("anna")) == ("ischio-session", {"path=/", "httponly", "samesite=lax"})


def test_no_password_is_taken_where_it_would_travel_unencrypted(desk: Desk):
    desk.person("anna")
    desk.settings = Settings(base="http://ifi.example.org")
    answer = desk.browser(base="http://ifi.example.org").sign_in("anna")
    assert answer.status_code == 403
    assert "unencrypted" in answer.text
    assert "set-cookie" not in answer.headers


# ---- lock-out -------------------------------------------------------------------------------------------------------


def test_after_some_failures_even_the_right_password_has_to_wait(desk: Desk):
    desk.person("anna")
    browser = desk.browser()
    assert [browser.sign_in("anna", "wrong").status_code for _ in range(4)] == [401, 401, 401, 429]
    locked = browser.sign_in("anna")
    assert (locked.status_code, locked.headers["retry-after"]) == (429, "30")
    assert "Try again in 1 minute." in locked.text
    assert desk.browser(address="198.51.100.9").sign_in("anna").status_code == 429
    desk.clock.now += timedelta(seconds=30)
    assert browser.sign_in("anna").status_code == 303


def test_a_lock_says_nothing_of_whether_there_is_such_an_account(desk: Desk):
    desk.person("anna")
    browser = desk.browser()
    told = [
        [browser.sign_in(login, "wrong").text.replace(login, "-") for _ in range(5)] for login in ("anna", "nobody")
    ]
    assert told[0] == told[1]


# ---- who may --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", Role)
def test_each_role_is_let_in_where_the_table_says_and_nowhere_else(desk: Desk, role: Role):
    desk.person("anna", role)
    browser = desk.browser("anna")
    found = {may: browser.get(f"/may/{may.name}").status_code for may in May}
    assert found == {may: 200 if may in MATRIX[role] else 403 for may in May}


def test_what_is_not_allowed_is_a_page_and_stands_in_the_audit(desk: Desk):
    made = desk.person("anna", Role.ADMINISTRATOR)
    answer = desk.browser("anna").get("/p/p1")
    assert answer.status_code == 403
    assert "Your account is not allowed to do this." in answer.text
    (entry,) = desk.audit()
    assert (entry.by.who, entry.outcome, entry.why) == (
        f"account {made.id}",
        Outcome.REFUSED,
        "may not see_people: /p/{person}",
    )
    assert desk.ward.asked == [], "nobody is looked up for somebody who may see nobody"


def test_a_coordinator_sees_a_person_and_writes_nothing(desk: Desk):
    desk.person("bert", Role.COORDINATOR)
    browser = desk.browser("bert")
    assert browser.get("/p/p1").status_code == 200
    assert browser.sent("/p/p1", {"note": "x"}, page="/p/p1").status_code == 403


def test_a_closed_account_is_out_at_once(desk: Desk):
    made = desk.person("anna")
    browser = desk.browser("anna")
    desk.store.accounts.keep(replace(made, open=False), Access("t", desk.clock.now), "closed")
    assert browser.get("/p/p1").status_code == 303
    assert browser.sign_in("anna").status_code == 401


# ---- whose page -----------------------------------------------------------------------------------------------------


def test_every_look_at_a_person_stands_in_the_audit(desk: Desk):
    made = desk.person("anna")
    browser = desk.browser("anna")
    browser.get("/p/p1")
    browser.sent("/p/p2", {"note": "x"}, page="/p/p2")
    told = [(entry.by.who, entry.action.name, entry.whom and entry.whom.id, entry.why) for entry in desk.audit()]
    who, page = f"account {made.id}", "/p/{person}"
    assert told == [(who, "READ", "p1", page), (who, "READ", "p2", page), (who, "EXECUTE", "p2", page)]
    assert CANARY not in str(list(desk.store.audit.entries()))
    assert desk.store.audit.verify().sound


@pytest.mark.parametrize("id", ["p3", "p9", "00000000-0000-0000-0000-000000000000"])
def test_somebody_of_another_organisation_is_as_if_not_there(desk: Desk, id: str):
    made = desk.person("anna")
    answer = desk.browser("anna").get(f"/p/{id}")
    assert answer.status_code == 404
    assert "There is nobody of this number here." in answer.text
    assert CANARY not in answer.text
    assert desk.ward.asked == [(id, "clinic", f"account {made.id}")], "who finds people audits the try"
    assert desk.audit() == []


@pytest.mark.parametrize("id", ["a" * 65, "Anna Muster", "p1'--", "%00", "p1;p2", "\N{SNOWMAN}"])
def test_what_can_be_no_id_is_not_even_looked_up(desk: Desk, id: str):
    desk.person("anna")
    assert desk.browser("anna").get(f"/p/{id}").status_code == 404
    assert desk.ward.asked == []


def test_two_tabs_with_two_people_never_mix(desk: Desk):
    desk.person("anna")
    browser = desk.browser("anna")
    first, second = browser.get("/p/p1"), browser.get("/p/p2")
    with desk.store.database.reading() as connection:
        before = connection.execute(select(SESSION)).all()
    for tab, name, other in ((first, "One", "p1"), (second, "Two", "p2")) * 2:
        answer = browser.sent(f"/p/{other}", {"csrf": csrf(tab), "note": f"for {name}"})
        assert f"{CANARY} {name}" in answer.text
        assert f"for {name}" in answer.text
    with desk.store.database.reading() as connection:
        rows = connection.execute(select(SESSION)).all()
    assert rows == before, "the session knows of nobody"
    assert [entry.whom and entry.whom.id for entry in desk.audit() if entry.action.name == "EXECUTE"] == [
        "p1",
        "p2",
        "p1",
        "p2",
    ]


# ---- who sent it ----------------------------------------------------------------------------------------------------

# what a browser says of where a form comes from | whether it is taken
SENDERS: tuple[tuple[dict[str, str], int], ...] = (
    ({"sec-fetch-site": "same-origin"}, 200),
    ({"sec-fetch-site": "same-origin", "origin": "null"}, 200),
    ({"sec-fetch-site": "same-site"}, 403),
    ({"sec-fetch-site": "cross-site"}, 403),
    ({"sec-fetch-site": "none"}, 403),
    ({"sec-fetch-site": ""}, 403),
    ({"sec-fetch-site": "cross-site", "origin": BASE}, 403),
    ({"origin": BASE}, 200),
    ({"origin": "null"}, 403),
    ({"origin": "http://127.0.0.1:8001"}, 403),
    ({"origin": "https://127.0.0.1:8000"}, 403),
    ({"origin": "https://evil.example"}, 403),
    ({"origin": f"{BASE}.evil.example"}, 403),
    ({}, 403),
)


@pytest.mark.parametrize(("said", "status"), SENDERS)
def test_a_form_is_taken_from_a_page_of_ours_alone(desk: Desk, said: dict[str, str], status: int):
    desk.person("anna")
    browser = desk.browser("anna")
    assert browser.sent("/p/p1", {"note": "x"}, page="/p/p1", headers=said).status_code == status
    whys = [entry.why for entry in desk.audit() if entry.outcome is Outcome.REFUSED]
    assert whys == ([] if status == 200 else ["form of another site: /p/{person}"])


@pytest.mark.parametrize(("said", "status"), SENDERS)
def test_nobody_is_signed_in_by_another_site(desk: Desk, said: dict[str, str], status: int):
    desk.person("anna")
    answer = desk.browser().post("/sign-in", data={"login": "anna", "password": PASSWORD}, headers=said)
    assert answer.status_code == (303 if status == 200 else 403)


def test_a_form_without_the_token_of_the_session_is_refused(desk: Desk):
    desk.person("anna")
    desk.person("bert")
    anna, bert = desk.browser("anna"), desk.browser("bert")
    own, foreign = csrf(anna.get("/p/p1")), csrf(bert.get("/p/p1"))
    for token in ("", "x", foreign, own.upper(), own[:-1], "\N{SNOWMAN}"):
        answer = anna.sent("/p/p1", {"csrf": token, "note": "x"})
        assert (answer.status_code, "earlier session" in answer.text) == (403, True)
    assert anna.post("/p/p1", data={"csrf": [own, foreign], "note": "x"}, headers=FROM_HERE).status_code == 403
    assert anna.sent("/p/p1", {"csrf": own, "note": "x"}).status_code == 200
    assert {entry.why for entry in desk.audit() if entry.outcome is Outcome.REFUSED} == {"form token: /p/{person}"}


def test_a_request_that_is_replayed_in_a_later_session_is_refused(desk: Desk):
    desk.person("anna")
    browser = desk.browser("anna")
    sent = {"csrf": csrf(browser.get("/p/p1")), "note": "x"}
    assert browser.sent("/p/p1", sent).status_code == 200
    browser.sent("/sign-in", {"login": "anna", "password": PASSWORD}, page="/sign-in")
    assert browser.get("/p/p1").status_code == 200
    assert browser.sent("/p/p1", sent).status_code == 403


def test_a_sign_out_from_another_site_is_refused(desk: Desk):
    desk.person("anna")
    browser = desk.browser("anna")
    assert browser.post("/sign-out", headers={"sec-fetch-site": "cross-site"}).status_code == 403
    assert browser.sent("/sign-out", {}).status_code == 403
    assert browser.get("/p/p1").status_code == 200


# content type | body | status
FORMS: tuple[tuple[str, bytes, int], ...] = (
    ("application/x-www-form-urlencoded; charset=utf-8", b"note=gr%C3%BC%C3%9Fe", 200),
    ("application/json", b"{}", 415),
    ("multipart/form-data; boundary=x", b"--x--", 415),
    ("text/plain", b"note=x", 415),
    ("application/x-www-form-urlencoded", b"note=%ff", 400),
    ("application/x-www-form-urlencoded", "note=\N{SNOWMAN}".encode(), 400),
    ("application/x-www-form-urlencoded", b"&".join([b"a=b"] * (MOST + 1)), 400),
    ("application/x-www-form-urlencoded", b"note=" + b"x" * LARGEST, 413),
)


@pytest.mark.parametrize(("kind", "body", "status"), FORMS, ids=range(len(FORMS)))
def test_what_is_no_form_is_refused_with_a_page(desk: Desk, kind: str, body: bytes, status: int):
    desk.person("anna")
    browser = desk.browser("anna")
    own = csrf(browser.get("/p/p1")).encode()
    answer = browser.post("/p/p1", content=b"csrf=" + own + b"&" + body, headers=FROM_HERE | {"content-type": kind})
    assert answer.status_code == status
    assert (REFUSED_PAGE in answer.text, "grüße" in answer.text) == (status != 200, status == 200)


# ---- what every page says -------------------------------------------------------------------------------------------


def test_an_answer_that_takes_too_long_is_told_as_a_page(desk: Desk):
    desk.person("kim")
    kim = desk.browser("kim")
    limits = replace(desk.settings.limits, seconds=0.3)
    slow = Browser(replace(desk, settings=replace(desk.settings, limits=limits)).app())
    slow.cookies = kim.cookies
    answer = slow.get("/p/p1/dawdles")
    assert (answer.status_code, "The answer took too long." in answer.text) == (503, True)
    assert "look first whether it was kept" in answer.text
    assert "trusted-types" in answer.headers["content-security-policy"]


@pytest.mark.parametrize("path", ["/sign-in", "/", "/p/p1", "/p/p3", "/p/p1/fails", "/may/READ_AUDIT"])
def test_no_page_may_run_anything_or_stay_in_a_cache(desk: Desk, path: str):
    desk.person("anna")
    headers = desk.browser("anna").get(path).headers
    told = dict(part.split(" ", 1) for part in headers["content-security-policy"].split("; "))
    assert told["default-src"] == "'none'"
    assert told["script-src"] == "'self'"
    assert told["style-src"] == "'self'"
    assert told["form-action"] == "'self'"
    assert told["base-uri"] == "'none'"
    assert told["frame-ancestors"] == "'none'"
    assert told["require-trusted-types-for"] == "'script'"
    assert told["trusted-types"] == "'none'"
    assert "unsafe" not in headers["content-security-policy"]
    assert (headers["cache-control"], headers["referrer-policy"]) == ("no-store", "no-referrer")
    assert headers["x-content-type-options"] == "nosniff"


def test_a_conflict_is_told_and_stands_in_the_audit(desk: Desk):
    desk.person("anna")
    answer = desk.browser("anna").get("/p/p1/conflict")
    assert (answer.status_code, "Somebody else wrote meanwhile." in answer.text) == (409, True)
    *_, entry = desk.audit()
    assert (entry.outcome, entry.why, entry.whom and entry.whom.id) == (
        Outcome.REFUSED,
        "superseded: /p/{person}/conflict",
        "p1",
    )


def test_an_error_of_ours_is_a_page_with_its_name_and_without_its_words(desk: Desk, caplog: pytest.LogCaptureFixture):
    desk.person("anna")
    browser = desk.browser("anna")
    with caplog.at_level(logging.INFO, "ischio.http"):
        answer = browser.sent(f"/p/p1/fails?x={CANARY}", {"note": CANARY}, page="/p/p1")
    assert answer.status_code == 500
    assert answer.headers["x-request-id"] in answer.text
    assert CANARY not in answer.text
    (failed,) = [record.__dict__["told"] for record in caplog.records if record.message == "failed"]
    assert (failed["request"], failed["error"]) == (answer.headers["x-request-id"], "ValueError")
    assert CANARY not in json.dumps(failed)


def test_a_store_that_does_not_answer_is_told_as_such(desk: Desk, monkeypatch: pytest.MonkeyPatch):
    desk.person("anna")
    browser = desk.browser("anna")

    def gone(*_: Any) -> None:
        from ischio.model.mistake import Mistake

        raise StoreUnusable(Mistake("The database does not answer.", "See that it runs."))

    monkeypatch.setattr(desk.store.sessions, "of", gone)
    answer = browser.get("/p/p1")
    assert answer.status_code == 503
    assert "The store does not answer." in answer.text
    monkeypatch.undo()
    assert browser.get("/p/p1").status_code == 200, "the session is still there"


def test_a_page_is_in_the_language_that_is_asked_for(desk: Desk):
    browser = desk.browser()
    assert '<html lang="en-GB">' in browser.get("/sign-in").text
    odd = browser.get("/sign-in?lang=en-XA").text
    assert '<html lang="en-XA">' in odd
    assert ">Sign in<" not in odd


# what a caller takes | what it gets for an address that there is not
TAKES = (
    ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "text/html; charset=utf-8"),
    ("application/fhir+json", "application/fhir+json"),
    ("*/*", "application/fhir+json"),
    ("", "application/fhir+json"),
)


@pytest.mark.parametrize(("takes", "gets"), TAKES)
def test_where_there_is_no_page_a_browser_is_told_so_by_a_page(desk: Desk, takes: str, gets: str):
    browser = desk.browser()
    for path, method, status in (("/nowhere", "GET", 404), ("/p/p1/nowhere", "GET", 404), ("/sign-out", "GET", 405)):
        answer = browser.request(method, path, headers={"accept": takes})
        assert (answer.status_code, answer.headers["content-type"]) == (status, gets)
        assert ("There is no page at this address." in answer.text) == (gets != "application/fhir+json")
        assert "default-src 'none'" in answer.headers["content-security-policy"]


# ---- the demonstration ----------------------------------------------------------------------------------------------


def without_password(desk: Desk, login: str) -> Account:
    made = replace(desk.person(login), hash="")
    desk.store.accounts.keep(made, Access("t", desk.clock.now), "demonstration")
    return made


def test_the_demonstration_offers_its_own_accounts_alone(desk: Desk):
    desk.person("anna")
    without_password(desk, "demo-clinician")
    desk.settings = Settings(demo=True)
    browser = desk.browser()
    page = browser.get("/sign-in").text
    assert 'name="as" value="demo-clinician"' in page
    assert 'value="anna"' not in page
    assert browser.sent("/sign-in", {"as": "anna"}).status_code == 401
    assert browser.sent("/sign-in", {"as": "demo-clinician"}).headers["location"] == "/patients"
    assert browser.get("/p/p1").status_code == 200


def test_nothing_but_the_demonstration_lets_in_without_a_password(desk: Desk):
    without_password(desk, "demo-clinician")
    browser = desk.browser()
    assert "demo-clinician" not in browser.get("/sign-in").text
    sends: tuple[Callable[[], httpx.Response], ...] = (
        lambda: browser.sent("/sign-in", {"as": "demo-clinician"}),
        lambda: browser.sign_in("demo-clinician", ""),
        lambda: browser.sign_in("demo-clinician", PASSWORD),
    )
    assert [send().status_code for send in sends] == [401, 401, 401]


# ---- put together ---------------------------------------------------------------------------------------------------


def test_the_application_serves_the_pages_where_there_is_a_store(desk: Desk):
    with_store = Browser(build(replace(plain_service(), store=desk.store)))
    assert with_store.get("/sign-in").status_code == 200
    assert Browser(build(plain_service())).get("/sign-in").status_code == 404
