"""How easy Spanish and German texts are to read: syllables by the spelling, and the two formulas."""

import pytest

from ischio.interfaces.ease import ease, syllables

SPANISH = {
    **{"muy": 1, "yo": 1, "pierna": 2, "huesos": 2, "quiere": 2, "ciudad": 2, "causa": 2, "pague": 2, "leer": 2},
    **{"oír": 2, "día": 2, "país": 2, "mayo": 2, "cadera": 3, "músculo": 3, "inyección": 3, "siguiente": 3},
}
GERMAN = {
    **{"Bein": 1, "heiß": 1, "Knie": 1, "Hüfte": 2, "Knochen": 2, "ziehen": 2, "Bauer": 2, "Krücken": 2, "Gesäß": 2},
    **{"gehen": 2, "Leiste": 2, "Infektion": 4, "Operation": 5, "Physiotherapie": 6, "12": 1},
}


@pytest.mark.parametrize(("word", "count"), SPANISH.items())
def test_syllables_of_a_spanish_word(word, count):
    assert syllables(word, "es") == count


@pytest.mark.parametrize(("word", "count"), GERMAN.items())
def test_syllables_of_a_german_word(word, count):
    assert syllables(word, "de") == count


def test_the_formulas_give_what_is_worked_out_by_hand():
    """Two sentences of two words: 7 syllables in Spanish, 6 in German."""
    assert ease("Su cadera. Le duele.", "es") == pytest.approx(206.835 - 62.3 * 7 / 4 - 2)
    assert ease("Ihre Hüfte. Es heilt.", "de") == pytest.approx(180 - 2 - 58.5 * 6 / 4)
