"""What the printer cannot express, said with the rule and its place in the knowledge files."""

from collections.abc import Iterator

from ischio.backends.sql.readers import MOST_STEPS
from ischio.model.facts import Exists, Fact, Latest, ValueKind
from ischio.model.mistake import IschioError, Mistake
from ischio.model.pathway import Pathway


class NotInSql(IschioError):
    """Something of the pathway has no printed form."""


def refuse(pathway: Pathway) -> None:
    """Raises NotInSql with all that cannot be printed."""
    mistakes = [mistake for fact in pathway.facts.values() for mistake in _mistakes(pathway, fact)]
    if mistakes:
        raise NotInSql(*mistakes)


def _mistakes(pathway: Pathway, fact: Fact) -> Iterator[Mistake]:
    derivation, attestation = fact.derivation, fact.absent.no_when
    if isinstance(derivation, Latest) and derivation.stale_after is not None and attestation is not None:
        vouching = pathway.facts[attestation].derivation
        if not isinstance(vouching, Exists):
            yield _mistake(
                fact,
                f"`no when {attestation}` beside `stale_after` asks for the day of {attestation}, which SQL knows only "
                f"of a fact with the pattern exists, and not of {type(vouching).__name__}.",
                f"Give {attestation} the pattern exists, or leave out stale_after.",
            )
    if fact.type.kind is ValueKind.NUMBER:
        limits = [abs(end) for end in (fact.type.low, fact.type.high) if end is not None]
        if max(limits, default=0) >= MOST_STEPS:
            yield _mistake(
                fact,
                f"`range` reaches {max(limits)} steps of {fact.type.step}, and SQL holds fewer than {MOST_STEPS}.",
                "Write a narrower range, or a wider step.",
            )


def _mistake(fact: Fact, what: str, mend: str) -> Mistake:
    place = fact.about.place
    return Mistake(what, mend, place.file, place.line, f"fact {fact.id}")
