"""What the clinic's application owes those who use it, as far as no browser is needed to see it.

docs/reference/acceptance.md names the criteria.
"""

import re
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest
from clinic_pages import MORNING, OPERATOR, Browser, Clock, account

from ischio.clinic.clinic import Clinic
from ischio.clinic.knowledge import read_knowledge
from ischio.engine.explain import explanations
from ischio.interfaces.http.app import build, service_of
from ischio.interfaces.http.pages.about import set_here
from ischio.interfaces.http.settings import Settings
from ischio.interfaces.page.view import MEANING_OF_LABEL
from ischio.model.pathway import Pathway
from ischio.store.accounts import Role
from ischio.store.entries import Access, Known
from ischio.store.schema import KEPT
from ischio.store.store import Store, open_store

CERTAINTIES = {"high", "moderate", "low", "very low", "none"}


@dataclass(frozen=True)
class Desk:
    """The whole application over a store of its own, somebody synthetic in it, and a clinician who may also author."""

    file: Path
    store: Store
    pathway: Pathway
    clock: Clock
    browser: Browser
    known: Known

    def kept(self) -> dict[str, int]:
        """How many rows there are of all that is kept of people."""
        with sqlite3.connect(self.file) as database:
            return {table.name: database.execute(f"SELECT count(*) FROM {table.name}").fetchone()[0] for table in KEPT}

    def page(self, place: str) -> str:
        answer = self.browser.get(place)
        assert answer.status_code == 200, place
        return answer.text


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    file = tmp_path_factory.mktemp("desk") / "store.db"
    store, clock, service = open_store(f"sqlite:///{file}"), Clock(), service_of(Settings())
    account(store, "anna", *Role)
    known = Clinic(store, read_knowledge()).people.register("Anna Sample", "S-17", "clinic", Access("test", MORNING))
    browser = Browser(build(replace(service, store=store, clock=clock)))
    assert browser.sign_in("anna").status_code == 303
    yield Desk(file, store, service.pathway, clock, browser, known)
    store.close()


@pytest.fixture
def own(desk: Desk) -> str:
    """The address of the person's page."""
    return f"/p/{desk.known.id}"


# ---- C5, C6 ---------------------------------------------------------------------------------------------------------


def test_what_is_supposed_is_nowhere_in_the_store(desk: Desk, own: str):
    desk.page(f"{own}/what-if")
    before = desk.kept()
    supposed = {"side": "left", "pain_now": "7", "clinician_diagnosis": "confirmed"}
    answer = desk.browser.sent(f"{own}/what-if", supposed, page=f"{own}/what-if")
    assert answer.status_code == 200
    assert 'class="differs"' in answer.text
    assert desk.kept() == before


def test_a_decline_is_kept_with_its_rule_audited_and_in_the_author_s_queue(desk: Desk, own: str):
    form = {"action": "physiotherapy", "side": "", "reason": "recipient-concerns-outcomes", "text": "too soon"}
    assert desk.browser.sent(f"{own}/decline", form, page=own).status_code == 303
    (audited,) = [entry for entry in desk.store.audit.entries() if entry.what == "decline" and entry.proof]
    assert (audited.whom, audited.why) == (desk.known.whom, ""), "the reason stands in what it vouches for"
    queue = desk.page("/author/declines")
    assert re.search(r'href="/author/\w+/physiotherapy"', queue)
    assert "too soon" in queue
    assert desk.known.name not in queue.partition("<main")[2]


def test_a_decline_asks_for_no_more_than_a_reason(desk: Desk, own: str):
    """T8: no text is asked for, and each reason is one button."""
    form = {"action": "physiotherapy", "side": "", "reason": "cds-suboptimal-context", "text": ""}
    assert desk.browser.sent(f"{own}/decline", form, page=own).status_code == 303


# ---- T1 to T5, T11, T12: what must be said before anybody trusts it -------------------------------------------------

ENTRIES = ("/sign-in", "/patients", "/patients/new", "/p/{}", "/author/impact", "/cohort", "/about")


