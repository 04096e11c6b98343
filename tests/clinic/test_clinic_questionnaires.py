"""Drafts and sending, on each database."""

from dataclasses import replace
from datetime import timedelta

import pytest
from store_fixtures import Tamper

from ischio.clinic.clinic import Clinic
from ischio.clinic.questionnaires import AnswersChanged, NothingAnswered, NotTheDraft, Sheet, State
from ischio.clinic.released import Released
from ischio.model.about import Side
from ischio.store import drafts
from ischio.store.entries import Access, Known

PAIN, FOUR = "pain-nrs.left", {"pain-nrs.left": ({"valueDecimal": 4},)}


def sheet_of(clinic: Clinic, known: Known, by: Access) -> Sheet:
    released = Released(Side.LEFT, "", (), (), ("pain", "of another version"), None, "", False, "0.1.0", by.at.date())
    (sheet,) = clinic.questionnaires.of(known, [released], by.at)
    return sheet


def begun(clinic: Clinic, known: Known, by: Access) -> Sheet:
    """A sheet with one answer."""
    draft = clinic.questionnaires.begin(known, sheet_of(clinic, known, by), by.at)
    return clinic.questionnaires.answer(sheet_of(clinic, known, by), draft.id, FOUR, by.at)


def written(clinic: Clinic, known: Known, by: Access) -> list[str]:
    return [event.concept for event in clinic.store.events.of(known.whom, by).events]


def test_a_draft_is_taken_up_and_sent_once(clinic: Clinic, anna: Known, by: Access):
    first = begun(clinic, anna, by)
    assert first.draft is not None
    again = clinic.questionnaires.begin(anna, sheet_of(clinic, anna, by), by.at)
    assert (again.id, sheet_of(clinic, anna, by).answers) == (first.draft.id, FOUR)
    for _ in range(2):
        sheet = sheet_of(clinic, anna, by)
        clinic.questionnaires.send(anna, sheet, again.id, first.seen, by)
    assert written(clinic, anna, by) == ["pain_score"]
    assert sheet_of(clinic, anna, by).state is State.SENT_TODAY
    tomorrow = replace(by, at=by.at + timedelta(days=1))
    assert sheet_of(clinic, anna, tomorrow).state is State.SENT
    assert clinic.store.audit.verify().sound


def test_what_was_not_shown_to_be_checked_is_not_sent(clinic: Clinic, anna: Known, by: Access):
    sheet = begun(clinic, anna, by)
    assert sheet.draft is not None
    with pytest.raises(AnswersChanged):
        clinic.questionnaires.send(anna, sheet, sheet.draft.id, "of other answers", by)
    with pytest.raises(NotTheDraft):
        clinic.questionnaires.send(anna, sheet, "of somebody else", sheet.seen, by)
    open_now = clinic.questionnaires.answer(sheet, sheet.draft.id, {PAIN: ()}, by.at)
    with pytest.raises(NothingAnswered):
        clinic.questionnaires.send(anna, open_now, sheet.draft.id, open_now.seen, by)
    assert written(clinic, anna, by) == []


def test_what_has_lain_for_thirty_days_is_deleted_when_it_is_looked_at(clinic: Clinic, anna: Known, by: Access):
    begun(clinic, anna, by)
    at_last = replace(by, at=by.at + timedelta(days=30))
    assert sheet_of(clinic, anna, at_last).answers == FOUR
    later = replace(by, at=by.at + timedelta(days=30, seconds=1))
    assert sheet_of(clinic, anna, later).state is State.LAPSED
    assert [draft.answers for draft in clinic.store.drafts.of(anna)] == ["{}"]


class Crash(Exception):
    """The process is gone."""


def test_what_was_not_marked_as_sent_was_not_sent_and_can_still_be_changed(
    clinic: Clinic, anna: Known, by: Access, monkeypatch: pytest.MonkeyPatch
):
    """Answers without the mark would count, and what is answered otherwise afterwards would be lost."""
    sheet = begun(clinic, anna, by)
    assert sheet.draft is not None

    def crash(*_: object, **__: object) -> None:
        raise Crash

    with monkeypatch.context() as patched:
        patched.setattr(drafts, "_row", crash)
        with pytest.raises(Crash):
            clinic.questionnaires.send(anna, sheet, sheet.draft.id, sheet.seen, by)
    assert written(clinic, anna, by) == []
    other = clinic.questionnaires.answer(
        sheet_of(clinic, anna, by), sheet.draft.id, {PAIN: ({"valueDecimal": 7},)}, by.at
    )
    clinic.questionnaires.send(anna, other, sheet.draft.id, other.seen, by)
    assert [event.value for event in clinic.store.events.of(anna.whom, by).events] == [7]


def test_of_two_who_send_the_same_at_once_one_writes_and_both_have_sent(clinic: Clinic, anna: Known, by: Access):
    first, second = begun(clinic, anna, by), sheet_of(clinic, anna, by)
    assert first.draft is not None
    for sheet in (first, second):
        clinic.questionnaires.send(anna, sheet, first.draft.id, first.seen, by)
    assert written(clinic, anna, by) == ["pain_score"]


def test_an_answer_that_was_changed_since_it_was_looked_at_is_not_sent(clinic: Clinic, anna: Known, by: Access):
    seen = begun(clinic, anna, by)
    assert seen.draft is not None
    clinic.questionnaires.answer(seen, seen.draft.id, {PAIN: ({"valueDecimal": 7},)}, by.at)
    with pytest.raises(AnswersChanged):
        clinic.questionnaires.send(anna, seen, seen.draft.id, seen.seen, by)
    assert written(clinic, anna, by) == []


def test_a_draft_that_cannot_be_read_is_asked_anew(clinic: Clinic, anna: Known, by: Access, tamper: Tamper):
    sheet = begun(clinic, anna, by)
    assert sheet.draft is not None
    tamper("UPDATE draft SET answers = '{\"pain-nrs.left\": 4}'")
    assert sheet_of(clinic, anna, by).answers == {}
    again = clinic.questionnaires.answer(sheet_of(clinic, anna, by), sheet.draft.id, FOUR, by.at)
    clinic.questionnaires.send(anna, again, sheet.draft.id, again.seen, by)
    assert written(clinic, anna, by) == ["pain_score"]
