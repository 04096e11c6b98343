"""`ischio verify`: what is proved of a pathway for all patients (docs/explanation/proofs.md).

The solver (z3) is an extra; everything that needs it is imported only here, and only when a proof is asked for.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from importlib.util import find_spec
from time import perf_counter
from typing import TYPE_CHECKING

from ischio.model.mistake import IschioError, Mistake
from ischio.model.pathway import Pathway
from ischio.model.rules import Property

if TYPE_CHECKING:
    from ischio.backends.proof.claims import Claim
    from ischio.backends.proof.proving import Result


class Outcome(Enum):
    """What came of a property. Only `proved` says that it holds."""

    PROVED = "proved"
    REFUTED = "refuted"
    WAITING = "waiting"
    COULD_NOT_DECIDE = "could not decide"


@dataclass(frozen=True, slots=True)
class Finding:
    """What came of one property.

    detail: one sentence. counter_example: a case file ready to run, if someone shows the flaw. before_forgetting: for
    what forgetting brings about, the same person before; counter_example is then the person after.
    """

    property: str
    number: int
    title: str
    outcome: Outcome
    seconds: float
    detail: str
    counter_example: str | None = None
    before_forgetting: str | None = None


class SolverMissing(IschioError):
    """The solver is not installed, so nothing can be proved."""

    def __init__(self) -> None:
        super().__init__(
            Mistake("The solver z3 is not installed, so nothing was proved.", "Install it: pip install 'ischio[prove]'")
        )


class SecondSolverMissing(IschioError):
    """The second solver is not installed."""

    def __init__(self) -> None:
        super().__init__(
            Mistake("The solver cvc5 is not installed, so there is no second opinion.", "Install it: pip install cvc5")
        )


@dataclass(frozen=True, slots=True)
class SecondOpinion:
    """What a second solver says of a property. agrees: whether it says the same as the first, of every claim."""

    property: str
    outcome: Outcome
    detail: str
    agrees: bool
    seconds: float


def verify(pathway: Pathway, seconds_a_claim: float = 20.0) -> tuple[Finding, ...]:
    """Proves every property of the pathway or refutes it with a counter-example.

    Raises SolverMissing where z3 is not installed.
    """
    return tuple(findings(pathway, seconds_a_claim))


def findings(pathway: Pathway, seconds_a_claim: float = 20.0) -> Iterator[Finding]:
    """The same, one by one as they are found."""
    if find_spec("z3") is None:
        raise SolverMissing
    for prop in pathway.properties:
        yield _waiting(prop) if prop.waits_for else _finding(pathway, prop, seconds_a_claim)


def second_opinions(
    pathway: Pathway, found: Iterable[Finding], seconds_a_claim: float = 20.0
) -> Iterator[SecondOpinion]:
    """What cvc5 says of each property on which there is a finding. Raises SecondSolverMissing where it is missing."""
    if find_spec("cvc5") is None:
        raise SecondSolverMissing
    properties = {prop.id: prop for prop in pathway.properties}
    for finding in found:
        if finding.outcome is not Outcome.WAITING:
            yield _second_opinion(pathway, properties[finding.property], finding, seconds_a_claim)


def _second_opinion(pathway: Pathway, prop: Property, finding: Finding, seconds: float) -> SecondOpinion:
    from ischio.backends.proof.proving import index_dates
    from ischio.backends.proof.second_opinion import second_result

    begun = perf_counter()
    outcome, detail = _told([second_result(pathway, prop, index, seconds) for index in index_dates(pathway)])
    agrees = (outcome, detail) == (finding.outcome, finding.detail)
    return SecondOpinion(prop.id, outcome, detail, agrees, perf_counter() - begun)


def _waiting(prop: Property) -> Finding:
    return Finding(prop.id, prop.number, prop.about.title, Outcome.WAITING, 0.0, f"Waits for {prop.waits_for}")


def _finding(pathway: Pathway, prop: Property, seconds: float) -> Finding:
    from ischio.backends.proof.proving import index_dates, prove

    begun = perf_counter()
    results = [prove(pathway, prop, index, seconds) for index in index_dates(pathway)]
    outcome, detail = _told(results)
    cases = next((result.cases for result in results if result.failed), ())
    return Finding(
        property=prop.id,
        number=prop.number,
        title=prop.about.title,
        outcome=outcome,
        seconds=perf_counter() - begun,
        detail=detail,
        counter_example=cases[-1] if cases else None,
        before_forgetting=cases[0] if len(cases) > 1 else None,
    )


def _told(results: "Sequence[Result]") -> tuple[Outcome, str]:
    """What the results for each span of time come to; a single claim that fails refutes the property."""
    claims = results[0].claims
    failed = _words(claim for result in results for claim in result.failed)
    undecided = _words(claim for result in results for claim in result.undecided)
    if failed:
        return Outcome.REFUTED, f"{len(failed)} of {claims} claims fail: {'; '.join(failed)}"
    if undecided:
        return Outcome.COULD_NOT_DECIDE, f"Too little time for: {'; '.join(undecided)}"
    if not claims:
        return Outcome.REFUTED, "It speaks of nothing in this pathway: no action or group is meant."
    return Outcome.PROVED, f"{claims} claims hold for every person on every date"


def _words(claims: "Iterable[Claim]") -> tuple[str, ...]:
    return tuple(dict.fromkeys(claim.words for claim in claims))
