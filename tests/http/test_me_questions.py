"""The patient's questions: kept answer by answer, taken up elsewhere, sent once, and seen by the clinic at once."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import httpx
import pytest
from clinic_pages import Browser
from practice import Practice

from ischio.clinic.released import Released
from ischio.model.about import Side
from ischio.model.dates import PartialDate
from ischio.record.events import Asserter, Event, EventSide, Kind
from ischio.store.entries import Known

HOME = "/me/questions"
REVIEW = Event("review", "entered/x", start=PartialDate.parse("2026-05-01"), side=EventSide.RIGHT)
ALL = ("pain", "symptoms", "red-flags", "after-surgery")


class Patient:
    """Somebody synthetic for whom forms are released, and the devices on which they are let in."""

    def __init__(self, practice: Practice, name: str, forms: tuple[str, ...] = ALL, side: Side = Side.RIGHT) -> None:
        self.practice, self.known = practice, practice.person(name)
        self.release(forms, side)

    def release(self, forms: tuple[str, ...], side: Side = Side.RIGHT) -> None:
        on = self.practice.clock.now.date()
        released = Released(side, "", (), (), forms, None, "", False, "0.1.0", on)
        self.practice.clinic.releases.release(self.known, released, self.practice.by())

    def device(self) -> Browser:
        browser = Browser(self.practice.app)
        token = self.practice.clinic.links.begin(self.known, self.practice.clock.now)
        browser.cookies.set("ischio-patient", token)
        return browser


@pytest.fixture
def anna(practice: Practice) -> Patient:
    return Patient(practice, "Anna Sample")


def hidden(page: httpx.Response) -> dict[str, str]:
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page.text))


def heading(page: httpx.Response) -> str:
    found = re.search(r"<h1[^>]*>(.*?)</h1>", page.text, re.DOTALL)
    assert found is not None
    return re.sub(r"<[^>]*>", "", found[1]).strip()


def opened(browser: Browser, address: str) -> httpx.Response:
    """The page to which an address leads."""
    page = browser.get(address)
    while page.status_code == 303:
        page = browser.get(page.headers["location"])
    assert page.status_code == 200, page.text
    return page


def answer(browser: Browser, address: str, **fields: str | list[str]) -> httpx.Response:
    """What comes of the form at an address, filled in."""
    shown = opened(browser, address)
    form = {name.replace("_right", ".right"): value for name, value in fields.items()}
    return browser.sent(address, {**hidden(shown), **form})


def answer_pain(browser: Browser, pain: str = "4") -> httpx.Response:
    """Both questions about pain; on to where the answers are checked."""
    assert answer(browser, f"{HOME}/pain/1", **{"pain-nrs_right": pain}).status_code == 303
    return answer(browser, f"{HOME}/pain/2", **{"acceptable-state_right": "false"})


def sent(browser: Browser, form: str = "pain") -> httpx.Response:
    return browser.sent(f"{HOME}/{form}/check", hidden(opened(browser, f"{HOME}/{form}/check")))


def test_the_list_says_how_many_questions_there_are_and_no_minutes(anna: Patient):
    page = opened(anna.device(), HOME)
    told = re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", page.text))
    for title, count in (("Your pain", 2), ("What you feel", "At most 5"), ("Warning signs", 2)):
        assert re.search(rf"{title} {count} questions", told), told
    assert "minute" not in told


def test_each_answer_is_kept_and_another_device_goes_on_at_the_first_open_question(anna: Patient):
    first, second = anna.device(), anna.device()
    shown = answer(first, f"{HOME}/pain/1", **{"pain-nrs_right": "4"})
    assert shown.headers["location"] == f"{HOME}/pain/2"
    assert "1 of 2 done, not sent yet" in opened(second, HOME).text
    page = opened(second, f"{HOME}/pain")
    assert heading(page) == "Think of all you do in a day. Could you live with your hip as it is now?"
    assert 'value="4" checked' in opened(second, f"{HOME}/pain/1").text
    assert anna.practice.written(anna.known) == []


def test_what_is_sent_is_told_by_the_patient_today_of_the_released_side_and_named_after_its_form(anna: Patient):
    browser = anna.device()
    answer_pain(browser)
    assert sent(browser).headers["location"] == f"{HOME}/pain/sent"
    events = [
        one
        for one in anna.practice.store.events.of(anna.known.whom, anna.practice.by()).events
        if one.concept in ("pain_score", "acceptable_state")
    ]
    assert {(one.concept, str(one.value)) for one in events} == {("pain_score", "4"), ("acceptable_state", "False")}
    for one in events:
        assert (one.kind, one.asserter, one.side) == (Kind.STATED, Asserter.PATIENT, EventSide.RIGHT)
        assert one.start is not None
        assert one.start.earliest == date(2026, 6, 1)
        assert one.recorded == one.start
        assert one.source.startswith("QuestionnaireResponse/pain.v0.1.0.")


def test_the_record_says_that_the_patient_wrote_it(anna: Patient):
    browser = anna.device()
    answer_pain(browser)
    sent(browser)
    page = re.sub(r"<[^>]*>", " ", anna.practice.browser("kim").get(f"/p/{anna.known.id}/record").text)
    assert re.search(r"patient\s+1 Jun 2026", page)


def test_a_form_that_is_sent_twice_is_kept_once(anna: Patient):
    browser = anna.device()
    answer_pain(browser)
    form = hidden(opened(browser, f"{HOME}/pain/check"))
    answers = [browser.sent(f"{HOME}/pain/check", form) for _ in range(2)]
    assert [one.headers["location"] for one in answers] == [f"{HOME}/pain/sent"] * 2
    assert len(anna.practice.written(anna.known)) == 2
    again = browser.sent(f"{HOME}/pain/1", {**form, "pain-nrs.right": "9"})
    assert again.status_code == 409
    assert "answer again from tomorrow" in opened(browser, HOME).text


def test_of_two_who_send_at_once_one_is_kept(anna: Patient):
    browser = anna.device()
    answer_pain(browser)
    every, by = anna.practice.clinic.questionnaires, anna.practice.by()
    (sheet, *_) = every.of(anna.known, anna.practice.clinic.releases.of(anna.known), by.at)
    assert sheet.draft is not None
    draft = sheet.draft.id
    with ThreadPoolExecutor(4) as pool:
        for each in [pool.submit(every.send, anna.known, sheet, draft, sheet.seen, by) for _ in range(4)]:
            each.result()
    assert len(anna.practice.written(anna.known)) == 2


def test_who_writes_in_between_keeps_nobody_from_sending(anna: Patient):
    browser, practice = anna.device(), anna.practice
    answer_pain(browser)
    practice.store.events.append(anna.known.whom, [REVIEW], practice.by())
    assert sent(browser).status_code == 303
    assert sorted(concept for concept, _ in practice.written(anna.known)) == [
        "acceptable_state",
        "pain_score",
        "review",
    ]


def test_the_answers_of_another_day_are_new_ones(anna: Patient):
    browser = anna.device()
    answer_pain(browser)
    sent(browser)
    anna.practice.clock.now += timedelta(days=1)
    assert "You sent them last on 1 Jun 2026" in opened(browser, HOME).text
    answer_pain(browser, "3")
    sent(browser)
    pains = [value for concept, value in anna.practice.written(anna.known) if concept == "pain_score"]
    assert pains == ["4", "3"]


def test_i_do_not_know_is_sent_as_nothing_and_never_as_no(anna: Patient):
    browser = anna.device()
    answer(browser, f"{HOME}/pain/1", **{"pain-nrs_right": "4"})
    assert answer(browser, f"{HOME}/pain/2", open="yes").headers["location"] == f"{HOME}/pain/check"
    assert "You do not know" in opened(browser, f"{HOME}/pain/check").text
    sent(browser)
    assert anna.practice.written(anna.known) == [("pain_score", "4")]


def test_where_nothing_is_answered_nothing_is_sent(anna: Patient):
    browser = anna.device()
    for number in (1, 2):
        answer(browser, f"{HOME}/pain/{number}", open="yes")
    refused = sent(browser)
    assert refused.status_code == 422
    assert "nothing to send" in refused.text


def test_a_question_without_an_answer_is_asked_again_with_what_is_wrong(anna: Patient):
    browser = anna.device()
    for typed, told in (({}, "Choose an answer"), ({"pain-nrs_right": "11"}, "from 0 to 10")):
        page = answer(browser, f"{HOME}/pain/1", **typed)
        assert page.status_code == 422
        assert told in page.text
    assert "2 questions" in opened(browser, HOME).text


def test_none_of_these_goes_with_nothing_else(anna: Patient):
    browser = anna.device()
    answer(browser, f"{HOME}/symptoms/1", **{"regional-pain_right": "present"})
    page = answer(browser, f"{HOME}/symptoms/3", **{"pain-provoked-by_right": ["running", "none-of-these"]})
    assert page.status_code == 422
    assert "Keep one of the two" in page.text


def test_no_pain_on_this_side_means_that_nobody_asks_where(anna: Patient):
    browser = anna.device()
    following = answer(browser, f"{HOME}/symptoms/1", **{"regional-pain_right": "absent"})
    assert following.headers["location"] == f"{HOME}/symptoms/4"
    assert browser.get(f"{HOME}/symptoms/2").status_code == 303
    turned = answer(browser, f"{HOME}/symptoms/1", **{"regional-pain_right": "present"})
    assert turned.headers["location"] == f"{HOME}/symptoms/2"


def test_an_answer_that_is_hidden_is_not_sent_and_is_there_once_it_is_asked_again(anna: Patient):
    browser = anna.device()
    answer(browser, f"{HOME}/symptoms/1", **{"regional-pain_right": "present"})
    answer(browser, f"{HOME}/symptoms/2", **{"pain-location_right": "groin"})
    answer(browser, f"{HOME}/symptoms/1", **{"regional-pain_right": "absent"})
    assert "In the groin" not in opened(browser, f"{HOME}/symptoms/check").text
    answer(browser, f"{HOME}/symptoms/1", **{"regional-pain_right": "present"})
    assert "In the groin" in opened(browser, f"{HOME}/symptoms/check").text


def answer_flags(browser: Browser, **first: str) -> httpx.Response:
    answer(browser, f"{HOME}/red-flags/1", **first, rest="yes")
    answer(browser, f"{HOME}/red-flags/2", rest="yes")
    return sent(browser, "red-flags")


def test_a_red_flag_is_told_to_the_patient_first_and_to_the_clinic_at_once(anna: Patient):
    browser = anna.device()
    answer_flags(browser, **{"flag-sphincter": "present"})
    page = opened(browser, f"{HOME}/red-flags/sent").text
    box = 'class="call"'
    assert page.index("Call the emergency number now") < page.index(box) < page.index("Thank you. Your answers")
    assert page.count(box) == 1
    clinic = anna.practice.browser("kim")
    listed = re.sub(r"<[^>]*>", " ", clinic.get("/patients").text)
    assert re.search(r"2 red flags", re.sub(r"\s+", " ", listed))


def test_whoever_ticks_a_red_flag_is_told_to_call_before_it_is_sent(anna: Patient):
    browser = anna.device()
    answer(browser, f"{HOME}/red-flags/1", **{"flag-sphincter": "present"})
    assert "You said yes to a warning sign" in opened(browser, f"{HOME}/red-flags/2").text


def test_a_list_gone_through_with_no_is_told_as_absent_and_raises_no_alarm(anna: Patient):
    browser = anna.device()
    answer_flags(browser)
    assert "You said yes" not in opened(browser, f"{HOME}/red-flags/sent").text
    told = dict(anna.practice.written(anna.known))
    assert set(told.values()) == {"absent"}
    assert {"flag_sphincter", "flag_mass"} <= told.keys()


def test_what_is_not_ticked_and_not_denied_stays_unknown(anna: Patient):
    browser = anna.device()
    answer(browser, f"{HOME}/red-flags/1", **{"flag-sphincter": "present"})
    answer(browser, f"{HOME}/red-flags/2", open="yes")
    sent(browser, "red-flags")
    assert anna.practice.written(anna.known) == [("flag_sphincter", "present")]


def test_of_a_form_that_changed_what_fits_is_kept_and_that_is_told(anna: Patient):
    browser = anna.device()
    answer_pain(browser)
    form = hidden(opened(browser, f"{HOME}/pain/check"))
    anna.release(("pain",), Side.LEFT)
    changed = opened(browser, f"{HOME}/pain")
    assert "These questions were changed since you began" in changed.text
    assert browser.sent(f"{HOME}/pain/check", form).status_code == 303
    assert anna.practice.written(anna.known) == []
    assert 'value="4" checked' in opened(browser, f"{HOME}/pain/1").text
    fields = {"pain-nrs.left": "0"}
    assert browser.sent(f"{HOME}/pain/3", {**hidden(opened(browser, f"{HOME}/pain/3")), **fields}).status_code == 303


def test_answers_that_changed_since_they_were_checked_are_shown_again(anna: Patient):
    browser, other = anna.device(), anna.device()
    answer_pain(browser)
    form = hidden(opened(browser, f"{HOME}/pain/check"))
    answer(other, f"{HOME}/pain/1", **{"pain-nrs_right": "9"})
    again = browser.sent(f"{HOME}/pain/check", form)
    assert again.status_code == 409
    assert "changed elsewhere" in again.text
    assert anna.practice.written(anna.known) == []


def test_a_draft_is_deleted_after_thirty_days_and_that_is_told(anna: Patient):
    browser = anna.device()
    answer(browser, f"{HOME}/pain/1", **{"pain-nrs_right": "4"})
    anna.practice.clock.now += timedelta(days=31)
    later = anna.device()
    page = opened(later, HOME).text
    assert "answered last on 1 Jun 2026" in page
    assert "deleted after 30 days" in page
    assert "checked" not in opened(later, f"{HOME}/pain/1").text
    answer(later, f"{HOME}/pain/1", **{"pain-nrs_right": "5"})
    (draft,) = anna.practice.store.drafts.of(anna.known)
    assert '"valueDecimal":5' in draft.answers


def test_answers_of_somebody_who_never_came_back_do_not_lie_in_the_store(anna: Patient, practice: Practice):
    answer(anna.device(), f"{HOME}/pain/1", **{"pain-nrs_right": "4"})
    practice.clock.now += timedelta(days=31)
    answer(Patient(practice, "Bert Sample").device(), f"{HOME}/pain/1", **{"pain-nrs_right": "5"})
    assert [one.answers for one in practice.store.drafts.of(anna.known)] == ["{}"]


def test_the_draft_of_somebody_else_is_refused_and_unchanged(anna: Patient, practice: Practice):
    bert = Patient(practice, "Bert Sample").device()
    answer(anna.device(), f"{HOME}/pain/1", **{"pain-nrs_right": "4"})
    (hers,) = practice.store.drafts.of(anna.known)
    form = hidden(opened(bert, f"{HOME}/pain/1"))
    refused = bert.sent(f"{HOME}/pain/1", {**form, "draft": hers.id, "pain-nrs.right": "9"})
    assert refused.status_code == 409
    assert practice.store.drafts.of(anna.known) == (hers,)
    assert bert.sent(f"{HOME}/pain/check", {**form, "draft": hers.id, "seen": "x"}).status_code in (303, 409)
    assert practice.written(anna.known) == []
    assert any(entry.why.startswith("draft") for entry in practice.refusals())


def test_a_form_that_was_not_released_is_not_there(practice: Practice):
    browser = Patient(practice, "Cleo Sample", ("pain",)).device()
    for address in (f"{HOME}/symptoms", f"{HOME}/intake/1", f"{HOME}/ihot12/check", f"{HOME}/nothing/sent"):
        assert browser.get(address).status_code == 404


def test_without_a_device_that_is_let_in_nothing_is_shown_and_the_draft_is_safe(anna: Patient):
    browser = anna.device()
    answer(browser, f"{HOME}/pain/1", **{"pain-nrs_right": "4"})
    browser.cookies.clear()
    assert browser.get(f"{HOME}/pain/1").status_code == 401
    assert "1 of 2 done" in opened(anna.device(), HOME).text


@pytest.mark.parametrize("keep", [True, False])
def test_the_script_keeps_an_answer_without_leaving_the_page(anna: Patient, keep: bool):
    browser = anna.device()
    form = hidden(opened(browser, f"{HOME}/pain/1"))
    typed = {"pain-nrs.right": "4"} if keep else {}
    kept = browser.sent(f"{HOME}/pain/1", {**form, **typed, "keep": "yes"})
    assert (kept.status_code, kept.headers["ischio-kept"]) == (204, "yes" if keep else "no")
    drafts = anna.practice.store.drafts.of(anna.known)
    assert [one.id for one in drafts] == ([kept.headers["ischio-draft"]] if keep else [])


def test_both_hips_are_asked_in_one_form_where_both_were_released(practice: Practice):
    patient = Patient(practice, "Dora Sample", ("pain", "red-flags"))
    patient.release(("pain", "red-flags"), Side.LEFT)
    page = opened(patient.device(), HOME).text
    assert "4 questions" in page
    assert "3 questions" in page


def test_the_export_of_a_person_holds_the_response_as_it_was_filled_in(anna: Patient):
    browser = anna.device()
    answer_pain(browser)
    sent(browser)
    bundle = httpx.Response(200, content=anna.practice.clinic.transfer.out(anna.known, anna.practice.by())).json()
    (response,) = (
        one["resource"] for one in bundle["entry"] if one["resource"]["resourceType"] == "QuestionnaireResponse"
    )
    assert response["questionnaire"] == "https://w3id.org/ischio/fhir/Questionnaire/ischiofemoral-pain|0.1.0"
    (group,) = response["item"]
    assert {item["linkId"]: item["answer"] for item in group["item"]} == {
        "pain-nrs.right": [{"valueDecimal": 4}],
        "acceptable-state.right": [{"valueBoolean": False}],
    }
    moved = anna.practice.clinic.transfer.take_in(
        anna.practice.clinic.transfer.out(anna.known, anna.practice.by()), "elsewhere", anna.practice.by()
    )
    assert _events(anna.practice, moved) == _events(anna.practice, anna.known)


def _events(practice: Practice, known: Known) -> list[object]:
    return list(practice.store.events.of(known.whom, practice.by()).events)


@pytest.mark.parametrize(("tag", "title"), [("es", "Su dolor"), ("de", "Ihr Schmerz")])
def test_every_question_and_answer_is_asked_in_the_language_of_the_page(anna: Patient, tag: str, title: str):
    browser, pathway = anna.device(), anna.practice.clinic.knowledge.pathway
    assert title in opened(browser, f"{HOME}?lang={tag}").text
    answer(browser, f"{HOME}/symptoms/1", **{"regional-pain_right": "present"})
    for form, count in (("pain", 2), ("symptoms", 5), ("red-flags", 2), ("after-surgery", 2)):
        for number in range(1, count + 1):
            page = opened(browser, f"{HOME}/{form}/{number}").text
            assert '<span lang="en' not in page, f"{form} {number}"
    words = pathway.patient[tag].questions["pain_now"].text
    assert words in opened(browser, f"{HOME}/pain/1").text


def test_a_list_that_is_left_half_ticked_is_asked_again_and_a_tick_taken_back_is_gone(anna: Patient):
    browser, address = anna.device(), f"{HOME}/red-flags/1"

    def keep(**ticked: str) -> None:
        fields = {**hidden(opened(browser, address)), **ticked, "keep": "yes"}
        assert browser.sent(address, fields).status_code == 204

    keep(**{"flag-sphincter": "present"})
    assert browser.get(f"{HOME}/red-flags").headers["location"] == address
    assert "You said yes to a warning sign" in opened(browser, address).text
    keep()
    assert "You said yes to a warning sign" not in opened(browser, address).text
    keep(rest="yes")
    assert browser.get(f"{HOME}/red-flags").headers["location"] == f"{HOME}/red-flags/2"
