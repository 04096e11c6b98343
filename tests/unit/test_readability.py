"""What patients are asked is easy to read: grade 6.5 at most, and 15 words a sentence at most on average."""

import pytest

from ischio.interfaces.readability import MOST_GRADE, MOST_WORDS, reading, syllables
from ischio.loading.pathway import load_pathway

ASKED = {name: one.ask_patient for name, one in load_pathway().enquiries.items() if one.ask_patient}


def test_patients_are_asked_in_words_of_their_own():
    assert len(ASKED) > 40


@pytest.mark.parametrize("fact", ASKED)
def test_the_patients_words_are_easy_to_read(fact: str):
    found = reading(ASKED[fact])
    assert found.easy, f"{found}: {ASKED[fact]}"


def test_the_bounds_are_those_of_plain_words():
    assert (MOST_GRADE, MOST_WORDS) == (6.5, 15)


@pytest.mark.parametrize(
    ("word", "count"),
    [
        ("hip", 1),
        ("pain", 1),
        ("worst", 1),
        ("bruised", 1),
        ("walked", 1),
        ("the", 1),
        ("take", 1),
        ("10", 1),
        ("lower", 2),
        ("table", 2),
        ("noted", 2),
        ("muscle", 2),
        ("being", 2),
        ("fluid", 2),
        ("buttock", 2),
        ("weakness", 2),
        ("bowel", 2),
        ("bladder", 2),
        ("exercise", 3),
        ("medicine", 3),
        ("injection", 3),
        ("medium", 3),
        ("operation", 4),
        ("infection", 3),
        ("physiotherapy", 6),
        ("impossible", 4),
    ],
)
def test_syllables(word: str, count: int):
    assert syllables(word) == count


@pytest.mark.parametrize(
    ("text", "grade"),
    [
        # 6 words of 6 syllables in one sentence: 0.39 x 6 + 11.8 x 6/6 - 15.59
        ("The cat sat on the mat.", -1.45),
        # 4 words of 9 syllables in one sentence: 0.39 x 4 + 11.8 x 9/4 - 15.59
        ("Patients remember simple questions.", 12.52),
        # 6 words of 6 syllables in two sentences: 0.39 x 3 + 11.8 x 6/6 - 15.59
        ("The cat sat. Did it sit?", -2.62),
        # The name of a medicine counts as two syllables, whatever its length.
        ("Do you take methotrexate?", 0.39 * 4 + 11.8 * 5 / 4 - 15.59),
    ],
)
def test_the_grade_is_that_of_the_formula(text: str, grade: float):
    assert reading(text).grade == pytest.approx(grade)


def test_a_hard_text_would_be_seen():
    hard = (
        "Have you experienced exacerbation of symptomatology following administration of anti-inflammatory medication?"
    )
    assert reading(hard).grade > MOST_GRADE
    assert reading("We ask " + "this and " * 10 + "that.").words_in_a_sentence > MOST_WORDS
