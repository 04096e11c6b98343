"""Judgements, facts and dates in plain words, for a reader who knows hips and not our ids."""

import re
from collections.abc import Iterable, Iterator
from datetime import date

from ischio.model.assessment import Assessment, Judgement, UsedValue
from ischio.model.pathway import Pathway
from ischio.model.truth import FALSE, TRUE, UNKNOWN, Truth

TRUTH_WORDS = {TRUE: "yes", FALSE: "no", UNKNOWN: "not known"}
OPERATORS = {">=": "at least", ">": "more than", "<=": "at most", "<": "less than", "!=": "anything but", "=": ""}
COMPARISON = re.compile(r"(\w+) (>=|<=|!=|=|<|>) (.+)")
AGO = re.compile(r"(\w+) (on or before|before|on or after|after) Index - (.+)")
UNIT_WORDS = {"1": "", "{score}": "", "d": "days", "deg": "degrees"}
AGO_WORDS = {
    "on or before": "at least {} ago",
    "before": "more than {} ago",
    "on or after": "within the last {}",
    "after": "within less than {}",
}


def amount(number: str, unit: str | None) -> str:
    """A number with its unit, in words where UCUM is no word."""
    word = UNIT_WORDS.get(unit or "1", unit)
    return f"{number} {word}" if word else number


def day(value: date) -> str:
    """28 May 2026: no two countries read it differently."""
    return f"{value.day} {value:%b %Y}"


class Words:
    """Titles for ids, from the pathway; parameter values as they are on the index date."""

    def __init__(self, pathway: Pathway, assessment: Assessment) -> None:
        self.pathway = pathway
        self._parameters = {shown.id: amount(shown.value, shown.unit) for shown in assessment.parameters}

    def title(self, name: str) -> str:
        """The title of a fact, criterion, action or stage."""
        for rules in (self.pathway.facts, self.pathway.criteria, self.pathway.actions):
            if name in rules:
                return rules[name].about.title
        return next((stage.about.title for stage in self.pathway.stages if stage.id == name), name)

    def value(self, used: UsedValue) -> str:
        """A fact's value with its unit or its code's word; why it is not known, if it is not."""
        if used.value is None:
            return TRUTH_WORDS[UNKNOWN] if used.state == "not asked" else f"not known, {used.state}"
        if isinstance(used.value, bool):
            return TRUTH_WORDS[TRUE if used.value else FALSE]
        if isinstance(used.value, str):
            return self._code_or_date(used.fact, used.value)
        return amount(f"{used.value:g}", used.unit)

    def _code_or_date(self, fact: str, value: str) -> str:
        words = self.pathway.facts[fact].type.codes.get(value) if fact in self.pathway.facts else None
        if words:
            return words
        return day(date.fromisoformat(value)) if re.fullmatch(r"\d{4}-\d\d-\d\d", value) else value

    def phrase(self, node: Judgement) -> str:
        """One line for a criterion or a fact of a reason."""
        if not node.values:
            title = self.title(node.id) if node.id else node.text
            return title if node.truth is TRUE else f"{title}: {TRUTH_WORDS[node.truth]}"
        used = node.values[0]
        told = f"{self.title(used.fact)}: {self.value(used)}"
        dated = f"{told} ({day(used.date)})" if used.date and used.value != used.date.isoformat() else told
        need = self.need(node.text) if node.truth is FALSE and used.value is not None else ""
        return f"{dated}; needs {need}" if need else dated

    def need(self, text: str) -> str:
        """What a comparison asks for, in words; empty for what is not a comparison."""
        if found := AGO.fullmatch(text):
            return AGO_WORDS[found[2]].format(self._parameters.get(found[3], found[3]))
        if found := COMPARISON.fullmatch(text):
            return f"{OPERATORS[found[2]]} {self._limit(found[1], found[3])}".strip()
        return ""

    def _limit(self, fact: str, limit: str) -> str:
        if limit in self._parameters:
            return self._parameters[limit]
        if limit.startswith("'"):
            return self._code_or_date(fact, limit.strip("'"))
        return amount(limit, self.pathway.facts[fact].type.unit if fact in self.pathway.facts else None)

    def reasons(self, because: Iterable[Judgement]) -> tuple[str, ...]:
        """What makes the judgement what it is: the nearest named criteria and facts, each once."""
        found = (self.phrase(node) for top in because for node in deciding(top))
        return tuple(dict.fromkeys(found))


def deciding(node: Judgement, top: bool = True) -> Iterator[Judgement]:
    """The nearest named criteria and facts that decide the node's truth, without the gates that a gate inherits."""
    if node.values or not node.because or (node.id and not top):
        yield node
        return
    below = [each for inner in heading(node) for each in deciding(inner, top and node.id is None)]
    own = [each for each in below if not (each.id or "").startswith("gate_")]
    yield from own or below


def heading(node: Judgement) -> tuple[Judgement, ...]:
    """The parts that a truth rests on: of a negation its part, else the parts of the same truth."""
    if node.text == "not":
        return node.because
    same = tuple(inner for inner in node.because if inner.truth is node.truth)
    return same or node.because


def truth_word(truth: Truth) -> str:
    return TRUTH_WORDS[truth]
