"""The cases of the pathway, by what they show of a rule. They are run once, apart, when somebody first asks."""

from concurrent.futures import Future, ThreadPoolExecutor
from functools import lru_cache

from ischio.engine.answer import Answer
from ischio.engine.cases import Truths, rules, showing, truths_of_rules
from ischio.interfaces.cli.reading import read_cases
from ischio.model.pathway import Pathway
from ischio.record.case_form import Case

PATIENCE = 10.0
"""Seconds that a page waits for the cases: two on a machine at rest, and less than a request may take."""

_apart = ThreadPoolExecutor(1, thread_name_prefix="cases")


def cases_of(pathway: Pathway, rule: str) -> tuple[tuple[Case, ...], tuple[Case, ...]] | None:
    """The cases in which a rule holds on a side, and those in which it holds on none; those written for it first.

    None while they are still being run.
    """
    if rule not in rules(pathway):
        return (), ()
    try:
        return showing(rule, _begun(pathway).result(PATIENCE))
    except TimeoutError:
        return None


@lru_cache(maxsize=2)
def _begun(pathway: Pathway) -> Future[tuple[tuple[Case, Truths], ...]]:
    return _apart.submit(_truths, pathway)


def _truths(pathway: Pathway) -> tuple[tuple[Case, Truths], ...]:
    """The pathway that is served is the one that is shipped, and so are its cases."""
    cases, _ = read_cases(pathway, None)
    return tuple((case, truths_of_rules(Answer(pathway, case.record, case.index_date))) for case in cases)
