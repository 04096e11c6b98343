"""Forms that patients complete, without a browser. All persons are synthetic."""

from collections.abc import Sequence

from ischio.clinic.clinic import Clinic
from ischio.clinic.questionnaires import Sheet
from ischio.clinic.released import Released
from ischio.fhir.forms.asking import Answers
from ischio.model.about import Side
from ischio.store.completed_forms import CompletedForm
from ischio.store.entries import Access, Known

FOUR: Answers = {"pain-nrs.left": ({"valueDecimal": 4},)}
BOTH: Answers = FOUR | {"acceptable-state.left": ({"valueBoolean": False},)}


def sheet_of(clinic: Clinic, known: Known, by: Access, forms: Sequence[str] = ("pain",)) -> Sheet:
    released = Released(Side.LEFT, "", (), (), tuple(forms), None, "", False, "0.1.0", by.at.date())
    (sheet,) = clinic.questionnaires.of(known, [released], by.at)
    return sheet


def complete(clinic: Clinic, known: Known, by: Access, answers: Answers = BOTH) -> CompletedForm:
    """The form about pain, answered and sent in."""
    before = clinic.store.completed_forms.of(known.whom)
    draft = clinic.questionnaires.begin(known, sheet_of(clinic, known, by), by.at)
    answered = clinic.questionnaires.answer(sheet_of(clinic, known, by), draft.id, answers, by.at)
    clinic.questionnaires.send(known, answered, draft.id, answered.seen, by)
    (new,) = (form for form in clinic.store.completed_forms.of(known.whom) if form not in before)
    return new
