"""Why: one rule in full, with what it rests on; on the page of a person also with the values that it used of theirs."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import get_close_matches

from starlette.responses import Response

from ischio.engine.explain import ClaimShown, Explanation, explain, ids, properties_about
from ischio.interfaces.book.content import Section
from ischio.interfaces.book.links import Links
from ischio.interfaces.book.particulars import particulars
from ischio.interfaces.book.rules import conditions, neighbours
from ischio.interfaces.book.shelf import Shelf, guards
from ischio.interfaces.http.pages.case_runs import cases_of
from ischio.interfaces.http.pages.frame import page
from ischio.interfaces.http.pages.visit import Visit
from ischio.interfaces.http.pages.why_here import here
from ischio.interfaces.page.view import MEANING_OF_LABEL
from ischio.interfaces.telling import side_of
from ischio.interfaces.words import capital, day, side_title
from ischio.model.about import Label, Scope, Side
from ischio.model.pathway import Pathway
from ischio.model.sources import Source

SHOWN_CASES = 5
FOR, AGAINST = ("for", "expectation", "target"), ("against", "risks", "caution")
"""The texts of an action that speak of its benefit and of its harm."""


@dataclass(frozen=True, slots=True)
class Study:
    """A publication. read: how much of it; address: where it is found, empty if that is not known."""

    id: str
    citation: str
    design: str
    read: str
    address: str


@dataclass(frozen=True, slots=True)
class Claim:
    """A statement of the literature. statement: empty where it is unverified, because then it is not shown as fact."""

    statement: str
    certainty: str
    read: str
    secondhand: bool
    studies: tuple[Study, ...]


@dataclass(frozen=True, slots=True)
class Basis:
    """On what a rule rests. benefit, harm: what the knowledge says of them, and no more."""

    label: str
    meaning: str
    certainty: str
    measured: bool
    benefit: tuple[str, ...]
    harm: tuple[str, ...]
    claims: tuple[Claim, ...]
    seed_only: bool
    seed: tuple[tuple[str, str], ...]
    disagreement: str

    @property
    def studies(self) -> int:
        return len({study.id for claim in self.claims for study in claim.studies})


@dataclass(frozen=True, slots=True)
class Proofs:
    """What holds the rule to its word. firing, silent: titles of cases, the first few; more: how many are left out.

    running: the cases are being run, and are not known yet.
    """

    firing: tuple[str, ...]
    silent: tuple[str, ...]
    more: int
    properties: tuple[str, ...]
    running: bool


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule as it is told. place: file and line. Sections as the book has them."""

    id: str
    kind: str
    title: str
    sentence: str
    basis: Basis
    conditions: tuple[Section, ...]
    particulars: tuple[Section, ...]
    neighbours: tuple[Section, ...]
    proofs: Proofs
    author: str
    reviewer: str
    reviewed: str
    place: str
    citation: str


def why(visit: Visit) -> Response:
    """GET /why/{rule} and /p/{person}/why/{rule}?side=right."""
    pathway, asked = visit.clinic.knowledge.pathway, visit.request.path_params["rule"]
    found = explain(pathway, asked)
    if found is None:
        return page(visit, "why_unknown", 404, asked=asked, near=near(pathway, asked))
    side = side_of(visit.request.query_params.get("side"), visit.chart.assessment) if visit.known else None
    action = pathway.actions.get(found.id) if found.kind == "action" else None
    return page(
        visit,
        "why",
        rule=rule(pathway, found),
        side=side.value if side else "",
        title=side_title(pathway, side.value) if side else "",
        sides=tuple((one.value, side_title(pathway, one.value)) for one in Side),
        here=here(pathway, visit.chart.record, visit.chart.assessment, side, found) if side else None,
        declined_side="" if side is None or (action and action.scope is Scope.PERSON) else side.value,
        actions=() if action else resting(pathway, found),
        seen=visit.chart.seen if visit.known else 0,
    )


def near(pathway: Pathway, asked: str) -> tuple[str, ...]:
    """Ids that are written alike."""
    return tuple(get_close_matches(asked, ids(pathway), n=3))


def resting(pathway: Pathway, found: Explanation) -> tuple[tuple[str, str], ...]:
    """The actions that name a rule themselves, by id and title."""
    return tuple((name, pathway.actions[name].about.title) for name in found.named_by if name in pathway.actions)


