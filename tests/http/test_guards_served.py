"""What only a real service on real connections shows: slow callers, and that it stops without cutting anybody off."""

import json
import signal
import socket
import time
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey
from serving import Serving, served


def connected(serving: Serving) -> socket.socket:
    parts = urlsplit(serving.base)
    assert parts.hostname
    return socket.create_connection((parts.hostname, parts.port), timeout=60)


def all_of(connection: socket.socket) -> bytes:
    """Everything until the other side closes."""
    found = b""
    while piece := connection.recv(65536):
        found += piece
    return found


BODY = b'{"hook": "patient-view", "hookInstance": "no uuid", "context": {}}'
HEAD = b"POST /cds-services/ischiofemoral-patient-view HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"


def test_a_caller_that_never_ends_its_head_or_its_body_is_let_go(tmp_path: Path):
    with served(tmp_path, ISCHIO_LIMITS_SECONDS="1") as serving:
        silent, slow = connected(serving), connected(serving)
        slow.sendall(b"GET / HTTP/1.1\r\nHost: a\r\nX-Slow: ")
        assert (all_of(silent), all_of(slow)) == (b"", b"")
        assert httpx.get(f"{serving.base}/health/live").status_code == 200


def test_told_to_stop_it_ends_what_it_began(tmp_path: Path):
    """The second half of a body is sent after the signal, and new callers are turned away meanwhile."""
    with served(tmp_path) as serving:
        calling = connected(serving)
        calling.sendall(HEAD + b"Content-Length: %d\r\n\r\n" % len(BODY) + BODY[:20])
        # What was sent before is read before: this answer shows that the half body has arrived too.
        assert httpx.get(f"{serving.base}/health/live").status_code == 200
        serving.process.send_signal(signal.SIGTERM)
        until_closed(serving)
        calling.sendall(BODY[20:])
        assert all_of(calling).startswith(b"HTTP/1.1 400 ")
        assert serving.process.wait(60) in (0, -signal.SIGTERM)
    lines = [json.loads(line) for line in serving.logged().splitlines()]
    assert any((line.get("route"), line.get("status")) == ("/cds-services/{id}", 400) for line in lines)
    assert lines[-1]["message"].startswith("Finished server process")


def until_closed(serving: Serving) -> None:
    """Waits until nobody new is let in."""
    for _ in range(600):
        try:
            connected(serving).close()
        except ConnectionRefusedError:
            return
        time.sleep(0.1)
    raise AssertionError("it went on to take new connections")


@pytest.mark.parametrize("workers", ["2"])
def test_several_processes_count_together(tmp_path: Path, workers: str):
    with served(tmp_path, ISCHIO_SERVER_WORKERS=workers) as serving:
        for _ in range(20):
            assert httpx.get(f"{serving.base}/health/live").status_code == 200
        page = httpx.get(f"{serving.base}/metrics").text
        assert 'ischio_requests_total{method="GET",route="/health/live",status="200"} 2' in page
        serving.stop()


def test_processes_end_with_the_one_that_started_them(tmp_path: Path):
    """Killed, it can tell them nothing; they see it by themselves, end what they began, and leave the port."""
    with served(tmp_path, ISCHIO_SERVER_WORKERS="2") as serving:
        started = descendants(serving.process.pid)
        assert len(started) >= 2
        calling = connected(serving)
        calling.sendall(HEAD + b"Content-Length: %d\r\n\r\n" % len(BODY) + BODY[:20])
        assert httpx.get(f"{serving.base}/health/live").status_code == 200
        serving.process.kill()
        until_closed(serving)
        calling.sendall(BODY[20:])
        assert all_of(calling).startswith(b"HTTP/1.1 400 ")
        assert [pid for pid in started if not gone(pid)] == []
    assert all(line.startswith("{") for line in serving.logged().splitlines()), serving.logged()


OWN = ECKey.generate_key("P-384", {"kid": "k1"})
LISTED = """
[[clients]]
issuer = "https://ehr.example.org"
keys = "keys.json"
"""


def signed(address: str, name: str) -> str:
    """A token as a records system signs it for one address."""
    now = int(time.time())
    claims = {"iss": "https://ehr.example.org", "aud": address, "exp": now + 300, "iat": now, "jti": name}
    return jwt.encode({"alg": "ES384", "kid": "k1", "typ": "JWT"}, claims, OWN, ["ES384"])


def test_a_token_counts_once_whichever_process_it_reaches(tmp_path: Path):
    """Each call is a connection of its own, which either of two processes may take."""
    (tmp_path / "keys.json").write_text(json.dumps({"keys": [OWN.as_dict(private=False)]}), "utf-8")
    (tmp_path / "serve.toml").write_text(LISTED, "utf-8")
    with served(tmp_path, "--settings", "serve.toml", ISCHIO_SERVER_WORKERS="2") as serving:
        address = f"{serving.base}/cds-services"
        for name in ("one", "two"):
            shown = {"Authorization": f"Bearer {signed(address, name)}"}
            found = [httpx.get(address, headers=shown).status_code for _ in range(10)]
            assert found == [200] + [401] * 9
        serving.stop()


def descendants(pid: int) -> list[int]:
    own = [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return [*own, *(one for child in own for one in descendants(child))]


def gone(pid: int) -> bool:
    """Waits for it. A process that ended and that nobody has asked about yet counts as gone."""
    for _ in range(600):
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except FileNotFoundError:
            return True
        if state == "Z":
            return True
        time.sleep(0.1)
    return False


@pytest.mark.parametrize(("proxies", "last"), [("127.0.0.1", 404), ("", 429)], ids=["listed", "not listed"])
def test_only_a_listed_proxy_tells_who_calls(tmp_path: Path, proxies: str, last: int):
    """Two calls are allowed to each caller; the third says that it is of somebody else."""
    listed = {"ISCHIO_SERVER_PROXIES": proxies} if proxies else {}
    with served(tmp_path, ISCHIO_LIMITS_REQUESTS="2", **listed) as serving:
        said = [httpx.get(f"{serving.base}/none", headers={"X-Forwarded-For": f"10.0.0.{n}"}) for n in (1, 1, 2)]
    assert [answer.status_code for answer in said] == [404, 404, last]
