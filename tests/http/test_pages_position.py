"""The pathway view as a browser meets it: what one answer changes, declining, two at once, and who sees what."""

import re
from collections.abc import Iterator

import httpx
import pytest
from clinic_pages import FROM_HERE, Browser, csrf
from page_forms import Sheet, links, sheet, sheets, words
from practice import Practice

from ischio.clinic.access import MATRIX, May
from ischio.clinic.answers import Answer
from ischio.interfaces.http.pages import routes
from ischio.record.events import EventSide
from ischio.store.accounts import Role
from ischio.store.entries import Access, Known

PAIN = (Answer("regional_pain", "present", "right"), Answer("episode_start", "2026-04-01", "right"))
TOLD = [("regional_pain", "present"), ("episode_start", "None")]


def opened(browser: Browser, known: Known) -> httpx.Response:
    found = browser.get(f"/p/{known.id}")
    assert found.status_code == 200
    return found


def questions(page: httpx.Response, known: Known) -> Sheet:
    """What is to be checked, of both hips and the person in one form."""
    return sheet(page, f"/p/{known.id}/answers")


def declining(page: httpx.Response, known: Known) -> Sheet:
    """The form that declines what comes next."""
    return sheet(page, f"/p/{known.id}/decline", side="right")


# ---- what is shown, and what one answer changes ---------------------------------------------------------------------


def test_of_somebody_of_whom_nothing_is_known_nothing_is_said_and_it_is_asked(practice: Practice):
    anna, browser = practice.person("Anna"), practice.browser("kim")
    told = words(opened(browser, anna))
    assert "No hip is on the pathway" in told
    assert "Answer this" in told


def test_where_the_hip_is_what_comes_next_and_what_would_decide_it_stand_on_the_page(practice: Practice):
    anna, browser = practice.person("Anna", *PAIN), practice.browser("kim")
    page = opened(browser, anna)
    pathway = practice.clinic.knowledge.pathway
    (standing,) = practice.clinic.standings.of(anna)
    assert standing.step is not None
    assert pathway.actions[standing.step].about.title in words(page)
    assert 'aria-current="step"' in page.text
    assert "clinician_diagnosis@right" in [value for name, value in questions(page, anna).fields if name == "asked"]


def test_one_question_answered_moves_the_hip_and_is_not_asked_again(practice: Practice):
    anna, browser = practice.person("Anna", *PAIN), practice.browser("kim")
    form = questions(opened(browser, anna), anna)
    going = browser.fill_in(form, **{"ifi_diagnosis@right": "confirmed"})
    assert (going.status_code, going.headers["location"]) == (303, f"/p/{anna.id}?said=recorded")
    assert practice.written(anna) == [*TOLD, ("ifi_diagnosis", "confirmed")]
    page = opened(browser, anna)
    assert "clinician_diagnosis@right" not in [value for form in sheets(page) for name, value in form.fields]
    (standing,) = practice.clinic.standings.of(anna)
    assert standing.stage == "conservative_care"
    assert "You are at: Conservative care" in words(page)


def test_what_was_not_answered_stays_unknown(practice: Practice):
    anna, browser = practice.person("Anna", *PAIN), practice.browser("kim")
    assert browser.fill_in(questions(opened(browser, anna), anna)).status_code == 303
    assert practice.written(anna) == TOLD


def test_both_hips_and_the_person_are_asked_in_one_list_of_at_most_five(practice: Practice):
    """Each answer is of the side that its question names."""
    both = (*PAIN, Answer("regional_pain", "present", "left"), Answer("episode_start", "2026-04-01", "left"))
    anna, browser = practice.person("Anna", *both), practice.browser("kim")
    page = opened(browser, anna)
    assert [one.action for one in sheets(page)].count(f"/p/{anna.id}/answers") == 1
    assert 1 <= page.text.count('class="chip whose"') <= 5
    form = questions(page, anna)
    diagnoses = {value for name, value in form.fields if name == "asked" and value.startswith("clinician_diagnosis@")}
    assert diagnoses == {"clinician_diagnosis@right", "clinician_diagnosis@left"}
    browser.fill_in(form, **{"ifi_diagnosis@right": "confirmed", "ifi_diagnosis@left": "refuted"})
    told = practice.store.events.of(anna.whom, practice.by()).events
    assert {(one.side, one.value) for one in told if one.concept == "ifi_diagnosis"} == {
        (EventSide.RIGHT, "confirmed"),
        (EventSide.LEFT, "refuted"),
    }


