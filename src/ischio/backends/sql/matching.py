"""Whether an event matches a fact, and as what (record/dossier.py, record/selected.py): one number, the mark."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import assert_never

from ischio.backends.sql.bounds import OPEN, UNCLEAR, Bounds
from ischio.backends.sql.columns import qualifier
from ischio.backends.sql.numbering import KINDS, RANKS, scale_of
from ischio.backends.sql.setting import Setting, fact_column
from ischio.backends.sql.text import FALSE, TRUE, Column, all_of, any_of, case, one_of, quoted
from ischio.model.pathway import Fact, First, Latest, Scope, Selection, SideRule, ValueKind

INCOMPLETE, UNSIDED, POSSIBLE, UNAVAILABLE, CERTAIN = 1, 2, 3, 4, 5
"""In the order in which they settle what a fact is that has nothing else: a larger mark hides a smaller one."""

MOST_STEPS = 1 << 37
"""Numbers are packed with their days into 64 bits, which leaves this much for them."""


def deciding_unsided(selection: Selection) -> tuple[str, ...]:
    """The facts that decide whether what names no side counts."""
    return () if selection.unsided_when is None else (selection.unsided_when, *selection.unsided_unless)


@dataclass(frozen=True)
class Match:
    """One fact that looks at events. bounds: as constants, or as names of columns."""

    setting: Setting
    fact: Fact
    selection: Selection
    bounds: Bounds

    @property
    def valued(self) -> bool:
        """Whether the pattern wants the event's value."""
        return isinstance(self.fact.derivation, Latest | First)

    @property
    def concepts(self) -> list[int]:
        return sorted(self.setting.numbers.concepts[concept] for concept in self.selection.concepts)

    def mark(self) -> str:
        """The mark of an event for this fact, null where it does not match at all."""
        within = self._within()
        branches = [
            ("unavailable", str(UNAVAILABLE)),
            (f"not {within}" if within != TRUE else FALSE, "null"),
            (self._lacking(), str(INCOMPLETE)),
            (self._denied(), "null"),
            (all_of((self._own(), self._over())), "null"),
            (all_of((self._own(), self._certain())), str(CERTAIN)),
            (self._own(), str(POSSIBLE)),
            (self._lifted("by_any"), "null"),
            ("side is null", str(UNSIDED)),
        ]
        eligible = all_of((self._eligible(self.selection.values), self._with_unsided(TRUE)))
        matches = all_of((one_of("concept", self.concepts), any_of(("unavailable", eligible))))
        return case((matches, _first(branches)))

    def _eligible(self, values: tuple[str, ...]) -> str:
        """Whether kind, asserter, value and recorded qualifiers are those asked for, as far as they can be told."""
        selection = self.selection
        kinds = sum(KINDS[kind] for kind in selection.kinds or ("done", "stated"))
        parts = [any_of(("unread", f"(kind & {kinds}) <> 0"))]
        if selection.asserters:
            parts.append(one_of("rank", (RANKS[asserter] for asserter in selection.asserters)))
        if values:
            parts.append(any_of(("unread", self._word_in(values))))
        for name, accepted in selection.qualifiers.items():
            if accepted != ("*",):
                column = qualifier(name)
                parts.append(any_of((f"{column} is null", one_of(column, map(quoted, accepted)))))
        return all_of(parts)

    def _lacking(self) -> str:
        """Whether something is not recorded that the fact asks for."""
        missing = [f"{qualifier(name)} is null" for name in self.selection.qualifiers]
        if self.valued:
            missing.append("(not valued and not unread)")
        return any_of(missing)

    def _denied(self) -> str:
        """What is stated not to be is no match for what is or was."""
        if self.valued or self.selection.values:
            return FALSE
        return self._word_in(("no",))

    def _word_in(self, words: tuple[str, ...]) -> str:
        return one_of("word", sorted(self.setting.numbers.words[word] for word in words))

    def _own(self) -> str:
        """Whether it is of the side that the fact looks at; what names no side only where the fact lets it count."""
        unsided = [self._counts_unsided()]
        if self.selection.unsided_values:
            unsided.append(self._word_in(self.selection.unsided_values))
        return self._with_unsided(any_of(unsided))

    def _with_unsided(self, counts: str) -> str:
        """Whether it is of the side that the fact looks at, or of none and that counts."""
        sided = self._sided()
        unsided = FALSE if counts == FALSE else all_of(("side is null", counts))
        return TRUE if sided == TRUE else any_of((sided, unsided))

    def _sided(self) -> str:
        """Whether it names the side that the fact looks at, or any will do."""
        rule = self.selection.side
        if self.fact.scope is Scope.PERSON or rule in (SideRule.PERSON, SideRule.ANY):
            return TRUE
        named = f"(side & {'(3 - hip)' if rule is SideRule.OTHER else 'hip'}) <> 0"
        return any_of(("side is null", named)) if rule is SideRule.THIS_OR_UNSIDED else named

    def _counts_unsided(self) -> str:
        """Whether what names no side counts for this hip."""
        if self.selection.unsided_when is None:
            return FALSE
        unless = any_of(map(fact_column, self.selection.unsided_unless))
        kept = TRUE if unless == FALSE else f"not coalesce({unless}, false)"
        return all_of((fact_column(self.selection.unsided_when), kept))

    # ---- what takes it back, and whether it goes on -------------------------------------------------------------

    def lifting(self) -> Iterator[Column]:
        """Of the words that take back what was said on a concept: the last day on which one surely, or possibly, was.

        `by_own` of those that count for this hip, `by_any` of those without a side as well.
        """
        if not self.selection.lifted_by:
            return
        word = all_of((f"lo <= {self.setting.index.day}", self._word_in(self.selection.lifted_by)))
        lifts = all_of((one_of("concept", self.concepts), word, self._eligible(self.selection.lifted_by)))
        keys = ", ".join((*self.setting.keys(self.fact.scope), "concept"))
        for by, counts in (("by_own", self._counts_unsided()), ("by_any", TRUE)):
            sided = self._with_unsided(counts)
            surely = all_of((lifts, sided, f"hi <= {self.setting.index.day}"))
            yield Column(self._lifting(by, "surely"), f"max({case((surely, 'lo'))}) over (partition by {keys})")
            yield Column(
                self._lifting(by, "maybe"), f"max({case((all_of((lifts, sided)), 'hi'))}) over (partition by {keys})"
            )

    def _lifting(self, by: str, how: str) -> str:
        return f"{fact_column(self.fact.id)}__{by}_{how}"

    def _lifted(self, by: str) -> str:
        """Whether it was taken back for certain."""
        return f"hi < {self._lifting(by, 'surely')}" if self.selection.lifted_by else FALSE

    def _over(self) -> str:
        """Whether it was taken back, or is over and the fact asks for what lasts."""
        ended = f"(not single and {self.ends_hi} < {self.setting.index.day})"
        return any_of((self._lifted("by_own"), ended if self.selection.while_it_lasts else FALSE))

    def _within(self) -> str:
        """Whether it can lie within the bounds."""
        parts = []
        if self.bounds.since != "0":
            parts.append(f"{self.ends_hi} >= {self.bounds.since}")
        if not self.bounds.until.isdigit():
            parts.append(f"lo <= {self.bounds.until}")
        return all_of(parts)

    def _certain(self) -> str:
        """Whether it lies within the bounds for certain, if it can at all, and is known to be a match."""
        bounds, begun = self.bounds, self.selection.begun_values
        dated = [any_of(("begun", self._word_in(begun) if begun else FALSE))]
        if not bounds.until.isdigit():
            dated.append(f"hi <= {bounds.until}")
        if bounds.surely != "0":
            dated.append(f"{self.ends_lo} >= {bounds.surely}")
        if not bounds.state.isdigit():
            dated.append(f"{bounds.state} <> {UNCLEAR}")
        undated = TRUE if bounds.state == str(OPEN) else FALSE if bounds.state.isdigit() else f"{bounds.state} = {OPEN}"
        known = [] if self.valued else ["not unread"]
        if self.selection.lifted_by:
            known.append(f"coalesce(lo >= {self._lifting('by_own', 'maybe')}, true)")
        if self.selection.while_it_lasts:
            known.append(f"(single or {self.ends_lo} >= {self.setting.index.day})")
        return all_of((*known, case(("undated", undated), otherwise=all_of(dated))))

    # ---- when it ended --------------------------------------------------------------------------------------

    @property
    def ends_lo(self) -> str:
        return "ends_lo"  # what was written with one date may have ended on that day

    @property
    def ends_hi(self) -> str:
        longest = self.selection.in_force
        if longest is None:
            return "ends_hi"
        lasting = self.setting.dialect.moved("hi", longest.months, longest.days)
        return f"({case(('single and not undated', lasting), otherwise='ends_hi')})"

    # ---- its value ------------------------------------------------------------------------------------------

    def value(self) -> str:
        """The value as a number, larger ones to win; null where it is refused."""
        type_, derivation = self.fact.type, self.fact.derivation
        match type_.kind:
            case ValueKind.BOOLEAN:
                assert isinstance(derivation, Latest | First), "others have no value"
                yes, no = derivation.yes or ("yes",), derivation.no or ("no",)
                words = (("yes", "1"), ("not yes", "0"), (self._word_in(yes), "1"), (self._word_in(no), "0"))
                return case(*words)
            case ValueKind.CODE:
                numbers = self.setting.numbers
                codes = numbers.codes_of(self.fact).items()
                # A plain yes is not the code "yes".
                return case(*((f"yes is null and word = {numbers.words[code]}", str(number)) for code, number in codes))
            case ValueKind.DATE:
                return "day"
            case ValueKind.NUMBER:
                steps = f"steps_{self.setting.numbers.scales[scale_of(self.fact)][0]}"
                low = -MOST_STEPS + 1 if type_.low is None else type_.low
                high = MOST_STEPS - 1 if type_.high is None else type_.high
                return case((f"{steps} between {low} and {high}", steps))
            case _:
                assert_never(type_.kind)


def _first(branches: list[tuple[str, str]]) -> str:
    """A case whose certain branch is the last."""
    kept: list[tuple[str, str]] = []
    for condition, result in branches:
        if condition == TRUE:
            return case(*kept, otherwise=result)
        kept.append((condition, result))
    return case(*kept)
