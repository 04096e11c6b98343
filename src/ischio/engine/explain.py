"""What a rule says and on what it rests, for a reader: the same for the command line, the book and the page."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ischio.engine.evidence import UNVERIFIED, certainty
from ischio.language.text import to_text
from ischio.model.expression import Expression, criteria_named, facts_named, parameters_named
from ischio.model.pathway import About, Pathway


@dataclass(frozen=True, slots=True)
class ClaimShown:
    """A claim behind a rule. statement: None where it is unverified, because then it is not shown as fact."""

    id: str
    statement: str | None
    certainty: str
    verified: str
    secondhand: bool
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Explanation:
    """A rule in full.

    conditions: by name (`when`, `done` ...) as written. names: what they name. named_by: the rules that name this one.
    seed_text_only: every claim it names is unverified, so that only the text the pathway grew from says so.
    """

    id: str
    kind: str
    about: About
    certainty: str
    seed_text_only: bool
    conditions: Mapping[str, str]
    names: tuple[str, ...]
    named_by: tuple[str, ...]
    claims: tuple[ClaimShown, ...]


def explain(pathway: Pathway, rule: str) -> Explanation | None:
    """The rule with this id: parameter, fact, criterion, gate, stage, diversion, flag, action, safety rule or property.

    None if there is none.
    """
    entry = next((entry for entry in _entries(pathway) if entry[1] == rule), None)
    if entry is None:
        return None
    kind, _, about, conditions = entry
    claims = tuple(_claim(pathway, claim) for claim in about.evidence)
    return Explanation(
        rule,
        kind,
        about,
        certainty(pathway, about.label, about.evidence),
        bool(claims) and all(claim.statement is None for claim in claims),
        {name: to_text(condition) for name, condition in conditions.items()},
        tuple(dict.fromkeys(name for condition in conditions.values() for name in _names(condition))),
        tuple(
            other for _, other, _, theirs in _entries(pathway) if any(rule in _names(one) for one in theirs.values())
        ),
        claims,
    )


def ids(pathway: Pathway) -> tuple[str, ...]:
    """Every id that can be explained."""
    return tuple(dict.fromkeys(rule for _, rule, _, _ in _entries(pathway)))


_Entry = tuple[str, str, About, dict[str, Expression]]


def _entries(pathway: Pathway) -> Iterator[_Entry]:
    for stage in pathway.stages:
        yield "stage", stage.id, stage.about, {}
    for diversion in pathway.diversions:
        yield "diversion", diversion.id, diversion.about, {"when": pathway.criteria[diversion.criterion].when}
    gates = {stage.criterion for stage in pathway.ordered_stages}
    for criterion in pathway.criteria.values():
        kind = "gate" if criterion.id in gates else "criterion"
        yield kind, criterion.id, criterion.about, {"when": criterion.when}
    for action in pathway.actions.values():
        own = {
            "when": action.when,
            "due when": action.due_when,
            "done": action.done,
            "in progress": action.in_progress,
        }
        yield "action", action.id, action.about, {name: one for name, one in own.items() if one is not None}
        safety = (("stop", action.stops), ("strong caution", action.strong_cautions), ("caution", action.cautions))
        for kind, rules in safety:
            for rule in rules:
                yield kind, rule.id, rule.about, {"when": rule.when}
    for flag in pathway.flags:
        yield "red flag", flag.fact, flag.about, {}
    for fact in pathway.facts.values():
        yield "fact", fact.id, fact.about, {}
    for parameter in pathway.parameters.values():
        yield "parameter", parameter.id, parameter.about, {}
    for proved in pathway.properties:
        yield "property", proved.id, proved.about, {"then": proved.then} if proved.then is not None else {}


def _names(condition: Expression) -> tuple[str, ...]:
    return (*criteria_named(condition), *facts_named(condition), *parameters_named(condition))


def _claim(pathway: Pathway, claim_id: str) -> ClaimShown:
    claim = pathway.claims[claim_id]
    statement = None if claim.verified == UNVERIFIED else claim.statement
    return ClaimShown(claim.id, statement, claim.certainty, claim.verified, claim.secondhand, claim.sources)
