"""Numbers for Prometheus: how many requests, how long they took, which cards were given, what was refused."""

import os
import secrets

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.multiprocess import MultiProcessCollector
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ischio.interfaces.http.guards.answered import Answered
from ischio.interfaces.http.problems import Problem

SHARED = "PROMETHEUS_MULTIPROC_DIR"
"""The variable that names the folder in which several processes keep one count."""
LOOPBACK = ("127.0.0.1", "::1")
SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10)


class Metrics:
    """Counts of one service, in a registry of its own: none of a person, none for each path."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        names = ["method", "route", "status"]
        self._requests = Counter("ischio_requests", "Requests answered.", names, registry=self.registry)
        self._seconds = Histogram(
            "ischio_request_seconds", "How long an answer took.", ["route"], buckets=SECONDS, registry=self.registry
        )
        self._cards = Counter("ischio_cards", "Cards given, by indicator.", ["indicator"], registry=self.registry)
        self._refused = Counter("ischio_refusals", "Requests refused.", ["status"], registry=self.registry)

    def count(self, answered: Answered) -> None:
        route, status = answered.route or "none", str(answered.status)
        self._requests.labels(answered.method, route, status).inc()
        self._seconds.labels(route).observe(answered.seconds)
        for indicator in answered.cards:
            self._cards.labels(indicator).inc()
        if 400 <= answered.status < 500:
            self._refused.labels(status).inc()

    def shown(self) -> bytes:
        """The page that Prometheus reads; of all processes where there are several."""
        if SHARED not in os.environ:
            return generate_latest(self.registry)
        every = CollectorRegistry()
        MultiProcessCollector(every)  # type: ignore[no-untyped-call]  # the library does not type it
        return generate_latest(every)


def route(metrics: Metrics, token: str | None) -> Route:
    """/metrics, for this machine alone or with the token."""

    async def shown(request: Request) -> Response:
        if not may_see(request, token):
            raise Problem(403, "forbidden", "Metrics are for this machine.", "Send the token of the settings.")
        return Response(metrics.shown(), headers={"Content-Type": CONTENT_TYPE_LATEST})

    return Route("/metrics", shown, methods=["GET"])


def may_see(request: Request, token: str | None) -> bool:
    """With a token set only the token counts: behind a proxy on the same machine everybody seems to be here."""
    if token is None:
        return request.client is not None and request.client.host in LOOPBACK
    return secrets.compare_digest(request.headers.get("authorization", "").encode(), f"Bearer {token}".encode())
