"""Pushing completed forms: each once, whatever breaks off; what is refused is told; what changed is pushed anew."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta

import msgspec
import pytest
from completed_forms import complete

from ischio.clinic.clinic import Clinic
from ischio.clinic.completed import Completed
from ischio.clinic.pushes import UNTOLD, Pushes, Run
from ischio.clinic.taken_over import is_taken_over
from ischio.fhir.export.publication import Publication
from ischio.fhir.forms.form import Json
from ischio.fhir.reader import FhirReader
from ischio.remote.recipient import Fault, NotTaken
from ischio.store.completed_forms import LOST_AFTER, CompletedForms
from ischio.store.entries import Access, Known, Outcome, Person
from ischio.store.events import standing

SERVER = "https://ehr.example/fhir"


class Killed(BaseException):
    """As a process that ends in the midst of it."""


@dataclass
class Record:
    """Keeps one of what it is sent twice, or refuses as it is told. sent: all that came."""

    held: dict[str, Json] = field(default_factory=dict)
    refuses: dict[str, NotTaken] = field(default_factory=dict)
    sent: list[str] = field(default_factory=list)

    def keep(self, response: Json, there: str) -> str:
        person = response["subject"]["reference"].removeprefix("Patient/")
        self.sent.append(person)
        if person in self.refuses:
            raise self.refuses[person]
        id = there or f"at-{response['id']}"
        self.held[id] = response
        return id


@pytest.fixture
def record() -> Record:
    return Record()


@pytest.fixture
def pushes(clinic: Clinic) -> Pushes:
    publication = Publication(clinic.knowledge.pathway, clinic.knowledge.bindings)
    return Pushes(clinic.store, Completed(clinic.store, publication))


@pytest.fixture
def people(clinic: Clinic, by: Access) -> list[Known]:
    """Three of one records system."""
    return [
        clinic.people.take_over(Person(SERVER, id), f"Sample {id}", "", "north", by) for id in ("anna", "bert", "carl")
    ]


def complete_all(clinic: Clinic, people: list[Known], by: Access) -> None:
    """One after the other."""
    for number, known in enumerate(people):
        complete(clinic, known, replace(by, at=by.at - timedelta(minutes=len(people) - number)))


def clocked(by: Access, later: timedelta = timedelta()) -> Callable[[], Access]:
    return lambda: Access("command line", by.at + later)


def run(pushes: Pushes, record: Record, by: Access, later: timedelta = timedelta(), *, again: bool = False) -> Run:
    return pushes.run(SERVER, record.keep, clocked(by, later), again=again)


def ids(run: Run) -> tuple[int, int, int, int]:
    return len(run.pushed), len(run.refused), len(run.failed), run.waiting


def test_each_is_pushed_once(clinic: Clinic, people: list[Known], pushes: Pushes, record: Record, by: Access):
    complete_all(clinic, people, by)
    assert ids(run(pushes, record, by)) == (3, 0, 0, 0)
    assert ids(run(pushes, record, by, timedelta(days=1))) == (0, 0, 0, 0)
    assert record.sent == ["anna", "bert", "carl"]
    assert {one["source"]["reference"] for one in record.held.values()} == {f"Patient/{id}" for id in record.sent}
    told = [(entry.whom, entry.outcome, entry.why) for entry in clinic.store.audit.entries() if entry.what == "push"]
    assert told == [(known.whom, Outcome.SUCCESS, "pushed") for known in people]
    assert clinic.store.audit.verify().sound


def test_people_of_another_server_or_of_none_are_left_alone(
    clinic: Clinic, anna: Known, pushes: Pushes, record: Record, by: Access
):
    elsewhere = clinic.people.take_over(Person(f"{SERVER}/2", "dora"), "Dora Sample", "", "north", by)
    complete(clinic, anna, by)
    complete(clinic, elsewhere, by)
    assert ids(run(pushes, record, by)) == (0, 0, 0, 0)
    assert record.sent == []


def test_one_that_is_refused_is_told_and_does_not_stop_the_others(
    clinic: Clinic, people: list[Known], pushes: Pushes, record: Record, by: Access
):
    complete_all(clinic, people, by)
    record.refuses["bert"] = NotTaken(Fault.NEVER, "status 422; error: Bert Sample is not known", 422)
    first = run(pushes, record, by)
    assert ids(first) == (2, 1, 0, 0)
    assert first.refused[0].why == "status 422; error: Bert Sample is not known"
    assert ids(run(pushes, record, by)) == (0, 0, 0, 0), "not by itself"
    told = [entry.why for entry in clinic.store.audit.entries() if entry.what == "push"]
    assert told == ["pushed", "refused, status 422", "pushed"], "none of the record's words, which outlive an erasure"
    record.refuses.clear()
    assert ids(run(pushes, record, by, again=True)) == (1, 0, 0, 0)
    assert len(record.held) == 3


@pytest.mark.parametrize(
    ("fault", "asked", "stopped"),
    [(Fault.LATER, ["anna", "bert", "carl"], False), (Fault.UNREACHABLE, ["anna"], True)],
)
def test_what_is_not_taken_now_waits(
    clinic: Clinic, people: list[Known], pushes: Pushes, record: Record, by: Access, fault: Fault, asked: list[str],
    stopped: bool,
):  # fmt: skip
    complete_all(clinic, people, by)
    record.refuses["anna"] = NotTaken(fault, "not now")
    first = run(pushes, record, by)
    assert (record.sent, first.stopped) == (asked, "not now" if stopped else "")
    assert [form.why for form in first.failed] == ([] if stopped else ["not now"])
    record.refuses.clear()
    run(pushes, record, by)
    assert len(record.held) == 3


@pytest.mark.parametrize("marked", [False, True])
def test_who_dies_between_sending_and_marking_leaves_one_form_in_the_record(
    clinic: Clinic, people: list[Known], pushes: Pushes, record: Record, by: Access,
    monkeypatch: pytest.MonkeyPatch, marked: bool,
):  # fmt: skip
    """Before or after the mark; the next run takes it up once it is sure that nobody has it in hand."""
    complete(clinic, people[0], by)
    settle = CompletedForms.settle

    def dies(*arguments: object) -> None:
        if marked:
            settle(*arguments)  # type: ignore[arg-type]  # as they came
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(CompletedForms, "settle", dies)
        with pytest.raises(Killed):
            run(pushes, record, by)
    run(pushes, record, by, LOST_AFTER)
    assert len(record.sent) == 1, "another process may still have it in hand"
    after = run(pushes, record, by, LOST_AFTER + timedelta(seconds=1))
    assert (len(after.pushed), len(record.sent), len(record.held)) == ((0, 1, 1) if marked else (1, 2, 1))


def test_what_is_taken_back_is_taken_back_in_the_record(
    clinic: Clinic, people: list[Known], pushes: Pushes, record: Record, by: Access
):
    complete(clinic, people[0], by)
    run(pushes, record, by)
    ((there, _),) = record.held.items()
    for status in ("amended", "entered-in-error"):
        (first, *_) = standing(clinic.store.events.unaudited(people[0].whom))
        clinic.store.events.withdraw(first.id, by)
        assert ids(run(pushes, record, by)) == (1, 0, 0, 0)
        assert {id: held["status"] for id, held in record.held.items()} == {there: status}


@pytest.mark.parametrize("id", ["17", None])
def test_what_comes_back_from_the_record_is_not_said_twice(
    clinic: Clinic, people: list[Known], pushes: Pushes, record: Record, by: Access, id: str | None
):
    """At the next launch, also after an answer was taken back here; by whatever id the record keeps it."""
    anna = people[0]
    form = complete(clinic, anna, by)
    pushes.run(SERVER, lambda response, _: record.keep(response, id or form.id), clocked(by))
    ((there, pushed),) = record.held.items()
    copy = msgspec.json.decode(msgspec.json.encode(pushed | {"id": there}))
    other = copy | {"id": "18", "authored": "2026-05-01"}
    reader = FhirReader(clinic.knowledge.pathway.concepts, clinic.knowledge.bindings)
    entries = [{"resource": one} for one in ({"resourceType": "Patient", "id": "anna"}, copy, other)]
    read = reader.read(msgspec.json.encode({"resourceType": "Bundle", "entry": entries}))
    sources = {event.source for event in read.events}
    assert sources == {f"QuestionnaireResponse/{there}", "QuestionnaireResponse/18"}
    own = clinic.store.events.of(anna.whom, by).events
    for taken_back in (False, True):
        if taken_back:
            (first, *_) = standing(clinic.store.events.unaudited(anna.whom))
            clinic.store.events.withdraw(first.id, by)
        clinic.charts.follow(anna, read, by)
        after = clinic.store.events.of(anna.whom, by).events
        assert [event for event in after if not is_taken_over(event)] == list(own[taken_back:])
        assert {event.source for event in after if is_taken_over(event)} == {"record/QuestionnaireResponse/18"}


def test_what_this_version_cannot_tell_is_told_and_not_sent(
    clinic: Clinic, people: list[Known], pushes: Pushes, record: Record, by: Access
):
    complete(clinic, people[0], by)
    (first, *_) = standing(clinic.store.events.unaudited(people[0].whom))
    assert first.event is not None
    clinic.store.events.append(people[0].whom, [replace(first.event, concept="of a later version")], by)
    told = run(pushes, record, by)
    assert ([form.why for form in told.refused], record.sent) == ([UNTOLD], [])


def test_an_erasure_takes_the_marks_and_nothing_is_pushed_any_more(
    clinic: Clinic, people: list[Known], pushes: Pushes, record: Record, by: Access
):
    complete_all(clinic, people, by)
    record.refuses["bert"] = NotTaken(Fault.NEVER, "Bert Sample is not known", 422)
    run(pushes, record, by)
    for known in people[:2]:
        went = clinic.store.erasures.erase(known.whom, "request of the person", by)
        assert went.rows["completed_form"] == 1
        assert clinic.store.completed_forms.of(known.whom) == ()
    assert ids(run(pushes, record, by, again=True)) == (0, 0, 0, 0)
    assert "Bert" not in str([*clinic.store.audit.entries()])
    assert clinic.store.audit.verify().sound
