"""Where the story of a synthetic hip and the engine put it, and for what reason when they differ.

`python tests/generative/story_and_engine.py 2000` prints the tables of docs/how-to/make-a-synthetic-registry.md.
"""

import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache

import msgspec

from ischio.engine.answer import Answer
from ischio.engine.position import positions
from ischio.fhir.bindings import load_bindings
from ischio.fhir.reader import FhirReader
from ischio.loading.pathway import load_pathway, packaged
from ischio.model.comparison import Position
from ischio.model.pathway import Pathway
from ischio.record.events import Kind, Record
from ischio.synthesis.figures import Figures, data, load_figures
from ischio.synthesis.people import NOT_ON_PATHWAY, Hip, Person, Stay
from ischio.synthesis.registry import shared, write_person
from ischio.synthesis.story import tell_person

ON = date(2026, 3, 31)
SEED = 1
FRESH_PAIN, FRESH_BETWEEN_REVIEWS = timedelta(weeks=6), timedelta(weeks=58)
FORMS = ("other_code", "medicine_by_reference", "answers_in_forms", "broad_code_beside_words", "side_in_code_alone")
NO_FLAWS = (*FORMS, "unrelated_share", "unrelated_least", "year_alone")
"""Shares of figures.yaml under `record` that say how something is written, not what goes wrong."""


def flaws() -> list[str]:
    """The names of the shares that say how often something goes wrong."""
    return [name for name in data("figures")["record"] if name not in NO_FLAWS]


def figures_with(kept: tuple[str, ...]) -> Figures:
    """The figures, with no flaws in the record but those named."""
    gone = set(flaws()) - set(kept)
    shipped = load_figures()
    entries = (replace(entry, value=0.0) if entry.name in gone else entry for entry in shipped.entries)
    return Figures(tuple(entries), shipped.choices)


@dataclass(frozen=True)
class Compared:
    """One hip on one day."""

    person: Person
    hip: Hip
    day: date
    truth: Stay
    engine: Position

    @property
    def stages(self) -> tuple[str, str]:
        assert self.engine.stage is not None
        return self.truth.stage, self.engine.stage.id

    @property
    def diversions(self) -> tuple[str, str]:
        return self.truth.diversion or "none", self.engine.diversion.id if self.engine.diversion else "none"

    @property
    def agree(self) -> bool:
        return self.stages[0] == self.stages[1]

    def last_score(self) -> date:
        return max((day for day in self.hip.readings if day <= self.day), default=date.min)

    def days(self, concept: str, kind: Kind = Kind.DONE) -> list[date]:
        found = (one for one in self.person.chart.events if one.concept == concept and one.kind is kind)
        return [one.start.earliest for one in found if one.start is not None and one.side in (self.hip.side, None)]


# ---- why they differ ------------------------------------------------------------------------------------------------


def reason(one: Compared) -> str | None:
    """Why they differ although nothing went wrong in the record; None if no reason is known."""
    truth, engine = one.stages
    age = one.day - one.last_score()
    if truth == NOT_ON_PATHWAY and engine == "evaluation":
        suspected = [event for event in one.person.chart.events if event.concept == "ifi_diagnosis"]
        return "suspicion never taken back" if suspected and suspected[-1].value == "suspected" else None
    if truth in ("injection", "surgical_evaluation") and engine == "conservative_care":
        if age > FRESH_PAIN:
            return "last score older than 6 weeks"
        injected = [day for day in one.days("image_guided_injection") if day <= one.day]
        return "early relief after an injection" if injected and one.day - max(injected) < timedelta(weeks=9) else None
    if truth in ("recovery", "long_term_care") and age > FRESH_BETWEEN_REVIEWS:
        return "last score older than 58 weeks"
    if truth in ("surgical_evaluation", "long_term_care") and one.days("image_guided_injection", Kind.DECLINED):
        return "a declined injection counts for 12 months"
    onward = ("conservative_care", "injection", "surgical_evaluation")
    if truth in onward and engine in onward and onward.index(engine) > onward.index(truth):
        return ahead(one)
    return None


def ahead(one: Compared) -> str | None:
    """Why the engine is further on than the clinic."""
    if one.day not in one.person.chart.visits:
        return "gate open before the next visit"
    if one.truth.since == one.day:
        return "one step a visit"
    if one.person.other(one.hip).condition == "ifi":
        return "exercise for the other hip counts"
    return None


# ---- comparing ------------------------------------------------------------------------------------------------------


@cache
def _knowledge() -> tuple[Pathway, FhirReader]:
    pathway = load_pathway()
    return pathway, FhirReader(pathway.concepts, load_bindings(packaged() / "bindings.yaml"))


def _record(number: int, figures: Figures) -> Record:
    resources = [*shared(), *write_person(number, SEED, ON, figures)[0]]
    bundle = {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": one} for one in resources]}
    return _knowledge()[1].read(msgspec.json.encode(bundle, enc_hook=str))


def compared(people: int, figures: Figures, *, at_last_score: bool = False) -> Iterator[Compared]:
    """Every hip of so many people on the registry's date; or each on the day of its own last score, if it has one."""
    for number in range(1, people + 1):
        person = tell_person(number, SEED, ON, figures)
        record = _record(number, figures)
        for hip in person.hips:
            scored = [day for day in hip.readings if day <= person.last]
            if at_last_score and not scored:
                continue
            day = max(scored) if at_last_score else ON
            found = positions(Answer(_knowledge()[0], record, day))
            engine = next(one for one in found if one.part == hip.side.value)
            yield Compared(person, hip, day, hip.stay_on(min(day, person.last)), engine)


# ---- the tables of the manual ---------------------------------------------------------------------------------------


def table(counted: Counter[tuple[str, str]], words: list[str]) -> Iterator[str]:
    yield f"| truth, then engine | {' | '.join(words)} |"
    yield f"| --- |{' --- |' * len(words)}"
    for truth in words:
        cells = (
            f"**{counted[truth, engine]}**" if truth == engine else str(counted[truth, engine]) for engine in words
        )
        yield f"| {truth} | {' | '.join(cells)} |"


def share(found: list[Compared]) -> str:
    return (
        f"{sum(one.agree for one in found)} of {len(found)} hips ({sum(one.agree for one in found) / len(found):.1%})"
    )


def report(people: int) -> Iterator[str]:
    stages = [NOT_ON_PATHWAY, *(one.id for one in _knowledge()[0].stages if one.ordered)]
    stages += [one.id for one in reversed(_knowledge()[0].stages) if not one.ordered]
    faultless = figures_with(())
    for title, found in (
        ("on the day of the last score, nothing wrong", list(compared(people, faultless, at_last_score=True))),
        ("on the registry's date, nothing wrong", list(compared(people, faultless))),
    ):
        yield f"## {title}: the same stage in {share(found)}"
        why = Counter((one.stages, reason(one)) for one in found if not one.agree)
        yield from (f"{number} {pair[0]} -> {pair[1]}: {words}" for (pair, words), number in why.most_common())
    whole = list(compared(people, load_figures()))
    yield f"## on the registry's date, as written: the same stage in {share(whole)}"
    yield from table(Counter(one.stages for one in whole), stages)
    diversions = ["none", *(one.id for one in _knowledge()[0].diversions)]
    yield from table(Counter(one.diversions for one in whole), diversions)


if __name__ == "__main__":
    print(*report(int(sys.argv[1])), sep="\n")
