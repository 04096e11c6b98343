"""Records that a FHIR server of somebody else exports are those that were put there, and are judged alike."""

import json
import re
from base64 import b64encode
from collections.abc import Callable, Iterator
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest
from foreign_server import ask, sekmet
from joserfc.jwk import ECKey

from ischio.fhir.bindings import load_bindings
from ischio.fhir.writer import as_bundle
from ischio.interfaces.cli import main
from ischio.loading.pathway import load_pathway, packaged
from ischio.record.case_form import read_case

CASES = ("sides-differ", "persistent-after-surgery", "closed", "cauda-equina", "evaluation-by-pain-score")
PATHWAY = load_pathway()
BINDINGS = load_bindings(packaged() / "bindings.yaml")
KEY = ECKey.generate_key("P-384", {"kid": "ours", "alg": "ES384"})
BASIC = {"Authorization": f"Basic {b64encode(b'test:test').decode()}"}
CLIENTS = [{"client_id": "ischio", "jwks": {"keys": [KEY.as_dict(private=False)]}, "scopes": "system/*.rs"}]
AUTH = {"types": ["basic", "smart"], "users": {"test": "test"}, "smart_clients": CLIENTS}
Run = Callable[..., tuple[int, Any]]


@pytest.fixture
def ischio(capsys: pytest.CaptureFixture[str]) -> Run:
    """A command with --json: its exit code, and what it printed."""

    def run(*words: object) -> tuple[int, Any]:
        with pytest.raises(SystemExit) as left:
            main.run([*map(str, words), "--json"])
        return int(left.value.code or 0), json.loads(capsys.readouterr().out)

    return run


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HTTPConnection]:
    folder = tmp_path_factory.mktemp("sekmet")
    with sekmet(folder, server_auth=AUTH, validation={"inbound": "off"}) as connection:
        yield connection


def resources() -> Iterator[dict[str, Any]]:
    """Of some cases, each person with ids of their own; the Patient before what names it."""
    for name in CASES:
        case = read_case(packaged() / "cases" / f"{name}.yaml", PATHWAY)
        text = json.dumps([entry["resource"] for entry in as_bundle(case.record, PATHWAY, BINDINGS)["entry"]])
        text = re.sub(r'"id": "(?=[^"]*")', f'"id": "{name}-', text)
        yield from json.loads(re.sub(r'"Patient/(?=[^"]*")', f'"Patient/{name}-', text))


def content(folder: Path) -> list[str]:
    """The resources of NDJSON files, without what the server adds."""
    lines = [line for path in folder.glob("*.ndjson") for line in path.read_text("utf-8").splitlines()]
    return sorted(
        json.dumps({key: value for key, value in json.loads(line).items() if key != "meta"}, sort_keys=True)
        for line in lines
    )


def test_an_export_is_what_was_put_there_and_is_judged_as_that(
    server: HTTPConnection, ischio: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    put = list(resources())
    (tmp_path / "put").mkdir()
    (tmp_path / "put" / "all.ndjson").write_text("".join(f"{json.dumps(one)}\n" for one in put), encoding="utf-8")
    for one in put:
        status, answer = ask(server, "PUT", f"{one['resourceType']}/{one['id']}", one, **BASIC)
        assert status in (200, 201), (one, answer)
    (tmp_path / "key.json").write_text(json.dumps(KEY.as_dict(private=True)), encoding="utf-8")
    address = f"http://127.0.0.1:{server.port}/fhir"
    words = ("--client", "ischio", "--key", tmp_path / "key.json", "--inside", "--http")
    code, told = ischio("pull", address, "--out", tmp_path / "pulled", *words)
    assert code == 0, told
    assert content(tmp_path / "pulled") == content(tmp_path / "put")
    counts = {}
    for name in ("put", "pulled"):
        results = ("--out", tmp_path / f"{name}-out", "--dates", "2026-06-01", "--show-small-cells")
        code, told = ischio("cohort", tmp_path / name, *results)
        assert code == 0, told
        counts[name] = told["counts"]
    assert counts["pulled"] == counts["put"]
    assert any(counts["put"].values())
    with capsys.disabled():
        print(f"\nsekmet took {len(put)} resources of {len(CASES)} people and exported them as they were")


def test_without_its_key_nothing_is_given(server: HTTPConnection, ischio: Run, tmp_path: Path):
    address = f"http://127.0.0.1:{server.port}/fhir"
    code, told = ischio("pull", address, "--out", tmp_path / "a", "--inside", "--http")
    assert (code, "status 401" in told["mistakes"][0]["what"]) == (1, True)
    other = ECKey.generate_key("P-384", {"kid": "ours"})
    (tmp_path / "key.json").write_text(json.dumps(other.as_dict(private=True)), encoding="utf-8")
    words = ("--client", "ischio", "--key", tmp_path / "key.json", "--inside", "--http")
    code, told = ischio("pull", address, "--out", tmp_path / "b", *words)
    assert (code, "invalid_client" in told["mistakes"][0]["what"]) == (1, True)


def test_a_server_in_a_private_network_or_with_http_is_not_asked_unless_that_is_said(
    server: HTTPConnection, ischio: Run, tmp_path: Path
):
    address = f"http://127.0.0.1:{server.port}/fhir"
    for words, why in (((), "not https"), (("--http",), "network that may not be called")):
        code, told = ischio("pull", address, "--out", tmp_path / "out", *words)
        assert (code, why in told["mistakes"][0]["what"]) == (1, True)
