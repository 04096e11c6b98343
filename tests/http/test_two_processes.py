"""Two processes answer in turn: launches, sign-ins and their ends are known to both, and each counts once."""

import os
import re
import shutil
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from http.cookiejar import CookieJar, DefaultCookiePolicy
from itertools import cycle
from pathlib import Path

import httpx
import pytest
from clinic_pages import FROM_HERE, PASSWORD, Browser, account, cheap
from launching_system import CANARY, LaunchingSystem, knowledge_of, launching
from launching_system import CLIENT as LAUNCHED
from listening import free_port
from page_forms import sheets
from provider import CLIENT, FORM, SECRET, Institution, institution_beside, signed_in_as
from serving import Serving, served
from sqlalchemy import select
from starlette.applications import Starlette
from starlette.types import Receive, Scope, Send

from ischio.interfaces.http.app import guarded
from ischio.interfaces.http.pages import routes
from ischio.interfaces.http.pages.providers import BACK, ENDED
from ischio.interfaces.http.service import Service
from ischio.interfaces.http.settings import LaunchServer, SignInProvider
from ischio.loading.pathway import packaged
from ischio.store.accounts import Organisation, Role
from ischio.store.entries import Access
from ischio.store.schema import SEALED
from ischio.store.store import Store, open_store

BASE = "https://ifi.example.org"
IFI = knowledge_of(packaged(), "sides-differ", "persistent-after-surgery")


@dataclass
class InTurn:
    """What a browser takes for one service: each request is answered by the process that did not answer the last."""

    processes: tuple[Starlette, Starlette]
    turns: Iterator[Starlette] = field(init=False)

    def __post_init__(self) -> None:
        self.turns = cycle(self.processes)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await next(self.turns)(scope, receive, send)


@dataclass
class Two:
    """Two processes on one store, which have nothing else in common. system: launches them."""

    store: Store
    processes: tuple[Starlette, Starlette]
    system: LaunchingSystem
    service: Service

    def browser(self) -> Browser:
        return Browser(InTurn(self.processes), BASE)  # type: ignore[arg-type]  # any application does

    def at_each(self, browser: Browser) -> tuple[Browser, Browser]:
        """The same browser, at one process and at the other."""
        first, second = (Browser(process, BASE) for process in self.processes)
        for one in (first, second):
            one.cookies = browser.cookies
        return first, second

    def sealed(self) -> str:
        """All that is remembered for browsers, as it lies in the store."""
        with self.store.database.reading() as connection:
            return "\n".join(map(str, connection.execute(select(SEALED))))


@pytest.fixture(scope="module")
def institution() -> Iterator[Institution]:
    with institution_beside(BASE, BACK) as started:
        yield started


@pytest.fixture
def two(url: str, service: Service, institution: Institution, monkeypatch: pytest.MonkeyPatch) -> Iterator[Two]:
    """On SQLite and on PostgreSQL. The clock is the real one: so is the provider's."""
    monkeypatch.setattr(routes, "Passwords", cheap)
    issuer = institution.provider.issuer
    told = SignInProvider(issuer, CLIENT, "clinic", "groups", (("hip-doctors", "clinician"),), secret=SECRET)
    system = LaunchingSystem(IFI.records(), datetime.now(UTC))
    with launching(system) as records, ExitStack() as closed:
        settings = replace(
            service.settings,
            base=BASE,
            inside=(issuer, records.url),
            sign_in=(replace(told, create=True),),
            launches=(LaunchServer(f"{records.url}/fhir", LAUNCHED, organisation="clinic"),),
        )

        def process() -> Service:
            store = closed.enter_context(closing(open_store(url)))
            return replace(service, store=store, settings=settings, clock=lambda: datetime.now(UTC))

        one, other = process(), process()
        assert one.store is not None
        one.store.accounts.keep_organisation(Organisation("clinic", "Clinic"), Access("test", datetime.now(UTC)))
        yield Two(one.store, (started(one), started(other)), system, one)


def started(service: Service) -> Starlette:
    return guarded(service, routes.routes(service))


# ---- at a provider --------------------------------------------------------------------------------------------------


