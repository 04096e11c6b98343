"""What an operation was given: in the query, or in the Parameters of a POST."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
from starlette.requests import Request

from ischio.fhir.routes import exact, shown
from ischio.interfaces.http.fhir.replies import JSON_TYPES
from ischio.interfaces.http.problems import FHIR_JSON, Problem

Json = dict[str, Any]
Value = str | bool | Json
"""A text (also a date, an address, the target of a reference), yes or no, or a resource."""

_decode = msgspec.json.Decoder(float_hook=exact).decode


@dataclass(frozen=True, slots=True)
class Given:
    """values: by the name of the parameter, in the order given."""

    values: Mapping[str, tuple[Value, ...]]

    def one(self, name: str) -> Value | None:
        """Raises Problem where there are several."""
        found = self.values.get(name, ())
        if len(found) > 1:
            raise Problem(400, "invalid", f"{name} is given {len(found)} times.", "Give it once.", name)
        return found[0] if found else None

    def text(self, name: str) -> str | None:
        found = self.one(name)
        if found is not None and (not isinstance(found, str) or not found):
            raise Problem(400, "value", f"{name} is not a text.", "Give it as a string.", name)
        return found

    def resource(self, name: str, kind: str) -> Json | None:
        found = self.one(name)
        if found is not None and (not isinstance(found, dict) or found.get("resourceType") != kind):
            raise Problem(400, "value", f"{name} is not a {kind}.", f"Give the {kind} as its resource.", name)
        return found

    def yes(self, name: str, *, otherwise: bool) -> bool:
        found = self.one(name)
        if found not in (None, True, False, "true", "false"):
            raise Problem(400, "value", f"{name} is neither true nor false.", "Give a boolean.", name)
        return otherwise if found is None else found in (True, "true")

    def unknown(self, known: Iterable[str]) -> list[str]:
        """The names that an operation does not know, as they may be shown."""
        return sorted(shown(name) for name in self.values.keys() - set(known))


async def given(request: Request) -> Given:
    """Raises Problem for a body that is no Parameters resource."""
    pairs: list[tuple[str, Value]] = [
        pair for pair in request.query_params.multi_items() if not pair[0].startswith("_")
    ]
    if request.method == "POST":
        pairs += _pairs(await body_of(request))
    values: dict[str, tuple[Value, ...]] = {}
    for name, value in pairs:
        values[name] = (*values.get(name, ()), value)
    return Given(values)


async def body_of(request: Request) -> Json:
    """The resource in the body. Raises Problem where there is none."""
    kind = request.headers.get("content-type", FHIR_JSON).partition(";")[0].strip().lower()
    if kind not in JSON_TYPES:
        raise Problem(415, "not-supported", "The body is not said to be JSON.", f"Send it as {FHIR_JSON}.")
    try:
        found = _decode(await request.body())
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise Problem(400, "structure", "The body is not JSON.", "Send one FHIR resource.") from None
    if type(found) is not dict or type(found.get("resourceType")) is not str:
        raise Problem(400, "structure", "The body is not a FHIR resource.", "Send one with its resourceType.")
    return found


def _pairs(body: Json) -> Iterator[tuple[str, Value]]:
    if body["resourceType"] != "Parameters":
        what = f"The body is of type {shown(body['resourceType'])}, not Parameters."
        raise Problem(400, "structure", what, "Put what the operation takes into a Parameters resource.")
    listed = body.get("parameter")
    for position, one in enumerate(listed if type(listed) is list else ()):
        name = one.get("name") if type(one) is dict else None
        value = _value(one) if type(one) is dict else None
        if type(name) is not str or value is None:
            where = f"Parameters.parameter[{position}]"
            raise Problem(400, "structure", "A parameter has no name or no value.", "Give both.", where)
        yield name, value


def _value(parameter: Json) -> Value | None:
    """A resource, or the one value[x]; of a reference its target, of anything else that is no text its JSON as text."""
    if type(parameter.get("resource")) is dict:
        found: Json = parameter["resource"]
        return found
    key = next((key for key in parameter if key.startswith("value")), None)
    value = parameter.get(key) if key else None
    if key == "valueReference" and type(value) is dict:
        value = value.get("reference")
    if value is None or type(value) in (str, bool):
        return value
    return str(value)
