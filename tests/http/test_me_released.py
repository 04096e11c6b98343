"""Criterion P8: on the patient's side nothing of the pathway stands that a clinician has not released.

Held for the people of the demonstration, who are in every stage; and the page on which a clinician releases.
"""

import re
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from html import unescape

import pytest
from clinic_pages import BASE, MORNING, Browser, Clock
from starlette.applications import Starlette

from ischio.clinic import demo
from ischio.clinic.clinic import Clinic
from ischio.clinic.knowledge import read_knowledge
from ischio.clinic.release import LONGEST_MESSAGE
from ischio.clinic.released import Exercise, Released, can_be_told, is_exercise
from ischio.interfaces.http import on_paper
from ischio.interfaces.http.app import build, service_of
from ischio.interfaces.http.me.routes import SCREENS
from ischio.interfaces.http.settings import Bounds, Settings
from ischio.interfaces.telling import alerts, on_pathway
from ischio.model.about import Side
from ischio.model.assessment import ActionShown, Hip
from ischio.model.patient import ENGLISH
from ischio.store.entries import Access, Known
from ischio.store.store import Store

BY = Access("test", MORNING)
DOSE, MESSAGE = "Ten times, says the clinician", "Words of the clinician"
FOR_PROGRAMS = ("/me/diary/state", "/me/calendar.ics")
PAGES = tuple(
    path.replace("{number:int}", "1")
    for path, method, _ in SCREENS
    if method == "GET" and "{f" not in path and path not in FOR_PROGRAMS
)
"""Every page of a patient but the single questions of a form, which are asked only where the form was released."""


@dataclass(frozen=True)
class House:
    """The demonstration, with its people."""

    store: Store
    clinic: Clinic
    app: Starlette
    people: tuple[Known, ...]

    def pages(self, known: Known) -> dict[str, str]:
        """What somebody sees, by address, as text."""
        browser = Browser(self.app)
        browser.cookies["ischio-patient"] = self.clinic.links.begin(known, MORNING)
        return {path: text_of(browser.get(path).text) for path in PAGES}

    def actions(self, known: Known, side: str) -> tuple[ActionShown, ...]:
        assessment = self.clinic.charts.of(known, MORNING.date(), BY).assessment
        (hip,) = (one for one in assessment.hips if one.side == side)
        return (*hip.actions, *assessment.person.actions)

    def hips(self, known: Known) -> tuple[Hip, ...]:
        return on_pathway(self.clinic.charts.of(known, MORNING.date(), BY).assessment)

    def flagged(self, known: Known) -> bool:
        return any(alerts(self.clinic.charts.of(known, MORNING.date(), BY).assessment, self.clinic.knowledge.pathway))


def text_of(page: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page)).split())


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with closing(demo.fresh_store(tmp_path_factory.mktemp("demo") / "demo.db")) as store:
        demo.furnish(store, MORNING)
        settings = Settings(base=BASE, demo=True, limits=Bounds(seconds=120))
        app = build(replace(service_of(settings, store), clock=Clock()))
        yield House(store, Clinic(store, read_knowledge()), app, store.people.all(demo.ORGANISATION))


def words(house: House) -> dict[str, tuple[str, ...]]:
    """Of each action and stage what would give it away: its titles and sentences, the patient's and the clinicians'.

    Left out is what the box that says when to call would say too.
    """
    pathway = house.clinic.knowledge.pathway
    told = pathway.patient[ENGLISH]
    found = {id: (one.about.title, one.about.sentence) for id, one in pathway.actions.items()}
    found |= {id: (*found.get(id, ()), one.title.text, one.text.text) for id, one in told.actions.items()}
    for stage in pathway.stages:
        patients = told.stages.get(stage.id)
        found[stage.id] = (stage.about.sentence, *((patients.title.text, patients.text.text) if patients else ()))
    return {id: tuple(" ".join(text.split()) for text in texts if len(text) > 12) for id, texts in found.items()}


def shown(house: House, pages: dict[str, str]) -> set[str]:
    """Ids of the actions and stages of which anything stands on any page."""
    whole = "\n".join(pages.values())
    return {
        id for id, texts in words(house).items() if re.search(rf"\b{id}\b", whole) or any(t in whole for t in texts)
    }


def test_before_a_release_there_is_the_box_and_nothing_of_the_pathway(house: House):
    box = house.clinic.knowledge.pathway.patient[ENGLISH].red_flags
    lines = [line.text for part in (box.emergency, box.today) for line in part.lines.values()]
    without = [known for known in house.people if not house.clinic.releases.of(known)]
    assert len(without) >= 30
    for known in without:
        pages = house.pages(known)
        assert shown(house, pages) == set(), known.name
        assert "Nothing to do here yet" in pages["/me"]
        for page in (text for path, text in pages.items() if path != "/me/plan/1"):
            assert all(line in page for line in lines)


