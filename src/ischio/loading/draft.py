"""The pathway while it is being put together: what is known so far, and every mistake found."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from ischio.language.literals import duration
from ischio.language.names import Names, suggestion
from ischio.language.parser import parse
from ischio.language.types import described
from ischio.loading.entries import ClaimEntry, DueEntry, PathwayEntry, Rule
from ischio.loading.yaml_lines import Reading, Written
from ischio.model.about import About, Label, Place, Scope
from ischio.model.dates import Duration
from ischio.model.expression import Expression, ParameterValue
from ischio.model.facts import FactType, Interval, ValueKind
from ischio.model.mistake import Mistake, PathwayError
from ischio.model.parameters import Parameter, ParameterData, Quantity
from ischio.model.rules import DueDate


def plain(texts: Iterable[Written]) -> tuple[str, ...]:
    """Texts without their lines, as the model holds them."""
    return tuple(map(str, texts))


def text_or_none(text: Written | None) -> str | None:
    """A text without its line, or None where none is written."""
    return None if text is None else str(text)


@dataclass
class Draft:
    """What the parts of a pathway may refer to.

    broken: ids whose own entries are at fault, so that nobody who names them is blamed. conditions: every condition
    with its place, for the checks that look at all of them.
    """

    pathway: PathwayEntry
    mistakes: list[Mistake]
    broken: set[str]
    claims: Mapping[str, ClaimEntry]
    seed_lines: Iterable[str]
    parameters: dict[str, Parameter] = field(default_factory=dict)
    types: dict[str, FactType] = field(default_factory=dict)
    scopes: dict[str, Scope] = field(default_factory=dict)
    criteria: dict[str, Place] = field(default_factory=dict)
    others: dict[str, str] = field(default_factory=dict)
    conditions: list[tuple[Expression, Place]] = field(default_factory=list)

    def reading(self, file: str, where: str = "") -> Reading:
        return Reading(file, self.mistakes, where, self.broken)

    # ---- what every rule carries --------------------------------------------------------------------------------

    def about(self, entry: Rule, reading: Reading) -> About:
        """What the rule carries, with the pathway's author, reviewer and date where it has none of its own."""
        self._check_evidence(entry, reading)
        for line in entry.seed_lines:
            self.known(line, self.seed_lines, "a line of source.yaml", reading)
        return About(
            title=str(entry.title),
            sentence=str(entry.sentence),
            label=entry.label,
            evidence=plain(entry.evidence),
            seed_lines=plain(entry.seed_lines),
            author=str(entry.author or self.pathway.author),
            reviewer=str(entry.reviewer or self.pathway.reviewer),
            reviewed=entry.reviewed or self.pathway.reviewed,
            note=text_or_none(entry.note),
            place=Place(reading.file, entry.line),
        )

    def _check_evidence(self, entry: Rule, reading: Reading) -> None:
        if entry.label is not Label.CONVENTION and not entry.evidence:
            what = f"The label is {entry.label.value}, and no evidence is named."
            reading.mistake(entry.at("label"), what, "Name claims under `evidence`, or label it convention.")
        for claim in entry.evidence:
            if not self.known(claim, self.claims, "a claim of evidence.yaml", reading):
                continue
            found = self.claims.get(claim)
            if found and found.verified == "unverified" and entry.label is Label.SUPPORTED:
                what = f"The label is supported, and the claim {claim} is unverified."
                reading.mistake(claim.line, what, "Name another claim, or label it convention and say so in `note`.")

    # ---- references ---------------------------------------------------------------------------------------------

    def known(self, name: Written, among: Iterable[str], kind: str, reading: Reading) -> bool:
        """Whether the name is among those; a mistake if not, unless its own entry is at fault."""
        if name in among:
            return True
        if name not in self.broken:
            reading.mistake(
                name.line, f"`{name}` is not {kind}.", suggestion(name, among) or "Declare it, or mend the name."
            )
        return False

    def fact(self, name: Written, kind: ValueKind, reading: Reading) -> bool:
        """Whether the name is a fact of this kind; a mistake if not."""
        if not self.known(name, self.types, "a fact", reading):
            return False
        if self.types[name].kind is kind:
            return True
        reading.mistake(name.line, f"`{name}` is not {described(FactType(kind))}.", "Name one that is.")
        return False

    def interval(self, text: Written, reading: Reading) -> Interval | None:
        """A duration, or a parameter that is one; None after telling the mistake."""
        return self._interval(text, reading, lambda value: isinstance(value, Duration), "a duration")

    def schedule(self, text: Written, reading: Reading) -> Interval | None:
        """A duration, or a parameter that is one or a list of them; None after telling the mistake."""
        return self._interval(text, reading, lambda value: not isinstance(value, Quantity), "a duration or a list")

    def _interval(
        self, text: Written, reading: Reading, fits: Callable[[ParameterData], bool], kind: str
    ) -> Interval | None:
        written = duration(text)
        if written is not None:
            return written
        if not self.known(text, self.parameters, "a duration such as 6 weeks, or a parameter that is one", reading):
            return None
        if all(fits(dated.value) for dated in self.parameters[text].values):
            return ParameterValue(str(text))
        reading.mistake(text.line, f"`{text}` is not {kind}.", "Name a parameter that is one.")
        return None

    def due(self, entry: DueEntry | None, reading: Reading) -> DueDate | None:
        """A date fact plus an interval."""
        if entry is None or not self.fact(entry.after, ValueKind.DATE, reading):
            return None
        return DueDate(str(entry.after), self.interval(entry.plus, reading) if entry.plus else None)

    # ---- conditions ---------------------------------------------------------------------------------------------

    def names(self) -> Names:
        """What a condition may name."""
        return Names(self.types, self.parameters, self.criteria, self.others, self.broken)

    def condition(self, text: Written | None, reading: Reading) -> Expression | None:
        """The expression of a condition; None where none is written, or after telling its mistakes."""
        if text is None:
            return None
        try:
            expression = parse(text, self.names())
        except PathwayError as error:
            for mistake in error.mistakes:
                reading.mistake(text.line, mistake.what, mistake.mend)
            return None
        self.conditions.append((expression, Place(reading.file, text.line)))
        return expression
