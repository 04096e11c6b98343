"""Judgements, facts and dates in plain words, for a reader who knows hips and not our ids."""

import re
from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal

from ischio.model.assessment import Assessment, FactShown, Hip, Judgement, Person, UsedValue
from ischio.model.facts import Compared
from ischio.model.pathway import Pathway
from ischio.model.truth import FALSE, TRUE, UNKNOWN

TRUTH_WORDS = {TRUE: "yes", FALSE: "no", UNKNOWN: "not known"}
OPERATORS = {">=": "at least", ">": "more than", "<=": "at most", "<": "less than", "!=": "anything but", "=": ""}
COMPARISON = re.compile(r"(\w+) (>=|<=|!=|=|<|>) (.+)")
AGO = re.compile(r"(\w+) (on or before|before|on or after|after) Index - (.+)")
ISO_DATE = re.compile(r"\d{4}-\d\d-\d\d")
UNIT_WORDS = {"1": "", "{score}": "", "d": "days", "deg": "degrees", "mL/min/{1.73_m2}": "mL/min/1.73 m²"}
RECORDED = "Recorded: "
SHOWN_FACTS = 4
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


def number(value: Decimal) -> str:
    """A number without digits that say nothing: 7, 53.3."""
    return f"{value.normalize():f}"


def day(value: date) -> str:
    """28 May 2026: no two countries read it differently."""
    return f"{value.day} {value:%b %Y}"


def capital(text: str) -> str:
    """A phrase as it stands at the beginning of a line."""
    return text[:1].upper() + text[1:]


def with_days(text: str) -> str:
    """A text of the engine with its ISO dates written out."""
    return ISO_DATE.sub(lambda found: day(date.fromisoformat(found[0])), text)


def title_of(pathway: Pathway, name: str) -> str:
    """The title of a fact, criterion, action, stage or diversion; the id itself if it is none of these."""
    for rules in (pathway.facts, pathway.criteria, pathway.actions):
        if name in rules:
            return rules[name].about.title
    stages = {stage.id: stage.about.title for stage in pathway.stages}
    return stages.get(name) or next((rule.about.title for rule in pathway.diversions if rule.id == name), name)