def test_after_a_release_there_is_what_was_ticked_and_nothing_else(house: House):
    """Of each person in turn every second thing that could be told is released, and the rest is looked for."""
    pathway, seen = house.clinic.knowledge.pathway, set[str]()
    for number, known in enumerate(house.people):
        for hip in house.hips(known):
            could = [one.id for one in house.actions(known, hip.side) if can_be_told(pathway, one)]
            ticked = could[number % 2 :: 2]
            house.clinic.releases.release(known, _released(house, hip, ticked), BY)
            pages = house.pages(known)
            allowed = {*ticked, *same_words(house, ticked)}
            assert shown(house, pages) <= allowed, f"{known.name}, {hip.stage.id}"
            for id in ticked:
                assert pathway.patient[ENGLISH].actions[id].title.text in pages["/me/plan"]
            assert MESSAGE in pages["/me"]
            house.clinic.releases.withdraw(known, Side(hip.side), BY)
            assert shown(house, house.pages(known)) == set(), "taken back"
            seen.add(hip.stage.id)
    assert len(seen) >= 6, "people of many stages"


def same_words(house: House, ids: list[str]) -> set[str]:
    """Others of which something is told in the very words of these."""
    by_id = words(house)
    told = {text for id in ids for text in by_id[id]}
    return {id for id, texts in by_id.items() if any(text in one for text in texts for one in told)}


def _released(house: House, hip: Hip, ids: list[str]) -> Released:
    pathway = house.clinic.knowledge.pathway
    exercises = tuple(Exercise(id, DOSE) for id in ids if is_exercise(pathway, id))
    actions = tuple(id for id in ids if not is_exercise(pathway, id))
    return Released(Side(hip.side), "", actions, exercises, (), None, MESSAGE, False, pathway.version, MORNING.date())


def test_numbers_are_shown_only_where_they_were_released(house: House):
    scored = [one for one in house.people if one_with_scores(house, one)]
    for known, numbers in [(scored[0], False), (scored[0], True)]:
        hip = house.hips(known)[0]
        house.clinic.releases.release(known, replace(_released(house, hip, []), numbers=numbers), BY)
        page = house.pages(known)["/me/progress"]
        assert ("Your score" in page) is numbers
        assert ("does not show your numbers" in page) is not numbers
        assert "threshold" not in page.lower()
        assert "borrowed" not in page.lower(), "no cut-off is shown, so none is borrowed"
    assert re.search(r"Your score (went from [\d.]+ to|stayed at|is) [\d.]+\. (Higher|Lower) is better\.", page)
    house.clinic.releases.withdraw(known, Side(hip.side), BY)


def test_numbers_are_written_as_in_the_language_of_the_page(house: House):
    known = next(one for one in house.people if one_with_scores(house, one))
    hip = house.hips(known)[0]
    house.clinic.releases.release(known, replace(_released(house, hip, []), numbers=True), BY)
    browser = Browser(house.app)
    browser.cookies["ischio-patient"] = house.clinic.links.begin(known, MORNING)
    for address in ("/me/progress", "/me/plan/1"):
        english, german = (browser.get(address, headers={"accept-language": one}).text for one in ("en-GB", "de"))
        (score, *_) = re.findall(r"\b\d\d\.\d\b", text_of(english))
        assert score.replace(".", ",") in text_of(german)
        assert score not in german, "neither in a sentence nor in a drawing"
    house.clinic.releases.withdraw(known, Side(hip.side), BY)


def one_with_scores(house: House, known: Known) -> bool:
    events = house.store.events.of(known.whom, BY).events
    sides = {event.side.value for event in events if event.concept == "ihot12" and event.side}
    hips = house.hips(known)
    return bool(hips) and hips[0].side in sides


# ---- the page on which it is released -------------------------------------------------------------------------------


@pytest.fixture
def clinician(house: House) -> Browser:
    browser = Browser(house.app)
    assert browser.sent("/sign-in", {"as": "clinician"}).status_code == 303
    return browser


def with_exercises(house: House) -> tuple[Known, str, list[str]]:
    """Somebody without a release, a side, and the exercises that can be released to them."""
    pathway = house.clinic.knowledge.pathway
    for known in house.people:
        for hip in house.hips(known):
            ids = [one.id for one in house.actions(known, hip.side) if can_be_told(pathway, one)]
            exercises = [id for id in ids if is_exercise(pathway, id)]
            if len(exercises) > 1 and not house.flagged(known) and not house.clinic.releases.of(known):
                return known, hip.side, exercises
    raise AssertionError("nobody does exercises")


def test_the_handout_is_one_click_from_the_pathway_view(house: House, clinician: Browser):
    known, _, _ = with_exercises(house)
    assert f'href="/p/{known.id}/handout"' in clinician.get(f"/p/{known.id}").text


def test_nothing_is_ticked_beforehand(house: House, clinician: Browser):
    known, side, _ = with_exercises(house)
    assert "checked" not in clinician.get(f"/p/{known.id}/handout?side={side}").text


