"""The event log: what was recorded stays; a correction or a withdrawal is an entry of its own."""

import pytest
from store_fixtures import Tamper
from store_samples import ANNA, BERT, CLINICIAN, EVENTS, LESS_PAIN, OTHER_ANNA, PAIN

from ischio.model.dates import PartialDate
from ischio.record.events import EVERYTHING, Event, Record
from ischio.store.entries import Change
from ischio.store.event_form import event_of, event_or_gap, gaps_in, text_of
from ischio.store.faults import EventRefused
from ischio.store.store import Store, open_store


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.concept)
def test_an_event_comes_back_as_it_was(event: Event):
    assert event_of(text_of(event)) == event
    assert str(event_of(text_of(event)).value) == str(event.value)


def test_what_was_recorded_is_a_record_for_the_engine(store: Store):
    store.events.append(ANNA, EVENTS, CLINICIAN)
    record = store.events.of(ANNA, CLINICIAN)
    assert isinstance(record, Record)
    assert (record.patient.id, record.events) == ("anna", EVENTS)


def test_birth_date_and_sex_are_known_of_the_patient_as_well(store: Store):
    born = PartialDate.parse("1960-03")
    store.events.append(ANNA, (Event("birth_date", "a", start=born, end=born), Event("sex", "a", "female")), CLINICIAN)
    patient = store.events.of(ANNA, CLINICIAN).patient
    assert (patient.birth_date, patient.sex) == (born, "female")


def test_persons_never_mix_and_neither_do_servers(store: Store):
    store.events.append(ANNA, [PAIN], CLINICIAN)
    store.events.append(BERT, [LESS_PAIN], CLINICIAN)
    assert [store.events.of(who, CLINICIAN).events for who in (ANNA, BERT, OTHER_ANNA)] == [(PAIN,), (LESS_PAIN,), ()]


def test_a_correction_takes_the_place_and_the_old_event_stays_in_the_history(store: Store):
    (first,) = store.events.append(ANNA, [PAIN], CLINICIAN)
    second = store.events.correct(first, LESS_PAIN, CLINICIAN)
    assert store.events.of(ANNA, CLINICIAN).events == (LESS_PAIN,)
    history = store.events.history(ANNA, CLINICIAN)
    assert [(each.id, each.change, each.event, each.replaces) for each in history] == [
        (first, Change.ADDED, PAIN, None),
        (second, Change.CORRECTED, LESS_PAIN, first),
    ]
    assert {each.by for each in history} == {CLINICIAN}


def test_a_withdrawn_event_counts_no_longer(store: Store):
    (first, _) = store.events.append(ANNA, [PAIN, LESS_PAIN], CLINICIAN)
    store.events.withdraw(first, CLINICIAN)
    assert store.events.of(ANNA, CLINICIAN).events == (LESS_PAIN,)
    assert [each.event for each in store.events.history(ANNA, CLINICIAN)] == [PAIN, LESS_PAIN, None]


def test_what_was_replaced_or_is_not_there_cannot_be_corrected(store: Store):
    (first,) = store.events.append(ANNA, [PAIN], CLINICIAN)
    second = store.events.correct(first, LESS_PAIN, CLINICIAN)
    gone = store.events.withdraw(second, CLINICIAN)
    for id, words in (
        (first, f"corrected already, by entry {second}"),
        (second, f"withdrawn already, by entry {gone}"),
        (gone, "holds none"),
        ("no such id", "no such entry"),
    ):
        for attempt in (
            lambda id=id: store.events.correct(id, PAIN, CLINICIAN),
            lambda id=id: store.events.withdraw(id, CLINICIAN),
        ):
            with pytest.raises(EventRefused, match=words):
                attempt()
    assert store.events.of(ANNA, CLINICIAN).events == ()
    assert store.audit.verify().sound


def test_what_cannot_be_kept_whole_is_not_kept_at_all(url: str):
    ids = iter(["one", "two", "one"])
    store = open_store(url, new_id=lambda: next(ids))
    with pytest.raises(Exception, match=r"(?i)unique|only added"):
        store.events.append(ANNA, [PAIN, PAIN, PAIN], CLINICIAN)
    assert store.events.of(ANNA, CLINICIAN).events == ()
    assert store.audit.verify().sound
    store.close()


def test_every_read_and_write_of_events_is_in_the_audit(store: Store):
    (first,) = store.events.append(ANNA, [PAIN], CLINICIAN)
    store.events.of(ANNA, CLINICIAN)
    store.events.withdraw(first, CLINICIAN)
    store.events.history(OTHER_ANNA, CLINICIAN)
    done = [(each.action.name, each.what, each.whom, each.why) for each in store.audit.entries()][1:]
    assert done == [
        ("CREATE", "event", ANNA, "added"),
        ("READ", "event", ANNA, ""),
        ("CREATE", "event", ANNA, "withdrawn"),
        ("READ", "event", OTHER_ANNA, ""),
    ]


# ---- what cannot be read --------------------------------------------------------------------------------------------

UNREADABLE = [
    # what lies there | the concept that cannot be told
    ('{"concept": "pain", "source": "a", "kind": "foreseen", "asserter": "patient"}', "pain"),
    ('{"concept": "pain", "source": "a", "kind": "done", "asserter": "patient", "negated": true}', "pain"),
    ('{"concept": "pain", "source": "a", "kind": "done", "asserter": "patient", "value": {"ratio": "1:2"}}', "pain"),
    ('{"concept": "pain", "source": "a", "kind": "done", "asserter": "patient", "value": {"number": "NaN"}}', "pain"),
    ('{"concept": "pain", "source": "a", "kind": "done", "asserter": "patient", "value": {"number": "1e400"}}', "pain"),
    ('{"concept": "pain", "source": "a", "kind": "done", "asserter": "patient", "start": ["2026-02-30"]}', "pain"),
    ('{"concept": "pain"}', "pain"),
    ('{"event": "pain"}', EVERYTHING),
    ("[]", EVERYTHING),
    ("", EVERYTHING),
    ("\u0000", EVERYTHING),
]


@pytest.mark.parametrize(("body", "concept"), UNREADABLE)
def test_an_entry_that_cannot_be_read_leaves_its_concept_unknown_and_all_others_as_they_are(body: str, concept: str):
    with pytest.raises(ValueError, match=r".+"):
        event_of(body)
    read = event_or_gap(body, "7")
    assert [(gap.concept, gap.source) for gap in gaps_in(read)] == [(concept, "entry/7")]


def test_a_log_with_an_entry_of_a_later_release_is_read_and_goes_on(store: Store, tamper: Tamper):
    store.events.append(ANNA, [PAIN], CLINICIAN)
    (later,) = store.events.append(ANNA, [LESS_PAIN], CLINICIAN)
    tamper("UPDATE event SET body = replace(body, '\"kind\"', '\"sort\"') WHERE id = '" + later + "'")
    record = store.events.of(ANNA, CLINICIAN)
    assert record.events == (PAIN,)
    assert [gap.concept for gap in record.gaps] == [LESS_PAIN.concept]
    store.events.withdraw(later, CLINICIAN)
    assert store.events.of(ANNA, CLINICIAN).gaps == ()
