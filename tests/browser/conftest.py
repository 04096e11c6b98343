"""A browser for the tests of this folder, and pages opened in it under watch.

Whatever a page is, opening it through `open_page` holds it to three things when the test ends: it asked for nothing but
its own address, it broke no policy, and it reported no error.
"""

from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import pytest
from checks import DESK, Size
from chrome import FLAGS, MINUTES, chromium
from clinic_app import Clinic, clinic_in
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

OpenPage = Callable[..., Page]


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """One browser for this folder, closed after it: while it is open no other test could start an event loop."""
    program = chromium()
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=program, args=FLAGS)
        yield started
        started.close()


@pytest.fixture(scope="package")
def clinic(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clinic]:
    """The clinic's application, served once for this folder. Tests write into it: nobody counts what is there."""
    with clinic_in(tmp_path_factory.mktemp("clinic")) as served:
        yield served


@pytest.fixture
def complaints() -> list[str]:
    """What the pages of this test did that no page may do. A test that expects some takes them away."""
    return []


@pytest.fixture
def open_page(browser: Browser, complaints: list[str]) -> Iterator[OpenPage]:
    """Opens an address (file or http) in a context of its own: size of the window, then options of playwright."""
    contexts: list[BrowserContext] = []

    def opened(address: str, size: Size = DESK, **options: object) -> Page:
        context = browser.new_context(viewport=size, **options)
        contexts.append(context)
        context.set_default_navigation_timeout(MINUTES)
        page = context.new_page()
        watch(page, address, complaints)
        page.goto(address)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert complaints == []


def watch(page: Page, address: str, complaints: list[str]) -> None:
    """Notes requests to anywhere else, and what the browser reports as an error: a broken policy is one."""
    home = place(address)
    page.on("request", lambda asked: None if place(asked.url) == home else complaints.append(f"asked for {asked.url}"))
    page.on("console", lambda told: complaints.append(told.text) if told.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))


def place(address: str) -> str:
    """What a page may ask for: of a file itself alone, of a server everything on it."""
    parts = urlsplit(address)
    return f"file:{parts.path}" if parts.scheme == "file" else parts.netloc
