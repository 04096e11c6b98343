"""Bulk export: asked for, waited for, fetched whole, and what a server can do wrong on the way."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from joserfc import jws
from joserfc.jwk import RSAKey
from records_system import Asked, Reply, Served, guard_for, serving

from ischio.remote.addresses import AddressGuard
from ischio.remote.authority import Registration
from ischio.remote.bulk import UNDER_WAY, Order, Pull, Pulled, PullError
from ischio.remote.signing import client_key

CANARY = "canary-bulk-7f3a9c"
KEY = RSAKey.generate_key(2048, {"kid": "ours"})
NOW = datetime(2026, 6, 1, tzinfo=UTC)
FILES = {"1": b'{"resourceType":"Patient","id":"p1"}\n', "2": b'{"resourceType":"Observation","id":"o1"}\n' * 1000}


@dataclass
class BulkServer:
    """A server with an export of two files. faults: what is wrong, by name."""

    looks: int = 2
    faults: set[str] = field(default_factory=set)
    manifest_more: dict[str, Any] = field(default_factory=dict)
    lasts: int = 3600
    url: str = ""
    tokens: list[str] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)

    def answer(self, asked: Asked) -> Reply:
        self.asked.append(asked)
        path = asked.path.removeprefix("/fhir/")
        if path == ".well-known/smart-configuration":
            return Reply(body={"token_endpoint": f"{self.url}/token"})
        if asked.path == "/token":
            return self.token(asked)
        if asked.headers.get("authorization") not in [f"Bearer {token}" for token in self.tokens]:
            return Reply(401, b"")
        if path.endswith("$export"):
            return Reply(202, b"", {"content-location": f"{self.url}/fhir/status/7"})
        if path == "status/7":
            return self.status(asked)
        return self.file(path.removeprefix("files/"), asked)

    def token(self, asked: Asked) -> Reply:
        claims = json.loads(jws.deserialize_compact(asked.form["client_assertion"], KEY, algorithms=["RS384"]).payload)
        assert asked.form["grant_type"] == "client_credentials"
        assert claims["iss"] == claims["sub"] == "ischio"
        assert claims["aud"] == f"{self.url}/token"
        self.tokens.append(f"{CANARY}-{len(self.tokens)}")
        scope = asked.form["scope"]
        return Reply(
            body={"access_token": self.tokens[-1], "token_type": "bearer", "expires_in": self.lasts, "scope": scope}
        )

    def status(self, asked: Asked) -> Reply:
        if asked.method == "DELETE":
            return Reply(202, b"")
        if "fails" in self.faults:
            return Reply(500, {"resourceType": "OperationOutcome"})
        self.looks -= 1
        if self.looks >= 0:
            return Reply(202, b"", {"x-progress": "half done", "retry-after": "7"})
        output = [
            {"type": "Patient", "url": f"{self.url}/fhir/files/1"},
            {"type": "Observation", "url": f"{self.url}/fhir/files/2"},
        ]
        manifest = {
            "transactionTime": "2026-06-01T00:00:00Z",
            "requiresAccessToken": True,
            "output": output,
            "error": [],
        }
        return Reply(body=manifest | self.manifest_more)

    def file(self, name: str, asked: Asked) -> Reply:
        whole = FILES[name]
        if "breaks off" in self.faults and name == "2":
            self.faults.discard("breaks off")

            def stream(write: Callable[[bytes], object]) -> None:
                write(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n" % len(whole) + whole[:20_000])

            return Reply(stream=stream, raw=True)
        start = asked.headers.get("range", "")
        if start and "no ranges" not in self.faults:
            at = int(start.removeprefix("bytes=").removesuffix("-"))
            return Reply(206, whole[at:], {"content-range": f"bytes {at}-{len(whole) - 1}/{len(whole)}"})
        return Reply(body=whole)


@dataclass
class Waited:
    """A clock that goes on by what is waited for."""

    now: datetime = NOW
    waits: list[float] = field(default_factory=list)

    def pause(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.now += timedelta(seconds=seconds)


def pull_of(server: BulkServer, served: Served, folder: Path, clock: Waited, **more: Any) -> Pull:
    server.url = served.url
    known_as = Registration(f"{served.url}/fhir", "ischio", "system/*.rs", key=client_key(KEY.as_dict(private=True)))
    order = Order(known_as, types=("Patient", "Observation"), **more)
    return Pull(order, folder, guard_for(served), pause=clock.pause, now=lambda: clock.now)


def pulled(server: BulkServer, folder: Path, clock: Waited | None = None, **more: Any) -> Pulled:
    with serving(server.answer) as served:
        return pull_of(server, served, folder, clock or Waited(), **more).run()


def refused(server: BulkServer, folder: Path, **more: Any) -> str:
    with pytest.raises(PullError) as told:
        pulled(server, folder, **more)
    text = str(told.value)
    assert CANARY not in text
    return text


def content(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


WHOLE = {"00001-Patient.ndjson": FILES["1"], "00002-Observation.ndjson": FILES["2"]}


def test_an_export_is_asked_for_waited_for_fetched_and_given_back(tmp_path: Path):
    server, clock = BulkServer(), Waited()
    found = pulled(server, tmp_path / "out", clock)
    assert content(tmp_path / "out") == WHOLE
    assert (found.at, found.told) == ("2026-06-01T00:00:00Z", ())
    assert found.files == {name: len(data) for name, data in WHOLE.items()}
    assert clock.waits == [7, 7]
    kick = next(asked for asked in server.asked if asked.path.endswith("$export"))
    assert kick.path == "/fhir/Patient/$export"
    assert kick.headers["prefer"] == "respond-async"
    assert kick.query == {"_outputFormat": "application/fhir+ndjson", "_type": "Patient,Observation"}
    assert [asked.method for asked in server.asked if asked.path.endswith("status/7")] == ["GET"] * 3 + ["DELETE"]
    assert len(server.tokens) == 1


def test_a_group(tmp_path: Path):
    server = BulkServer()
    pulled(server, tmp_path / "out", group="g/1")
    assert any(asked.path == "/fhir/Group/g%2F1/$export" for asked in server.asked)


def test_a_token_that_ends_meanwhile_is_renewed(tmp_path: Path):
    server = BulkServer(looks=4, lasts=75)
    pulled(server, tmp_path / "out")
    assert len(server.tokens) > 1


@pytest.mark.parametrize("ranges", ["ranges", "no ranges"])
def test_a_file_that_breaks_off_goes_on(tmp_path: Path, ranges: str):
    server = BulkServer(faults={"breaks off", ranges})
    pulled(server, tmp_path / "out")
    assert content(tmp_path / "out") == WHOLE
    assert any("range" in asked.headers for asked in server.asked)


def test_a_pull_that_was_stopped_goes_on_with_the_same_export(tmp_path: Path):
    server, clock = BulkServer(looks=0), Waited()
    out = tmp_path / "out"

    def stopped(*_: int) -> None:
        raise KeyboardInterrupt

    with serving(server.answer) as served:
        first = pull_of(server, served, out, clock)
        first.fetched = stopped
        with pytest.raises(KeyboardInterrupt):
            first.run()
        assert set(content(out)) == {UNDER_WAY, "00001-Patient.ndjson"}
        assert CANARY not in (out / UNDER_WAY).read_text()
        pull_of(server, served, out, clock).run()
    assert content(out) == WHOLE
    paths = [asked.path.rpartition("/")[2] for asked in server.asked]
    assert (paths.count("$export"), paths.count("1"), paths.count("2")) == (1, 1, 1)


def test_the_folder_of_another_pull_is_left_alone(tmp_path: Path):
    (tmp_path / UNDER_WAY).write_text('{"order": "another", "status": "x"}')
    assert "something else" in refused(BulkServer(), tmp_path)
    (tmp_path / UNDER_WAY).unlink()
    (tmp_path / "notes").touch()
    assert "not empty" in refused(BulkServer(), tmp_path)


# ---- what a server can do wrong -------------------------------------------------------------------------------------


def test_an_export_that_fails(tmp_path: Path):
    assert "status 500" in refused(BulkServer(faults={"fails"}), tmp_path / "out")


def test_an_export_that_is_never_done(tmp_path: Path):
    server, clock = BulkServer(looks=10**6), Waited()
    with serving(server.answer) as served:
        pull = pull_of(server, served, tmp_path / "out", clock)
        pull.longest = timedelta(minutes=1)
        with pytest.raises(PullError, match="not ready"):
            pull.run()
    assert sum(clock.waits) < 70


@pytest.mark.parametrize(("asked", "waited"), [("0", 1), ("-5", 5), ("99999", 120), ("soon", 5), ("", 5)])
def test_a_server_cannot_make_us_ask_at_once_or_sleep_for_hours(tmp_path: Path, asked: str, waited: float):
    server, clock = BulkServer(), Waited()
    plain = server.status

    def status(one: Asked) -> Reply:
        reply = plain(one)
        return Reply(reply.status, reply.body, reply.headers | {"retry-after": asked})

    server.status = status  # type: ignore[method-assign]  # the stand-in answers otherwise
    pulled(server, tmp_path / "out", clock)
    assert clock.waits == [waited, waited]


MANIFESTS: dict[str, dict[str, Any]] = {
    "no list": {"output": None},
    "a list of texts": {"output": ["x"]},
    "a type that is a path": {"output": [{"type": "../../x", "url": "http://x/"}]},
    "no address": {"output": [{"type": "Patient"}]},
}


@pytest.mark.parametrize("more", MANIFESTS.values(), ids=MANIFESTS)
def test_a_list_of_files_that_cannot_be_read(tmp_path: Path, more: dict[str, Any]):
    assert "cannot be read" in refused(BulkServer(manifest_more=more), tmp_path / "out")
    assert set(content(tmp_path / "out")) == {UNDER_WAY}


def test_files_on_a_server_that_is_not_listed_are_not_fetched(tmp_path: Path):
    with serving(lambda _: Reply(body=FILES["1"])) as stranger:
        server = BulkServer(manifest_more={"output": [{"type": "Patient", "url": f"{stranger.url}/1"}]})
        assert "not among those that may be called" in refused(server, tmp_path / "out")
        assert stranger.asked == []


def test_files_on_a_server_that_is_listed_come_without_the_token(tmp_path: Path):
    with serving(lambda _: Reply(body=FILES["1"])) as store:
        server = BulkServer(manifest_more={"output": [{"type": "Patient", "url": f"{store.url}/1"}]})
        with serving(server.answer) as served:
            pull = pull_of(server, served, tmp_path / "out", Waited())
            pull.guard = guard_for(served, store)
            pull.run()
        assert content(tmp_path / "out") == {"00001-Patient.ndjson": FILES["1"]}
        assert "authorization" not in store.asked[0].headers


@pytest.mark.parametrize("where", ["https://evil.example.org/status", "https://[", "file:///etc/passwd"])
def test_a_status_on_another_server_is_not_asked(tmp_path: Path, where: str):
    server = BulkServer()
    plain = server.answer

    def answer(asked: Asked) -> Reply:
        reply = plain(asked)
        return Reply(202, b"", {"content-location": where}) if asked.path.endswith("$export") else reply

    with serving(answer) as served:
        pull = pull_of(server, served, tmp_path / "out", Waited())
        with pytest.raises(PullError, match=r"another server|no address|no http address"):
            pull.run()


def test_what_the_server_says_went_wrong_is_told(tmp_path: Path):
    line = {
        "resourceType": "OperationOutcome",
        "issue": [{"severity": "error", "code": "x", "diagnostics": "lost\x1b[2J"}],
    }
    server = BulkServer(manifest_more={})
    plain = server.file
    told = Reply(body=json.dumps(line).encode())
    # The stand-in answers otherwise:
    server.file = lambda name, asked: told if name == "e" else plain(name, asked)  # type: ignore[method-assign]
    with serving(server.answer) as served:
        pull = pull_of(server, served, tmp_path / "out", Waited())
        server.manifest_more = {"error": [{"type": "OperationOutcome", "url": f"{served.url}/fhir/files/e"}]}
        assert pull.run().told == ("error, x: lost?[2J",)


def test_who_may_not_export_is_told_so(tmp_path: Path):
    with serving(lambda _: Reply(403, b"")) as served:
        order = Order(Registration(f"{served.url}/fhir", ""))
        with pytest.raises(PullError, match="whether this client may export"):
            Pull(order, tmp_path / "out", guard_for(served)).run()


def test_a_server_that_is_not_there(tmp_path: Path):
    order = Order(Registration("https://no-such-host.invalid/fhir", ""))
    with pytest.raises(PullError, match="no address"):
        Pull(order, tmp_path / "out", AddressGuard(frozenset({"no-such-host.invalid"}))).run()
