"""Feedback on cards: each entry judged by itself, so that one that is wrong stops no other."""

from collections.abc import Iterator
from datetime import datetime
from typing import Literal

import msgspec

from ischio.fhir.export.publication import Json
from ischio.fhir.outcomes import issue, outcome
from ischio.interfaces.http.hooks.calls import NOT_A_CALL
from ischio.interfaces.http.problems import Problem
from ischio.store.entries import CardOutcome, Feedback, Taken

MOST = 10_000
"""Entries that are taken at once."""


class Accepted(msgspec.Struct, frozen=True):
    id: str


class Coded(msgspec.Struct, frozen=True):
    code: str
    system: str = ""


class OverrideReason(msgspec.Struct, frozen=True, rename="camel"):
    reason: Coded | None = None
    user_comment: str | None = None


class Entry(msgspec.Struct, frozen=True, rename="camel"):
    """One entry of feedback, as CDS Hooks 2.0 has it."""

    card: str
    outcome: Literal["accepted", "overridden"]
    outcome_timestamp: datetime
    accepted_suggestions: tuple[Accepted, ...] = ()
    override_reason: OverrideReason | None = None


class Batch(msgspec.Struct, frozen=True):
    feedback: list[msgspec.Raw]


_BATCH, _ENTRY = msgspec.json.Decoder(Batch), msgspec.json.Decoder(Entry)

Read = Feedback | str
"""An entry, or what is wrong with it."""


def read_feedback(body: bytes) -> list[Read]:
    """The entries of a body, each read by itself. Raises Problem where there is no list of them, or too long a one."""
    try:
        entries = _BATCH.decode(body).feedback
    except NOT_A_CALL:
        what = "The body holds no list `feedback`."
        raise Problem(400, "structure", what, 'Send {"feedback": [...]} as JSON.', "feedback") from None
    if len(entries) > MOST:
        what = f"{len(entries)} entries came at once."
        raise Problem(413, "too-costly", what, f"Send at most {MOST} at once.", "feedback")
    return [_read(entry) for entry in entries]


def _read(raw: msgspec.Raw) -> Read:
    try:
        entry = _ENTRY.decode(raw)
    except NOT_A_CALL as error:
        return str(error).split("\n")[0][:200]
    if entry.outcome_timestamp.tzinfo is None:
        return "outcomeTimestamp has no zone"
    if entry.outcome == CardOutcome.ACCEPTED.value and not entry.accepted_suggestions:
        return "acceptedSuggestions is missing, and the outcome is accepted"
    return _kept(entry)


def _kept(entry: Entry) -> Feedback:
    why = entry.override_reason or OverrideReason()
    reason = (why.reason.system, why.reason.code) if why.reason else None
    suggestions = tuple(one.id for one in entry.accepted_suggestions)
    result = CardOutcome(entry.outcome)
    return Feedback(entry.card, result, entry.outcome_timestamp, suggestions, reason, why.user_comment)


_REFUSED = {
    Taken.UNKNOWN_CARD: ("not-found", "No card of this id was shown."),
    Taken.OTHER_SERVICE: ("business-rule", "The card is of another service."),
}


def answer_to(read: list[Read], taken: tuple[Taken, ...]) -> tuple[int, Json | None]:
    """Status and body: 200 without a body where all was taken, 422 where nothing was, and the issues of each entry."""
    issues = list(_issues(read, iter(taken)))
    if not issues:
        return 200, None
    return (422 if len(issues) == len(read) else 200), outcome(issues)


def _issues(read: list[Read], taken: Iterator[Taken]) -> Iterator[Json]:
    for place, one in enumerate(read):
        where = f"feedback[{place}]"
        if isinstance(one, str):
            yield issue("error", "structure", one, where)
        elif (result := next(taken)) in _REFUSED:
            yield issue("error", *_REFUSED[result], where)