def test_begun_in_one_process_and_ended_in_the_other(two: Two, institution: Institution):
    institution.provider.puts("ada", "hip-doctors")
    browser = two.browser()
    page = institution.back(browser, httpx.Client(), "ada")
    assert (page.status_code, page.url.path) == (200, "/patients")
    assert [signed_in_as(one) for one in two.at_each(browser)] == ["ada", "ada"]


def test_a_sign_in_that_comes_back_to_both_at_once_counts_in_one(two: Two, institution: Institution):
    institution.provider.puts("bea", "hip-doctors")
    browser = two.browser()
    address = institution.back_at(browser, httpx.Client(), "bea")
    both = two.at_each(browser)
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda number: both[number % 2].get(address), range(8)))
    assert sorted(answer.status_code for answer in answers) == [303] + [403] * 7
    (let_in,) = {answer.headers["location"] for answer in answers if answer.status_code == 303}
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda number: both[number % 2].get(let_in), range(8)))
    assert sorted(answer.status_code for answer in answers) == [303] + [403] * 7
    (only,) = [entry for entry in two.store.audit.entries() if entry.why == "begun from elsewhere"]
    assert only.what == "session"


def test_another_browser_gets_nothing_out_of_either_process(two: Two, institution: Institution):
    institution.provider.puts("cyd", "hip-doctors")
    address = institution.back_at(two.browser(), httpx.Client(), "cyd")
    strangers = two.at_each(two.browser())
    assert [one.get(address).status_code for one in strangers] == [403, 403]
    assert two.sealed() == "", "it is used up by whoever tries it"


def test_a_process_with_other_settings_shows_nobody_the_code(two: Two, institution: Institution):
    """As after a restart: what is remembered outlives it, and our secret is for the provider that it was given to."""
    institution.provider.puts("cat", "hip-doctors")
    browser = two.browser()
    address = institution.back_at(browser, httpx.Client(), "cat")
    settings = two.service.settings
    (told,) = settings.sign_in
    another = replace(settings, sign_in=(replace(told, issuer="https://another.example.org"),))
    restarted = Browser(started(replace(two.service, settings=another)), BASE)
    restarted.cookies = browser.cookies
    assert restarted.get(address).status_code == 403


def test_signed_out_at_the_provider_is_signed_out_in_both(two: Two, institution: Institution):
    """The provider tells one process of it, whichever; the session was begun in the other."""
    institution.provider.puts("dot", "hip-doctors")
    browser, there = two.browser(), httpx.Client()
    institution.back(browser, there, "dot")
    first, second = two.at_each(browser)
    assert [signed_in_as(one) for one in (first, second)] == ["dot", "dot"]
    said = institution.signs_out(there)
    assert first.post(ENDED, content=said, headers=FORM).status_code == 200
    assert [signed_in_as(one) for one in (second, first)] == ["", ""]
    assert second.post(ENDED, content=said, headers=FORM).status_code == 400, "a token counts once in all processes"


# ---- by a records system --------------------------------------------------------------------------------------------


def launched(two: Two, browser: Browser, **headers: str) -> httpx.Response:
    """A whole launch: the page that is shown at its end."""
    sent = browser.get("/smart/launch", params={"iss": f"{two.system.url}/fhir", "launch": "xyz"})
    params = two.system.authorised(sent.headers["location"], "p1")
    answer = browser.get("/smart/callback", params=params, headers=headers)
    while answer.next_request is not None:
        answer = browser.get(str(answer.next_request.url), headers=headers)
    return answer


def test_a_launch_signs_in_whichever_process_is_asked(two: Two):
    account(two.store, "eva", Role.CLINICIAN)
    browser = two.browser()
    page = launched(two, browser)
    (form,) = [sheet for sheet in sheets(page) if sheet.action.startswith("/arrived/")]
    let_in = browser.fill_in(form, login="eva", password=PASSWORD)
    assert browser.get(let_in.headers["location"]).url.path.startswith("/p/")
    assert launched(two, two.browser()).url.path.startswith("/p/"), "known from now on"


