"""sekmet, a FHIR server that nobody here wrote, on a free port of this machine alone, with an empty store."""

import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest

STARTS_WITHIN = 60
"""Seconds."""

Json = dict[str, Any]


@contextmanager
def sekmet(folder: Path, **more: Any) -> Iterator[HTTPConnection]:
    """A connection to it. more: settings of its own."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings = {
        "host": "127.0.0.1",
        "port": port,
        "base_url": f"http://127.0.0.1:{port}/fhir",
        "data_dir": str(folder / "data"),
        "simulator": {"enabled": False, "delay_seconds": 0},
        **more,
    }
    (folder / "settings.yaml").write_text(json.dumps(settings), encoding="utf-8")
    command = [str(Path(sys.executable).parent / "sekmet"), "serve", "--config", str(folder / "settings.yaml")]
    command += ["--host", "127.0.0.1", "--port", str(port)]
    with (folder / "log").open("w") as log:
        running = subprocess.Popen(command, stdout=log, stderr=log, cwd=folder)
    connection = HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        _wait_for(connection, running, folder / "log")
        yield connection
    finally:
        connection.close()
        running.terminate()
        running.wait(timeout=20)


def _wait_for(connection: HTTPConnection, running: "subprocess.Popen[bytes]", log: Path) -> None:
    until = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < until and running.poll() is None:
        try:
            if ask(connection, "GET", "metadata")[0] == 200:
                return
        except OSError:
            connection.close()
            time.sleep(0.3)
    pytest.fail(f"sekmet did not start: {log.read_text()[-1000:]}")


def ask(
    connection: HTTPConnection, method: str, path: str, resource: Json | None = None, **headers: str
) -> tuple[int, Json]:
    body = None if resource is None else json.dumps(resource)
    connection.request(method, f"/fhir/{path}", body, {"Content-Type": "application/fhir+json", **headers})
    answer = connection.getresponse()
    return answer.status, json.loads(answer.read() or b"{}")
