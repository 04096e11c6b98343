"""Who calls the FHIR endpoint, where callers are asked: the operations on persons are for those who are listed."""

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from ischio.interfaces.http.guards.callers import problem
from ischio.interfaces.http.service import Service
from ischio.interfaces.http.whose import NOBODY
from ischio.remote.tokens import Client, Unauthorised


async def caller_of(request: Request, service: Service) -> Client:
    """Raises Problem, 401 or 403, for a caller that is not let in."""
    if service.clients is None:
        return NOBODY
    token, endpoint = request.headers.get("authorization"), service.settings.base + request.url.path.rstrip("/")
    try:
        return await run_in_threadpool(service.clients.verify, token, endpoint, service.clock())
    except Unauthorised as error:
        raise problem(error) from None
