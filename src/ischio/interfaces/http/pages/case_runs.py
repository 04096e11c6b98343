"""The cases of the shipped knowledge files, run once in each process, apart from the requests that ask for them."""

from concurrent.futures import Future, ThreadPoolExecutor
from functools import lru_cache
from threading import Lock
from time import perf_counter

from ischio.engine.cases import rules, showing
from ischio.interfaces.checking import Checked, examined
from ischio.model.pathway import Pathway
from ischio.record.case_form import Case

PATIENCE = 8.0
"""Seconds that a page waits which can do without: the cases take two on a machine at rest, a request may take ten."""

_apart = ThreadPoolExecutor(1, thread_name_prefix="cases")
_ONE_AT_A_TIME = Lock()


def begin(pathway: Pathway) -> Future[Checked]:
    """Has them run, if that did not begin before. A server that begins when it starts keeps nobody waiting."""
    with _ONE_AT_A_TIME:
        return _begun(pathway)


@lru_cache(maxsize=2)
def _begun(pathway: Pathway) -> Future[Checked]:
    return _apart.submit(examined, pathway, None, perf_counter())


def tested(pathway: Pathway) -> Checked:
    """What the cases say of the pathway; waits for them."""
    return begin(pathway).result()


def cases_of(pathway: Pathway, rule: str) -> tuple[tuple[Case, ...], tuple[Case, ...]] | None:
    """The cases in which a rule holds on a side, and those in which it holds on none; those written for it first.

    None while they are still being run.
    """
    if rule not in rules(pathway):
        return (), ()
    try:
        report = begin(pathway).result(PATIENCE)
    except TimeoutError:
        return None
    return showing(rule, ((run.case, run.truths) for run in report.runs))
