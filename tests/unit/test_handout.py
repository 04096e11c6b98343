"""What a patient takes home: what was released and nothing else, in three languages, on two sheets of paper."""

import re
import sys
from dataclasses import replace
from datetime import date
from html import unescape

import pytest
from handouts import CASES, LANGUAGES, PATHWAY, WHOSE, given

from ischio.clinic.released import Exercise, Released
from ischio.interfaces.handout.content import Handout, handout, may_be_released
from ischio.interfaces.handout.page import page
from ischio.interfaces.handout.pdf import MOST_PAGES, pdf
from ischio.interfaces.readability import MOST_GRADE, reading
from ischio.model.about import Side
from ischio.model.assessment import Assessment
from ischio.model.mistake import IschioError
from ischio.model.patient import ENGLISH

PAGE_OF_PDF = re.compile(rb"/Type\s*/Page\b")
GIVEN = {case: given(case) for case in CASES}
every_handout = pytest.mark.parametrize(
    "made", [pytest.param(one, id=f"{case}-{name}") for case in CASES for name, one in GIVEN[case].handouts.items()]
)
NOTHING = Released(Side.LEFT, "", (), (), (), None, "", False, PATHWAY.version, date(2026, 11, 24))


def texts(made: Handout) -> str:
    """What a reader of the page reads, without markup."""
    body = page(made).partition("<body>")[2]
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", body)))


def test_ten_people_in_the_stages_of_the_pathway():
    assert len(CASES) == 10
    assert {one.released.stage for one in GIVEN.values()} >= {
        *("evaluation", "conservative_care", "injection", "surgical_evaluation", "after_surgery"),
        *("recovery", "long_term_care"),
    }


@every_handout
def test_the_pdf_has_at_most_two_pages_and_is_accessible(made: Handout):
    written = pdf(made)
    assert 1 <= len(PAGE_OF_PDF.findall(written)) <= MOST_PAGES
    assert b"<pdfuaid:part>1<" in written
    assert b"/StructTreeRoot" in written
    assert f"/Lang({made.language})".encode() in written


@every_handout
def test_the_box_holds_the_words_of_the_knowledge_file(made: Handout):
    words = PATHWAY.patient[made.language].red_flags
    box = page(made).partition('<section class="call"')[2].partition("</section>")[0]
    found = [unescape(re.sub(r"<[^>]+>", "", part)) for part in re.findall(r"<(?:li|h2)[^>]*>(.*?)</(?:li|h2)>", box)]
    assert [text.removesuffix(f": {WHOSE.phone}") for text in found] == [
        words.emergency.title.text,
        *(line.text for line in words.emergency.lines.values()),
        words.today.title.text,
        *(line.text for line in words.today.lines.values()),
    ]


@pytest.mark.parametrize("case", CASES)
def test_the_english_handout_is_easy_to_read(case: str):
    """Each heading and line is read as a sentence; the foot says what it was made from, for whoever asks."""
    made = GIVEN[case].handouts[ENGLISH]
    body = page(replace(made, made_from=(), whose=())).partition("<main>")[2]
    parts = [unescape(part).strip() for part in re.split(r"<[^>]+>", body)]
    whole = " ".join(part if part.endswith((".", "?", "!")) else f"{part}." for part in parts if re.search(r"\w", part))
    assert reading(whole).grade <= MOST_GRADE


@pytest.mark.parametrize("case", CASES)
def test_what_was_released_stands_there_in_each_language(case: str):
    one = GIVEN[case]
    for language, made in one.handouts.items():
        words, told = PATHWAY.patient[language], texts(made)
        named = (*one.released.actions, *(exercise.component for exercise in one.released.exercises))
        assert [words.actions[name].title.text for name in named if words.actions[name].title.text not in told] == []
        assert one.released.message in told


def test_what_was_not_released_does_not_stand_there():
    """P8: of all stages and actions, none but those released."""
    made = handout(replace(NOTHING, actions=("physiotherapy",)), PATHWAY, WHOSE)
    words, told = PATHWAY.patient[ENGLISH], texts(made)
    assert words.actions["physiotherapy"].text.text in told
    others = [one.text.text for name, one in words.actions.items() if name != "physiotherapy"]
    stages = [one.text.text for one in words.stages.values()]
    positions = [line.text for line in words.positions.lines.values()]
    assert [text for text in (*others, *stages, *positions, words.condition.text.text) if text in told] == []


