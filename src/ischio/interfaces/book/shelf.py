"""What pages are made from: the pathway, its cases as they were run, and what came of the proofs."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from ischio.engine.cases import CaseRun
from ischio.engine.explain import Explanation, explanations
from ischio.interfaces.book.content import Item, Link, Listing
from ischio.interfaces.book.links import Links, key_of
from ischio.model.pathway import Pathway
from ischio.model.rules import Action, SafetyRule

if TYPE_CHECKING:
    from ischio.backends.smt import Finding

SAFETY_KINDS = ("stop", "strong caution", "caution")
NOT_PROVED = "not proved here: `ischio verify` proves it where z3 is installed (pip install 'ischio[prove]')"
Findings = Mapping[str, "Finding"]


@dataclass(frozen=True)
class Shelf:
    """What the pages are made from. findings: by property; empty where nothing was proved."""

    pathway: Pathway
    links: Links
    runs: Sequence[CaseRun]
    findings: Findings

    @property
    def rules(self) -> tuple[Explanation, ...]:
        return explanations(self.pathway)

    def used_by(self, name: str, kind: str) -> tuple[Link, ...]:
        """The rules that use an id; a safety rule is used by its actions, and the fact of its name by others."""
        if kind in SAFETY_KINDS:
            return tuple(
                Link(key_of("action", action.id), action.about.title)
                for action in self.pathway.actions.values()
                if name in (rule.id for rules in guards(action).values() for rule in rules)
            )
        return tuple(self._users.get(name, ()))

    @cached_property
    def _users(self) -> dict[str, list[Link]]:
        users: dict[str, list[Link]] = {}
        for rule in self.rules:
            for name in rule.uses:
                users.setdefault(name, []).append(Link(key_of(rule.kind, rule.id), rule.about.title))
        return users


def guards(action: Action) -> dict[str, tuple[SafetyRule, ...]]:
    """The safety rules of an action, by kind."""
    return {"stop": action.stops, "strong caution": action.strong_cautions, "caution": action.cautions}


def links_listed(links: Iterable[Link]) -> Listing:
    """Links as a list."""
    return Listing(tuple(Item((link,)) for link in links))


def outcome(shelf: Shelf, name: str) -> str:
    """What came of proving a property, in words."""
    proved = next(each for each in shelf.pathway.properties if each.id == name)
    if name in shelf.findings:
        finding = shelf.findings[name]
        return f"{finding.outcome.value}. {finding.detail}"
    return f"waiting. Waits for {proved.waits_for}" if proved.waits_for else NOT_PROVED
