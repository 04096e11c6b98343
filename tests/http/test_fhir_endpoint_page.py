"""docs/reference/fhir-endpoint.md: every request on the page is sent, and answered as the page says.

A block ```http is a request: its line, then after an empty line its body. The block ```json STATUS after it is a part
of the answer: what stands there stands in the answer too; of a list each thing in one of its own.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from fhir_calls import service, serving

from ischio.store.store import open_store

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "fhir-endpoint.md"
_EXAMPLE = re.compile(r"^```http\n(\w+) (\S+)\n(.*?)^```\n\n^```json (\d+)\n(.*?)^```", re.DOTALL | re.MULTILINE)


def examples() -> Iterator[Any]:
    for method, address, body, status, answer in _EXAMPLE.findall(PAGE.read_text(encoding="utf-8")):
        yield pytest.param(method, address, body, int(status), json.loads(answer), id=f"{method} {address}")


def test_no_request_of_the_page_is_passed_over():
    text = PAGE.read_text(encoding="utf-8")
    assert len(list(examples())) == text.count("```http") >= 6


@pytest.mark.parametrize(("method", "address", "body", "status", "shown"), list(examples()))
def test_an_example_is_answered_as_the_page_says(
    method: str, address: str, body: str, status: int, shown: Any, tmp_path: Path
):
    store = open_store(f"sqlite:///{tmp_path}/store.db")
    sent = {"content": body, "headers": {"Content-Type": "application/fhir+json"}} if body.strip() else {}
    answer = serving(replace(service(), store=store)).request(method, address, **sent)  # type: ignore[arg-type]  # httpx types each argument by itself
    store.close()
    assert answer.status_code == status, answer.text
    assert list(missing(shown, answer.json(), "answer")) == []


def missing(shown: Any, found: Any, path: str) -> Iterator[str]:
    """What is shown and not found, by its path."""
    if isinstance(shown, dict) and isinstance(found, dict):
        for key, value in shown.items():
            yield from missing(value, found.get(key), f"{path}.{key}")
    elif isinstance(shown, list) and isinstance(found, list):
        for position, one in enumerate(shown):
            if not any(not list(missing(one, other, path)) for other in found):
                yield f"{path}[{position}]"
    elif shown != found:
        yield f"{path}: {found!r} is not {shown!r}"


def test_a_part_that_is_not_there_is_noticed():
    assert list(missing({"a": [1]}, {"a": [2]}, "x")) == ["x.a[0]"]
    assert list(missing({"a": {"b": 1}}, {"a": {"b": 1, "c": 2}}, "x")) == []
