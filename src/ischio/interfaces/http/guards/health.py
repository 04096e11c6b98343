"""Whether the service lives, and whether it can answer: what a supervisor and a proxy ask."""

from collections.abc import Callable, Mapping

import msgspec
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

Check = Callable[[], object]
"""Raises anything where its part cannot work."""


def routes(checks: Mapping[str, Check]) -> list[Route]:
    """checks: by the name of the part."""

    async def live(_: Request) -> Response:
        return _told(200, {"status": "pass"})

    async def ready(_: Request) -> Response:
        parts = {name: await run_in_threadpool(_state, check) for name, check in checks.items()}
        whole = "pass" if set(parts.values()) <= {"pass"} else "fail"
        return _told(200 if whole == "pass" else 503, {"status": whole, "parts": parts})

    return [Route("/health/live", live), Route("/health/ready", ready)]


def _state(check: Check) -> str:
    try:
        check()
    except Exception:  # whatever is wrong with a part, the answer is that it does not work
        return "fail"
    return "pass"


def _told(status: int, content: dict[str, object]) -> Response:
    return Response(msgspec.json.encode(content), status, media_type="application/health+json")
