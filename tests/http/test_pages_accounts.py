"""The page of accounts: what an administrator of one organisation can see and change, and nobody else."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest
from clinic_pages import BASE, FROM_HERE, OPERATOR, PASSWORD, Browser, Clock, account, cheap
from starlette.applications import Starlette

from ischio.clinic.accounts import Accounts
from ischio.clinic.signing_in import SigningIn
from ischio.interfaces.http.app import guarded, service_of
from ischio.interfaces.http.pages import accounts, sign_in
from ischio.interfaces.http.pages.gate import Gate
from ischio.interfaces.http.settings import Settings
from ischio.store.accounts import AccountRefused, Role
from ischio.store.entries import AuditEntry, Outcome
from ischio.store.store import Store, open_store

NEW = {"login": "carla", "role": ["clinician", "author"], "password": "another four words of nobody"}


@dataclass
class Office:
    """anna looks after the accounts of the clinic, where bert is a clinician; dora after those of another one."""

    store: Store
    app: Starlette

    def browser(self, login: str) -> Browser:
        browser = Browser(self.app)
        assert browser.sign_in(login).status_code == 303
        return browser

    def audit(self) -> list[AuditEntry]:
        return [entry for entry in self.store.audit.entries() if entry.what == "account"]


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """One for all: each test opens the accounts that it changes."""
    store = open_store(f"sqlite:///{tmp_path_factory.mktemp('office')}/store.db")
    service = replace(service_of(Settings(base=BASE), store), clock=Clock())
    signing_in = SigningIn(store, cheap())
    gate = Gate(service, signing_in, store.people)
    account(store, "anna", Role.ADMINISTRATOR)
    account(store, "bert", Role.CLINICIAN)
    account(store, "dora", Role.ADMINISTRATOR, organisation="elsewhere")
    pages = [*sign_in.routes(service, gate, signing_in), *accounts.routes(gate, store, cheap())]
    yield Office(store, guarded(service, pages))
    store.close()


def test_the_list_names_those_of_ones_own_organisation(office: Office):
    page = office.browser("anna").get("/accounts").text
    assert 'scope="row">anna <span class="chip">you</span>' in page
    assert 'scope="row">bert<' in page
    assert "dora" not in page
    assert office.audit()[-1].why == "list"


@pytest.mark.parametrize("way", ["GET /accounts", "POST /accounts", "POST /accounts/password", "POST /accounts/close"])
def test_nobody_but_an_administrator_gets_there(office: Office, way: str):
    method, path = way.split()
    browser = office.browser("bert")
    page = browser.get("/sign-in")
    before = office.store.accounts.all()
    answer = (
        browser.request(method, path, headers=FROM_HERE) if method == "GET" else browser.sent(path, NEW, "/sign-in")
    )
    assert (page.status_code, answer.status_code) == (200, 403)
    assert office.store.accounts.all() == before


@pytest.mark.parametrize("path", ["/accounts", "/accounts/password", "/accounts/close"])
def test_a_form_without_its_token_changes_nothing(office: Office, path: str):
    before = office.store.accounts.all()
    assert office.browser("anna").sent(path, NEW | {"login": "bert"}).status_code == 403
    assert office.store.accounts.all() == before


def test_an_account_that_is_opened_signs_in_and_is_of_the_same_organisation(office: Office):
    done = office.browser("anna").sent("/accounts", NEW, page="/accounts")
    assert (done.status_code, done.headers["location"]) == (303, "/accounts?said=account-opened")
    made = office.store.accounts.of_login("carla")
    assert made is not None
    assert (made.organisation, made.roles) == ("clinic", {Role.CLINICIAN, Role.AUTHOR})
    administrator = office.store.accounts.of_login("anna")
    assert administrator is not None
    assert [(one.by.who, one.why) for one in office.audit() if one.why == "added"][-1] == (
        f"account {administrator.id}",
        "added",
    )
    assert Browser(office.app).sign_in("carla", NEW["password"]).status_code == 303


# what is wrong | what is sent | what the page says of it
WRONG = (
    ("login", {"login": "an na"}, "is no login"),
    ("login", {"login": "Bert"}, "There is an account bert already."),
    ("login", {"login": "dora"}, "There is an account dora already."),
    ("role", {"role": []}, "Choose what the account is for."),
    ("role", {"role": ["superuser"]}, "Choose what the account is for."),
    ("password", {"password": "short"}, "The password is too short."),
    ("password", {"password": ""}, "The password is too short."),
)


@pytest.mark.parametrize(("field", "sent", "said"), WRONG)
def test_what_cannot_be_opened_is_said_and_what_was_typed_stays(office: Office, field: str, sent: dict, said: str):
    fields = {"login": "emil", "role": ["author"], "password": "another four words of nobody"} | sent
    answer = office.browser("anna").sent("/accounts", fields, page="/accounts")
    assert answer.status_code == 422
    assert said in answer.text
    assert f'value="{fields["login"]}"' in answer.text
    assert (field == "role") or 'value="author" checked' in answer.text
    assert "four words" not in answer.text, "a password is shown to nobody"
    assert office.store.accounts.of_login("emil") is None


def test_a_new_password_signs_out_whoever_was_in_with_the_old_one(office: Office):
    account(office.store, "fritz", Role.ADMINISTRATOR)
    fritz = office.browser("fritz")
    assert fritz.get("/accounts").status_code == 200
    sent = {"login": "fritz", "password": "words that nobody else has"}
    assert office.browser("anna").sent("/accounts/password", sent, page="/accounts").status_code == 303
    assert fritz.get("/accounts").headers["location"].startswith("/sign-in")
    assert Browser(office.app).sign_in("fritz").status_code == 401
    assert Browser(office.app).sign_in("fritz", sent["password"]).status_code == 303
    assert office.audit()[-1].why == "password"


def test_a_password_that_is_not_taken_is_said_beside_its_account(office: Office):
    sent = {"login": "bert", "password": "short"}
    answer = office.browser("anna").sent("/accounts/password", sent, page="/accounts")
    assert answer.status_code == 422
    opened, _, rest = answer.text.partition("<details open>")
    assert rest.count("The password is too short.") == 1
    assert "too short" not in opened
    assert rest.index('value="bert"') < rest.index("The password is too short.")
    assert Browser(office.app).sign_in("bert", PASSWORD).status_code == 303


def test_a_closed_account_is_out_at_once_and_stays_in_the_list(office: Office):
    account(office.store, "gerd", Role.ADMINISTRATOR)
    gerd, anna = office.browser("gerd"), office.browser("anna")
    assert anna.sent("/accounts/close", {"login": "gerd"}, page="/accounts").status_code == 303
    assert gerd.get("/accounts").headers["location"].startswith("/sign-in")
    page = anna.get("/accounts").text
    assert 'scope="row">gerd<' in page
    assert "Close gerd for good" not in page
    assert anna.sent("/accounts/close", {"login": "gerd"}, page="/accounts").status_code == 404


def test_nobody_closes_the_account_that_they_are_signed_in_with(office: Office):
    anna = office.browser("anna")
    assert "Close anna for good" not in anna.get("/accounts").text
    for login in ("anna", " ANNA "):
        assert anna.sent("/accounts/close", {"login": login}, page="/accounts").status_code == 422
    assert anna.get("/accounts").status_code == 200


@pytest.mark.parametrize("path", ["/accounts/password", "/accounts/close"])
def test_an_account_of_another_organisation_is_as_if_not_there(office: Office, path: str):
    anna = office.browser("anna")
    there, nowhere = (
        anna.sent(path, {"login": login, "password": PASSWORD}, page="/accounts") for login in ("dora", "nobody")
    )
    assert there.status_code == nowhere.status_code == 404
    assert there.text.replace("dora", "nobody") == nowhere.text
    refused = [entry.why for entry in office.audit() if entry.outcome is Outcome.REFUSED]
    assert refused[-1] == "account of another organisation"
    assert Browser(office.app).sign_in("dora").status_code == 303, "neither closed nor changed"


def test_no_account_is_opened_in_another_organisation(office: Office):
    within = Accounts(office.store, cheap, "clinic")
    with pytest.raises(AccountRefused, match="This is another organisation"):
        within.add("hans", PASSWORD, "elsewhere", [Role.CLINICIAN], OPERATOR)
    assert office.store.accounts.of_login("hans") is None


def test_an_account_is_text_on_the_page(office: Office):
    sent = {"login": "<b>x</b>", "role": ["author"], "password": PASSWORD}
    assert "<b>x" not in office.browser("anna").sent("/accounts", sent, page="/accounts").text
