"""A search over what is published: its controls, its pages, and the Bundle that answers it."""

from collections.abc import Iterator, Sequence
from urllib.parse import urlencode

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from ischio.fhir.export.publication import Json
from ischio.fhir.outcomes import issue, outcome
from ischio.interfaces.http.fhir.published import Found, Held, Pair, Published
from ischio.interfaces.http.fhir.replies import check_accepted, is_strict, reply
from ischio.interfaces.http.problems import Problem

PAGE = 50
_CONTROLS = ("_count", "_offset", "_summary", "_format", "_pretty")


def search(request: Request, published: Published, base: str) -> Response:
    """base: the address of the endpoint."""
    check_accepted(request)
    kind = request.path_params["kind"]
    return searched(request, published.search(kind, asked_for(request)), f"{base}/{kind}")


def asked_for(request: Request) -> list[Pair]:
    """The search parameters, without the controls of the page."""
    return [pair for pair in request.query_params.multi_items() if pair[0] not in _CONTROLS]


def searched(request: Request, found: Found, address: str) -> Response:
    """The page that is wanted of what was found. address: of the type. Raises Problem."""
    if found.unknown and is_strict(request):
        what = f"Not known: {', '.join(sorted(found.unknown))}."
        raise Problem(400, "not-supported", what, "Leave it out, or allow for it with `Prefer: handling=lenient`.")
    return reply(request, _searchset(request, found, address))


def _searchset(request: Request, found: Found, address: str) -> Json:
    summary = request.query_params.get("_summary", "false")
    count, offset = _whole_number(request, "_count", PAGE), _whole_number(request, "_offset", 0)
    page = [] if summary == "count" else list(found.held[offset : offset + count])
    used = [pair for pair in request.query_params.multi_items() if pair[0] not in ("_offset", *found.unknown)]
    links = [{"relation": "self", "url": _link(address, used, offset)}]
    if page and offset + count < len(found.held):
        links.append({"relation": "next", "url": _link(address, used, offset + count)})
    entries = [_entry(one, address, shortened=summary == "true") for one in page]
    entries += [{"resource": told, "search": {"mode": "outcome"}} for told in _told(found)]
    head = {"resourceType": "Bundle", "type": "searchset", "total": len(found.held), "link": links}
    return {**head, **({"entry": entries} if entries else {})}


def _entry(held: Held, address: str, *, shortened: bool) -> Json:
    resource = held.summary if shortened else msgspec.Raw(held.body)
    return {"fullUrl": f"{address}/{held.resource['id']}", "resource": resource, "search": {"mode": "match"}}


def _told(found: Found) -> Iterator[Json]:
    if found.unknown:
        words = f"Not known, and so not used: {', '.join(sorted(found.unknown))}."
        yield outcome([issue("warning", "not-supported", words)])
    if found.untold:
        words = f"There are {found.untold} more, which this version of the pathway no longer can tell."
        yield outcome([issue("warning", "incomplete", words)])


def _link(address: str, used: Sequence[Pair], offset: int) -> str:
    query = urlencode([*used, *([("_offset", str(offset))] if offset else [])])
    return f"{address}?{query}" if query else address


def _whole_number(request: Request, name: str, otherwise: int) -> int:
    given = request.query_params.get(name)
    if given is None:
        return otherwise
    if not given.isascii() or not given.isdigit() or len(given) > 6:
        raise Problem(400, "value", f"{name} is not a whole number.", f"Write it so: {name}={otherwise}.")
    return int(given)
