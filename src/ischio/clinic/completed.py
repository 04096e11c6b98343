"""The forms that patients sent in, as QuestionnaireResponses again: made from what of their answers stands."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from ischio.fhir.apply.answered import SOURCE, response_again
from ischio.fhir.export.publication import Publication
from ischio.fhir.forms.form import Json
from ischio.record.events import Event
from ischio.store.completed_forms import CompletedForm
from ischio.store.entries import Access, Change, Logged, Person
from ischio.store.events import standing
from ischio.store.store import Store


@dataclass(frozen=True, slots=True)
class Told:
    """Forms of somebody. untold: how many there are beside them that this version of the pathway cannot tell."""

    responses: tuple[Json, ...]
    untold: int


class Completed:
    def __init__(self, store: Store, publication: Publication) -> None:
        self._store, self._publication = store, publication

    def of(self, person: Person, reference: Json, by: Access) -> Told:
        """All of somebody, by the days on which they were sent in. reference: to the Patient, who answered."""
        logged = self._store.events.history(person, by)
        told = [self._response(form, logged, reference) for form in self._store.completed_forms.of(person)]
        by_day = sorted((one for one in told if one is not None), key=lambda one: (one["authored"], one["id"]))
        return Told(tuple(by_day), told.count(None))

    def response(self, form: CompletedForm, reference: Json, by: Access) -> Json | None:
        """None where this version of the pathway cannot tell it."""
        return self._response(form, self._store.events.history(form.person, by), reference)

    def _response(self, form: CompletedForm, logged: Sequence[Logged], reference: Json) -> Json | None:
        """What was taken back or corrected is left out: it is said no more, or by somebody else."""
        source = SOURCE + form.id
        said = list(_events([each for each in logged if each.change is Change.ADDED], source))
        stands = list(_events(standing(logged), source))
        whole = response_again(self._publication, source, stands or said, reference) if said else None
        if whole is None:
            return None
        identified = {"identifier": {"system": f"{self._publication.base}/completed-form", "value": form.id}}
        if not stands:
            del whole["item"]
        status = "entered-in-error" if not stands else "amended" if len(stands) < len(said) else "completed"
        return whole | identified | {"status": status}


def _events(logged: Iterable[Logged], source: str) -> Iterator[Event]:
    for each in logged:
        if each.event is not None and each.event.source == source:
            yield each.event
