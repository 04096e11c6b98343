"""Staff sign in at the provider of their institution: a real one, and a fake one for what a real one never sends."""

import re
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest
from clinic_pages import PASSWORD, Browser, Clock, account, cheap
from joserfc import jwt
from joserfc.jwk import RSAKey
from page_forms import sheets
from practice import Practice
from provider import CLIENT, FORM, SECRET, Institution, arrived, institution_beside, signed_in_as
from records_system import Asked, Reply, serving

from ischio.clinic.accounts import Accounts
from ischio.clinic.clinic import Clinic
from ischio.clinic.knowledge import Knowledge
from ischio.interfaces.http.app import guarded
from ischio.interfaces.http.pages import routes
from ischio.interfaces.http.pages.providers import BACK, ENDED, roles_in
from ischio.interfaces.http.service import Service
from ischio.interfaces.http.settings import SignInProvider
from ischio.store.accounts import Organisation, Role
from ischio.store.entries import Access
from ischio.store.store import open_store

BASE = "https://ifi.example.org"
ROLES = (("hip-doctors", "clinician"), ("it", "administrator"))
EVENT = "http://schemas.openid.net/event/backchannel-logout"


@dataclass
class House(Practice):
    """The application, and its ways to be reached."""

    def another_browser(self) -> Browser:
        return Browser(self.app, BASE)

    def roles(self, login: str) -> set[str]:
        found = self.store.accounts.of_login(login)
        return {role.value for role in found.roles} if found else set()

    def refused(self) -> list[str]:
        return [entry.why for entry in self.refusals()]


@pytest.fixture
def house(
    made: Path, tmp_path: Path, service: Service, knowledge: Knowledge, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., House]]:
    """Makes the application, with one provider at an address."""
    monkeypatch.setattr(routes, "Passwords", cheap)
    with ExitStack() as closed:

        def furnished(issuer: str, now: datetime, **more: Any) -> House:
            store = closed.enter_context(closing(open_store(f"sqlite:///{shutil.copy(made, tmp_path / 'house.db')}")))
            told = SignInProvider(
                issuer, CLIENT, "clinic", "groups", ROLES, secret=SECRET, name="Sample Hospital", **more
            )
            settings = replace(service.settings, base=BASE, inside=(issuer,), sign_in=(told,))
            clock = Clock(now)
            store.accounts.keep_organisation(Organisation("clinic", "Clinic"), Access("test", now))
            own = replace(service, store=store, clock=clock, settings=settings)
            return House(store, clock, Clinic(store, knowledge), guarded(own, routes.routes(own)))

        yield furnished


def heading(answer: httpx.Response) -> str:
    found = re.search(r"<h1[^>]*>(.*?)</h1>", answer.text, re.DOTALL)
    return found[1].strip() if found else ""


# ---- at a real provider ---------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def institution() -> Iterator[Institution]:
    with institution_beside(BASE, BACK) as started:
        yield started


def now() -> datetime:
    """The real one: so is the provider's."""
    return datetime.now(UTC)


def test_who_is_known_there_is_in_with_the_roles_that_they_have_there(
    house: Callable[..., House], institution: Institution
):
    ours = house(institution.provider.issuer, now(), create=True)
    institution.provider.puts("dora", "hip-doctors", "chess")
    browser, there = ours.another_browser(), httpx.Client()
    assert "Sign in at Sample Hospital" in browser.get("/sign-in").text
    page = institution.back(browser, there, "dora")
    assert (page.status_code, page.url.path) == (200, "/patients")
    assert signed_in_as(browser) == "dora"
    assert ours.roles("dora") == {"clinician"}
    made = [(one.what, one.why) for one in ours.store.audit.entries() if one.what in ("account", "identity")]
    assert made == [("account", "added"), ("identity", "linked")]


def test_roles_follow_at_each_sign_in_and_without_one_nobody_is_in(
    house: Callable[..., House], institution: Institution
):
    ours = house(institution.provider.issuer, now(), create=True)
    institution.provider.puts("emil", "hip-doctors")
    first = ours.another_browser()
    institution.back(first, httpx.Client(), "emil")
    institution.provider.puts("emil", "it")
    page = institution.back(ours.another_browser(), httpx.Client(), "emil")
    assert page.url.path == "/accounts"
    assert ours.roles("emil") == {"administrator"}
    assert first.get("/patients").status_code == 403, "what was taken away counts at once"
    institution.provider.puts("emil", "chess")
    last = ours.another_browser()
    page = institution.back(last, httpx.Client(), "emil")
    assert page.status_code == 403
    assert "none of the roles" in heading(page)
    assert ours.refused()[-1] == "no role"
    assert [signed_in_as(one) for one in (first, last)] == ["", ""], "nor what was begun before"


