"""Any answer that was shown, made again to the byte: from what was recorded then, by the knowledge of then."""

from dataclasses import dataclass
from hashlib import sha256

from ischio.clinic.charts import as_bytes
from ischio.clinic.knowledge import Knowledge, knowledge_again
from ischio.engine.assess import assess
from ischio.model.assessment import Assessment
from ischio.store.entries import Access, Answered, Known
from ischio.store.events import record_of
from ischio.store.store import Store


@dataclass(frozen=True, slots=True)
class Again:
    """An answer made again. content: as JSON. same: whether these are the bytes that were shown.

    They are not where another release of the program words or works out something otherwise; the knowledge and the
    record are in any case those of then, which the audit vouches for.
    """

    answered: Answered
    assessment: Assessment
    knowledge: Knowledge
    content: bytes
    same: bool


class Past:
    def __init__(self, store: Store, knowledge: Knowledge) -> None:
        self._store, self._knowledge = store, knowledge

    def shown(self, known: Known, by: Access) -> tuple[Answered, ...]:
        """The answers that were shown of somebody, the newest first."""
        return self._store.answers.of(known.whom, by)

    def again(self, known: Known, id: str, by: Access) -> Again | None:
        """The answer of that id; None if none of this person has it. Raises PathwayError as `knowledge_again`."""
        answered = next((each for each in self.shown(known, by) if each.id == id), None)
        if answered is None:
            return None
        knowledge = self._knowledge_of(answered)
        logged = self._store.events.history(known.whom, by, until=answered.seen)
        assessment = assess(knowledge.pathway, record_of(known.whom, logged), answered.index)
        content = as_bytes(assessment)
        same = sha256(content).hexdigest() == answered.digest
        return Again(answered, assessment, knowledge, content, same)

    def _knowledge_of(self, answered: Answered) -> Knowledge:
        if answered.knowledge == self._knowledge.digest:
            return self._knowledge
        files = self._store.answers.knowledge(answered.knowledge)
        assert files is not None, "a foreign key holds the knowledge of each answer"
        return knowledge_again(files)
