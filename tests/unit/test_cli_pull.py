"""`ischio pull` as it is typed: what is read, what a program gets, what is refused. Beneath it: test_remote_bulk."""

import json
from pathlib import Path

import pytest
from joserfc.jwk import ECKey, RSAKey
from records_system import Asked, Reply, serving

from ischio.interfaces.cli import main
from ischio.interfaces.cli.backend import SECRET

CANARY = "canary-word-51c0"
TINY = Path(__file__).parents[1] / "knowledge" / "tiny"


@pytest.fixture
def ischio(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch):
    """Runs a command; gives its exit code, its output and its errors."""
    monkeypatch.delenv(SECRET, raising=False)

    def run(*arguments: object) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as left:
            main.run([str(argument) for argument in arguments])
        printed = capsys.readouterr()
        return int(left.value.code or 0), printed.out, printed.err

    return run


def export(asked: Asked) -> Reply:
    """A server with one patient to export, and something that went wrong."""
    url = f"http://{asked.headers['host']}"
    if asked.path.endswith("smart-configuration"):
        return Reply(body={"token_endpoint": f"{url}/token"})
    if asked.path == "/token":
        return Reply(body={"access_token": CANARY, "token_type": "Bearer", "expires_in": 60})
    if asked.path.endswith("$export"):
        return Reply(202, b"", {"content-location": f"{url}/status"})
    if asked.path == "/status":
        files = {"output": [{"type": "Patient", "url": f"{url}/file"}]}
        return Reply(body=files | {"error": [{"type": "OperationOutcome", "url": f"{url}/errors"}]})
    if asked.path == "/errors":
        issue = {"severity": "warning", "code": "incomplete", "diagnostics": "3 resources were left out"}
        return Reply(body={"resourceType": "OperationOutcome", "issue": [issue]})
    return Reply(body={"resourceType": "Patient", "id": "p1"})


def test_the_screen_says_what_came_what_did_not_and_how_to_go_on(ischio, tmp_path: Path):
    with serving(export) as served:
        code, out, err = ischio("pull", f"{served.url}/fhir", "--out", tmp_path / "r", "--inside", "--http")
    assert (code, err) == (0, "")
    assert "1 files, 0.0 MB" in out
    assert "00001-Patient.ndjson" in out
    assert "! The server says: warning, incomplete: 3 resources were left out" in out
    assert f"Go on: ischio cohort {tmp_path / 'r'} --out results" in out
    assert (tmp_path / "r").stat().st_mode & 0o077 == 0, "nobody else on the machine reads it"


def test_json_for_a_program(ischio, tmp_path: Path):
    with serving(export) as served:
        code, out, _ = ischio("pull", f"{served.url}/fhir", "--out", tmp_path / "r", "--inside", "--http", "--json")
    assert code == 0
    assert json.loads(out)["files"] == {"00001-Patient.ndjson": 36}


def test_a_secret_comes_from_the_environment_and_is_printed_nowhere(
    ischio, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv(SECRET, f"{CANARY}-secret")
    with serving(export) as served:
        words = ("--out", tmp_path / "r", "--client", "us", "--inside", "--http")
        code, out, err = ischio("--debug", "pull", f"{served.url}/fhir", *words)
        assert any("authorization" in asked.headers for asked in served.asked)
    assert code == 0
    assert CANARY not in out + err + "".join(path.read_text() for path in (tmp_path / "r").iterdir())


KEYS = {
    "no file": (None, "cannot be read"),
    "no JSON": ("-----BEGIN PRIVATE KEY-----", "no JWK"),
    "a public key": (json.dumps(ECKey.generate_key("P-384").as_dict(private=False)), "no private key"),
    "another curve": (json.dumps(ECKey.generate_key("P-256").as_dict(private=True)), "not P-384"),
    "too short": (None, "fewer than 2048 bits"),
    "no key at all": ('{"kty": "RSA", "d": "x"}', "do not make a key"),
}


@pytest.mark.parametrize("name", KEYS)
@pytest.mark.filterwarnings("ignore:Key size")
def test_a_key_that_cannot_be_used_is_told_with_the_mend(ischio, tmp_path: Path, name: str):
    written, why = KEYS[name]
    if name == "too short":
        written = json.dumps(RSAKey.generate_key(1024).as_dict(private=True))
    path = tmp_path / "key.json"
    if written is not None:
        path.write_text(written, encoding="utf-8")
    code, _, err = ischio("pull", "https://fhir.example.org", "--out", tmp_path / "r", "--client", "us", "--key", path)
    assert code == 1
    assert why in err
    assert "Give the private key" in err
    assert "Traceback" not in err


@pytest.mark.parametrize("words", [("--client", "us"), ("--key", "key.json")])
def test_a_client_goes_with_its_key(ischio, tmp_path: Path, words: tuple[str, ...]):
    code, _, err = ischio("pull", "https://fhir.example.org", "--out", tmp_path / "r", *words)
    assert code == 2
    assert "--client with --key" in err


@pytest.mark.parametrize("url", ["fhir.example.org", "ftp://fhir.example.org", "https://", "https://[x"])
def test_what_is_no_address(ischio, tmp_path: Path, url: str):
    code, _, err = ischio("pull", url, "--out", tmp_path / "r", "--pathway", TINY)
    assert code == 1
    assert "address" in err
