"""docs/how-to/integrate.md: every request in it is made, in order, and answered as it says."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from page_steps import shows
from starlette.testclient import TestClient

from ischio.interfaces.http.app import build, service_of
from ischio.interfaces.http.service import Service
from ischio.interfaces.http.settings import Caller, Settings
from ischio.store.store import open_store

PAGE = (Path(__file__).parents[2] / "docs" / "how-to" / "integrate.md").read_text("utf-8")
BLOCKS = re.findall(r"^```http\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
BASE = "https://ifi.example.org"
STRANGER = "As: a stranger\n"


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    store = open_store(f"sqlite:///{tmp_path_factory.mktemp('store') / 'ischio.db'}")
    yield replace(service_of(Settings(base=BASE), store), clock=lambda: datetime(2026, 11, 23, 12, tzinfo=UTC))
    store.close()


def sent(client: TestClient, block: str, known: dict[str, str]) -> Any:
    """Makes the request of a block; `{card}` stands for what an answer before it gave."""
    for name, value in known.items():
        block = block.replace(f"{{{name}}}", value)
    head, _, body = block.partition("\n\n")
    line, *headers = head.splitlines()
    method, path = line.split()
    named = dict(header.split(": ", 1) for header in headers)
    return client.request(method, path, headers=named, content=body or None)


def test_every_request_is_answered_as_the_page_says(service: Service):
    assert len(BLOCKS) % 2 == 0
    anyone = TestClient(build(service), base_url=BASE)
    listed = replace(service.settings, clients=(Caller("https://ehr.example.org", jku="https://ehr.example.org/jwks"),))
    asking = TestClient(build(replace(service_of(listed), store=service.store)), base_url=BASE)
    known: dict[str, str] = {}
    for question, answer in zip(BLOCKS[::2], BLOCKS[1::2], strict=True):
        client = asking if STRANGER in question else anyone
        got = sent(client, question, known)
        status, _, shown = answer.partition("\n\n")
        assert status.split() == ["HTTP/1.1", str(got.status_code)], f"{question}\n{got.text}"
        if shown:
            printed = json.dumps(got.json(), indent=2, ensure_ascii=False)
            assert shows(shown, printed), f"{question}\n{printed[:4000]}"
            for card in got.json().get("cards", []):
                known["card"] = card["uuid"]


def test_the_page_makes_requests_of_every_kind():
    kinds = {tuple(block.split()[:2]) for block in BLOCKS[::2]}
    assert len(kinds) >= 7
    assert {"GET", "POST"} == {kind[0] for kind in kinds}


def test_every_setting_that_the_page_names_is_in_the_example():
    example = (Path(__file__).parents[2] / "docs" / "how-to" / "serve.example.toml").read_text("utf-8")
    for name in ("base", "issuer", "jku", "keys", "servers", "origins", "iss", "client_id", "key"):
        assert f"`{name}`" in PAGE
        assert re.search(rf"\b{name} = ", example), name
