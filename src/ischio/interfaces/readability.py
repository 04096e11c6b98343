"""How easy a text is to read: the Flesch-Kincaid grade and the mean length of its sentences.

The formula is that of Kincaid and colleagues (1975): 0.39 x words per sentence + 11.8 x syllables per word - 15.59.
Syllables are counted by the spelling: groups of vowels, without a silent e or ed. That is right for nearly all words of
a plain text (tests/unit/test_readability.py has a table); where it errs, the grade errs by a few tenths. A number in
figures counts as one syllable, the name of a medicine as two: it stands on the box and cannot be made easier.
"""

import re
from dataclasses import dataclass

SENTENCE = re.compile(r"[.?!:;]+(?:\s|$)")
WORD = re.compile(r"[A-Za-z']+|\d+(?:[.,]\d+)?")
VOWELS = re.compile(r"[aeiouy]+")
SILENT_END = re.compile(r"(?<=[^aeiouy])(?:e|es|ed)$")
MEDICINES = {
    "aspirin",
    "ciprofloxacin",
    "cobicistat",
    "cyclobenzaprine",
    "fluvoxamine",
    "ibuprofen",
    "methotrexate",
    "naproxen",
    "paracetamol",
    "ritonavir",
    "tizanidine",
}
# An end that looks silent but is heard: ta-ble, no-ted, bru-ises.
HEARD_END = re.compile(r"(?:[^aeiouylr]l[e]s?|[td]ed|(?:[sxzcg]|ch|sh)es)$")
# Two vowels that are heard apart: di-abetes, me-dium, be-ing, fluid.
APART = re.compile(r"i(?:a|o(?!n|us)|u)|eing|uid|[aeo]ying|eo(?!u)")


MOST_GRADE, MOST_WORDS = 6.5, 15
"""What is written for patients is no harder, and its sentences are no longer on average."""


@dataclass(frozen=True)
class Reading:
    """How a text reads. grade: years of school, after Flesch and Kincaid."""

    grade: float
    words_in_a_sentence: float

    @property
    def easy(self) -> bool:
        """Whether patients may be expected to read it."""
        return self.grade <= MOST_GRADE and self.words_in_a_sentence <= MOST_WORDS

    def __str__(self) -> str:
        return f"grade {self.grade:.1f}, {self.words_in_a_sentence:.1f} words in a sentence"


def reading(text: str) -> Reading:
    words = WORD.findall(text)
    sentences = [part for part in SENTENCE.split(text) if WORD.search(part)]
    length = len(words) / len(sentences)
    weight = sum(map(syllables, words)) / len(words)
    return Reading(0.39 * length + 11.8 * weight - 15.59, length)


def syllables(word: str) -> int:
    lower = word.lower().replace("'", "")
    if not lower.isalpha():
        return 1
    if lower in MEDICINES:
        return 2
    heard = lower if HEARD_END.search(lower) else SILENT_END.sub("", lower)
    return max(1, len(VOWELS.findall(heard)) + len(APART.findall(heard)))
