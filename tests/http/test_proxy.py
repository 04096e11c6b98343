"""deploy/nginx.conf as it is shipped, but for ports and certificate, in front of a real service."""

import getpass
import re
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from serving import served

SHIPPED = (Path(__file__).parents[2] / "deploy" / "nginx.conf").read_text("utf-8")
FRAME = """\
daemon off;
user {user};
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{}}
http {{
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/none;
    uwsgi_temp_path {folder}/none;
    scgi_temp_path {folder}/none;
{part}
}}
"""
PATH = "/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin:/bin"
CALLS = "40"
"""Requests of one address that the service takes in a minute: fewer than the proxy lets pass at once."""


@dataclass(frozen=True)
class Proxied:
    """base, plain: the addresses with and without TLS. trust: knows the certificate."""

    base: str
    plain: str
    trust: ssl.SSLContext

    def client(self) -> httpx.Client:
        return httpx.Client(base_url=self.base, verify=self.trust)


@pytest.fixture(scope="module")
def proxied(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxied]:
    programs = {
        name: shutil.which(name, path="/usr/sbin:/usr/local/sbin:/usr/bin:/bin") for name in ("nginx", "openssl")
    }
    if missing := [name for name, found in programs.items() if found is None]:
        pytest.skip(f"{' and '.join(missing)} not on this machine, so deploy/nginx.conf was not run")
    folder = tmp_path_factory.mktemp("proxy")
    own, secure, plain = free_ports()
    base = f"https://localhost:{secure}"
    certify(str(programs["openssl"]), folder)
    behind = {"ISCHIO_SERVER_BASE": base, "ISCHIO_SERVER_PROXIES": "127.0.0.1", "ISCHIO_LIMITS_REQUESTS": CALLS}
    with served(folder, port=own, **behind), running(str(programs["nginx"]), folder, own, secure, plain):
        trust = ssl.create_default_context(cafile=str(folder / "fullchain.pem"))
        yield Proxied(base, f"http://localhost:{plain}", trust)


def free_ports() -> list[int]:
    held = [socket.socket() for _ in range(3)]
    for one in held:
        one.bind(("127.0.0.1", 0))
    found = [int(one.getsockname()[1]) for one in held]
    for one in held:
        one.close()
    return found


def certify(openssl: str, folder: Path) -> None:
    """A certificate for localhost, signed by itself."""
    words = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
    named = ["-addext", "subjectAltName=DNS:localhost", "-keyout", "key.pem", "-out", "fullchain.pem"]
    subprocess.run([openssl, *words, *named], cwd=folder, check=True, capture_output=True)


@contextmanager
def running(nginx: str, folder: Path, own: int, secure: int, plain: int) -> Iterator[None]:
    """nginx with the file as it is shipped, ended by its own process id."""
    part = SHIPPED
    for written, here in (
        (r"listen 443 ssl", f"listen 127.0.0.1:{secure} ssl"),
        (r"listen 80;", f"listen 127.0.0.1:{plain};"),
        (r"server 127\.0\.0\.1:8000;", f"server 127.0.0.1:{own};"),
        (r"/etc/ssl/ischio/", f"{folder}/"),
        (r"server_name ifi\.example\.org;", "server_name localhost;"),
    ):
        part, count = re.subn(written, here, part)
        assert count, written
    settings = folder / "nginx.conf"
    settings.write_text(FRAME.format(user=getpass.getuser(), folder=folder, part=part), "utf-8")
    process = subprocess.Popen([nginx, "-p", str(folder), "-c", str(settings)], stderr=subprocess.PIPE, text=True)
    try:
        until_open(secure, process)
        yield
    finally:
        process.terminate()
        process.wait(30)


def until_open(port: int, process: subprocess.Popen[str]) -> None:
    for _ in range(300):
        if process.poll() is not None:
            raise AssertionError(process.stderr.read() if process.stderr else "nginx ended")
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError("nginx does not listen")


def outcome(answer: httpx.Response) -> str:
    assert answer.headers["content-type"] == "application/fhir+json"
    return str(answer.json()["issue"][0]["diagnostics"])


def test_the_service_is_reached_over_tls_and_browsers_remember_that(proxied: Proxied):
    with proxied.client() as client:
        answer = client.get("/cds-services")
    assert (answer.status_code, len(answer.json()["services"])) == (200, 5)
    assert answer.headers["strict-transport-security"].startswith("max-age=")
    assert "uvicorn" not in str(answer.headers)
    assert re.fullmatch("nginx", answer.headers["server"]), "and no version of the proxy"


def test_http_2_is_spoken(proxied: Proxied):
    trust = ssl.create_default_context(cafile=None)
    trust.check_hostname, trust.verify_mode = False, ssl.CERT_NONE
    trust.set_alpn_protocols(["h2"])
    port = int(proxied.base.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port)) as plain, trust.wrap_socket(plain) as secure:
        assert secure.selected_alpn_protocol() == "h2"


def test_who_comes_without_tls_is_sent_to_it(proxied: Proxied):
    answer = httpx.get(f"{proxied.plain}/cds-services?a=b")
    assert (answer.status_code, answer.headers["location"]) == (308, "https://localhost/cds-services?a=b")


def test_numbers_are_not_for_others(proxied: Proxied):
    with proxied.client() as client:
        assert client.get("/metrics").status_code == 404


@pytest.mark.parametrize(("size", "status"), [(5_000_000, 400), (5_000_001, 413), (50_000_000, 413)])
def test_what_is_too_large_is_refused_in_the_form_of_the_service(proxied: Proxied, size: int, status: int):
    with proxied.client() as client:
        path, headers = "/cds-services/ischiofemoral-patient-view", {"content-type": "application/json"}
        answer = client.post(path, content=b" " * size, headers=headers)
    assert answer.status_code == status
    assert outcome(answer)


def test_a_call_passes_and_is_answered(proxied: Proxied):
    context = {"userId": "Practitioner/7", "patientId": "p1"}
    call = {"hook": "patient-view", "hookInstance": "d1577c69-dfbe-44ad-ba6d-3e05e953b2ea", "context": context}
    with proxied.client() as client:
        for _ in range(5):  # over one kept connection to the service
            answer = client.post("/cds-services/ischiofemoral-patient-view", json=call)
            assert (answer.status_code, "prefetch key `patient`" in outcome(answer)) == (412, True)


def test_a_caller_cannot_say_that_it_is_another_address(proxied: Proxied):
    """Last: it uses up what one address may ask in a minute, told to the service under ever new names."""
    with proxied.client() as client:
        said = [client.get("/none", headers={"X-Forwarded-For": f"10.0.0.{n}"}) for n in range(int(CALLS) + 1)]
    assert said[0].status_code == 404
    assert (said[-1].status_code, outcome(said[-1])[:18]) == (429, "Too many requests.")