def test_signed_out_there_is_signed_out_here(house: Callable[..., House], institution: Institution):
    ours = house(institution.provider.issuer, now(), create=True)
    institution.provider.puts("finn", "hip-doctors")
    institution.provider.puts("gus", "hip-doctors")
    browsers = {login: (ours.another_browser(), httpx.Client()) for login in ("finn", "gus")}
    for login, (browser, there) in browsers.items():
        institution.back(browser, there, login)
    body = institution.signs_out(browsers["finn"][1])
    stranger = ours.another_browser()
    assert stranger.post(ENDED, content=body, headers=FORM).status_code == 200
    assert {login: signed_in_as(browser) for login, (browser, _) in browsers.items()} == {"finn": "", "gus": "gus"}
    ended = [one for one in ours.store.audit.entries() if one.why == "ended by the provider"]
    assert [one.by.who for one in ended] == [f"{institution.provider.issuer}/finn"]
    assert stranger.post(ENDED, content=body, headers=FORM).status_code == 400, "a token counts once"


def test_without_leave_to_make_accounts_it_is_asked_once_who_they_are(
    house: Callable[..., House], institution: Institution
):
    ours = house(institution.provider.issuer, now())
    institution.provider.puts("hana", "hip-doctors")
    account(ours.store, "hana.local", Role.AUTHOR)
    browser = ours.another_browser()
    page = institution.back(browser, httpx.Client(), "hana")
    assert heading(page) == "Who are you here?"
    (form,) = [sheet for sheet in sheets(page) if sheet.action.startswith("/arrived/")]
    assert browser.fill_in(form, login="hana.local", password=PASSWORD).headers["location"] == "/patients"
    assert ours.roles("hana.local") == {"clinician"}, "the roles are those of the institution"
    again = ours.another_browser()
    assert institution.back(again, httpx.Client(), "hana", "/patients?place=overdue").url.query == b"place=overdue"
    assert signed_in_as(again) == "hana.local"


def test_a_closed_account_is_not_opened_by_a_provider(house: Callable[..., House], institution: Institution):
    ours = house(institution.provider.issuer, now(), create=True)
    institution.provider.puts("ida", "hip-doctors")
    institution.back(ours.another_browser(), httpx.Client(), "ida")
    Accounts(ours.store, cheap).close("ida", ours.by())
    browser = ours.another_browser()
    assert institution.back(browser, httpx.Client(), "ida").status_code == 403
    assert signed_in_as(browser) == ""
    assert ours.refused() == ["account closed"]


# ---- at a fake one, for what a real one never sends -----------------------------------------------------------------

ITS_KEY = RSAKey.generate_key(2048, {"kid": "its"})
ANOTHER = RSAKey.generate_key(2048, {"kid": "its"})
NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


@dataclass
class Fake:
    """A provider whose word can be made wrong. id_more: claims of its id_token that are otherwise; None: left out."""

    id_more: dict[str, Any]
    configuration_more: dict[str, Any]
    key: RSAKey = field(default_factory=lambda: ITS_KEY)
    nonce: str = ""
    url: str = ""

    def answer(self, asked: Asked) -> Reply:
        if asked.path == "/.well-known/openid-configuration":
            return Reply(body=self.configuration())
        if asked.path == "/jwks":
            return Reply(body={"keys": [ITS_KEY.as_dict(private=False)]})
        assert asked.path == "/token", asked.path
        claims = {"sub": "kay", "groups": "hip-doctors", "nonce": self.nonce, "exp": NOON.timestamp() + 300}
        token = self.signed(claims | self.id_more)
        return Reply(body={"access_token": "x", "token_type": "Bearer", "id_token": token})

    def configuration(self) -> dict[str, Any]:
        return {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "jwks_uri": f"{self.url}/jwks",
            "code_challenge_methods_supported": ["S256"],
        } | self.configuration_more

    def signed(self, claims: Mapping[str, Any]) -> str:
        whole = {"iss": self.url, "aud": CLIENT, "iat": NOON.timestamp()} | claims
        said = {name: value for name, value in whole.items() if value is not None}
        return jwt.encode({"alg": "RS256", "kid": "its"}, said, self.key, algorithms=["RS256"])

    def logout(self, **more: Any) -> str:
        return self.signed({"sub": "kay", "jti": "j1", "events": {EVENT: {}}, "exp": NOON.timestamp() + 120} | more)