class Words:
    """Titles for ids, from the pathway; parameter values of the index date; reasons of a hip or the person."""

    def __init__(self, pathway: Pathway, assessment: Assessment, about: Hip | Person) -> None:
        self.pathway = pathway
        self._parameters = {shown.id: amount(shown.value, shown.unit) for shown in assessment.parameters}
        self._written = {node.id: node for node in judgements(about) if node.id and node.because}

    def value(self, used: UsedValue | FactShown) -> str:
        """A fact's value with its unit or its code's word; why it is not known, if it is not."""
        name = used.fact if isinstance(used, UsedValue) else used.id
        if used.value is None:
            return TRUTH_WORDS[UNKNOWN] if used.state == "not asked" else f"not known, {used.state}"
        if isinstance(used.value, bool):
            return TRUTH_WORDS[TRUE if used.value else FALSE]
        if isinstance(used.value, str):
            return self._code_or_date(name, used.value)
        return amount(f"{used.value:g}", used.unit)

    def told(self, fact: FactShown) -> tuple[str, str]:
        """The title of a fact and its value; of what is only recorded or not, that."""
        title = title_of(self.pathway, fact.id)
        if isinstance(fact.value, bool) and title.startswith(RECORDED):
            return capital(title.removeprefix(RECORDED)), "recorded" if fact.value else "not recorded"
        return title, self.value(fact)

    def dated(self, fact: FactShown) -> str:
        """A fact with its value and date; without the date where the value says it."""
        title, value = self.told(fact)
        when = day(fact.date) if fact.date else value
        return f"{title}: {value}" if when == value else f"{title}: {value} ({when})"

    def concepts_of(self, fact: str) -> tuple[str, ...]:
        """The concepts that a fact reads; its own id if it is made from other facts."""
        match self.pathway.facts[fact].derivation:
            case Compared():
                return (fact,)
            case derivation:
                return derivation.selection.concepts

    def _code_or_date(self, fact: str, value: str) -> str:
        words = self.pathway.facts[fact].type.codes.get(value) if fact in self.pathway.facts else None
        if words:
            return words
        return day(date.fromisoformat(value)) if ISO_DATE.fullmatch(value) else value

    def phrase(self, node: Judgement) -> str:
        """A criterion or a fact of a reason; of a criterion that is not true also the facts that keep it so."""
        if node.values:
            return self._fact_phrase(node, node.values[0])
        title = title_of(self.pathway, node.id) if node.id else node.text
        if node.truth is TRUE:
            return title
        facts = self._phrases(self.facts_under(node))
        more = ", ..." if len(facts) > SHOWN_FACTS else ""
        inside = f" ({', '.join(facts[:SHOWN_FACTS])}{more})" if facts else ""
        return f"{title}: {TRUTH_WORDS[node.truth]}{inside}"

    def _fact_phrase(self, node: Judgement, used: UsedValue) -> str:
        title = title_of(self.pathway, used.fact)
        if isinstance(used.value, bool) and title.startswith(RECORDED):
            told = f"{capital(title.removeprefix(RECORDED))}: {'recorded' if used.value else 'not recorded'}"
        else:
            told = f"{title}: {self.value(used)}"
        dated = f"{told} ({day(used.date)})" if used.date and used.value != used.date.isoformat() else told
        need = self.need(node.text) if node.truth is FALSE and used.value is not None else ""
        return f"{dated}, needs {need}" if need else dated

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
        return self._phrases(node for top in because for node in self._deciding(self._whole(top)))

    def _phrases(self, nodes: Iterable[Judgement]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(self.phrase(node) for node in nodes))

    def _whole(self, node: Judgement) -> Judgement:
        """A criterion that is only referred to, as it is written out elsewhere in the hip's answer."""
        return self._written.get(node.id, node) if node.id and not node.because else node

    def _deciding(self, top: Judgement) -> Iterator[Judgement]:
        """The nearest named criteria and facts that decide a truth, without the gates that a gate inherits.

        That a hip is not in some other stage is no reason to be told of what holds, unless it is the only one.
        """
        below = [node for inner in parts_deciding(top) for node in self._named(inner)]
        telling = [node for node in below if not (top.truth is TRUE and _other_stage(node))] or below
        own = [node for node in telling if not (node.id or "").startswith("gate_")]
        if telling and not own and top.truth is TRUE:
            own = [node for gate in telling for node in self._deciding(self._whole(gate))]
        yield from own or telling or [top]

    def _named(self, node: Judgement) -> Iterator[Judgement]:
        if node.values or node.id or not node.because:
            yield node
        else:
            for inner in parts_deciding(node):
                yield from self._named(inner)

    def facts_under(self, node: Judgement) -> Iterator[Judgement]:
        """The facts that decide a criterion, through whatever criteria lie between."""
        for inner in parts_deciding(self._whole(node)):
            if inner.values:
                yield inner
            else:
                yield from self.facts_under(inner)


def _other_stage(node: Judgement) -> bool:
    return node.truth is FALSE and (node.id or "").startswith("stage_")


def judgements(about: Hip | Person) -> Iterator[Judgement]:
    """Every judgement in the answer of a hip or of the person."""
    tops = [*about.stage.because] if isinstance(about, Hip) else []
    if isinstance(about, Hip):
        tops += about.diversion.because if about.diversion else ()
        tops += about.next_gate.because if about.next_gate else ()
    for action in about.actions:
        tops += action.because
    for top in tops:
        yield from nodes(top)


def nodes(node: Judgement) -> Iterator[Judgement]:
    yield node
    for inner in node.because:
        yield from nodes(inner)


def parts_deciding(node: Judgement) -> tuple[Judgement, ...]:
    """The parts that a truth rests on: of a negation its part, else the parts of the same truth."""
    if node.text == "not":
        return node.because
    same = tuple(inner for inner in node.because if inner.truth is node.truth)
    return same or node.because


def side_title(pathway: Pathway, side: str) -> str:
    """A side with the body part of the pathway, as a heading: Right hip."""
    return f"{side} {pathway.body_part}".capitalize()