@pytest.mark.parametrize("place", ENTRIES)
def test_every_entry_says_what_it_is_by_whom_and_that_it_is_no_device(desk: Desk, place: str):
    """T1: in the foot of the page, with the way to the page that says all of it."""
    foot = desk.page(place.format(desk.known.id)).rpartition("<footer>")[2]
    assert f"{desk.pathway.title} {desk.pathway.version}" in foot
    assert "draft of" in foot
    assert "not reviewed yet" in foot
    assert '<a href="/about">Not a medical device</a>' in foot


def test_one_page_says_for_whom_by_whom_for_what_and_for_what_not(desk: Desk):
    about = desk.page("/about")
    for words in ("For whom", "By whom", "What it is for", "What it is not", "Unknown", *desk.pathway.statements):
        assert words in about


def test_strength_and_certainty_are_fixed_words_that_one_click_explains(desk: Desk):
    """T3: every rule has one of the labels and one of the certainties that the page of explanations explains."""
    about = desk.page("/about")
    rules = explanations(desk.pathway)
    assert {rule.about.label.value for rule in rules} <= set(MEANING_OF_LABEL)
    assert {rule.certainty.replace("-", " ") for rule in rules} <= CERTAINTIES
    for word in (*MEANING_OF_LABEL, "high, moderate, low, very low", "none"):
        assert f"<dt>{word}</dt>" in about


def test_an_overdue_review_is_said_on_every_page(desk: Desk, own: str):
    """T4, with a clock that stands on the day of the next review and on the day after."""
    due = desk.pathway.next_review
    assert due is not None
    for days, overdue in ((0, False), (1, True)):
        desk.clock.now = MORNING.replace(year=due.year, month=due.month, day=due.day) + timedelta(days=days)
        desk.browser.sign_in("anna")
        for place in ("/patients", own, f"{own}/surgery", "/author/impact", "/about"):
            page = desk.page(place)
            assert ("content review overdue since" in page) is overdue, place
            assert bool(re.search(r'class="person[^"]* overdue"', page)) is overdue, place
    assert "Next review by" in desk.page("/about")
    desk.clock.now = MORNING
    desk.browser.sign_in("anna")


def test_who_answers_for_it_is_said_also_where_nobody_has_said_so_yet(desk: Desk):
    """T5: authors, reviewers, funding and conflicts; what is not stated is said to be not stated."""
    about = desk.page("/about")
    for title in ("Authors", "Reviewers", "Funding", "Conflicts of interest"):
        assert f"<dt>{title}</dt>" in about
    assert ("none stated yet" in about) is ("none yet" in (desk.pathway.funding, desk.pathway.conflicts))


def test_values_of_a_site_are_served_and_told_as_the_site_s(desk: Desk, tmp_path: Path):
    """T11: on every page, and by name on the page about the service."""
    assert set_here(desk.pathway) == ()
    assert "with values of" not in desk.page(f"/p/{desk.known.id}")
    overlay = tmp_path / "north.yaml"
    overlay.write_text("id: north-clinic\nparameters:\n  ifs_cutoff: {value: 17 mm, note: As our centre measures.}\n")
    service = service_of(replace(Settings(), overlay=overlay))
    site = Browser(build(replace(service, store=desk.store, clock=desk.clock)))
    site.cookies = desk.browser.cookies
    assert "with values of north-clinic" in site.get(f"/p/{desk.known.id}").text
    about = site.get("/about").text
    assert "Set by north-clinic, not by the pathway:" in about
    assert set_here(service.pathway)[0] in about
    (shown, *_) = desk.store.answers.of(desk.known.whom, OPERATOR)
    again = Clinic(desk.store, read_knowledge()).past.again(desk.known, shown.id, OPERATOR)
    assert again is not None
    assert again.same, "what the site showed is made again with the site's values"
    assert again.knowledge.pathway.overlay == "north-clinic"


def test_known_problems_of_the_version_are_public(desk: Desk):
    """T12: nobody has to sign in, and every gap and every property that is not proved is in the list."""
    page = Browser(desk.browser.app).get("/about").text.partition('id="safety"')[2]
    assert "Known problems of this version" in page
    gaps = [line for line in desk.pathway.seed.values() if line.gap]
    assert page.count("<dt>") == len(gaps) > 0
