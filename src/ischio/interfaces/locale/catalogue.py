"""Translations, read from the .po files as they are: nothing is compiled, so that nothing can be out of step."""

from datetime import date
from decimal import Decimal
from functools import cache
from gettext import GNUTranslations, NullTranslations
from importlib.resources import files
from io import BytesIO

from ischio.interfaces.words import day, number
from ischio.model.mistake import IschioError, Mistake
from ischio.model.patient import ENGLISH

SPOKEN = {ENGLISH: "English", "es": "Español", "de": "Deutsch"}
"""The languages there are, each by its own name."""


def primary(tag: str) -> str:
    """The language of a tag: `en` of `en-GB`."""
    return tag.partition("-")[0].lower()


@cache
def catalogue(language: str) -> NullTranslations:
    """The texts in a language; in English where there is no file for it.

    Raises IschioError where Babel is not installed.
    """
    source = files(__package__).joinpath(f"{language}.po")
    if language == ENGLISH or not source.is_file():
        return NullTranslations()
    try:
        from babel.messages.mofile import write_mo
        from babel.messages.pofile import read_po
    except ImportError:
        mend = "pip install 'ischio[pdf]', or leave the language out for English"
        raise IschioError(Mistake("Babel, which reads translations, is not installed.", mend)) from None
    compiled = BytesIO()
    with source.open("rb") as file:
        write_mo(compiled, read_po(file, locale=language))
    compiled.seek(0)
    return GNUTranslations(compiled)


def spoken_day(on: date, language: str) -> str:
    """A day in the words of a language: 29 Nov 2026, 29 de noviembre de 2026, 29. November 2026."""
    if language == ENGLISH:
        return day(on)
    from babel.dates import format_date

    return str(format_date(on, "long", locale=language))


def spoken_number(value: Decimal, language: str) -> str:
    """A number as it is written in a language: 53.3, 53,3. Thousands are not marked, so that it can be typed again."""
    if language == ENGLISH:
        return number(value)
    from babel.numbers import format_decimal

    return str(format_decimal(value, locale=language, decimal_quantization=False, group_separator=False))