def test_a_plan_is_looked_at_then_released_then_seen_and_taken_back(house: House, clinician: Browser):
    known, side, (first, *_) = with_exercises(house)
    at = f"/p/{known.id}/handout"
    typed = {"side": side, "action": first, f"dose.{first}": DOSE, "message": MESSAGE, "next_visit": "2026-07-01"}
    looked = clinician.sent(at, typed | {"do": "preview"}, at)
    assert "Not released yet" in looked.text
    assert DOSE in looked.text
    assert house.clinic.releases.of(known) == ()
    assert clinician.sent(at, typed | {"do": "release"}, at).status_code == 303
    pages = house.pages(known)
    assert DOSE in pages["/me"]
    assert "1 Jul 2026" in pages["/me"]
    assert "Ten times, says the clinician" in text_of(clinician.get(f"{at}/page?side={side}").text)
    assert clinician.sent(f"{at}/withdraw", {"side": side}, at).status_code == 303
    assert DOSE not in house.pages(known)["/me"]


def test_a_plan_is_a_file_too_where_one_can_be_made(house: House, clinician: Browser, monkeypatch: pytest.MonkeyPatch):
    known, side, (first, *_) = with_exercises(house)
    at = f"/p/{known.id}/handout"
    typed = {"side": side, "action": first, f"dose.{first}": DOSE, "message": MESSAGE, "next_visit": "2026-07-01"}
    assert clinician.sent(at, typed | {"do": "release"}, at).status_code == 303
    browser = Browser(house.app)
    browser.cookies["ischio-patient"] = house.clinic.links.begin(known, MORNING)
    for own, address in ((clinician, f"{at}/page?side={side}&language=es&as=pdf"), (browser, "/me/plan/1?as=pdf")):
        answer = own.get(address)
        assert (answer.status_code, answer.headers["content-type"]) == (200, "application/pdf")
        assert answer.content.startswith(b"%PDF-")
        assert answer.headers["content-disposition"] == 'inline; filename="plan.pdf"'
    assert "as=pdf" in browser.get("/me/plan").text
    monkeypatch.setattr(on_paper, "find_spec", lambda _: None)
    assert "as=pdf" not in browser.get("/me/plan").text
    assert browser.get("/me/plan/1?as=pdf").headers["content-type"].startswith("text/html")
    clinician.sent(f"{at}/withdraw", {"side": side}, at)


def test_an_exercise_without_a_dose_is_not_released(house: House, clinician: Browser):
    known, side, (first, *_) = with_exercises(house)
    at = f"/p/{known.id}/handout"
    told = clinician.sent(at, {"side": side, "action": first, f"dose.{first}": " ", "do": "release"}, at)
    assert told.status_code == 422
    assert "An exercise is released without a dose." in told.text
    assert house.clinic.releases.of(known) == ()


def test_what_is_not_in_force_is_not_released_whatever_is_sent(house: House, clinician: Browser):
    known, side, _ = with_exercises(house)
    at, pathway = f"/p/{known.id}/handout", house.clinic.knowledge.pathway
    other = next(one.id for one in house.actions(known, side) if not can_be_told(pathway, one))
    for strange in (other, "nothing"):
        told = clinician.sent(at, {"side": side, "action": strange, "do": "release"}, at)
        assert told.status_code == 422
        assert "is not in force any more" in told.text
    assert house.clinic.releases.of(known) == ()


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ({"next_visit": "soon"}, "This is no date."),
        ({"next_visit": "2026-05-01"}, "The next visit lies in the past."),
        ({"message": "a" * (LONGEST_MESSAGE + 1)}, f"It has {LONGEST_MESSAGE + 1} letters."),
    ],
)
def test_what_cannot_be_is_told_at_its_field(house: House, clinician: Browser, typed: dict[str, str], says: str):
    known, side, _ = with_exercises(house)
    at = f"/p/{known.id}/handout"
    told = clinician.sent(at, {"side": side, "do": "release"} | typed, at)
    assert told.status_code == 422
    assert says in told.text
    assert house.clinic.releases.of(known) == ()


def test_under_a_red_flag_only_the_box_is_released_unless_on_purpose(house: House, clinician: Browser):
    pathway = house.clinic.knowledge.pathway
    flagged = [known for known in house.people if house.flagged(known) and house.hips(known)]
    assert flagged
    for known in flagged:
        for hip in house.hips(known):
            at = f"/p/{known.id}/handout"
            could = [one.id for one in house.actions(known, hip.side) if can_be_told(pathway, one)]
            page = text_of(clinician.get(f"{at}?side={hip.side}").text)
            assert "Red flag" in page
            assert page.index("Red flag") < page.index("Choose what the patient is told")
            plain = [id for id in could if not is_exercise(pathway, id)][:1]
            if plain:
                sent = {"side": hip.side, "action": plain[0], "do": "release", "stage": "yes"}
                assert "A red flag stands." in clinician.sent(at, sent, at).text
                assert house.clinic.releases.of(known) == ()
                assert clinician.sent(at, sent | {"despite": "yes"}, at).status_code == 303
                assert house.clinic.releases.of(known)[0].stage == "", "where they were is not told"
                house.clinic.releases.withdraw(known, Side(hip.side), BY)
            assert clinician.sent(at, {"side": hip.side, "do": "release"}, at).status_code == 303
            (released,) = house.clinic.releases.of(known)
            assert (released.actions, released.exercises) == ((), ())
            house.clinic.releases.withdraw(known, Side(hip.side), BY)
