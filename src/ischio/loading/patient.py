"""The words for patients: their ids known, every red flag in the box, and translations by the ids of the English file.

What has no translation yet, or no words at all, is no mistake here: the pathway loads, the text stays English and says
so, and the action cannot be released. `ischio check` lists both (interfaces/patient_words.py).
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from ischio.loading.draft import Draft, plain
from ischio.loading.files import TRANSLATIONS, Files
from ischio.loading.patient_entries import HeadedEntry, LinesEntry, PatientEntry, RedFlagBoxEntry, WarningsEntry
from ischio.loading.shapes import Id
from ischio.loading.yaml_lines import Reading, Written
from ischio.model.patient import EMERGENCY, ENGLISH, Headed, Lines, PatientWords, Phrase, RedFlagBox
from ischio.model.rules import Flag

WORDS = "patient.yaml"


def patient_words(files: Files, flags: Iterable[Flag], draft: Draft) -> dict[str, PatientWords]:
    """Per language what patients are told, English first; empty where the pathway has no words for patients."""
    if files.patient is None:
        _refuse_translations_of_nothing(files, draft)
        return {}
    reading = draft.reading(WORDS)
    _check_ids(files.patient, files, draft, reading)
    _check_box(files.patient.red_flags, tuple(flags), draft, reading)
    asked = {str(name): Phrase(str(entry.ask_patient)) for name, entry in files.enquiries.items() if entry.ask_patient}
    english = replace(_words(files.patient, ENGLISH), questions=asked)
    found = {ENGLISH: english}
    for language, entry in _translations(files):
        translation = _words(entry, language)
        _check_translation(translation, entry, english, draft)
        found[language] = _over(english, translation)
    return found


def _translations(files: Files) -> Iterator[tuple[str, PatientEntry]]:
    both = zip(TRANSLATIONS, (files.patient_es, files.patient_de), strict=True)
    yield from ((language, entry) for language, entry in both if entry is not None)


def _refuse_translations_of_nothing(files: Files, draft: Draft) -> None:
    for language, entry in _translations(files):
        what, mend = f"There is no {WORDS} that this could translate.", f"Write {WORDS} first."
        draft.reading(TRANSLATIONS[language]).mistake(entry.line, what, mend)


# ---- as the model holds them --------------------------------------------------------------------------------------


def _words(entry: PatientEntry, language: str) -> PatientWords:
    return PatientWords(
        language=language,
        drafted=str(entry.drafted),
        reviewer=str(entry.reviewer),
        condition=_headed(entry.condition, language),
        red_flags=_box(entry.red_flags, language),
        stages={str(name): _headed(each, language) for name, each in entry.stages.items()},
        actions={str(name): _headed(each, language) for name, each in entry.actions.items()},
        not_released=plain(entry.not_released),
        positions=_lines(entry.positions, language) if entry.positions else None,
        positions_with=plain(entry.positions.shown_with) if entry.positions else (),
        unknowns=_lines(entry.unknowns, language),
        scores=_phrases(entry.scores, language),
        questions=_phrases(entry.questions, language),
        answers={str(concept): _phrases(words, language) for concept, words in entry.answers.items()},
    )


def _phrases(texts: Mapping[Id, Written], language: str) -> dict[str, Phrase]:
    return {str(name): Phrase(str(text), language) for name, text in texts.items()}


def _headed(entry: HeadedEntry, language: str) -> Headed:
    return Headed(Phrase(str(entry.title), language), Phrase(str(entry.text), language))


def _lines(entry: LinesEntry, language: str) -> Lines:
    return Lines(Phrase(str(entry.title), language), _phrases(entry.lines, language))


def _warnings(entry: WarningsEntry, language: str) -> Lines:
    lines = {str(name): Phrase(str(line.text), language) for name, line in entry.lines.items()}
    return Lines(Phrase(str(entry.title), language), lines)


def _box(entry: RedFlagBoxEntry, language: str) -> RedFlagBox:
    both = {**entry.emergency.lines, **entry.today.lines}
    return RedFlagBox(
        emergency=_warnings(entry.emergency, language),
        today=_warnings(entry.today, language),
        flags={str(name): plain(line.flags) for name, line in both.items()},
        unseen=plain(entry.unseen),
    )


# ---- a translation over the English words --------------------------------------------------------------------------


def _over(english: PatientWords, translation: PatientWords) -> PatientWords:
    """The English words, with those in their place that are translated; what is no text stays as in English."""
    box = english.red_flags
    return replace(
        english,
        language=translation.language,
        drafted=translation.drafted,
        reviewer=translation.reviewer,
        condition=translation.condition,
        red_flags=replace(
            box,
            emergency=_lines_over(box.emergency, translation.red_flags.emergency),
            today=_lines_over(box.today, translation.red_flags.today),
        ),
        stages={**english.stages, **translation.stages},
        actions={**english.actions, **translation.actions},
        positions=_lines_over(english.positions, translation.positions) if english.positions else None,
        unknowns=_lines_over(english.unknowns, translation.unknowns),
        scores={**english.scores, **translation.scores},
        questions={**english.questions, **translation.questions},
        answers={
            concept: {**words, **translation.answers.get(concept, {})} for concept, words in english.answers.items()
        },
    )


def _lines_over(english: Lines, translation: Lines | None) -> Lines:
    return Lines(translation.title, {**english.lines, **translation.lines}) if translation else english


# ---- checks ---------------------------------------------------------------------------------------------------------


def _check_ids(entry: PatientEntry, files: Files, draft: Draft, reading: Reading) -> None:
    _known(entry.stages, files.stages.stages, "a stage", draft, reading)
    _known((*entry.actions, *entry.not_released), files.actions, "an action", draft, reading)
    _known(entry.positions.shown_with if entry.positions else (), entry.actions, "an action here", draft, reading)
    _known(entry.answers, {"any", *files.terminology}, "a concept", draft, reading)
    _known(entry.scores, files.measures.outcomes, "an outcome", draft, reading)
    for name in entry.not_released:
        if name in entry.actions:
            what = f"`{name}` has words for patients, and is listed as not released."
            reading.mistake(name.line, what, "Take it out of one of the two.")
    if entry.questions:
        what = "Questions for patients are put in English in enquiries.yaml."
        reading.mistake(entry.at("questions"), what, "Write them there, under `ask_patient`.")


def _known(names: Iterable[Written], among: Iterable[str], kind: str, draft: Draft, reading: Reading) -> None:
    for name in names:
        draft.known(name, set(among), kind, reading)


def _check_box(entry: RedFlagBoxEntry, flags: tuple[Flag, ...], draft: Draft, reading: Reading) -> None:
    """Every red flag is told of or cannot be noticed, and one that is an emergency is told of among those."""
    emergency, today = _flags_of(entry.emergency), _flags_of(entry.today)
    _known((*emergency, *today, *entry.unseen), {flag.fact for flag in flags}, "a red flag", draft, reading)
    for flag in flags:
        if flag.urgency == EMERGENCY and flag.fact in today:
            what = f"The red flag `{flag.fact}` is an emergency, and the box says to call us."
            reading.mistake(entry.today.line, what, "Move it to a line under `emergency`.")
        if flag.fact not in {*emergency, *today, *entry.unseen, *draft.broken}:
            what = f"No line of the box tells of the red flag `{flag.fact}`."
            mend = "Name it under `flags` of a line, or under `unseen` if nobody can notice it."
            reading.mistake(entry.line, what, mend)


def _flags_of(entry: WarningsEntry) -> tuple[Written, ...]:
    return tuple(flag for line in entry.lines.values() for flag in line.flags)


def _check_translation(translation: PatientWords, entry: PatientEntry, english: PatientWords, draft: Draft) -> None:
    """A translation holds texts by the ids of the English words, and nothing else."""
    reading = draft.reading(TRANSLATIONS[translation.language])
    known = {where for where, _ in english.phrases()}
    for where, _ in translation.phrases():
        if where not in known:
            what = f"`{where}` translates nothing."
            reading.mistake(entry.line, what, f"Use the ids of {WORDS} (of enquiries.yaml for questions).")
    if translation.not_released or translation.positions_with or any(translation.red_flags.flags.values()):
        what = "A translation holds texts alone."
        reading.mistake(entry.line, what, f"Leave `flags`, `unseen`, `shown_with` and `not_released` to {WORDS}.")
