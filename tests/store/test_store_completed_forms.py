"""Completed forms: found under their own server alone, taken by one process, and there for those of before, too."""

from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import timedelta

import pytest
from store_samples import ANNA, BERT, CLINICIAN, NOON, OTHER_ANNA, PAIN

from ischio.store.completed_forms import LOST_AFTER, CompletedForm, Pushing
from ischio.store.entries import Person
from ischio.store.events import Entry
from ischio.store.faults import EventRefused
from ischio.store.store import Store, open_store

FORM = CompletedForm("pain.v0.1.0.1", ANNA)


def said(form: CompletedForm = FORM) -> list[Entry]:
    return [Entry(replace(PAIN, source=f"QuestionnaireResponse/{form.id}"))]


def written(store: Store, form: CompletedForm = FORM) -> str:
    (id,) = store.events.write(form.person, said(form), CLINICIAN, form=form.id)
    return id


def waiting(store: Store, person: Person = ANNA) -> tuple[CompletedForm, ...]:
    return store.completed_forms.in_state(person.server, Pushing.WAITING)


def test_a_form_is_found_under_the_server_of_its_person(store: Store):
    written(store)
    assert store.completed_forms.find(FORM.id, ANNA.server) == FORM
    assert store.completed_forms.find(FORM.id, OTHER_ANNA.server) is None
    assert (waiting(store), waiting(store, OTHER_ANNA)) == ((FORM,), ())
    assert (store.completed_forms.of(ANNA), store.completed_forms.of(BERT)) == ((FORM,), ())


def test_no_form_without_its_answers(store: Store):
    """What is refused leaves neither."""
    with pytest.raises(EventRefused):
        store.events.write(ANNA, [*said(), Entry(None, "no such entry")], CLINICIAN, form=FORM.id)
    assert (store.completed_forms.of(ANNA), store.events.of(ANNA, CLINICIAN).events) == ((), ())


def test_one_of_several_takes_it_and_another_only_once_that_one_is_gone(store: Store):
    written(store)
    assert [store.completed_forms.take(FORM, NOON) for _ in range(2)] == [True, False]
    assert not store.completed_forms.take(FORM, NOON + LOST_AFTER)
    later = NOON + LOST_AFTER + timedelta(seconds=1)
    assert store.completed_forms.take(FORM, later)
    store.completed_forms.settle(replace(FORM, there="17"), Pushing.PUSHED, later)
    assert not store.completed_forms.take(FORM, later + 2 * LOST_AFTER)
    assert store.completed_forms.in_state(ANNA.server, Pushing.PUSHED) == (replace(FORM, there="17"),)


def test_what_changes_after_a_push_or_during_it_waits_again(store: Store):
    for during in (False, True):
        form = replace(FORM, id=f"pain.v0.1.0.{during}")
        entry, pushed = written(store, form), replace(form, there="17")
        store.completed_forms.take(form, NOON)
        if during:
            store.events.withdraw(entry, CLINICIAN)
            store.completed_forms.settle(pushed, Pushing.PUSHED, NOON)
        else:
            store.completed_forms.settle(pushed, Pushing.PUSHED, NOON)
            store.events.correct(entry, PAIN, CLINICIAN)
        assert pushed in waiting(store)


def test_a_change_of_something_else_pushes_nothing(store: Store):
    written(store)
    written(store, other := CompletedForm(FORM.id, BERT))
    (elsewhere,) = store.events.append(ANNA, [PAIN], CLINICIAN)
    for form in (FORM, other):
        store.completed_forms.take(form, NOON)
        store.completed_forms.settle(form, Pushing.PUSHED, NOON)
    store.events.withdraw(elsewhere, CLINICIAN)
    assert waiting(store) == ()


def test_those_of_an_earlier_release_wait_too(url: str, tamper: Callable[[str], None]):
    """Of each form one row, and none of what was read elsewhere, filled in elsewhere or entered."""
    with closing(open_store(url)) as store:
        for _ in range(2):
            store.events.write(ANNA, said(), CLINICIAN)
        for source in ("QuestionnaireResponse/17", "record/QuestionnaireResponse/pain.v0.1.0.2", "entered/1"):
            store.events.append(BERT, [replace(PAIN, source=source)], CLINICIAN)
    for change in ("DROP TABLE completed_form", "UPDATE ischio_version SET version_num = '0011'"):
        tamper(change)
    with closing(open_store(url, migrate=True)) as store:
        assert (waiting(store), store.completed_forms.of(BERT)) == ((FORM,), ())
        assert store.audit.verify().sound
