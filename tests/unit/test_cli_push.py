"""`ischio push` as it is typed: what it says of each form, and what a program gets. Beneath it: test_clinic_pushes."""

import json
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from completed_forms import complete
from records_system import Asked, Reply, Served, serving

from ischio.clinic.clinic import Clinic
from ischio.clinic.knowledge import read_knowledge
from ischio.interfaces.cli import main
from ischio.store.completed_forms import CompletedForm
from ischio.store.entries import Access, Action, Person
from ischio.store.store import open_store

BY = Access("patient", datetime(2026, 6, 1, 12, tzinfo=UTC))
REFUSES = "bert"
WHY = {
    "resourceType": "OperationOutcome",
    "issue": [{"severity": "error", "code": "value", "diagnostics": "No\x1b[1m"}],
}
Run = Callable[..., tuple[int, str, str]]


def record(asked: Asked) -> Reply:
    if asked.path.endswith("/metadata"):
        return Reply(body={"rest": [{"resource": [{"type": "QuestionnaireResponse", "updateCreate": True}]}]})
    refused = json.loads(asked.body)["subject"]["reference"].endswith(REFUSES)
    return Reply(422, WHY) if refused else Reply(201, b"")


@pytest.fixture
def served() -> Iterator[Served]:
    with serving(record) as one:
        yield one


@pytest.fixture
def ischio(served: Served, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """The command on a store of its own."""
    monkeypatch.setenv("ISCHIO_STORE_URL", f"sqlite:///{tmp_path}/store.db")
    open_store(f"sqlite:///{tmp_path}/store.db").close()

    def run(*words: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as left:
            main.run(["push", f"{served.url}/fhir", "--inside", "--http", *words])
        printed = capsys.readouterr()
        return int(left.value.code or 0), printed.out, printed.err

    return run


@pytest.fixture
def forms(served: Served, tmp_path: Path) -> dict[str, CompletedForm]:
    """One of each of two people, by the id that the record has of them."""
    with closing(open_store(f"sqlite:///{tmp_path}/store.db")) as store:
        clinic = Clinic(store, read_knowledge())
        people = [
            clinic.people.take_over(Person(f"{served.url}/fhir", id), f"Sample {id}", "", "north", BY)
            for id in ("anna", REFUSES)
        ]
        return {known.whom.id: complete(clinic, known, BY) for known in people}


def test_what_would_be_pushed_is_shown_and_nobody_is_asked(
    ischio: Run, forms: dict[str, CompletedForm], served: Served, tmp_path: Path
):
    code, out, _ = ischio("--show")
    assert (code, sorted(out.splitlines())) == (0, sorted(f"{form.id} of {id}" for id, form in forms.items()))
    told: dict[str, Any] = json.loads(ischio("--show", "--json")[1])
    assert {one["form"]: one["patient"] for one in told["waiting"]} == {form.id: id for id, form in forms.items()}
    assert served.asked == []
    with closing(open_store(f"sqlite:///{tmp_path}/store.db")) as store:
        newest = list(store.audit.entries())[-1]
    assert (newest.action, newest.what) == (Action.READ, "completed form")


def test_the_screen_says_what_went_what_did_not_and_why(ischio: Run, forms: dict[str, CompletedForm]):
    refused = f"  {forms[REFUSES].id} of {REFUSES}: status 422; error, value: No?[1m"
    code, out, err = ischio()
    assert (code, err) == (1, "")
    assert out.splitlines() == [
        "Pushed: 1. Waiting: 0.",
        "Refused, and tried again with --again alone: 1.",
        refused,
    ]
    assert ischio() == (0, "Pushed: 0. Waiting: 0.\n", "")
    assert ischio("--show")[1] == "Nothing is to be pushed.\n"
    assert ischio("--again")[1].splitlines()[-1] == refused


def test_json_for_a_program(ischio: Run, forms: dict[str, CompletedForm]):
    code, out, _ = ischio("--json")
    told = json.loads(out)
    assert (code, told["pushed"], list(told["refused"])) == (1, [forms["anna"].id], [forms[REFUSES].id])
    assert (told["failed"], told["waiting"], told["stopped"]) == ({}, 0, "")


def test_a_record_that_does_not_answer_stops_the_run_and_all_waits(
    ischio: Run, forms: dict[str, CompletedForm], served: Served
):
    served.answer = lambda _: Reply(503, b"")
    code, out, _ = ischio("--once", "id")
    assert (code, out.splitlines()[:2]) == (1, ["Pushed: 0. Waiting: 2.", "Not taken, to be tried again: 2."])
    served.answer = lambda _: Reply(401, b"")
    code, out, _ = ischio("--once", "identifier")
    assert (code, "Stopped: status 401. What waits is pushed by the next run." in out) == (1, True)
    assert len(forms) == 2


def test_where_nobody_is_known_from_the_server_it_says_so(ischio: Run, served: Served):
    code, out, _ = ischio("--once", "id")
    assert code == 0
    assert f"Nobody who is known from {served.url}/fhir has completed a form." in out


def test_a_store_that_is_not_there_is_told_with_the_mend(ischio: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("ISCHIO_STORE_URL", f"sqlite:///{tmp_path}/other.db")
    code, _, err = ischio("--once", "id")
    assert (code, "ischio store migrate" in err) == (1, True)
