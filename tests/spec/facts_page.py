"""Reads docs/reference/facts.md, whose tables are tests: the rules, their facts and their examples."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from ischio.loading.pathway import load_pathway
from ischio.loading.yaml_lines import Reading, Written
from ischio.model.pathway import Pathway
from ischio.record.case_values import read_event
from ischio.record.events import Event, Gap, Patient, Record, State

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "facts.md"


@dataclass(frozen=True)
class Example:
    """One row of a table. cells: by the head of the column, as written; fact: what the table is about."""

    rule: str
    fact: str
    cells: dict[str, str]


@cache
def examples() -> tuple[Example, ...]:
    return tuple(example for section in _sections() for example in _rows(section))


def _sections() -> list[str]:
    return re.split(r"^### ", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]


def _rows(section: str) -> Iterator[Example]:
    rule = section.splitlines()[0]
    fact = re.findall(r"^(\w+):$", _blocks(section, "yaml"), re.MULTILINE)[-1]
    head, _, *rows = [
        [cell.strip() for cell in line.strip("|").split("|")] for line in section.splitlines() if line.startswith("|")
    ]
    return (Example(rule, fact, dict(zip(head, row, strict=True))) for row in rows)


def _blocks(text: str, language: str) -> str:
    return "".join(re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL))


# ---- the pathway of the page ------------------------------------------------------------------------------------

ABOUT = "  title: 'Recorded: an example'\n  sentence: An example.\n"

FRAME = {
    "pathway": "{id: tables, version: 0.0.1, title: Tables, author: ischio project, reviewer: none yet, "
    "reviewed: 2026-01-01, review_fact: reviewed_on, deceased_fact: dead}\n",
    "facts": f"reviewed_on:\n{ABOUT}  type: date\n  derive: {{pattern: date_of, concept: review}}\n"
    f"dead:\n{ABOUT}  type: boolean\n  scope: person\n  derive: {{pattern: exists, concept: death}}\n",
    "stages": "stages:\n  evaluation:\n    title: An example\n    sentence: An example.\n"
    "    gate: {title: An example, sentence: An example., when: dead}\n",
    "terminology": "review: {title: Review}\ndeath: {title: Death}\n",
    "evidence": "{sources: {}, claims: {}}\n",
    "source": "lines: {}\n",
    **dict.fromkeys(("safety", "actions", "enquiries", "properties"), "{}\n"),
}


@cache
def pathway_of_page() -> Pathway:
    """One pathway that holds all facts of the page."""
    page = PAGE.read_text(encoding="utf-8")
    facts = re.sub(r"^(\w+:)$", rf"\1\n{ABOUT}".rstrip(), _blocks(page, "yaml"), flags=re.MULTILINE)
    own = {name: _blocks(page, f"yaml {name}") for name in ("parameters", "terminology", "criteria")} | {"facts": facts}
    with TemporaryDirectory() as folder:
        for name in FRAME | own:
            text = FRAME.get(name, "") + own.get(name, "")
            (Path(folder) / f"{name}.yaml").write_text(text, encoding="utf-8")
        return load_pathway(Path(folder))


# ---- the record of an example -----------------------------------------------------------------------------------

WORDS = {
    "side": ("right", "left", "both"),
    "kind": ("done", "planned", "stated", "declined"),
    "asserter": ("patient", "clinician", "device"),
}
DATE = re.compile(r"\d{4}(-\d\d){0,2}")


def record_of(pathway: Pathway, recorded: str) -> Record:
    """What an example records; its events are called event 1, event 2 ... in the order written."""
    events, gaps = [], []
    for place, words in enumerate((part for part in recorded.split("<br>") if part), 1):
        if words.startswith("("):
            concept, state = words.strip("()").split(": ")
            gaps.append(Gap(concept, State(state), "the query"))
        else:
            events.append(_event(pathway, words, f"event {place}"))
    return Record(Patient("synthetic"), tuple(events), tuple(gaps))


def _event(pathway: Pathway, words: str, name: str) -> Event:
    reading = Reading(PAGE.name)
    event = read_event(pathway, {Written(key, 1): Written(value, 1) for key, value in _keys(words)}, reading)
    assert isinstance(event, Event), f"{words}: {reading.mistakes}"
    return replace(event, source=name)


def _keys(words: str) -> Iterator[tuple[str, str]]:
    """The row of words as the keys of an event in a case file."""
    concept, *rest = words.split()
    yield "concept", concept
    value = []
    for word in rest:
        key = next((key for key, allowed in WORDS.items() if word in allowed), None)
        if key is not None:
            yield key, word
        elif ".." in word:
            start, end = word.split("..")
            yield from ((key, day) for key, day in (("start", start), ("end", end)) if day)
        elif "=" in word:
            yield tuple(word.split("=", 1))
        elif DATE.fullmatch(word):
            yield "date", word
        else:
            value.append(word)
    if value:
        yield "value", " ".join(value)
