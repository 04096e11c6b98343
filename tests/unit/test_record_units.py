"""Units: what converts, exactly, and what is refused."""

from decimal import Decimal

import pytest

from ischio.language.units import UNITS, UnitError, canonical, convert

CONVERSIONS = [
    # value, unit, wanted, concept, result
    ("1.4", "cm", "mm", "ischiofemoral_space", "14"),
    ("0.012", "m", "mm", "ischiofemoral_space", "12"),
    ("65", "mm", "{score}", "pain_score", "6.5"),
    ("6.5", "cm", "{score}", "pain_score", "6.5"),
    ("6", "", "{score}", "pain_score", "6"),
    ("6", "{score}", "1", "pain_score", "6"),
    ("2.4", "{INR}", "1", "inr", "2.4"),
    ("7", "%", "mmol/mol", "hba1c", "53.01"),
    ("53", "mmol/mol", "%", "hba1c", "7.00044"),
    ("58", "ml/min/1.73m2", "mL/min/{1.73_m2}", "egfr", "58"),
    ("58", "mL/min/1.73 m²", "mL/min/{1.73_m2}", "egfr", "58"),
    ("58", "ML/MIN/{1.73M2}", "mL/min/{1.73_m2}", "egfr", "58"),
    ("20", "wk", "d", "gestation", "140"),
    ("140", "days", "wk", "gestation", "20"),
    ("2", "a", "mo", "", "24"),
    ("12", "g/dL", "g/L", "haemoglobin", "120"),
    ("-5", "degrees", "deg", "femoral_version", "-5"),
    ("80", "kg", "g", "weight", "80000"),
    ("3", "{tablets}", "{tablets}", "", "3"),
    ("3", "furlong", "furlong", "", "3"),
]


@pytest.mark.parametrize(("value", "unit", "wanted", "concept", "result"), CONVERSIONS)
def test_conversion(value: str, unit: str, wanted: str, concept: str, result: str):
    assert convert(Decimal(value), unit, wanted, concept) == Decimal(result)


REFUSALS = [
    ("", "mm", "ischiofemoral_space"),
    ("kg", "mm", "ischiofemoral_space"),
    ("mL/min", "mL/min/{1.73_m2}", "egfr"),
    ("mo", "d", "gestation"),
    ("mm", "{score}", "ihot12"),
    ("%", "mmol/mol", "sessions"),
    ("%", "1", "sessions"),
    ("furlong", "mm", ""),
    ("mm", "furlong", ""),
]


@pytest.mark.parametrize(("unit", "wanted", "concept"), REFUSALS)
def test_refusal(unit: str, wanted: str, concept: str):
    with pytest.raises(UnitError) as caught:
        convert(Decimal(1), unit, wanted, concept)
    (mistake,) = caught.value.mistakes
    assert mistake.mend == ("Write the number alone." if wanted in ("1", "{score}") else f"Give it in {wanted}.")


@pytest.mark.parametrize("unit", UNITS)
def test_every_unit_is_its_own_canonical_form(unit: str):
    assert canonical(unit) == unit
    assert convert(Decimal("1.5"), unit, unit) == Decimal("1.5")