# ---- declining ------------------------------------------------------------------------------------------------------


def test_an_action_is_declined_in_two_steps_with_a_reason_and_stands_in_the_audit(practice: Practice):
    """Open "Decline", press a reason; words of one's own are not needed."""
    anna, browser = practice.person("Anna", *PAIN), practice.browser("kim")
    form = declining(opened(browser, anna), anna)
    assert browser.fill_in(form, reason="cds-suboptimal-context").headers["location"] == f"/p/{anna.id}?said=declined"
    (kept,) = practice.store.declines.of(anna.whom, practice.by())
    assert (kept.rule, kept.reason, kept.comment) == (dict(form.fields)["action"], "cds-suboptimal-context", "")
    vouched = [entry for entry in practice.store.audit.entries() if entry.record == kept.id]
    assert [(entry.by, entry.whom, entry.what) for entry in vouched] == [(kept.by, anna.whom, "decline")]
    assert "Declined on 1 June 2026" in words(opened(browser, anna)).replace("1 Jun ", "1 June ")


def test_a_decline_reaches_the_authors_with_its_words_and_without_the_person(practice: Practice):
    anna, browser = practice.person("Anna Canaria", *PAIN), practice.browser("kim")
    form = declining(opened(browser, anna), anna)
    browser.fill_in(form, reason="recipient-disagrees-evidence", text="The trial was too small.")
    rule = practice.clinic.knowledge.pathway.actions[dict(form.fields)["action"]].about.title
    author = practice.browser("ada", Role.AUTHOR)
    queue = (
        author.get("/author/declines") if author.get("/author/declines").status_code == 200 else author.get("/author")
    )
    assert rule in queue.text
    assert "The trial was too small." in queue.text
    assert not any(told in queue.text for told in ("Canaria", anna.id, anna.whom.id))


@pytest.mark.parametrize("reason", ["", "because", "action-completed'--"])
def test_without_one_of_the_reasons_nothing_is_declined(practice: Practice, reason: str):
    anna, browser = practice.person("Anna", *PAIN), practice.browser("kim")
    assert browser.fill_in(declining(opened(browser, anna), anna), reason=reason).status_code == 422
    assert practice.store.declines.of(anna.whom, practice.by()) == ()


def test_a_decline_that_is_sent_twice_is_kept_once(practice: Practice):
    anna, browser = practice.person("Anna", *PAIN), practice.browser("kim")
    form = declining(opened(browser, anna), anna)
    assert [browser.fill_in(form, reason="action-completed").status_code for _ in range(2)] == [303, 303]
    assert len(practice.store.declines.of(anna.whom, practice.by())) == 1
    browser.fill_in(form, reason="cds-not-applicable")
    assert len(practice.store.declines.of(anna.whom, practice.by())) == 2, "another reason is another decline"


# ---- two at once, two tabs, sent twice ------------------------------------------------------------------------------


def test_of_two_clinicians_with_the_same_page_open_the_second_is_told_and_nothing_is_lost(practice: Practice):
    anna = practice.person("Anna", *PAIN)
    kim, lee = practice.browser("kim"), practice.browser("lee")
    first, second = (questions(opened(browser, anna), anna) for browser in (kim, lee))
    assert kim.fill_in(first, **{"ifi_diagnosis@right": "suspected"}).status_code == 303
    told = lee.fill_in(second, **{"pain_location@right": "groin", "ifi_diagnosis@right": "confirmed"})
    assert (told.status_code, "Not saved yet" in words(told), "by somebody else" in words(told)) == (409, True, True)
    assert practice.written(anna) == [*TOLD, ("ifi_diagnosis", "suspected")]


