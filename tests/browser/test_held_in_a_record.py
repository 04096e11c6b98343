"""The application inside a frame of a record's page: two sites, as in a real record, so that its cookie is foreign.

The record's page is at http://127.0.0.1, the application at http://localhost. To a browser these are two sites, both
taken for safe. The browser here takes no cookies of third parties, as browsers do more and more, but those that say
`Partitioned`.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest
from conftest import FLAGS, chromium
from playwright.sync_api import Browser, BrowserContext, FrameLocator, expect
from records_system import Reply, Served
from records_system import serving as records_system
from serving import Serving, served

COOKIE = "__Host-ischio"
STRICT = (*FLAGS, "--test-third-party-cookie-phaseout")


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    strict = browser.browser_type.launch(executable_path=chromium(), args=STRICT)
    yield strict.new_context()
    strict.close()


@pytest.fixture(scope="module")
def record() -> Iterator[Served]:
    """A page of a record; what it holds in its frame is said by `holding`."""
    with records_system(lambda _: Reply(404, {})) as server:
        yield server


@pytest.fixture(scope="module")
def listed(record: Served, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    with application(tmp_path_factory, ISCHIO_SERVER_FRAMES=record.url) as serving:
        yield serving


@pytest.fixture(scope="module")
def by_default(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    with application(tmp_path_factory) as serving:
        yield serving


@contextmanager
def application(folders: pytest.TempPathFactory, **variables: str) -> Iterator[Serving]:
    with served(folders.mktemp("held"), "--demo", "--host", "localhost", **variables) as serving:
        assert serving.base.startswith("http://localhost:")
        yield serving


def person(serving: Serving) -> str:
    found = re.search(r'href="/ehr/people/([^"]+)"', httpx.get(f"{serving.base}/ehr").text)
    assert found is not None
    return found[1]


def holding(record: Served, address: str) -> str:
    """The address of the record's page, with the application launched in its frame."""
    frame = f'<iframe src="{address}" title="Pathway" width="1100" height="600"></iframe>'
    page = f'<!doctype html><html lang="en"><title>Record</title><h1>Record</h1>{frame}</html>'
    record.answer = lambda _: Reply(200, page.encode(), {"content-type": "text/html"})
    return f"{record.url}/chart"


def launch(serving: Serving, who: str) -> str:
    return f"{serving.base}/ehr/people/{who}/launch?scope=all"


def test_a_listed_record_holds_the_application_and_its_cookie_comes_back(
    context: BrowserContext, record: Served, listed: Serving
):
    who = person(listed)
    page = context.new_page()
    page.goto(holding(record, launch(listed, who)))
    frame: FrameLocator = page.frame_locator("iframe")
    # The cookie was set when the browser was sent off, and was shown when it came back with the code and for the page.
    expect(frame.locator("header")).to_contain_text(f"Patient {who}")
    (held,) = (one for one in page.frames if one != page.main_frame)
    assert "/smart/at/" in held.url
    (cookie,) = (one for one in context.cookies() if one["name"] == COOKIE)
    assert (cookie["secure"], cookie["httpOnly"], cookie["sameSite"]) == (True, True, "None")
    held.goto(held.url)
    expect(frame.locator("header")).to_contain_text(f"Patient {who}")
    # It belongs to the frame in this record: the same browser without the record has another one, or none.
    alone = context.new_page()
    assert alone.goto(held.url).status == 403
    frame.get_by_role("button", name="Close this patient").click()
    expect(frame.get_by_role("heading", name="Closed")).to_be_visible()


@pytest.mark.parametrize("what", ["launch", "small record"])
def test_by_default_no_page_holds_it(context: BrowserContext, record: Served, by_default: Serving, what: str):
    who = person(by_default)
    told: list[str] = []
    page = context.new_page()
    page.on("console", lambda said: told.append(said.text))
    page.goto(holding(record, launch(by_default, who) if what == "launch" else f"{by_default.base}/ehr"))
    (held,) = (one for one in page.frames if one != page.main_frame)
    page.wait_for_timeout(500)
    assert "Patient" not in held.content()
    assert "Small record" not in held.content()
    assert any("frame-ancestors 'none'" in line for line in told), told


def test_another_page_than_the_listed_one_does_not_hold_it(context: BrowserContext, record: Served, listed: Serving):
    """The record's own machine by another name is another origin."""
    told: list[str] = []
    page = context.new_page()
    page.on("console", lambda said: told.append(said.text))
    page.goto(holding(record, f"{listed.base}/ehr").replace("127.0.0.1", "localhost"))
    (held,) = (one for one in page.frames if one != page.main_frame)
    page.wait_for_timeout(500)
    assert "Small record" not in held.content()
    assert any("frame-ancestors" in line for line in told), told
