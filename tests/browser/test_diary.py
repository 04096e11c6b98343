"""The diary on a patient's telephone: few taps, and nothing is lost where there is no network."""

import os
import signal
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from checks import PHONE
from chrome import FLAGS, MINUTES, chromium
from listening import free_port, listening
from playwright.sync_api import Browser, BrowserContext, Error, Page, Route, expect

from ischio.clinic.clinic import Clinic
from ischio.clinic.knowledge import shipped
from ischio.clinic.released import Exercise, Released
from ischio.interfaces.http.app import guarded, service_of
from ischio.interfaces.http.me.gate import COOKIE
from ischio.interfaces.http.pages import routes
from ischio.interfaces.http.settings import Settings
from ischio.model.about import Side
from ischio.model.dates import PartialDate
from ischio.store.entries import Access, Known
from ischio.store.store import open_store

EXERCISES = ("pt_strengthening", "pt_gait", "pt_stretching")


class Practice:
    """A clinic with one synthetic patient, to whom a programme was released."""

    def __init__(self, clinic: Clinic, base: str) -> None:
        self.clinic, self.base = clinic, base
        # Devices have the time of this machine, and their days have to be days of the clinic.
        self.by = Access("a test", service_of(Settings()).clock())
        born = PartialDate.parse("1984-03-31")
        self.anna = clinic.people.register("Anna Sample", "", "clinic", self.by, born)
        programme = tuple(Exercise(one, "10 times, once a day") for one in EXERCISES)
        today = self.by.at.date()
        clinic.releases.release(
            self.anna, Released(Side.RIGHT, "", (), programme, (), None, "", False, "0.1.0", today), self.by
        )

    def let_in(self, context: BrowserContext, known: Known | None = None) -> None:
        """On a device; None: the patient."""
        token = self.clinic.links.begin(known or self.anna, self.by.at)
        context.add_cookies([{"name": COOKIE, "value": token, "url": self.base}])

    def kept(self) -> list[tuple[str, str]]:
        """The exercises that the clinic has, each with its day, however often."""
        events = self.clinic.store.events.of(self.anna.whom, self.by).events
        return sorted((one.concept, str(one.start)) for one in events if one.concept in EXERCISES)


class Device:
    """A telephone: a browser whose folder outlives it."""

    def __init__(self, browser: Browser, folder: Path) -> None:
        self._browser, self._folder = browser, folder
        self.context: BrowserContext
        self.page: Page

    def start(self, *, offline: bool = False) -> None:
        self.context = self._browser.browser_type.launch_persistent_context(
            self._folder, executable_path=chromium(), args=FLAGS, viewport=PHONE, offline=offline
        )
        self.context.set_default_timeout(MINUTES)
        self.page = self.context.pages[0]

    def kill(self) -> None:
        """As when the battery is empty: nothing is asked to end."""
        for process in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                told = (process / "cmdline").read_bytes().decode().split("\0")
                if f"--user-data-dir={self._folder}" in told and not any(one.startswith("--type=") for one in told):
                    os.kill(int(process.name), signal.SIGKILL)
        with suppress(Error):
            self.context.close()


@pytest.fixture
def practice(tmp_path: Path) -> Iterator[Practice]:
    bound = free_port()
    plain = Settings()
    limits = replace(plain.limits, seconds=120)
    settings = replace(plain, limits=limits, base=f"http://127.0.0.1:{bound.getsockname()[1]}")
    with closing(open_store(f"sqlite:///{tmp_path / 'practice.db'}")) as store:
        service = replace(service_of(settings), store=store)
        clinic = Clinic(store, shipped(service.pathway, service.bindings))
        with listening(bound, guarded(service, routes.routes(service))) as base:
            yield Practice(clinic, base)


@pytest.fixture
def device(browser: Browser, tmp_path: Path, practice: Practice) -> Iterator[Device]:
    """On which the patient is let in."""
    device = Device(browser, tmp_path / "device")
    device.start()
    practice.let_in(device.context)
    yield device
    device.kill()


