"""What patients are told, in each language: the words of patient.yaml and its translations."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

ENGLISH = "en"
EMERGENCY = "emergency"
"""The urgency of a red flag that does not wait for us: the emergency service is called."""


@dataclass(frozen=True, slots=True)
class Phrase:
    """A text in a language (BCP 47). What has no translation stays English, and says so here."""

    text: str
    language: str = ENGLISH


@dataclass(frozen=True, slots=True)
class Headed:
    """A title and what is said under it."""

    title: Phrase
    text: Phrase


@dataclass(frozen=True, slots=True)
class Lines:
    """A title and lines under it, by their ids."""

    title: Phrase
    lines: Mapping[str, Phrase]


@dataclass(frozen=True, slots=True)
class RedFlagBox:
    """When to call: for an emergency, and us. flags: per line the red flags that it tells of.

    unseen: red flags that nobody can notice, and that therefore no line tells of.
    """

    emergency: Lines
    today: Lines
    flags: Mapping[str, tuple[str, ...]]
    unseen: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PatientWords:
    """What patients are told, in one language.

    drafted, reviewer: who wrote the words, and who has reviewed them. stages, actions: by id; what is not there cannot
    be shown to a patient. not_released: actions that only a clinician does. positions: what to avoid, shown with one of
    the actions `positions_with`. scores: their names, by outcome. questions: by fact, in the words of `ask_patient`.
    answers: per concept (or `any`) the words of its codes.
    """

    language: str
    drafted: str
    reviewer: str
    condition: Headed
    red_flags: RedFlagBox
    stages: Mapping[str, Headed]
    actions: Mapping[str, Headed]
    not_released: tuple[str, ...]
    positions: Lines | None
    positions_with: tuple[str, ...]
    unknowns: Lines
    scores: Mapping[str, Phrase]
    questions: Mapping[str, Phrase]
    answers: Mapping[str, Mapping[str, Phrase]]

    def answer(self, concept: str, code: str) -> Phrase | None:
        """The words of an answer; None where there are none."""
        return self.answers.get(concept, {}).get(code) or self.answers.get("any", {}).get(code)

    def phrases(self) -> Iterator[tuple[str, Phrase]]:
        """Every text with where it stands, such as `actions.physiotherapy.text`."""
        yield from _headed("condition", self.condition)
        yield from _lines("red_flags.emergency", self.red_flags.emergency)
        yield from _lines("red_flags.today", self.red_flags.today)
        for section, headed in (("stages", self.stages), ("actions", self.actions)):
            for name, told in headed.items():
                yield from _headed(f"{section}.{name}", told)
        if self.positions:
            yield from _lines("positions", self.positions)
        yield from _lines("unknowns", self.unknowns)
        yield from ((f"scores.{name}", phrase) for name, phrase in self.scores.items())
        yield from ((f"questions.{name}", phrase) for name, phrase in self.questions.items())
        for concept, words in self.answers.items():
            yield from ((f"answers.{concept}.{code}", phrase) for code, phrase in words.items())


def _headed(where: str, headed: Headed) -> Iterator[tuple[str, Phrase]]:
    yield f"{where}.title", headed.title
    yield f"{where}.text", headed.text


def _lines(where: str, lines: Lines) -> Iterator[tuple[str, Phrase]]:
    yield f"{where}.title", lines.title
    yield from ((f"{where}.{name}", phrase) for name, phrase in lines.lines.items())