@pytest.fixture
def fake() -> Iterator[Fake]:
    made = Fake({}, {})
    with serving(made.answer) as served:
        made.url = served.url
        yield made


def back(browser: Browser, fake: Fake, going: str = "", **more: str) -> httpx.Response:
    sent = browser.get("/sign-in/with/0", params={"next": going})
    if sent.status_code != 302:
        return sent
    asked = dict(parse_qsl(urlsplit(sent.headers["location"]).query))
    fake.nonce = asked["nonce"]
    query = httpx.QueryParams({"code": "c", "state": asked["state"]} | more)
    return arrived(browser, f"{BACK}?{query}")


def test_the_fake_one_lets_in_when_nothing_is_wrong(house: Callable[..., House], fake: Fake):
    browser = house(fake.url, NOON, create=True).another_browser()
    assert back(browser, fake).status_code == 200
    assert signed_in_as(browser) != ""


ID_TOKENS: dict[str, dict[str, Any]] = {
    "for another application": {"aud": "another"},
    "for several, and another asked": {"aud": [CLIENT, "another"], "azp": "another"},
    "of another issuer": {"iss": "https://evil.example.org"},
    "of another sign-in": {"nonce": "x" * 43},
    "without nonce": {"nonce": None},
    "ended": {"exp": NOON.timestamp() - 61},
    "for ever": {"exp": None},
    "of nobody": {"sub": None},
    "of a name that is none": {"sub": "x" * 300},
}


@pytest.mark.parametrize("more", ID_TOKENS.values(), ids=ID_TOKENS)
def test_a_bad_id_token_lets_nobody_in(house: Callable[..., House], fake: Fake, more: dict[str, Any]):
    browser = house(fake.url, NOON, create=True).another_browser()
    fake.id_more = more
    assert back(browser, fake).status_code == 502
    assert signed_in_as(browser) == ""


def test_a_clock_that_is_a_little_late_is_borne(house: Callable[..., House], fake: Fake):
    browser = house(fake.url, NOON, create=True).another_browser()
    fake.id_more = {"exp": NOON.timestamp() - 59}
    assert back(browser, fake).status_code == 200


def test_an_id_token_of_another_key(house: Callable[..., House], fake: Fake):
    browser = house(fake.url, NOON, create=True).another_browser()
    fake.key = ANOTHER
    assert back(browser, fake).status_code == 502
    assert signed_in_as(browser) == ""


def test_the_answer_of_another_provider_is_not_taken(house: Callable[..., House], fake: Fake):
    """Mixed up on purpose (RFC 9207): the code would be shown to the wrong one."""
    browser = house(fake.url, NOON, create=True).another_browser()
    assert back(browser, fake, iss="https://evil.example.org").status_code == 403


CONFIGURATIONS: dict[str, dict[str, Any]] = {
    "another issuer": {"issuer": "https://evil.example.org"},
    "no PKCE": {"code_challenge_methods_supported": ["plain"]},
    "a browser is sent elsewhere": {"authorization_endpoint": "https://evil.example.org/"},
}


@pytest.mark.parametrize("more", CONFIGURATIONS.values(), ids=CONFIGURATIONS)
def test_a_provider_that_cannot_be_used_gets_no_browser(house: Callable[..., House], fake: Fake, more: dict[str, Any]):
    fake.configuration_more = more
    assert back(house(fake.url, NOON).another_browser(), fake).status_code == 502


def test_a_state_counts_once_in_one_browser_for_ten_minutes(house: Callable[..., House], fake: Fake):
    ours = house(fake.url, NOON, create=True)
    browser = ours.another_browser()

    def sent() -> dict[str, str]:
        asked = dict(parse_qsl(urlsplit(browser.get("/sign-in/with/0").headers["location"]).query))
        fake.nonce = asked["nonce"]
        return {"code": "c", "state": asked["state"]}

    params = sent()
    assert ours.another_browser().get(BACK, params=params).status_code == 403
    assert browser.get(BACK, params=params).status_code == 403, "it was used up by the stranger's try"
    params = sent()
    assert browser.get(BACK, params=params).status_code == 303
    assert browser.get(BACK, params=params).status_code == 403
    params = sent()
    ours.clock.now = NOON.replace(minute=11)
    assert browser.get(BACK, params=params).status_code == 403


