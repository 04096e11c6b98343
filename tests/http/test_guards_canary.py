"""A name is planted in everything that a caller can send, and looked for in all that is logged."""

import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from ischio.interfaces.http.app import build, service_of
from ischio.interfaces.http.guards.log import JsonLines, set_up_logging
from ischio.interfaces.http.settings import Settings
from ischio.store.store import open_store

CANARY = "Canaria-Mustermann-7"
PATIENT = {
    "resourceType": "Patient",
    "id": CANARY,
    "name": [{"text": CANARY, "family": CANARY}],
    "birthDate": "1984-05-02",
}
CONDITION = {
    "resourceType": "Condition",
    "id": CANARY,
    "subject": {"reference": f"Patient/{CANARY}"},
    "code": {"text": CANARY, "coding": [{"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": "M25.551"}]},
    "onsetDateTime": CANARY,
    "note": [{"text": CANARY}],
}
BUNDLE = {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": PATIENT}, {"resource": CONDITION}]}


def call(**others: Any) -> dict[str, Any]:
    return {
        "hook": "patient-view",
        "hookInstance": "d1577c69-dfbe-44ad-ba6d-3e05e953b2ea",
        "context": {"userId": f"Practitioner/{CANARY}", "patientId": CANARY},
        "prefetch": {"patient": PATIENT, "condition": {**BUNDLE, "type": "searchset"}},
    } | others


HOOK = "/cds-services/ischiofemoral-patient-view"
APPLY = "/fhir/PlanDefinition/ischiofemoral/$apply"
SUBJECT = {"name": "subject", "valueString": f"Patient/{CANARY}"}
PARAMETERS = {"resourceType": "Parameters", "parameter": [SUBJECT, {"name": "data", "resource": BUNDLE}]}
FEEDBACK = {"feedback": [{"card": CANARY, "outcome": "overridden", "overrideReason": {"userComment": CANARY}}]}
LENT = {"access_token": CANARY, "token_type": "Bearer", "expires_in": 9, "scope": CANARY, "subject": CANARY}

# path | body; None: a GET
SENT: tuple[tuple[str, Any], ...] = (
    (HOOK, call()),
    (HOOK, call(hookInstance=CANARY)),
    (HOOK, call(hook=CANARY)),
    (HOOK, call(prefetch={"patient": {**PATIENT, "id": "other"}})),
    (HOOK, call(prefetch={"patient": CANARY})),
    (HOOK, call(fhirServer=f"https://{CANARY.lower()}.example", fhirAuthorization=LENT, prefetch=None)),
    (HOOK, CANARY),
    (f"{HOOK}/feedback", FEEDBACK),
    (f"/cds-services/{CANARY}", call()),
    (f"{HOOK}/why/{CANARY}", None),
    (APPLY, PARAMETERS),
    (f"{APPLY}?subject=Patient/{CANARY}", None),
    (f"/fhir/PlanDefinition/{CANARY}", None),
    (f"/fhir/PlanDefinition?name={CANARY}", None),
    ("/fhir/QuestionnaireResponse", {"resourceType": "QuestionnaireResponse", "questionnaire": CANARY}),
    (f"/smart/launch?iss={CANARY}&launch={CANARY}", None),
    (f"/smart/callback?code={CANARY}&state={CANARY}", None),
    (f"/smart/at/{CANARY}", None),
    (f"/{CANARY}", None),
)


@pytest.fixture
def lines() -> Iterator[list[str]]:
    """What would be written: every logger of this process as `ischio serve` sets them up."""
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    found: list[str] = []

    class Kept(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            found.append(self.format(record))

    set_up_logging()
    kept = Kept()
    kept.setFormatter(JsonLines())
    root.handlers[:] = [kept]
    yield found
    root.handlers[:] = before
    root.setLevel(level)


def test_nothing_that_a_caller_sent_is_in_a_log_line(tmp_path: Path, lines: list[str]):
    store = open_store(f"sqlite:///{tmp_path / 'ischio.db'}")
    client = TestClient(build(service_of(Settings(), store)), raise_server_exceptions=True)
    headers = {"User-Agent": CANARY, "Cookie": f"a={CANARY}", "Authorization": f"Bearer {CANARY}"}
    answers = [
        client.request("GET" if body is None else "POST", path, json=body, headers=headers) for path, body in SENT
    ]
    assert [answer.status_code for answer in answers if answer.status_code >= 500] == []
    assert answers[0].status_code == answers[10].status_code == 200
    assert len([line for line in lines if "route" in json.loads(line)]) >= len(SENT)
    assert [line for line in lines if CANARY.lower() in line.lower()] == []
    store.close()


def test_nothing_of_it_is_in_a_log_line_when_the_store_fails(tmp_path: Path, lines: list[str]):
    """An error of a database repeats what was to be written; the log does not."""
    store = open_store(f"sqlite:///{tmp_path / 'ischio.db'}")
    with store.database.writing(on_disk=False) as connection:
        for table in ("card", "event"):
            connection.exec_driver_sql(f"alter table {table} rename to {table}_gone")
    client = TestClient(build(service_of(Settings(), store)))
    answers = [client.post(path, json=body) for path, body in SENT if body is not None]
    assert any(answer.status_code >= 500 for answer in answers)
    assert "Traceback" not in "".join(answer.text for answer in answers)
    assert [line for line in lines if CANARY.lower() in line.lower()] == []
    store.close()
