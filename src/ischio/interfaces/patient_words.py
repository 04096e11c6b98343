"""What is still missing of the words for patients, and how easy they are: for `ischio check` and for authors."""

from collections.abc import Iterator

from ischio.interfaces.ease import FORMULAS, ease
from ischio.interfaces.readability import Reading, reading
from ischio.model.about import NONE_YET
from ischio.model.pathway import Pathway
from ischio.model.patient import ENGLISH, PatientWords


def wordless(pathway: Pathway) -> Iterator[str]:
    """Stages and actions that have no words for patients, and so cannot be shown to one."""
    words = pathway.patient.get(ENGLISH)
    if words is None:
        return
    yield from (f"stage {stage.id}" for stage in pathway.stages if stage.id not in words.stages)
    settled = {*words.actions, *words.not_released}
    yield from (f"action {name}" for name in pathway.actions if name not in settled)


def untranslated(pathway: Pathway) -> Iterator[tuple[str, str]]:
    """Each language with the place of a text that is still English in it."""
    for language, words in pathway.patient.items():
        yield from ((language, where) for where, phrase in words.phrases() if phrase.language != language)


def unreviewed(pathway: Pathway) -> tuple[PatientWords, ...]:
    """The words, by language, that nobody has reviewed yet."""
    return tuple(words for words in pathway.patient.values() if words.reviewer == NONE_YET)


def too_hard(pathway: Pathway) -> Iterator[tuple[str, Reading]]:
    """Each English text for patients that is too hard, with how it reads; titles, names and answers are too short."""
    words = pathway.patient.get(ENGLISH)
    for where, phrase in words.phrases() if words else ():
        if not where.endswith(".title") and not where.startswith(("answers.", "scores.")):
            found = reading(phrase.text)
            if not found.easy:
                yield where, found


def whole(words: PatientWords) -> str:
    """Every text in one, each title and line as a sentence; answers are words and no sentences."""
    texts = (phrase.text for where, phrase in words.phrases() if not where.startswith("answers."))
    return " ".join(text if text.endswith((".", "?")) else f"{text}." for text in texts)


def reads(words: PatientWords) -> str:
    """How the texts of a language read, as a whole, by the formula that is named."""
    if words.language == ENGLISH:
        return str(reading(whole(words)))
    return f"ease {ease(whole(words), words.language):.0f} of 100 by {FORMULAS[words.language].name}"
