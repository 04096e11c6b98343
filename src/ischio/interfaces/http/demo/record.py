"""The small record as pages and as a server: its routes, and what each does. The calls that it makes are calls.py."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from ischio.interfaces.http.demo import pages
from ischio.interfaces.http.demo.authority import CLIENT, Authority
from ischio.interfaces.http.demo.calls import SCOPE, Caller, Exchange
from ischio.interfaces.http.demo.fhir import RecordServer
from ischio.interfaces.http.demo.orders import Order, orders
from ischio.interfaces.http.demo.people import Chart, Json, charts
from ischio.interfaces.http.posted import posted
from ischio.interfaces.http.problems import Problem
from ischio.interfaces.http.service import Service
from ischio.interfaces.http.settings import LaunchServer, Settings

PARTS = (
    ("Problems", ("Condition",)),
    ("Orders", ("ServiceRequest", "MedicationRequest", "CommunicationRequest", "Task", "Goal")),
    ("Procedures", ("Procedure",)),
    ("Medicines", ("MedicationStatement",)),
    ("Observations", ("Observation",)),
    ("Questionnaires", ("QuestionnaireResponse",)),
)


def knowing(settings: Settings) -> Settings:
    """The settings, with the small record as a server that may be asked and that launches the application.

    Nobody is asked who they are then.
    """
    fhir = f"{settings.base}/ehr/fhir"
    return replace(
        settings,
        records=(*settings.records, fhir),
        inside=(*settings.inside, fhir),
        launches=(*settings.launches, LaunchServer(fhir, CLIENT)),
        clients=(),
        # The record asks from this machine too, and one launch is some twenty requests.
        limits=replace(settings.limits, requests=max(settings.limits.requests, 10_000)),
    )


def routes(service: Service) -> list[Route]:
    """The record at /ehr."""
    return SmallRecord(service).routes()


class SmallRecord:
    """One record in memory, for as long as the service runs."""

    def __init__(self, service: Service) -> None:
        self._service, self._base = service, service.settings.base
        self._charts = charts(service.today)
        self._orders = orders(service.publication)
        self._authority = Authority(self._base, service.clock, self._choose)
        self._server = RecordServer(self._charts, self._authority.fhir)
        self._caller = Caller(self._base, self._server, self._authority, service.clock)

    def routes(self) -> list[Route]:
        return [
            Route("/ehr", self._people),
            Route("/ehr/look.css", self._look),
            Route("/ehr/people/{person}", self._chart),
            Route("/ehr/people/{person}/orders", self._order, methods=["POST"]),
            Route("/ehr/people/{person}/accept", self._accept, methods=["POST"]),
            Route("/ehr/people/{person}/decline", self._decline, methods=["POST"]),
            Route("/ehr/people/{person}/launch", self._launch),
            Route("/ehr/calls/{call}", self._call),
            *self._authority.routes(),
            *self._server.routes(self._authority),
        ]

    # ---- pages ----

    async def _people(self, _: Request) -> Response:
        return pages.page("people.html", charts=tuple(self._charts.people.values()))

    async def _look(self, _: Request) -> Response:
        return pages.look()

    async def _chart(self, request: Request) -> Response:
        chart = self._person(request)
        return await self._opened(chart, prefetch=request.query_params.get("prefetch") != "no")

    async def _call(self, request: Request) -> Response:
        call = self._caller.kept(request.path_params["call"])
        asked = {**call.asked}
        if "fhirAuthorization" in asked:
            asked["fhirAuthorization"] = {**asked["fhirAuthorization"], "access_token": "(a token)"}
        return JSONResponse({"url": call.url, "request": asked, "status": call.status, "response": call.answered})

    async def _opened(self, chart: Chart, said: str = "", *, prefetch: bool = True) -> Response:
        call = await self._caller.hook("patient-view", {"patientId": chart.id}, prefetch=prefetch)
        return self._shown(chart, "Chart", "patient-view", call, said=said)

    def _shown(
        self, chart: Chart, heading: str, hook: str, call: Exchange | None, order: Order | None = None, said: str = ""
    ) -> Response:
        return pages.page(
            "chart.html",
            chart=chart,
            heading=heading,
            hook=hook,
            call=call,
            cards=call.cards if call else [],
            order=order,
            said=said,
            orders=tuple(self._orders.values()),
            parts=[(title, chart.of(*types)) for title, types in PARTS],
        )

    # ---- what is done ----

    async def _order(self, request: Request) -> Response:
        chart, form = self._person(request), await self._form(request)
        order, hook = self._orders.get(form.get("order", "")), form.get("hook")
        if order is None or hook not in ("order-select", "order-sign", "signed"):
            raise Problem(400, "invalid", "There is no such order.", "Choose one on the chart.")
        draft = order.draft(chart.id, self._service.today)
        if hook == "signed":
            self._charts.add(chart.id, {**draft, "status": "active"})
            return await self._opened(chart, f"Ordered: {order.title}.")
        bundle = {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": draft}]}
        context: Json = {"patientId": chart.id, "draftOrders": bundle}
        if hook == "order-select":
            context["selections"] = [f"{draft['resourceType']}/{draft['id']}"]
        call = await self._caller.hook(hook, context, prefetch=True)
        return self._shown(chart, f"Order: {order.title}", hook, call, order)

    async def _accept(self, request: Request) -> Response:
        """Takes over what a suggestion creates, and tells the service."""
        chart, form = self._person(request), await self._form(request)
        call = self._caller.kept(form.get("call", ""))
        suggestion = _named(_card(call, form).get("suggestions", []), form.get("suggestion"))
        for action in suggestion.get("actions", []):
            if action["type"] == "create":
                self._charts.add(chart.id, action["resource"])
        said = {"card": form["card"], "outcome": "accepted", "acceptedSuggestions": [{"id": suggestion["uuid"]}]}
        answer = await self._caller.feedback(call, said)
        return await self._opened(chart, f"Accepted: {suggestion['label']}. {_told(answer)}")

    async def _decline(self, request: Request) -> Response:
        chart, form = self._person(request), await self._form(request)
        call = self._caller.kept(form.get("call", ""))
        reasons = {str(number): one for number, one in enumerate(_card(call, form).get("overrideReasons", []))}
        said: Json = {"card": form["card"], "outcome": "overridden"}
        if (reason := form.get("reason")) in reasons:
            said["overrideReason"] = {"reason": reasons[reason]}
        answer = await self._caller.feedback(call, said)
        return await self._opened(chart, f"Declined. {_told(answer)}")

    async def _launch(self, request: Request) -> Response:
        """Begins an EHR launch of the application, for this person and for what the record allows it to read."""
        chart = self._person(request)
        scope = SCOPE if request.query_params.get("scope") != "no-observations" else self._but("Observation")
        handle = self._authority.launch(chart.id, scope)
        return RedirectResponse(f"/smart/launch?{urlencode({'iss': self._authority.fhir, 'launch': handle})}", 303)

    def _but(self, kind: str) -> str:
        """A scope for each type that the pathway reads, without one of them."""
        every = self._service.required
        return " ".join(f"patient/{one.type}.rs" for one in every if one.type != kind)

    def _choose(self, asked: Mapping[str, str]) -> Response:
        choices = [
            (chart, f"/ehr/auth/authorize?{urlencode({**asked, 'person': chart.id})}")
            for chart in self._charts.people.values()
        ]
        return pages.page("choose.html", choices=choices, scope=asked["scope"])

    # ---- what came in ----

    def _person(self, request: Request) -> Chart:
        chart = self._charts.people.get(request.path_params["person"])
        if chart is None:
            raise Problem(404, "not-found", "There is nobody of this id.", "Choose somebody at /ehr.")
        return chart

    async def _form(self, request: Request) -> dict[str, str]:
        """What a form of ours sent. Raises Problem where a page of another site sent it."""
        # Browsers say by this header where a form came from; a page without a referrer has the origin `null`.
        if request.headers.get("sec-fetch-site", "same-origin") != "same-origin":
            raise Problem(403, "forbidden", "A page of another site sent this.", f"Use the pages at {self._base}/ehr.")
        return await posted(request)


def _card(call: Exchange, form: Mapping[str, str]) -> Json:
    return _named(call.cards, form.get("card"))


def _named(things: list[Any], uuid: str | None) -> Json:
    for one in things:
        if one.get("uuid") == uuid:
            found: Json = one
            return found
    raise Problem(400, "invalid", "This card or suggestion was not in the call.", "Open the chart again.")


def _told(answer: Exchange) -> str:
    return "The service was told." if 200 <= answer.status < 300 else f"The service answered {answer.status}."