def test_positions_to_avoid_are_told_with_the_action_that_says_so():
    made = handout(replace(NOTHING, actions=("avoid_narrowing_positions",)), PATHWAY, WHOSE)
    assert made.positions == PATHWAY.patient[ENGLISH].positions


def test_an_exercise_is_told_once_with_its_dose():
    both = replace(NOTHING, actions=("pt_gait",), exercises=(Exercise("pt_gait", "ten minutes a day"),))
    assert [(one.title.text, one.dose) for one in handout(both, PATHWAY, WHOSE).to_do] == [
        ("Take shorter steps", "ten minutes a day")
    ]


def test_it_says_that_nobody_has_reviewed_it():
    made_from = handout(NOTHING, PATHWAY, WHOSE, language="es").made_from
    assert "Todavía no lo ha revisado ningún profesional clínico independiente." in made_from
    assert "Traducido por una máquina. Ningún traductor lo ha revisado todavía." in made_from
    assert "No es un producto sanitario." in made_from


def test_a_text_that_is_not_translated_is_marked_as_english():
    spanish = PATHWAY.patient["es"]
    half = replace(
        spanish, actions={**spanish.actions, "physiotherapy": PATHWAY.patient[ENGLISH].actions["physiotherapy"]}
    )
    changed = replace(PATHWAY, patient={**PATHWAY.patient, "es": half})
    made = handout(replace(NOTHING, actions=("physiotherapy",)), changed, WHOSE, language="es")
    assert '<h3><span lang="en">Go to physio</span></h3>' in page(made)
    assert pdf(made)


def test_a_language_that_there_is_not_is_english():
    assert handout(NOTHING, PATHWAY, WHOSE, language="fr").language == ENGLISH
    assert handout(NOTHING, PATHWAY, WHOSE, language="de-AT").language == "de"


def test_the_same_handout_gives_the_same_bytes():
    made = GIVEN["gate-conservative-passes"].handouts["de"]
    assert pdf(made) == pdf(made)
    assert page(made) == page(made)


def test_words_of_a_clinician_are_never_markup():
    message = "<b>#pagebreak() $x$ </script> *bold*"
    made = handout(replace(NOTHING, message=message), PATHWAY, WHOSE)
    assert "&lt;b&gt;#pagebreak() $x$ &lt;/script&gt; *bold*" in page(made)
    assert len(PAGE_OF_PDF.findall(pdf(made))) == 1


def test_what_does_not_fit_on_two_pages_is_refused_with_the_mend():
    words = PATHWAY.patient[ENGLISH]
    everything = replace(NOTHING, actions=tuple(words.actions))
    with pytest.raises(IschioError) as refused:
        pdf(handout(everything, PATHWAY, WHOSE))
    assert str(refused.value) == (
        "The handout does not fit on 2 pages.\n"
        "Release fewer actions and exercises at a time, or shorten the words beside them."
    )


def test_without_typst_one_is_told_what_to_install(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "typst", None)
    with pytest.raises(IschioError, match=re.escape("pip install 'ischio[pdf]'")):
        pdf(GIVEN["surgery-declined"].handouts[ENGLISH])


def test_without_babel_one_is_told_what_to_install(monkeypatch: pytest.MonkeyPatch):
    from ischio.interfaces.locale.catalogue import catalogue

    catalogue.cache_clear()
    for name in ("babel", "babel.messages", "babel.messages.mofile", "babel.messages.pofile"):
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(IschioError, match=re.escape("pip install 'ischio[pdf]'")):
        handout(NOTHING, PATHWAY, WHOSE, language="es")
    assert handout(NOTHING, PATHWAY, WHOSE).labels["title"] == "Your plan"


def test_nothing_is_released_of_somebody_with_a_red_flag_but_what_passes_it():
    from ischio.engine.assess import assess
    from ischio.interfaces.inputs import read_patient
    from ischio.loading.pathway import packaged

    record, on = read_patient(packaged() / "cases" / "cauda-equina.yaml", PATHWAY, None)
    assert on is not None
    found: Assessment = assess(PATHWAY, record, on)
    names = {name for hip in found.hips for name in may_be_released(PATHWAY, found, hip.side)}
    assert names == {name for name in names if PATHWAY.actions[name].kind.value in ("referral", "imaging", "therapy")}


def test_all_languages_of_the_words_are_tried():
    assert LANGUAGES == ("en", "es", "de")
