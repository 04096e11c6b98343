"""A records system opens the application for a patient in a real browser: no click, and no key, to where they are."""

import json
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from checks import PHONE, axe_faults, below_the_fold, sideways
from clinic_pages import OPERATOR, PASSWORD, account
from conftest import FLAGS, OpenPage, chromium
from launching_system import CLIENT, LaunchingSystem, knowledge_of, launching
from playwright.sync_api import Browser, expect
from records_system import Reply, Served
from serving import Serving, served

from ischio.loading.pathway import packaged
from ischio.store.accounts import Role
from ischio.store.identities import Identity
from ischio.store.store import open_store


@dataclass
class Launched:
    """The records system and the application, each of a process or thread of its own."""

    system: LaunchingSystem
    serving: Serving
    database: str
    records: Served

    @property
    def address(self) -> str:
        return f"{self.serving.base}/smart/launch?iss={self.system.url}/fhir&launch=xyz"


@pytest.fixture(scope="module")
def launched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Launched]:
    folder = tmp_path_factory.mktemp("launched")
    database = f"sqlite:///{folder / 'clinic.db'}"
    with closing(open_store(database)) as store:
        account(store, "anna", Role.CLINICIAN)
    system = LaunchingSystem(
        knowledge_of(packaged(), "sides-differ", "persistent-after-surgery").records(), datetime.now(UTC)
    )
    with launching(system) as records:
        settings = folder / "serve.toml"
        settings.write_text(
            f'[server]\nframes = ["{records.url}"]\n[store]\nurl = "{database}"\n'
            f'[records]\ninside = ["{records.url}"]\n'
            f'[[launches]]\niss = "{records.url}/fhir"\nclient_id = "{CLIENT}"\norganisation = "clinic"\n'
            '[[sign_in]]\nissuer = "https://id.example.org"\nclient_id = "c"\norganisation = "clinic"\n'
            'claim = "groups"\n'
            'roles = { "hip-doctors" = "clinician" }\nname = "Sample Hospital"\n',
            encoding="utf-8",
        )
        # Another site than the records system's, to a browser: http://localhost beside http://127.0.0.1.
        with served(folder, "--settings", str(settings), "--host", "localhost") as serving:
            system.redirect = f"{serving.base}/smart/callback"
            yield Launched(system, serving, database, records)


def link(launched: Launched) -> None:
    """As an administrator does it."""
    with closing(open_store(launched.database)) as store:
        anna = store.accounts.of_login("anna")
        assert anna is not None
        store.identities.link(Identity(f"{launched.system.url}/fhir", "Practitioner/d1"), anna.id, OPERATOR)


@pytest.fixture(autouse=True)
def watched(open_page: OpenPage, complaints: list[str], launched: Launched) -> Iterator[None]:  # noqa: ARG001  # before it
    """That a browser is sent to the records system and back is no request to somebody else."""
    yield
    away = f"asked for {launched.system.url}/authorize?"
    complaints[:] = [one for one in complaints if not one.startswith(away)]


def test_the_first_time_it_is_asked_once_who_it_is(open_page: OpenPage, launched: Launched):
    system = launched.system
    page = open_page(launched.address, PHONE)
    expect(page.get_by_role("heading", name="Who are you here?")).to_be_visible()
    assert axe_faults(page) == []
    assert sideways(page) == []
    page.fill("#login", "anna")
    page.fill("#password", PASSWORD)
    page.get_by_role("button", name="Sign in and link").click()
    expect(page.locator(".account")).to_contain_text("anna")
    with closing(open_store(launched.database)) as store:
        ((identity, _),) = store.identities.all()
    assert identity == Identity(f"{system.url}/fhir", "Practitioner/d1")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_sign_in_names_the_provider_of_the_institution(open_page: OpenPage, launched: Launched, scheme: str):
    page = open_page(f"{launched.serving.base}/sign-in", PHONE, color_scheme=scheme)
    expect(page.get_by_role("link", name="Sign in at Sample Hospital")).to_be_visible()
    assert axe_faults(page) == []
    assert sideways(page) == []


def test_no_click_and_no_key_from_the_launch_to_where_the_patient_is(open_page: OpenPage, launched: Launched):
    """The page is opened and nothing is done on it: the browser alone goes there and back."""
    link(launched)
    page = open_page(launched.address)
    assert page.url.startswith(f"{launched.serving.base}/p/")
    expect(page.locator(".account")).to_contain_text("anna")
    expect(page.get_by_role("region", name="Patient")).to_be_visible()
    assert below_the_fold(page, [page.locator("h1, h2").first, page.locator(".step, .next").first]) == []
    expect(page.get_by_role("heading", name="From the records system")).to_be_visible()
    assert axe_faults(page) == []
    assert sideways(page) == []


def test_in_a_frame_of_the_record_one_click_opens_a_tab_of_its_own(browser: Browser, launched: Launched):
    """Where browsers send no cookie of the application. The tab has no cookie of the frame either."""
    frame = f'<iframe src="{launched.address}" title="Pathway" width="1100" height="600"></iframe>'
    page_of_record = Reply(200, f"<!doctype html><title>Record</title>{frame}".encode(), {"content-type": "text/html"})
    launched.records.answer = lambda asked: page_of_record if asked.path == "/chart" else launched.system.answer(asked)
    link(launched)
    strict = browser.browser_type.launch(
        executable_path=chromium(), args=(*FLAGS, "--test-third-party-cookie-phaseout")
    )
    page = strict.new_context().new_page()
    page.goto(f"{launched.records.url}/chart")
    held = page.frame_locator("iframe")
    expect(held.locator("header")).to_contain_text("Patient p1")
    with page.context.expect_page() as opened:
        held.get_by_role("link", name="Open in the application, in a new tab").click()
    tab = opened.value
    expect(tab.locator(".account")).to_contain_text("anna")
    expect(tab.get_by_role("region", name="Patient")).to_be_visible()
    strict.close()


def test_neither_a_name_nor_a_token_is_in_the_log(open_page: OpenPage, launched: Launched):
    open_page(launched.address)
    lines = [json.loads(line) for line in launched.serving.logged().splitlines()]
    assert any(line.get("route") == "/arrived/{name}" for line in lines)
    for secret in (*launched.system.tokens, *launched.system.codes):
        assert secret not in launched.serving.logged()
