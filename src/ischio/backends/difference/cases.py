"""Cases that two versions of a pathway answer differently."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ischio.backends.difference.answers import compared
from ischio.engine.answer import Answer
from ischio.model.comparison import Comparison
from ischio.model.pathway import Pathway
from ischio.record.case_form import Case


@dataclass(frozen=True, slots=True)
class CaseChange:
    """A case whose answer differs. differs: what is said otherwise, part by part."""

    id: str
    title: str
    differs: Comparison


def case_changes(old: Pathway, new: Pathway, cases: Iterable[tuple[Case, Case]]) -> Iterator[CaseChange]:
    """The cases that are answered otherwise. cases: each as the old and as the new version reads it."""
    for was, now in cases:
        differs = compared(Answer(old, was.record, was.index_date), Answer(new, now.record, now.index_date))
        if differs.parts:
            yield CaseChange(now.id, now.title, differs)