def log(page: Page, exercise: str, day: int = 0) -> None:
    """day: how many back."""
    page.locator(f"input[value={exercise}]").check()
    page.locator("#day").select_option(index=day)
    page.get_by_role("button", name="Save").click()


def test_today_s_exercise_is_three_taps(device: Device, practice: Practice):
    page = device.page
    page.goto(f"{practice.base}/me")
    page.get_by_role("link", name="10 times, once a day").first.click()
    page.locator("input[value=pt_strengthening]").click()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Sent. Your clinic has it now.")).to_be_visible()
    assert practice.kept() == [("pt_strengthening", str(practice.by.at.date()))]


def test_twenty_entries_without_a_network_arrive_once_each_though_the_browser_is_killed(
    device: Device, practice: Practice
):
    page = device.page
    page.goto(f"{practice.base}/me/diary")
    page.get_by_role("button", name="Keep the diary on this device").click()
    expect(page.get_by_role("button", name="Take the diary off this device")).to_be_visible()
    device.context.set_offline(True)
    page.goto(f"{practice.base}/me/diary")
    wanted = [(exercise, back) for back in range(7) for exercise in EXERCISES][:20]
    for number, (exercise, back) in enumerate(wanted[:10], 1):
        log(page, exercise, back)
        expect(page.locator("[data-status]")).to_have_text(
            f"Not yet sent: {number}. Each stays on this device until there is a network."
        )
    device.kill()
    assert practice.kept() == []

    device.start(offline=True)
    page = device.page
    page.goto(f"{practice.base}/me/diary")
    for number, (exercise, back) in enumerate(wanted[10:], 11):
        log(page, exercise, back)
        expect(page.locator("[data-waiting] li")).to_have_count(number)
    device.kill()

    # A browser may write its cookies half a minute late: killed before, it is let in anew.
    device.start()
    practice.let_in(device.context)
    page = device.page
    page.goto(f"{practice.base}/me/diary")
    expect(page.get_by_text("Sent. Your clinic has it now.")).to_be_visible()
    today = practice.by.at.date()
    assert practice.kept() == sorted((exercise, str(today - timedelta(days=back))) for exercise, back in wanted)


def test_an_answer_that_was_lost_on_its_way_is_sent_again_and_counts_once(device: Device, practice: Practice):
    page = device.page
    page.goto(f"{practice.base}/me/diary")

    def lose(route: Route) -> None:
        route.fetch()
        route.abort()

    page.route("**/me/diary", lose, times=1)
    log(page, "pt_gait")
    expect(page.locator("[data-status]")).to_contain_text("Not yet sent: 1.")
    assert len(practice.kept()) == 1
    page.goto(f"{practice.base}/me/diary")
    expect(page.get_by_text("Sent. Your clinic has it now.")).to_be_visible()
    assert len(practice.kept()) == 1


def test_of_another_patient_on_the_same_device_nothing_is_shown_or_sent(device: Device, practice: Practice):
    page = device.page
    page.goto(f"{practice.base}/me/diary")
    device.context.set_offline(True)
    log(page, "pt_gait")
    expect(page.locator("[data-status]")).to_contain_text("Not yet sent: 1.")
    other = practice.clinic.people.register("Somebody Else", "", "clinic", practice.by)
    practice.let_in(device.context, other)
    device.context.set_offline(False)
    page.goto(f"{practice.base}/me/diary")
    page.wait_for_load_state("networkidle")
    expect(page.locator("[data-status]")).to_have_text("")
    assert practice.kept() == []
    assert practice.clinic.diary.days(practice.clinic.store.events.of(other.whom, practice.by)) == {}


def test_without_a_script_the_form_is_sent_as_any_other(browser: Browser, practice: Practice):
    context = browser.new_context(java_script_enabled=False, viewport=PHONE)
    practice.let_in(context)
    page = context.new_page()
    page.goto(f"{practice.base}/me/diary")
    log(page, "pt_stretching", 1)
    expect(page.get_by_text("Sent. Your clinic has it now.")).to_be_visible()
    assert practice.kept() == [("pt_stretching", str(practice.by.at.date() - timedelta(days=1)))]
    page.get_by_role("button", name="Take back").click()
    assert practice.kept() == []
    context.close()
