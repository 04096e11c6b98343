"""How easy a Spanish or German text is to read, on the scale of Flesch: 100 is very easy, 0 very hard.

Spanish: the formula of Szigriszt Pazos (1993), 206.835 - 62.3 x syllables per word - words per sentence. German:
that of Amstad (1978), 180 - words per sentence - 58.5 x syllables per word. Both are reported and bar nothing: no bound
for patients has been agreed on. Syllables are counted by the spelling; a word that is no German or Spanish one may err.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from ischio.interfaces.readability import SENTENCE

WORD = re.compile(r"[^\W\d_]+|\d+(?:[.,]\d+)?")


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula of the shape of Flesch's. nucleus: what makes one syllable."""

    name: str
    base: float
    per_syllable: float
    nucleus: re.Pattern[str]


_WEAK = "iuü"
FORMULAS: Mapping[str, Formula] = {
    # Weak vowels lean on a strong one; two strong ones, or a weak one with an accent, are heard apart.
    "es": Formula(
        "Szigriszt-Pazos",
        206.835,
        62.3,
        re.compile(
            rf"[{_WEAK}]?[aeoáéó](?:[{_WEAK}]|y(?![aeiouáéíóú]))?|[íú]|[{_WEAK}]+(?:y(?![aeiouáéíóú]))?|y(?![aeiouáéíóú])"
        ),
    ),
    "de": Formula("Amstad", 180.0, 58.5, re.compile(r"äu|au|eu|ei|ai|ey|ay|ie|aa|ee|oo|[aeiouäöüy]")),
}


def ease(text: str, language: str) -> float:
    """How easy a text is by the formula of its language."""
    formula, words = FORMULAS[language], WORD.findall(text)
    sentences = [part for part in SENTENCE.split(text) if WORD.search(part)]
    weight = sum(syllables(word, language) for word in words) / len(words)
    return formula.base - formula.per_syllable * weight - len(words) / len(sentences)


def syllables(word: str, language: str) -> int:
    """A number in figures counts as one."""
    lower = word.lower()
    if language == "es":
        lower = re.sub(r"(?<=q)u|(?<=g)u(?=[eiéí])", "", lower)
    return max(1, len(FORMULAS[language].nucleus.findall(lower)))
