"""The forms that patients answer: offered by what was released, kept as drafts answer by answer, sent in once.

What is sent is read by the one reader of filled-in forms; so the same answers say the same, wherever they come from.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum
from hashlib import sha256

import msgspec

from ischio.clinic.knowledge import Knowledge
from ischio.clinic.released import Released
from ischio.clinic.standings import Standings
from ischio.engine.status import PRESENT
from ischio.fhir.apply.answered import SOURCE, read_response, response_id
from ischio.fhir.apply.filled import faults
from ischio.fhir.export.publication import Publication, own_code
from ischio.fhir.export.questionnaires import patient_words, questionnaires
from ischio.fhir.export.questions import FORMS, selection_of
from ischio.fhir.forms.asking import Answers
from ischio.fhir.forms.completed import fitting, response
from ischio.fhir.forms.form import Form, Json, form_of
from ischio.fhir.reader import FhirReader
from ischio.model.about import Side
from ischio.model.dates import PartialDate
from ischio.model.patient import EMERGENCY
from ischio.record.events import Event
from ischio.store.drafts import NONE, Draft, DraftOver
from ischio.store.entries import Access, Known
from ischio.store.events import Entry
from ischio.store.store import Store

LASTS = timedelta(days=30)
"""So long a draft is kept after the last answer."""


class State(Enum):
    """How far somebody is with a form.

    NEW: nothing is answered. BEGUN: a draft is there. LAPSED: a draft was there, and lay too long. SENT: sent before
    today, so that it can be answered again. SENT_TODAY: the answers of one day are given once.
    """

    NEW = "new"
    BEGUN = "begun"
    LAPSED = "lapsed"
    SENT = "sent"
    SENT_TODAY = "sent today"


class Urgency(Enum):
    """What a patient who says yes to a red flag is told to do: call the emergency number now, or the clinic today."""

    NOW = "now"
    TODAY = "today"


@dataclass(frozen=True, slots=True)
class Sheet:
    """A form as it is put to somebody. name: of the form. sides: of which it asks. draft: the newest, or None.

    answers: those of the draft that still fit. changed: how many answers of the draft do not fit the form any more;
    None while the form is what it was.
    """

    name: str
    form: Form
    sides: tuple[Side, ...]
    state: State
    draft: Draft | None
    answers: Answers
    changed: int | None = None

    @property
    def seen(self) -> str:
        """The digest of the answers."""
        return sha256(msgspec.json.encode(self.answers, order="deterministic")).hexdigest()[:16]


class NotTheDraft(Exception):
    """What was sent is of no draft of theirs, or of one that was sent or begun anew elsewhere."""


class NothingAnswered(Exception):
    """Every question was left open, so that there is nothing to send."""


class AnswersChanged(Exception):
    """The form or an answer is not what was shown to be checked, so that it has to be looked at before it is sent."""


class Questionnaires:
    """May be used by many threads at once."""

    def __init__(self, store: Store, knowledge: Knowledge, standings: Standings) -> None:
        self._store, self._standings = store, standings
        self._publication = Publication(knowledge.pathway, knowledge.bindings)
        self._reader = FhirReader(knowledge.pathway.concepts, knowledge.bindings)
        self._sets = {form.name: form for form in FORMS if form.set is not None}
        self._published = {
            name: whole for name, form in self._sets.items() for whole in questionnaires(self._publication, (form,))
        }
        self._urgent = dict(_urgent(knowledge))

    def of(self, known: Known, released: Iterable[Released], at: datetime) -> tuple[Sheet, ...]:
        """The forms that are put to somebody, each once for all hips of which it was released."""
        drafts = {draft.form: draft for draft in self._store.drafts.of(known)}
        if any(draft.answers != NONE and _state(draft, at) is State.LAPSED for draft in drafts.values()):
            self.tidy(at)
        sides: dict[str, set[Side]] = {}
        for one in released:
            for name in one.forms:
                sides.setdefault(name, set()).add(one.side)
        return tuple(self._sheet(name, sides[name], drafts.get(name), at) for name in self._published if name in sides)

    def _sheet(self, name: str, sides: set[Side], draft: Draft | None, at: datetime) -> Sheet:
        others = {f"group.{side.value}" for side in Side if side not in sides}
        form = form_of(self._published[name], patient_words(self._publication), others)
        whole = replace(form, title=self._sets[name].title)
        state = _state(draft, at)
        answers = _answers(draft) if draft and state is State.BEGUN else {}
        fit = fitting(whole, answers)
        changed = len(answers) - len(fit) if draft and state is State.BEGUN and draft.fits != whole.digest else None
        ordered = tuple(side for side in Side if side in sides)
        return Sheet(name, whole, ordered, state, draft, fit, changed)

    def urgency(self, sheet: Sheet) -> Urgency | None:
        """How urgent the red flags among the answers are; None without one."""
        yes = (link.partition(".")[0] for link, given in sheet.answers.items() if any(map(_is_present, given)))
        found = {self._urgent[code] for code in yes if code in self._urgent}
        return Urgency.NOW if Urgency.NOW in found else Urgency.TODAY if found else None

    # ---- answered ---------------------------------------------------------------------------------------------------

    def begin(self, known: Known, sheet: Sheet, at: datetime) -> Draft:
        """The draft to go on with, on whichever device it was begun."""
        fresh = Draft(self._store.new_id(), known.organisation, known.id, sheet.name, sheet.form.digest, NONE, at)
        self.tidy(at)
        return self._store.drafts.begin(fresh, lambda old: _state(old, at) is not State.BEGUN)

    def tidy(self, at: datetime) -> None:
        """Deletes the answers of drafts that have lain too long."""
        self._store.drafts.empty(at - LASTS)

    def answer(self, sheet: Sheet, draft: str, answers: Answers, at: datetime, gone: Collection[str] = ()) -> Sheet:
        """Keeps answers beside those given before. draft: as the page knew it. gone: what is answered no more.

        Raises NotTheDraft.
        """
        self._refuse_other(sheet, draft)

        def step(old: Draft) -> Draft:
            before = fitting(sheet.form, _answers(old))
            together = {link: given for link, given in before.items() if link not in gone} | dict(answers)
            text = msgspec.json.encode(together, order="deterministic").decode()
            return replace(old, answers=text, fits=sheet.form.digest, changed=at)

        kept = self._store.drafts.change(draft, step)
        if kept is None:
            raise NotTheDraft
        return replace(sheet, draft=kept, answers=fitting(sheet.form, _answers(kept)), changed=None)

    def _refuse_other(self, sheet: Sheet, draft: str) -> None:
        if sheet.draft is None or sheet.draft.id != draft or sheet.state is not State.BEGUN:
            raise NotTheDraft

    # ---- sent -------------------------------------------------------------------------------------------------------

    def send(self, known: Known, sheet: Sheet, draft: str, seen: str, by: Access) -> None:
        """Sends the answers in, once, however often it is asked for.

        seen: the digest of the answers as they were shown to be checked. Raises NotTheDraft, AnswersChanged,
        NothingAnswered.
        """
        if sheet.draft is not None and sheet.draft.id == draft and sheet.draft.sent is not None:
            return
        self._refuse_other(sheet, draft)
        if sheet.changed is not None or sheet.seen != seen:
            raise AnswersChanged
        events, urgency = self._events(known, sheet, draft, by), self.urgency(sheet)
        alert = urgency and urgency.value

        def step(old: Draft) -> Draft:
            if sheet.draft is None or old.answers != sheet.draft.answers:
                raise AnswersChanged
            return replace(old, sent=by.at, changed=by.at, answers=NONE, alert=alert)

        # Together: were only one of them kept, answers would be lost, or count twice.
        sent = self._store.drafts.change_beside(draft, step)
        try:
            form = events[0].source.removeprefix(SOURCE)
            self._store.events.write(known.whom, map(Entry, events), by, form=form, beside=sent)
        except DraftOver:
            if not any(one.id == draft and one.sent for one in self._store.drafts.of(known)):
                raise NotTheDraft from None
        self._standings.bring_up_to_date([known], by.at.date())

    def _events(self, known: Known, sheet: Sheet, draft: str, by: Access) -> tuple[Event, ...]:
        name = response_id(self._publication, self._sets[sheet.name], draft)
        person: Json = {"reference": f"Patient/{known.whom.id}"}
        filled = response(sheet.form, sheet.answers, name, person, by.at)
        if "item" not in filled:
            raise NothingAnswered
        if faults(sheet.form.questionnaire, filled):
            raise AnswersChanged
        record = read_response(self._publication, self._reader, filled, known.whom.id, name)
        return tuple(replace(event, recorded=PartialDate.on(by.at.date())) for event in record.events)


def _state(draft: Draft | None, at: datetime) -> State:
    if draft is None:
        return State.NEW
    if draft.sent is not None:
        return State.SENT_TODAY if draft.sent.date() >= at.date() else State.SENT
    if draft.changed < at - LASTS:
        return State.LAPSED
    return State.BEGUN


def _urgent(knowledge: Knowledge) -> Iterator[tuple[str, Urgency]]:
    """The red flags by the codes of their questions."""
    pathway = knowledge.pathway
    for flag in pathway.flags:
        urgency = Urgency.NOW if flag.urgency == EMERGENCY else Urgency.TODAY
        for name in selection_of(pathway.facts[flag.fact]).concepts:
            if (code := own_code(pathway.concepts[name])) is not None:
                yield code.code, urgency


def _is_present(answer: Json) -> bool:
    return bool(answer.get("valueCoding", {}).get("code") == PRESENT)


def _answers(draft: Draft) -> dict[str, tuple[Json, ...]]:
    """None of what cannot be read: then all of it is asked anew."""
    try:
        return msgspec.json.decode(draft.answers, type=dict[str, tuple[Json, ...]])
    except msgspec.DecodeError:
        return {}
