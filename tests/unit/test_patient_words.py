"""The words for patients: whole, easy to read, every red flag in the box, and the same in each language."""

import re
from dataclasses import replace

import pytest

from ischio.interfaces.checking import examined
from ischio.interfaces.patient_words import reads, too_hard, unreviewed, untranslated, whole, wordless
from ischio.interfaces.readability import reading
from ischio.loading.pathway import load_pathway
from ischio.model.patient import EMERGENCY, ENGLISH, Headed, Phrase

PATHWAY = load_pathway()
WORDS = PATHWAY.patient[ENGLISH]
BOX = WORDS.red_flags


@pytest.mark.parametrize("flag", PATHWAY.flags, ids=lambda flag: flag.fact)
def test_every_red_flag_that_a_patient_can_notice_is_in_the_box(flag):
    told = {line for line, flags in BOX.flags.items() if flag.fact in flags}
    assert bool(told) == (flag.fact not in BOX.unseen)
    if flag.urgency == EMERGENCY:
        assert told <= {*BOX.emergency.lines}, "an emergency is not for us to be called about"


def test_what_nobody_can_notice_is_what_no_patient_is_asked():
    assert BOX.unseen == tuple(flag.fact for flag in PATHWAY.flags if not PATHWAY.enquiries[flag.fact].ask_patient)


def test_every_line_of_the_box_tells_of_a_red_flag():
    assert all(BOX.flags.values())


def test_every_stage_and_action_has_words_or_is_never_released():
    assert list(wordless(PATHWAY)) == []


def test_only_what_a_clinician_records_is_never_released():
    assert all(PATHWAY.actions[name].kind.value == "record" for name in WORDS.not_released)


def test_every_text_is_easy_to_read():
    assert list(too_hard(PATHWAY)) == []


def test_the_english_words_as_a_whole_are_easy_to_read():
    found = reading(whole(WORDS))
    assert found.easy, found


@pytest.mark.parametrize(("language", "formula"), [("es", "Szigriszt-Pazos"), ("de", "Amstad")])
def test_how_a_translation_reads_is_told_by_a_named_formula(language, formula):
    assert re.fullmatch(rf"ease \d+ of 100 by {formula}", reads(PATHWAY.patient[language]))


def test_the_words_hold_no_figures_of_their_own():
    """A figure would need a claim beside it. The scales and times of questions are those of enquiries.yaml."""
    told = [where for where, phrase in WORDS.phrases() if any(map(str.isdigit, phrase.text))]
    assert [where for where in told if not where.startswith("questions.")] == []


@pytest.mark.parametrize("language", PATHWAY.patient)
def test_no_text_is_left_untranslated(language):
    assert [where for told, where in untranslated(PATHWAY) if told == language] == []


@pytest.mark.parametrize("words", PATHWAY.patient.values(), ids=list(PATHWAY.patient))
def test_the_same_texts_are_told_in_each_language(words):
    assert [where for where, _ in words.phrases()] == [where for where, _ in WORDS.phrases()]


def without(*names):
    """The pathway with words for patients in which some actions have none."""
    kept = {name: told for name, told in WORDS.actions.items() if name not in names}
    return replace(PATHWAY, patient={ENGLISH: replace(WORDS, actions=kept)})


def test_an_action_without_words_is_told():
    assert list(wordless(without("physiotherapy"))) == ["action physiotherapy"]
    report = examined(without("physiotherapy"), None, 0.0)
    assert report.problems == 1
    assert report.patient_words == (
        "action physiotherapy: has no words in patient.yaml, so it cannot be shown to a patient",
    )


def test_what_is_not_translated_stays_english_says_so_and_is_told():
    half = replace(PATHWAY, patient={**PATHWAY.patient, "de": replace(WORDS, language="de")})
    assert ("de", "condition.text") in set(untranslated(half))
    assert half.patient["de"].condition.text.language == ENGLISH


def test_a_text_that_is_too_hard_is_told():
    hard = Phrase("Ischiofemoral impingement necessitates multidisciplinary rehabilitation.")
    told = replace(WORDS, condition=Headed(WORDS.condition.title, hard))
    assert [where for where, _ in too_hard(replace(PATHWAY, patient={ENGLISH: told}))] == ["condition.text"]


def test_nobody_has_reviewed_the_words_yet_and_that_can_be_seen():
    assert {words.language for words in unreviewed(PATHWAY)} == {*PATHWAY.patient}
