"""A FHIR server that nobody here wrote takes every exported resource and gives it back as it was."""

import json
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path

import pytest
from fhir_export import Json, exported, named

SET_BY_THE_SERVER = ("id", "meta")
STARTS_WITHIN = 60
"""Seconds."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HTTPConnection]:
    """sekmet on a free port of this machine alone, with an empty store of its own."""
    folder = tmp_path_factory.mktemp("sekmet")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings = {
        "host": "127.0.0.1",
        "port": port,
        "base_url": f"http://127.0.0.1:{port}/fhir",
        "data_dir": str(folder / "data"),
        "simulator": {"enabled": False},
    }
    (folder / "settings.yaml").write_text(json.dumps(settings), encoding="utf-8")
    command = [str(Path(sys.executable).parent / "sekmet"), "serve", "--config", str(folder / "settings.yaml")]
    command += ["--host", "127.0.0.1", "--port", str(port)]
    with (folder / "log").open("w") as log:
        running = subprocess.Popen(command, stdout=log, stderr=log, cwd=folder)
    connection = HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        wait_for(connection, running, folder / "log")
        yield connection
    finally:
        connection.close()
        running.terminate()
        running.wait(timeout=20)


def wait_for(connection: HTTPConnection, running: "subprocess.Popen[bytes]", log: Path) -> None:
    until = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < until and running.poll() is None:
        try:
            if ask(connection, "GET", "metadata")[0] == 200:
                return
        except OSError:
            connection.close()
            time.sleep(0.3)
    pytest.fail(f"sekmet did not start: {log.read_text()[-1000:]}")


def ask(connection: HTTPConnection, method: str, path: str, resource: Json | None = None) -> tuple[int, Json]:
    body = None if resource is None else json.dumps(resource)
    connection.request(method, f"/fhir/{path}", body, {"Content-Type": "application/fhir+json"})
    answer = connection.getresponse()
    return answer.status, json.loads(answer.read() or b"{}")


def test_the_server_takes_every_resource_and_gives_it_back(server: HTTPConnection, capsys: pytest.CaptureFixture[str]):
    taken: Counter[str] = Counter()
    for resource in exported().resources:
        status, answer = ask(server, "PUT", named(resource), resource)
        assert status in (200, 201), (named(resource), answer)
        status, given_back = ask(server, "GET", named(resource))
        assert status == 200
        assert without(given_back) == without(resource)
        taken[resource["resourceType"]] += 1
    with capsys.disabled():
        print(f"\nsekmet took {taken.total()} resources and gave them back unchanged: {dict(sorted(taken.items()))}")


def test_the_server_refuses_what_is_no_resource(server: HTTPConnection):
    """Or its taking the others would say nothing."""
    broken = dict(exported().resources[1]) | {"status": None, "action": "x"}
    status, _ = ask(server, "PUT", named(broken), broken)
    assert 400 <= status < 500


def without(resource: Json) -> Json:
    return {key: value for key, value in resource.items() if key not in SET_BY_THE_SERVER}