@pytest.mark.parametrize("going", ["https://evil.example.org/", "//evil.example.org", "/\\evil.example.org"])
def test_nobody_is_sent_on_to_another_site(house: Callable[..., House], fake: Fake, going: str):
    page = back(house(fake.url, NOON, create=True).another_browser(), fake, going)
    assert page.url.path == "/patients"


def test_no_such_provider(house: Callable[..., House], fake: Fake):
    assert house(fake.url, NOON).another_browser().get("/sign-in/with/7").status_code == 404


LOGOUTS: dict[str, dict[str, Any]] = {
    "of another issuer": {"iss": "https://evil.example.org"},
    "for another application": {"aud": "another"},
    "without a time": {"iat": None},
    "old": {"iat": NOON.timestamp() - 400},
    "from the future": {"iat": NOON.timestamp() + 400},
    "ended": {"exp": NOON.timestamp() - 61},
    "without a number": {"jti": None},
    "of no event": {"events": None},
    "of another event": {"events": {"http://schemas.example.org/other": {}}},
    "of nobody": {"sub": None},
    "an id_token": {"nonce": "n"},
}


@pytest.mark.parametrize("more", LOGOUTS.values(), ids=LOGOUTS)
def test_a_bad_logout_token_ends_nothing(house: Callable[..., House], fake: Fake, more: dict[str, Any]):
    ours = house(fake.url, NOON, create=True)
    browser = ours.another_browser()
    back(browser, fake)
    answer = ours.another_browser().post(ENDED, data={"logout_token": fake.logout(**more)})
    assert (answer.status_code, answer.json()) == (400, {"error": "invalid_request"})
    assert answer.headers["cache-control"] == "no-store"
    assert signed_in_as(browser) != ""


@pytest.mark.parametrize("token", ["", "x", "e30.e30.", "eyJhbGciOiJub25lIn0.e30."])
def test_what_is_no_token_ends_nothing(house: Callable[..., House], fake: Fake, token: str):
    assert house(fake.url, NOON).another_browser().post(ENDED, data={"logout_token": token}).status_code == 400


def test_a_logout_token_of_another_key_ends_nothing(house: Callable[..., House], fake: Fake):
    ours = house(fake.url, NOON, create=True)
    browser = ours.another_browser()
    back(browser, fake)
    fake.key = ANOTHER
    assert ours.another_browser().post(ENDED, data={"logout_token": fake.logout()}).status_code == 400
    assert signed_in_as(browser) != ""


def test_a_logout_of_one_session_leaves_the_other(house: Callable[..., House], fake: Fake):
    ours = house(fake.url, NOON, create=True)
    browsers = [ours.another_browser(), ours.another_browser()]
    for sid, browser in zip(("s1", "s2"), browsers, strict=True):
        fake.id_more = {"sid": sid}
        back(browser, fake)
    assert ours.another_browser().post(ENDED, data={"logout_token": fake.logout(sub=None, sid="s1")}).status_code == 200
    assert [bool(signed_in_as(browser)) for browser in browsers] == [False, True]


def test_a_session_of_a_password_is_not_ended_by_a_provider(house: Callable[..., House], fake: Fake):
    ours = house(fake.url, NOON)
    browser = ours.another_browser()
    account(ours.store, "anna", Role.CLINICIAN)
    browser.sign_in("anna")
    assert ours.another_browser().post(ENDED, data={"logout_token": fake.logout()}).status_code == 200
    assert signed_in_as(browser) == "anna"


# ---- roles from claims ----------------------------------------------------------------------------------------------

CLAIMS: dict[str, tuple[Mapping[str, Any], str, set[str]]] = {
    "a list": ({"groups": ["it", "chess"]}, "groups", {"administrator"}),
    "several": ({"groups": ["it", "hip-doctors"]}, "groups", {"administrator", "clinician"}),
    "one value": ({"groups": "it"}, "groups", {"administrator"}),
    "inside another": ({"realm_access": {"roles": ["it"]}}, "realm_access.roles", {"administrator"}),
    "a name with dots": ({"https://x.example/roles": ["it"]}, "https://x.example/roles", {"administrator"}),
    "none": ({}, "groups", set()),
    "a part of a value": ({"groups": "its"}, "groups", set()),
    "something else": ({"groups": {"it": True}}, "groups", set()),
    "nothing inside": ({"realm_access": "it"}, "realm_access.roles", set()),
}


@pytest.mark.parametrize(("claims", "claim", "roles"), CLAIMS.values(), ids=CLAIMS)
def test_roles_in_claims(claims: Mapping[str, Any], claim: str, roles: set[str]):
    assert {role.value for role in roles_in(claims, claim, ROLES)} == roles
