"""What the status of a resource makes of it: done, planned, declined, stated, or not used."""

from collections.abc import Iterator
from typing import NamedTuple

from ischio.fhir.bindings import Binding, StatusTable
from ischio.fhir.routes import Json, codings, first_code, shown, texts
from ischio.fhir.tables import Tables
from ischio.record.events import Kind


class Standing(NamedTuple):
    """going_on: it has begun and its end is open. ended: it is over, with or without a date."""

    kind: Kind
    going_on: bool = False
    ended: bool = False


class NotUsed(NamedTuple):
    """Why a resource is not used. doubt: it may be of this person and mean something all the same."""

    why: str
    doubt: bool = False


def standing_of(resource: Json, binding: Binding, tables: Tables) -> Standing | NotUsed:
    """Asks the status tables in turn: any of them can keep the resource out, the first that gives a kind gives it."""
    kind, going_on, ended = None, False, False
    for table in binding.statuses:
        code = first_code(table.path.found(resource))
        refused = _refused(code, table)
        if refused is not None:
            return refused
        kind = kind or table.kind.get(code or "")
        going_on = going_on or code in table.going_on
        ended = ended or code in table.ended
    if kind is Kind.DECLINED and not _is_refusal(resource, binding, tables):
        return NotUsed(f"was not done ({', '.join(_reasons(resource, binding)) or 'no reason given'})")
    return Standing(kind or Kind.DONE, going_on, ended)


def _refused(code: str | None, table: StatusTable) -> NotUsed | None:
    if code is not None and code in table.not_used:
        return NotUsed(table.not_used[code])
    if table.required and code not in table.kind:
        return NotUsed(f"has the {table.path} {shown(code)}" if code else f"has no {table.path}", doubt=True)
    return None


def _is_refusal(resource: Json, binding: Binding, tables: Tables) -> bool:
    """Whether the reason for not doing it says that the person declined: by a code, or by words that say only that."""
    words = tables.bindings.refusal_words
    nodes = [node for route in binding.refusal for node in route.found(resource)]
    if any(coding in tables.refusals for node in nodes for coding in codings(node)):
        return True
    return any(words.fits(text) for node in nodes for text in texts(node))


def _reasons(resource: Json, binding: Binding) -> Iterator[str]:
    for route in binding.refusal:
        for node in route.found(resource):
            yield from (shown(text) for text in texts(node))
