"""The FHIR server of the small record: read and search by patient, enough for what the service asks for."""

from collections.abc import Mapping
from urllib.parse import parse_qsl, urlencode

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ischio.interfaces.http.demo.authority import Authority
from ischio.interfaces.http.demo.people import PAGE, Charts, Json
from ischio.interfaces.http.problems import FHIR_JSON, Problem


class RecordServer:
    """Answers for one set of charts. base: its address."""

    def __init__(self, charts: Charts, base: str) -> None:
        self._charts, self._base = charts, base

    def answer(self, query: str) -> Json:
        """What a read (`Patient/p`) or a search (`Observation?patient=p`) gives. Raises Problem."""
        kind, _, asked = query.partition("?")
        if "/" in kind:
            return self._read(*kind.split("/", 1))[0]
        return self.search(kind, dict(parse_qsl(asked)))

    def search(self, kind: str, asked: Mapping[str, str]) -> Json:
        person = asked.get("patient", asked.get("subject", "")).removeprefix("Patient/")
        chart = self._charts.people.get(person)
        found = [] if chart is None else [one for one in chart.resources if one["resourceType"] == kind]
        size, start = _number(asked.get("_count"), PAGE), _number(asked.get("_offset"), 0)
        links = [{"relation": "self", "url": f"{self._base}/{kind}?{urlencode(asked)}"}]
        if start + size < len(found):
            later = {**asked, "_count": str(size), "_offset": str(start + size)}
            links.append({"relation": "next", "url": f"{self._base}/{kind}?{urlencode(later)}"})
        entries = [
            {"fullUrl": f"{self._base}/{kind}/{one['id']}", "resource": one, "search": {"mode": "match"}}
            for one in found[start : start + size]
        ]
        return {"resourceType": "Bundle", "type": "searchset", "total": len(found), "link": links, "entry": entries}

    def _read(self, kind: str, name: str) -> tuple[Json, str | None]:
        found = self._charts.read(kind, name)
        if found is None:
            raise Problem(404, "not-found", f"There is no such {kind}.", "Search for it.")
        return found

    def routes(self, authority: Authority) -> list[Route]:
        """Every answer asks for a token, and gives what is within it."""

        async def read(request: Request) -> Response:
            kind = request.path_params["kind"]
            resource, person = self._read(kind, request.path_params["name"])
            authority.admit(request, kind, "r", person)
            return _told(resource)

        async def search(request: Request) -> Response:
            kind, asked = request.path_params["kind"], dict(request.query_params)
            person = asked.get("patient", asked.get("subject", "")).removeprefix("Patient/")
            authority.admit(request, kind, "s", person or None)
            return _told(self.search(kind, asked))

        return [Route("/ehr/fhir/{kind}/{name}", read), Route("/ehr/fhir/{kind}", search)]


def _number(text: str | None, otherwise: int) -> int:
    return min(int(text), PAGE) if text is not None and text.isdecimal() and len(text) < 9 else otherwise


def _told(resource: Json) -> Response:
    return Response(msgspec.json.encode(resource), media_type=FHIR_JSON)