def test_the_page_of_a_launch_is_opened_renewed_and_closed_in_both(two: Two):
    browser = two.browser()
    two.system.lasts = 1  # every look takes a new token
    page = launched(two, browser, **{"sec-fetch-dest": "iframe"})
    first, second = two.at_each(browser)
    address = page.url.path
    assert [one.get(address).status_code for one in (second, first, second)] == [200, 200, 200]
    renewals = [asked.form for asked in two.system.asked if asked.path == "/token"][1:]
    assert {form["grant_type"] for form in renewals} == {"refresh_token"}
    assert len(renewals) == 4
    assert CANARY not in two.sealed(), "no token can be read in the store"
    assert two.sealed()
    (leave,) = re.findall(r'action="([^"]+/leave)"', page.text)
    assert "Closed" in first.post(f"/smart/at/{leave}", headers=dict(FROM_HERE)).text
    assert second.get(address).status_code == 403


# ---- and with processes that are killed -----------------------------------------------------------------------------


def plain_browser(base: str) -> httpx.Client:
    """Without encryption between it and a service of this machine, as real browsers allow there. Each request is a
    connection of its own, which any process may take.
    """
    cookies = httpx.Cookies(CookieJar(DefaultCookiePolicy(secure_protocols=("http", "https"))))
    return httpx.Client(
        base_url=base,
        cookies=cookies.jar,
        limits=httpx.Limits(max_keepalive_connections=0),
        timeout=60,
        event_hooks={"request": [cookies.set_cookie_header]},
    )


def test_workers_that_are_killed_while_somebody_is_at_the_provider(tmp_path: Path, made: Path):
    with closing(free_port()) as free:
        port = free.getsockname()[1]
    base = f"http://127.0.0.1:{port}"
    with institution_beside(base, BACK) as institution:
        furnished(tmp_path, made, base, institution.provider.issuer)
        institution.provider.puts("fay", "hip-doctors")
        with served(tmp_path, "--settings", "serve.toml", port=port) as serving, plain_browser(base) as browser:
            there = httpx.Client()
            address = institution.back_at(browser, there, "fay")
            kill_workers(serving)
            came = browser.get(address)
            assert came.status_code == 303, came.text
            let_in = came.headers["location"]
            assert browser.get(let_in).headers["location"] == "/patients"
            assert [browser.get(again).status_code for again in (address, let_in) * 3] == [403] * 6
            assert [signed_in_as(browser) for _ in range(6)] == ["fay"] * 6
            said = institution.signs_out(there)
            assert browser.post(ENDED, content=said, headers=FORM).status_code == 200
            assert [signed_in_as(browser) for _ in range(6)] == [""] * 6
            serving.stop()
        assert "fay" not in serving.logged()


def furnished(folder: Path, made: Path, base: str, issuer: str) -> None:
    shutil.copy(made, folder / "clinic.db")
    with closing(open_store(f"sqlite:///{folder / 'clinic.db'}")) as store:
        store.accounts.keep_organisation(Organisation("clinic", "Clinic"), Access("test", datetime.now(UTC)))
    (folder / "serve.toml").write_text(
        f'[server]\nbase = "{base}"\nworkers = 2\n[store]\nurl = "sqlite:///clinic.db"\n'
        f'[records]\ninside = ["{issuer}"]\n[limits]\nseconds = 60\n'
        f'[[sign_in]]\nissuer = "{issuer}"\nclient_id = "{CLIENT}"\nsecret = "{SECRET}"\norganisation = "clinic"\n'
        'claim = "groups"\nroles = { "hip-doctors" = "clinician" }\ncreate = true\n',
        encoding="utf-8",
    )


def workers(serving: Serving) -> set[int]:
    """The processes that answer."""
    pid = serving.process.pid
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return {int(one) for one in children if b"spawn_main" in Path(f"/proc/{one}/cmdline").read_bytes()}


def kill_workers(serving: Serving) -> None:
    """Every one, as the machine does when memory runs out; those that take their place know nothing of before."""
    before = workers(serving)
    assert len(before) == 2
    for pid in before:
        os.kill(pid, signal.SIGKILL)
    until = time.monotonic() + 180
    while workers(serving) & before or len(workers(serving)) < 2:
        assert time.monotonic() < until, "no others were started"
        time.sleep(0.2)