# ---- what is told of a rule ---------------------------------------------------------------------------------------


def rule(pathway: Pathway, found: Explanation) -> Rule:
    """Everything that the page tells of a rule, whoever it is asked about."""
    about, shelf = found.about, Shelf(pathway, Links(pathway), (), {})
    return Rule(
        found.id,
        capital(found.kind),
        about.title,
        about.sentence,
        basis(pathway, found),
        tuple(conditions(shelf, found)),
        tuple(particulars(shelf, found)),
        tuple(neighbours(shelf, found)),
        _proofs(pathway, found),
        about.author,
        about.reviewer,
        day(about.reviewed),
        str(about.place),
        "\n".join(_citation(pathway, found)),
    )


def basis(pathway: Pathway, found: Explanation) -> Basis:
    about = found.about
    return Basis(
        about.label.value,
        MEANING_OF_LABEL[about.label.value],
        found.certainty.replace("-", " "),
        about.label is Label.SUPPORTED and not found.seed_text_only,
        tuple(_texts(pathway, found, FOR)),
        (*_texts(pathway, found, AGAINST), *_dangers(pathway, found)),
        tuple(_claim(pathway, claim) for claim in found.claims),
        found.seed_text_only,
        tuple((line, pathway.seed[line].text) for line in about.seed_lines if line in pathway.seed),
        about.note or "",
    )


def _texts(pathway: Pathway, found: Explanation, names: Iterable[str]) -> Iterator[str]:
    texts = pathway.actions[found.id].texts if found.kind == "action" else {}
    return (texts[name] for name in names if name in texts)


def _dangers(pathway: Pathway, found: Explanation) -> Iterator[str]:
    """What speaks against an action in somebody: its safety rules by their titles."""
    for kind, rules in guards(pathway.actions[found.id]).items() if found.kind == "action" else ():
        if rules:
            yield f"{capital(kind)}: {', '.join(each.about.title for each in rules)}"


def _claim(pathway: Pathway, claim: ClaimShown) -> Claim:
    studies = (_study(pathway.sources[name]) for name in claim.sources if name in pathway.sources)
    certainty = claim.certainty.replace("-", " ")
    return Claim(claim.statement or "", certainty, claim.verified, claim.secondhand, tuple(studies))


def _study(source: Source) -> Study:
    return Study(source.id, source.citation, source.design, source.read, _address(source))


def _address(source: Source) -> str:
    """Where a source is found: by its DOI, else where it was read, if that is a place that a browser can go to."""
    if source.doi:
        return f"https://doi.org/{source.doi}"
    return source.url if source.url and source.url.startswith(("https://", "http://")) else ""


def _proofs(pathway: Pathway, found: Explanation) -> Proofs:
    shown = cases_of(pathway, _judged(pathway, found))
    firing, silent = shown or ((), ())
    more = sum(max(0, len(cases) - SHOWN_CASES) for cases in (firing, silent))
    fires, stays_silent = (tuple(case.title for case in cases[:SHOWN_CASES]) for cases in (firing, silent))
    properties = tuple(each.about.title for each in properties_about(pathway, found))
    return Proofs(fires, stays_silent, more, properties, shown is None)


def _judged(pathway: Pathway, found: Explanation) -> str:
    """The id under which cases tell the truth of a rule: of a stage and a diversion that of its criterion."""
    if found.kind == "stage":
        return pathway.stage(found.id).criterion
    return next((each.criterion for each in pathway.diversions if each.id == found.id), found.id)


def _citation(pathway: Pathway, found: Explanation) -> Iterator[str]:
    """The rule and its sources as they are cited: a line each, with how much of a source was read."""
    about = found.about
    yield f"{about.title} ({found.kind} {found.id}). {pathway.title} {pathway.version}, {about.author}."
    yield f"Content reviewed {day(about.reviewed)}, reviewer {about.reviewer}. Basis: {about.label.value}."
    names = dict.fromkeys(name for claim in found.claims for name in claim.sources if name in pathway.sources)
    for source in (pathway.sources[name] for name in names):
        address = _address(source)
        yield f"{source.citation}.{f' {address}' if address else ''} (read: {source.read})"
