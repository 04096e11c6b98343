"""Deciding against an action: with a reason, kept for good, and told to those who write the rules."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from ischio.clinic.knowledge import Knowledge
from ischio.model.about import Scope, Side
from ischio.model.mistake import IschioError, Mistake
from ischio.store.entries import Access, Decline, Known
from ischio.store.store import Store

REASON_SYSTEM = "http://terminology.hl7.org/CodeSystem/non-adherence-reason-codes"
REASONS: Mapping[str, str] = {
    "cds-not-applicable": "PC CDS does not apply to patient",
    "action-completed": "Recommended action was already completed",
    "recipient-disagrees-evidence": "Recipient disagrees with recommendation because of issues with the evidence",
    "recipient-concerns-outcomes": "Recipient has concerns regarding potential health outcomes",
    "does-not-align-preferences": "Recommendation does not align with patient preferences or values",
    "cds-suboptimal-context": "PC CDS delivered in suboptimal context",
}
"""Why a recommendation is not followed, by code, from the ballot of CDS Hooks 3.0.0 (2.0 leaves them open)."""
LONGEST = 2_000
"""Letters of a comment."""


class DeclineRefused(IschioError):
    """What was declined is not of the pathway, or the reason is none."""


@dataclass(frozen=True, slots=True)
class Remark:
    """A comment of a decline, with no word of whom it was about."""

    reason: str
    text: str
    at: datetime
    pathway_version: str


@dataclass(frozen=True, slots=True)
class OfRule:
    """How often an action was declined. reasons: how often for each code. remarks: the newest first."""

    rule: str
    count: int
    reasons: Mapping[str, int]
    remarks: tuple[Remark, ...]


class Declines:
    def __init__(self, store: Store, knowledge: Knowledge) -> None:
        self._store, self._knowledge = store, knowledge

    def decline(self, known: Known, action: str, side: Side | None, reason: str, by: Access, comment: str = "") -> str:
        """Keeps that an action is not followed. Returns the id. Raises DeclineRefused.

        side: of a hip's action; None of a person's. reason: a code of REASONS.
        """
        pathway = self._knowledge.pathway
        _refuse(action, side, reason, comment, self._knowledge)
        said = comment.strip()
        return self._store.declines.keep(
            Decline("", known.organisation, known.whom, side, action, reason, said, pathway.id, pathway.version, by)
        )

    def of(self, known: Known, by: Access) -> tuple[Decline, ...]:
        """Those about somebody, the newest first."""
        return self._store.declines.of(known.whom, by)

    def by_rule(self, organisation: str, by: Access) -> tuple[OfRule, ...]:
        """The author's queue: the rules most often declined first; it names nobody."""
        together: defaultdict[str, list[Decline]] = defaultdict(list)
        for each in self._store.declines.all(organisation, by):
            together[each.rule].append(each)
        found = [_of_rule(rule, declines) for rule, declines in together.items()]
        return tuple(sorted(found, key=lambda each: (-each.count, each.rule)))


def _of_rule(rule: str, declines: list[Decline]) -> OfRule:
    reasons = Counter(each.reason for each in declines)
    remarks = (Remark(each.reason, each.comment, each.by.at, each.pathway_version) for each in declines if each.comment)
    return OfRule(rule, len(declines), dict(reasons.most_common()), tuple(remarks))


def _refuse(action: str, side: Side | None, reason: str, comment: str, knowledge: Knowledge) -> None:
    rule = knowledge.pathway.actions.get(action)
    if rule is None:
        raise DeclineRefused(Mistake("There is no such action in this version of the pathway.", "Open the chart anew."))
    if (side is None) != (rule.scope is Scope.PERSON):
        whose = knowledge.pathway.whose(rule.scope)
        raise DeclineRefused(Mistake(f"This action belongs to the {whose}.", "Open the chart anew.", where="side"))
    if reason not in REASONS:
        raise DeclineRefused(Mistake("No reason is chosen.", "Choose one of those offered.", where="reason"))
    if len(comment) > LONGEST:
        mend = f"Shorten it to {LONGEST} letters."
        raise DeclineRefused(Mistake(f"The comment has {len(comment)} letters.", mend, where="comment"))
