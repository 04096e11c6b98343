"""`ischio push` into a FHIR server of somebody else: each form is there once, also where the command is killed."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest
from completed_forms import complete
from foreign_server import ask, sekmet
from joserfc.jwk import ECKey

from ischio.clinic.clinic import Clinic
from ischio.clinic.knowledge import read_knowledge
from ischio.interfaces.cli import main
from ischio.store import completed_forms
from ischio.store.entries import Access, Person
from ischio.store.events import standing
from ischio.store.store import open_store

KEY = ECKey.generate_key("P-384", {"kid": "ours", "alg": "ES384"})
BASIC = {"Authorization": "Basic dGVzdDp0ZXN0"}
CLIENTS = [{"client_id": "ischio", "jwks": {"keys": [KEY.as_dict(private=False)]}, "scopes": "system/*.cruds"}]
AUTH = {"types": ["basic", "smart"], "users": {"test": "test"}, "smart_clients": CLIENTS}
BY = Access("patient", datetime(2026, 6, 1, 12, tzinfo=UTC))
KILLED = """
import os, signal, sys
from ischio.interfaces.cli.main import run
from ischio.store.completed_forms import CompletedForms
CompletedForms.settle = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
run(sys.argv[1:])
"""
"""The command, killed after the record has the first form and before that is marked."""
Run = Callable[..., tuple[int, Any]]


@pytest.fixture
def server(tmp_path: Path) -> Iterator[HTTPConnection]:
    with sekmet(tmp_path, server_auth=AUTH, validation={"inbound": "off"}) as connection:
        yield connection


def address(server: HTTPConnection) -> str:
    return f"http://127.0.0.1:{server.port}/fhir"


@pytest.fixture
def words(server: HTTPConnection, tmp_path: Path) -> list[str]:
    """The command, of a store in which two people who are known from the server completed three forms."""
    (tmp_path / "key.json").write_text(json.dumps(KEY.as_dict(private=True)), encoding="utf-8")
    (tmp_path / "clinic.toml").write_text(f'[store]\nurl = "sqlite:///{tmp_path}/store.db"\n', encoding="utf-8")
    with closing(open_store(f"sqlite:///{tmp_path}/store.db")) as store:
        clinic = Clinic(store, read_knowledge())
        for id, times in (("anna", 2), ("bert", 1)):
            known = clinic.people.take_over(Person(address(server), id), f"Sample {id}", "", "north", BY)
            for day in range(times):
                complete(clinic, known, replace(BY, at=BY.at + timedelta(days=day)))
    settings, key = str(tmp_path / "clinic.toml"), str(tmp_path / "key.json")
    return [
        *("push", address(server), "--settings", settings, "--client", "ischio", "--key", key),
        *("--inside", "--http", "--json"),
    ]


@pytest.fixture
def ischio(capsys: pytest.CaptureFixture[str]) -> Run:
    def run(*words: str) -> tuple[int, Any]:
        with pytest.raises(SystemExit) as left:
            main.run(list(words))
        return int(left.value.code or 0), json.loads(capsys.readouterr().out)

    return run


def there(server: HTTPConnection) -> list[dict[str, Any]]:
    server.close()  # it may have lain too long
    status, found = ask(server, "GET", "QuestionnaireResponse?_count=100", **BASIC)
    assert status == 200, found
    return [entry["resource"] for entry in found.get("entry", ())]


def test_each_form_is_there_once_and_changes_where_it_changed(
    server: HTTPConnection, words: list[str], ischio: Run, tmp_path: Path
):
    code, told = ischio(*words)
    assert (code, "--once id" in told["mistakes"][0]["mend"]) == (1, True), "the server says nothing of such resources"
    for pushed in (3, 0):
        code, told = ischio(*words, "--once", "id")
        assert (code, len(told["pushed"]), told["waiting"]) == (0, pushed, 0)
    found = there(server)
    assert sorted(one["subject"]["reference"] for one in found) == ["Patient/anna", "Patient/anna", "Patient/bert"]
    assert {one["identifier"]["value"] for one in found} == {one["id"] for one in found}
    assert {one["status"] for one in found} == {"completed"}
    with closing(open_store(f"sqlite:///{tmp_path}/store.db")) as store:
        (first, *_) = standing(store.events.unaudited(Person(address(server), "bert")))
        store.events.withdraw(first.id, BY)
    code, told = ischio(*words, "--once", "id")
    assert (code, len(told["pushed"])) == (0, 1)
    assert sorted(one["status"] for one in there(server)) == ["amended", "completed", "completed"]


def test_killed_after_sending_and_before_marking_each_form_is_there_once(
    server: HTTPConnection, words: list[str], ischio: Run, monkeypatch: pytest.MonkeyPatch
):
    """Three times over: each run takes one further form and dies with it."""
    for count in range(1, 4):
        killed = subprocess.run(
            [sys.executable, "-c", KILLED, *words, "--once", "id"], env=dict(os.environ), check=False
        )
        assert killed.returncode == -signal.SIGKILL
        assert len(there(server)) == count
    code, told = ischio(*words, "--once", "id")
    assert (code, told["pushed"], told["waiting"]) == (0, [], 3), "somebody may still have them in hand"
    monkeypatch.setattr(completed_forms, "LOST_AFTER", timedelta(0))
    code, told = ischio(*words, "--once", "id")
    assert (code, len(told["pushed"]), told["waiting"]) == (0, 3, 0)
    assert len(there(server)) == 3


def test_several_at_once_push_each_once(server: HTTPConnection, words: list[str]):
    command = [sys.executable, "-c", "import sys; from ischio.interfaces.cli.main import run; run(sys.argv[1:])"]
    running = [
        subprocess.Popen([*command, *words, "--once", "id"], stdout=subprocess.PIPE, env=dict(os.environ))
        for _ in range(3)
    ]
    pushed = [form for one in running for form in json.loads(one.communicate(timeout=120)[0])["pushed"]]
    assert [one.returncode for one in running] == [0, 0, 0]
    assert len(pushed) == len(set(pushed)) == len(there(server)) == 3
    assert {one["meta"]["versionId"] for one in there(server)} == {"1"}


def test_without_its_key_nothing_is_pushed_and_all_waits(server: HTTPConnection, words: list[str], ischio: Run):
    without = [*words[:4], *words[8:]]
    code, told = ischio(*without, "--once", "id")
    assert (code, told["pushed"], told["waiting"], "status 401" in told["stopped"]) == (1, [], 3, True)
    assert there(server) == []
