"""Pushing completed forms into the record that their people are known from: each once, and anew where it changed.

A form that may have got there is pushed again: the record keeps one of what is sent twice (decision 1066).
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from ischio.clinic.completed import Completed
from ischio.fhir.forms.form import Json
from ischio.remote.recipient import Fault, NotTaken
from ischio.store.completed_forms import CompletedForm, Pushing
from ischio.store.entries import Access, Action, Outcome
from ischio.store.store import Store

UNTOLD = "this version of the pathway no longer has what was asked"

Keep = Callable[[Json, str], str]
"""Has the record keep a form, and gives the id that it has there; with that id, once it is known. Raises NotTaken."""


@dataclass(frozen=True, slots=True)
class Run:
    """What a run came to. refused: with the reason, and not tried again by itself. failed: to be tried again, with the
    reason. waiting: how many are left. stopped: why the record could not be asked further; empty where it could.
    """

    pushed: tuple[CompletedForm, ...]
    refused: tuple[CompletedForm, ...]
    failed: tuple[CompletedForm, ...]
    waiting: int
    stopped: str


class Pushes:
    def __init__(self, store: Store, completed: Completed) -> None:
        self._store, self._completed = store, completed

    def waiting(self, server: str, *, again: bool = False) -> tuple[CompletedForm, ...]:
        """What a run would push. server: under which its people are kept. again: also what was refused."""
        states = (Pushing.WAITING, Pushing.TAKEN, *((Pushing.REFUSED,) if again else ()))
        return self._store.completed_forms.in_state(server, *states)

    def run(self, server: str, keep: Keep, by: Callable[[], Access], *, again: bool = False) -> Run:
        done: dict[Pushing, list[CompletedForm]] = {state: [] for state in Pushing}
        stopped = ""
        for form in self.waiting(server, again=again):
            if not self._store.completed_forms.take(form, by().at):
                continue
            fault = self._push(form, keep, by, done)
            if fault is Fault.UNREACHABLE:
                stopped = done[Pushing.WAITING].pop().why
                break
        pushed, refused, failed = (tuple(done[state]) for state in (Pushing.PUSHED, Pushing.REFUSED, Pushing.WAITING))
        return Run(pushed, refused, failed, len(self.waiting(server)), stopped)

    def _push(
        self, form: CompletedForm, keep: Keep, by: Callable[[], Access], done: dict[Pushing, list[CompletedForm]]
    ) -> Fault | None:
        """One that is in hand. The reason stands in the form's row and goes with it; the audit has the status alone."""
        fault = None
        try:
            there = keep(self._response(form, by()), form.there)
            state, after = Pushing.PUSHED, replace(form, there=there, why="")
        except NotTaken as error:
            fault = error
            state = Pushing.REFUSED if error.fault is Fault.NEVER else Pushing.WAITING
            after = replace(form, why=error.why)
        self._store.completed_forms.settle(after, state, by().at)
        outcome = Outcome.FAILED if fault else Outcome.SUCCESS
        why = f"{state.value}, status {fault.status}" if fault and fault.status else state.value
        self._store.audit.write(by(), Action.EXECUTE, "push", form.person, outcome, why)
        done[state].append(after)
        return fault.fault if fault else None

    def _response(self, form: CompletedForm, by: Access) -> Json:
        response = self._completed.response(form, {"reference": f"Patient/{form.person.id}"}, by)
        if response is None:
            raise NotTaken(Fault.NEVER, UNTOLD)
        return response
