"""The tour of the demonstration: every stop leads to somebody who shows what it says, as the role that it names."""

import re
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from clinic_pages import BASE, MORNING, Browser, Clock
from starlette.applications import Starlette

from ischio.clinic import demo
from ischio.interfaces.http.app import build, service_of
from ischio.interfaces.http.settings import Bounds, Settings
from ischio.store.store import Store, open_store

# stop | as whom | what its page says, as a pattern
STOPS = (
    ("The list", "clinician", r"<h1>Patients"),
    ("A red flag", "clinician", r"(?i)red flag"),
    ("Cannot tell", "clinician", r"(?i)cannot"),
    ("An overdue review", "clinician", r"Overdue"),
    ("What if", "clinician", r"(?i)not saved"),
    ("At the injection", "clinician", r"Injection"),
    ("What the patient gets", "clinician", r"Make a link"),
    ("What was measured", "clinician", r"<h1>Imaging"),
    ("Planning surgery", "clinician", r"(?i)surg"),
    ("How scores went on", "clinician", r"(?i)better"),
    ("Long-term care", "clinician", r"Long-term care"),
    ("The author's view", "author", r"aria-current=\"page\""),
    ("The cohort", "researcher", r"(?i)cohort"),
    ("The accounts", "administrator", r"Who may sign in"),
)


@pytest.fixture(scope="module")
def furnished(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with closing(demo.fresh_store(tmp_path_factory.mktemp("demo") / "demo.db")) as store:
        demo.furnish(store, MORNING)
        yield store


@pytest.fixture(scope="module")
def app(furnished: Store) -> Starlette:
    return build(
        replace(service_of(Settings(base=BASE, demo=True, limits=Bounds(seconds=120)), furnished), clock=Clock())
    )


def ways(page: str) -> dict[str, tuple[str, str]]:
    """Of each stop: its address, and as whom to sign in; empty where one may look at once."""
    found = {}
    for item in re.findall(r'<li class="card">(.*?)</li>', page, re.S):
        title = re.findall(r"<h2>\d+\. (.*)</h2>", item)[0].replace("&#39;", "'")
        (address,) = re.findall(r'href="(.*?)"|name="next" value="(.*?)"', item)
        role = re.findall(r'name="as" value="(\w+)"', item)
        found[title] = ("".join(address), role[0] if role else "")
    return found


def test_everybody_sees_the_stops_and_as_whom_to_sign_in(app: Starlette):
    found = ways(Browser(app).get("/tour").text)
    assert [(title, role) for title, (_, role) in found.items()] == [(title, role) for title, role, _ in STOPS]


@pytest.mark.parametrize(("title", "role", "says"), STOPS, ids=[stop[0] for stop in STOPS])
def test_a_stop_leads_to_what_it_says(app: Starlette, title: str, role: str, says: str):
    browser = Browser(app)
    address, as_whom = ways(browser.get("/tour").text)[title]
    sent = browser.sent("/sign-in", {"as": as_whom, "next": address})
    assert (sent.status_code, sent.headers["location"]) == (303, address)
    page = browser.get(address)
    assert page.status_code == 200
    assert re.search(says, page.text[page.text.index("<main") :]), f"{title}: {address}"
    assert ways(browser.get("/tour").text)[title] == (address, ""), f"a {role} may look at once"


def test_the_stops_at_people_are_at_many_of_them(app: Starlette):
    addresses = [address for address, _ in ways(Browser(app).get("/tour").text).values() if address.startswith("/p/")]
    assert len({address.split("/")[2].partition("?")[0] for address in addresses}) >= 8


def test_it_is_linked_where_one_begins_and_told_to_begin_anew(app: Starlette):
    assert 'href="/tour"' in Browser(app).get("/sign-in").text
    assert "begins anew each time it is started" in Browser(app).get("/tour").text


def test_there_is_none_but_in_the_demonstration(tmp_path: Path):
    with closing(open_store(f"sqlite:///{tmp_path}/store.db")) as store:
        browser = Browser(build(service_of(Settings(base=BASE), store)))
        assert browser.get("/tour").status_code == 404
        assert "/tour" not in browser.get("/sign-in").text