def test_what_the_second_clinician_typed_still_stands_in_the_form_and_can_be_sent_again(practice: Practice):
    anna, browser = practice.person("Anna"), practice.browser("kim")
    place = f"/p/{anna.id}/ask/pain_now"
    form = sheet(browser.get(place), place)
    practice.tell(anna, Answer("ihot12", "41", "right"))
    told = browser.fill_in(form, side="right", pain_score="6")
    assert told.status_code == 409
    again = sheet(told, place)
    assert {("pain_score", "6"), ("side", "right")} <= set(again.fields)
    assert browser.fill_in(again).status_code == 303
    assert practice.written(anna) == [("ihot12", "41"), ("pain_score", "6")]


def test_two_people_in_two_tabs_never_mix(practice: Practice):
    """Each form goes to the person of its own page, in whichever order the tabs were opened and are sent."""
    anna, bert, browser = practice.person("Anna", *PAIN), practice.person("Bert", *PAIN), practice.browser("kim")
    first, second = opened(browser, anna), opened(browser, bert)
    assert "Bert" not in first.text
    assert "Anna" not in second.text
    browser.fill_in(questions(second, bert), **{"ifi_diagnosis@right": "refuted"})
    browser.fill_in(questions(first, anna), **{"ifi_diagnosis@right": "confirmed"})
    browser.fill_in(declining(second, bert), reason="action-completed")
    assert practice.written(anna) == [*TOLD, ("ifi_diagnosis", "confirmed")]
    assert practice.written(bert) == [*TOLD, ("ifi_diagnosis", "refuted")]
    assert [len(practice.store.declines.of(known.whom, practice.by())) for known in (anna, bert)] == [0, 1]


def test_the_form_of_one_tab_that_is_sent_to_the_person_of_the_other_is_not_taken(practice: Practice):
    """What its writer has seen is of one person's log; in the other's it stands for nothing that is newer."""
    anna, browser = practice.person("Anna", *PAIN), practice.browser("kim")
    form = questions(opened(browser, anna), anna)
    bert = practice.person("Bert", *PAIN)
    form.action = f"/p/{bert.id}/answers"
    assert browser.fill_in(form, **{"ifi_diagnosis@right": "confirmed"}).status_code == 409
    assert practice.written(bert) == TOLD


