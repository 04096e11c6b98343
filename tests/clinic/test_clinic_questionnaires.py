"""Drafts and sending, on each database."""

from dataclasses import replace
from datetime import timedelta

import pytest

from ischio.clinic.clinic import Clinic
from ischio.clinic.questionnaires import AnswersChanged, NothingAnswered, NotTheDraft, Sheet, State
from ischio.clinic.released import Released
from ischio.model.about import Side
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
