"""Calls of the service by the small record, over HTTP, each kept so that one can look at what was said."""

from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import httpx
import msgspec

from ischio.interfaces.http.demo.authority import GOOD_FOR, USER, Authority
from ischio.interfaces.http.demo.fhir import RecordServer
from ischio.interfaces.http.demo.people import Json
from ischio.interfaces.http.problems import Problem

REMEMBERED = 200
SECONDS = 30.0
SCOPE = "patient/*.rs"


@dataclass(frozen=True, slots=True)
class Exchange:
    """One call. status: 0 where there was no answer at all, and answered says why."""

    id: str
    title: str
    url: str
    asked: Json
    status: int
    answered: Any
    milliseconds: float

    @property
    def cards(self) -> list[Json]:
        found = self.answered.get("cards") if isinstance(self.answered, dict) else None
        return found if isinstance(found, list) else []

    @property
    def why(self) -> str | None:
        """Where the service tells why it has nothing to say, if it does."""
        told = self.answered.get("extension", {}) if isinstance(self.answered, dict) else {}
        return next((one["why"] for one in told.values() if isinstance(one, dict) and "why" in one), None)


class Caller:
    """base: of the service. server: the record's own FHIR server, out of which the prefetch is filled."""

    def __init__(self, base: str, server: RecordServer, authority: Authority, clock: Callable[[], datetime]) -> None:
        self._base, self._server, self._authority, self._clock = base, server, authority, clock
        self._kept: OrderedDict[str, Exchange] = OrderedDict()

    def kept(self, name: str) -> Exchange:
        if name not in self._kept:
            raise Problem(404, "not-found", "This call is no longer kept.", "Open the chart again.")
        return self._kept[name]

    async def hook(self, hook: str, context: Json, *, prefetch: bool) -> Exchange | None:
        """Calls the first service of this hook; None where the service offers none. prefetch: data are sent along."""
        service = await self._service(hook)
        if service is None:
            return None
        person = context["patientId"]
        asked: Json = {
            "hook": hook,
            "hookInstance": str(uuid4()),
            "fhirServer": self._authority.fhir,
            "fhirAuthorization": {
                "access_token": self._authority.token(person, SCOPE),
                "token_type": "Bearer",
                "expires_in": int(GOOD_FOR.total_seconds()),
                "scope": SCOPE,
                "subject": "small-record",
                "patient": person,
            },
            "context": {"userId": USER, **context},
        }
        if prefetch:
            asked["prefetch"] = {key: self._filled(text, context) for key, text in service.get("prefetch", {}).items()}
        return await self.send(hook, f"/cds-services/{service['id']}", asked)

    async def feedback(self, exchange: Exchange, said: Json) -> Exchange:
        path = exchange.url.removeprefix(self._base)
        stamp = self._clock().astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
        return await self.send("feedback", f"{path}/feedback", {"feedback": [{**said, "outcomeTimestamp": stamp}]})

    async def send(self, title: str, path: str, asked: Json) -> Exchange:
        """Posts it, and keeps what was said."""
        began = datetime.now(UTC)
        async with httpx.AsyncClient(timeout=SECONDS) as client:
            try:
                answer = await client.post(self._base + path, json=asked)
                status, answered = answer.status_code, _content(answer)
            except httpx.HTTPError as error:
                status, answered = 0, f"There was no answer: {type(error).__name__}."
        took = (datetime.now(UTC) - began).total_seconds() * 1000
        exchange = Exchange(uuid4().hex, title, self._base + path, asked, status, answered, took)
        self._kept[exchange.id] = exchange
        if len(self._kept) > REMEMBERED:
            self._kept.popitem(last=False)
        return exchange

    async def _service(self, hook: str) -> Json | None:
        async with httpx.AsyncClient(timeout=SECONDS) as client:
            answer = await client.get(f"{self._base}/cds-services")
        offered = _content(answer)
        services = offered.get("services", []) if isinstance(offered, dict) else []
        return next((one for one in services if one["hook"] == hook), None)

    def _filled(self, template: str, context: Mapping[str, Any]) -> Json:
        """What the record sends for one key: the resource, or the Bundle of a search."""
        for name, value in context.items():
            if isinstance(value, str):
                template = template.replace(f"{{{{context.{name}}}}}", value)
        return self._server.answer(template)


def _content(answer: httpx.Response) -> Any:
    try:
        return msgspec.json.decode(answer.content)
    except msgspec.DecodeError:
        return answer.text[:500]