def test_a_request_that_is_replayed_writes_once_and_stands_in_the_audit(practice: Practice):
    anna, browser = practice.person("Anna", *PAIN), practice.browser("kim")
    sent = questions(opened(browser, anna), anna)
    answers = [browser.fill_in(sent, **{"ifi_diagnosis@right": "confirmed"}) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [303, 409, 409]
    assert "by you" in words(answers[1])
    assert practice.written(anna) == [*TOLD, ("ifi_diagnosis", "confirmed")]
    posted = [entry for entry in practice.store.audit.entries() if entry.why == "/p/{person}/answers"]
    assert [entry.whom for entry in posted] == [anna.whom] * 3


# ---- whose page -----------------------------------------------------------------------------------------------------

OF_A_PERSON = [(method, path) for path, method, _, _ in routes.PERSON]


@pytest.mark.parametrize(("method", "path"), OF_A_PERSON, ids=[f"{method} {path}" for method, path in OF_A_PERSON])
def test_somebody_of_another_organisation_and_a_guessed_id_are_refused_and_audited(
    practice: Practice, method: str, path: str
):
    stranger, browser = practice.person("Stranger", *PAIN, organisation="elsewhere"), practice.browser("kim")
    token = csrf(browser.get("/patients"))
    for id, whom in ((stranger.id, stranger.whom), ("00000000-0000-4000-8000-000000000000", None)):
        before = practice.store.audit.head()
        address = re.sub(r"\{\w+\}", "x", path.replace("{person}", id))
        sent = {"csrf": token, "seen": "99999", "side": "right", "asked": "pain_now", "pain_score": "6"}
        answer = browser.request(method, address, data=sent if method == "POST" else None, headers=FROM_HERE)
        assert answer.status_code == 404
        assert "Stranger" not in answer.text
        (refused,) = list(practice.refusals())[-1:]
        assert before is not None
        assert (refused.number > before.number, refused.whom) == (True, whom)
    assert practice.written(stranger) == TOLD
    assert practice.store.declines.all("elsewhere", Access("test", practice.clock.now)) == ()


# ---- who sees what --------------------------------------------------------------------------------------------------

TO_PRINT = "/p/{person}/handout/page"
"""There only once something was released."""
PAGES = [
    path
    for path, by, may, _ in routes.PERSON
    if by == "GET" and may is May.SEE_PEOPLE and path.count("{") == 1 and path != TO_PRINT
]


def needed(method: str, address: str) -> May | None:
    """What somebody must be allowed for an address of the application; None for what everybody may."""
    path = address.partition("?")[0].partition("#")[0]
    for pattern, by, may, _ in (*routes.PLACES, *routes.PERSON):
        if by == method and re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", pattern), path):
            return may
    return None


def led_to(page: httpx.Response) -> Iterator[tuple[str, str]]:
    yield from (("GET", link) for link in links(page))
    yield from ((form.method.upper(), form.action) for form in sheets(page))


@pytest.mark.parametrize("role", [Role.COORDINATOR, Role.CLINICIAN])
@pytest.mark.parametrize("path", ["/patients", *PAGES, "/p/{person}/why/history_and_examination"])
def test_no_page_leads_where_its_reader_may_not_go(practice: Practice, role: Role, path: str):
    told = (*PAIN, Answer("pain_score", "6", "right"), Answer("ihot12", "41", "right", "2026-05-02"))
    anna, nobody = practice.person("Anna", *told), practice.person("Nobody")
    browser = practice.browser("kim", role)
    for known in (anna, nobody):
        page = browser.get(path.replace("{person}", known.id))
        assert page.status_code == 200
        forbidden = {to for to in led_to(page) if (may := needed(*to)) and may not in MATRIX[role]}
        assert forbidden == set()


@pytest.mark.parametrize("path", PAGES)
def test_every_link_of_a_persons_page_leads_somewhere(practice: Practice, path: str):
    anna, browser = practice.person("Anna", *PAIN), practice.browser("kim")
    page = browser.get(path.replace("{person}", anna.id))
    seen = {link for link in links(page) if "/ask/" not in link}
    assert {link: status for link in sorted(seen) if (status := browser.get(link).status_code) >= 400} == {}


def test_a_coordinator_reads_what_is_asked_and_can_answer_nothing(practice: Practice):
    anna = practice.person("Anna", *PAIN)
    coordinator, clinician = practice.browser("cory", Role.COORDINATOR), practice.browser("kim")
    form = questions(opened(clinician, anna), anna)
    page = opened(coordinator, anna)
    assert [one.action for one in sheets(page)] == ["/sign-out"]
    assert "Is ischiofemoral impingement of this hip confirmed, suspected or refuted?" in words(page)
    typed = form.with_(ifi_diagnosis="confirmed") | {"csrf": [csrf(page)]}
    assert coordinator.post(form.action, data=typed, headers=FROM_HERE).status_code == 403
    assert practice.written(anna) == TOLD
    *_, refused = practice.refusals()
    assert refused.why == "may not write_record: /p/{person}/answers"


def test_the_frame_says_who_it_is_and_how_old_the_content_is_in_the_language_of_each_request(practice: Practice):
    anna, browser = practice.person("Anna", *PAIN), practice.browser("kim")
    said = {
        "en": ("42 years, female", "draft of 22 Nov 2026"),
        "de": ("42 Jahre, weiblich", "22. November 2026"),
        "es": ("42 años, mujer", "22 de noviembre de 2026"),
    }
    for language in (*said, *said):  # again, after the others were asked for
        page = browser.get(f"/p/{anna.id}?lang={language}").text
        assert [words for words in said[language] if words not in page] == []
