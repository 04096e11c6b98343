"""The texts in other languages: none that patients read is missing, each fits its place, and the files are current."""

import importlib.util
import re
import sys
from decimal import Decimal
from pathlib import Path

import pytest

from ischio.interfaces.http.pages.language import ENGLISH, PSEUDO, chosen, translations
from ischio.interfaces.locale.catalogue import catalogue, spoken_day, spoken_number
from ischio.loading.files import TRANSLATIONS

TOOL = Path(__file__).parents[2] / "tools" / "texts.py"
SPEC = importlib.util.spec_from_file_location("texts", TOOL)
assert SPEC is not None
texts = importlib.util.module_from_spec(SPEC)
sys.modules["texts"] = texts
SPEC.loader.exec_module(texts)
CATALOGUE = texts.template()
PLACES = re.compile(r"%\(\w+\)s|\{\w+\}")
every_language = pytest.mark.parametrize("language", TRANSLATIONS)


@every_language
def test_no_text_that_a_patient_or_the_frame_says_is_missing(language: str):
    wanted, others = texts.missing(language, CATALOGUE)
    assert [message.id for message in wanted] == []
    print(f"{language}: {len(others)} texts of the clinicians' other pages are not translated")


def test_the_texts_are_those_of_the_code():
    written = (texts.LOCALE / "ischio.pot").read_text("utf-8")
    assert written == texts.as_text(CATALOGUE), "run `python tools/texts.py`"


@every_language
def test_a_translation_holds_nothing_that_is_no_longer_said(language: str):
    kept = (texts.LOCALE / f"{language}.po").read_text("utf-8")
    assert kept == texts.as_text(texts.translation(language, CATALOGUE)), "run `python tools/texts.py`"


@every_language
def test_a_translation_has_the_places_of_its_text(language: str):
    for message in texts.translation(language, CATALOGUE):
        if message.id:
            forms = message.id if isinstance(message.id, tuple) else (message.id,)
            said = message.string if isinstance(message.string, tuple | list) else (message.string,)
            wanted = {place for form in forms for place in PLACES.findall(form)}
            assert {place for form in said for place in PLACES.findall(form)} == wanted, message.id


@every_language
def test_the_emergency_is_said_in_the_words_of_the_knowledge(language: str):
    from ischio.loading.pathway import load_pathway

    box = load_pathway().patient[language].red_flags
    said = translations(language).gettext
    assert said("Call the emergency number now") == box.emergency.title.text
    assert said("Call us today") == box.today.title.text


@every_language
def test_it_says_who_drafted_it_and_that_nobody_has_reviewed_it(language: str):
    assert "machine-drafted by the project; reviewer: none yet" in (texts.LOCALE / f"{language}.po").read_text("utf-8")


def test_what_is_missing_is_found():
    fewer = texts.template()
    fewer.add("A text that nobody translated.", locations=[("interfaces/http/me/home.py", None)])
    fewer.add("Another one.", locations=[("interfaces/http/pages/surgery.py", None)])
    wanted, others = texts.missing("de", fewer)
    assert [message.id for message in wanted] == ["A text that nobody translated."]
    assert "Another one." in [message.id for message in others]


@pytest.mark.parametrize(
    ("asked", "accepted", "language"),
    [
        ("de", "es", "de"),
        (None, "es-MX,es;q=0.9,en;q=0.8", "es"),
        (None, "fr,de-AT;q=0.5", "de"),
        (None, "en-US", ENGLISH),
        (None, "fr", ENGLISH),
        ("nonsense", "", ENGLISH),
        ("en-XA", "de", PSEUDO),
    ],
)
def test_the_language_of_a_page(asked: str | None, accepted: str, language: str):
    assert chosen(asked, accepted) == language


def test_a_language_speaks_and_what_it_lacks_stays_english():
    assert catalogue("es").gettext("Your plan") == "Su plan"
    assert catalogue("de").ngettext("One question.", "%(count)s questions.", 2) == "%(count)s Fragen."
    assert catalogue("de").gettext("No such text") == "No such text"


def test_a_day_in_each_language():
    from datetime import date

    day = date(2026, 11, 29)
    assert [spoken_day(day, name) for name in ("en", *TRANSLATIONS)] == [
        "29 Nov 2026",
        "29 de noviembre de 2026",
        "29. November 2026",
    ]


@pytest.mark.parametrize(("value", "written"), [("53.30", ("53.3", "53,3", "53,3")), ("40", ("40",) * 3)])
def test_a_number_in_each_language(value: str, written: tuple[str, ...]):
    assert tuple(spoken_number(Decimal(value), name) for name in ("en", *TRANSLATIONS)) == written


def test_of_a_number_that_is_typed_again_no_mark_of_thousands_is_in_the_way():
    assert [spoken_number(Decimal("1234.5"), name) for name in ("en", *TRANSLATIONS)] == ["1234.5", "1234,5", "1234,5"]
