"""`ischio push`: the forms that patients completed, into the record that they are known from; to be run by a timer."""

from enum import Enum
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.text import Text

from ischio.interfaces.cli.backend import Also, Client, Inside, Key, Place, Plain, Scope, Server, registered
from ischio.interfaces.cli.options import Json
from ischio.interfaces.cli.stored import SettingsFile, opened, operator, settings_of
from ischio.interfaces.cli.terminal import console, print_json
from ischio.interfaces.printable import clean

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ischio.clinic.pushes import Run
    from ischio.store.completed_forms import CompletedForm
    from ischio.store.store import Store


class By(Enum):
    """The words of `--once`: remote.recipient.Once, which a help text must not wait for."""

    ID = "id"
    IDENTIFIER = "identifier"


def add_to(app: typer.Typer) -> None:
    app.command(epilog="Example: ischio push https://fhir.example.org/r4 --client ischio --key key.json --show")(push)


def push(
    server: Server,
    file: SettingsFile = None,
    client: Client = None,
    key: Key = None,
    scope: Scope = "system/QuestionnaireResponse.cu",
    once: Annotated[
        By | None,
        typer.Option(
            help="How the server keeps one of what is sent twice: it takes ids of ours, or creates only where it has "
            "none with the same identifier. Else what it says itself counts."
        ),
    ] = None,
    again: Annotated[bool, typer.Option("--again", help="Also what was refused before.")] = False,
    show: Annotated[bool, typer.Option("--show", help="Say what would be pushed, and ask nobody.")] = False,
    also: Also = None,
    inside: Inside = False,
    plain: Plain = False,
    as_json: Json = False,
) -> None:
    """Writes completed forms into the record that their patients are known from: each once, and anew where it changed.

    A patient is known from a server by a launch of the application there. Run it by a timer, such as every 15 minutes;
    several may run at once, and one that was stopped goes on. Exit code 1: something was not pushed.
    """
    registration, guard = registered(server, client, key, scope, Place(also, inside, plain))

    from ischio.clinic.completed import Completed
    from ischio.clinic.knowledge import read_knowledge
    from ischio.clinic.pushes import Pushes
    from ischio.fhir.export.publication import Publication
    from ischio.interfaces.http.whose import person_launched
    from ischio.remote.backend import Backend
    from ischio.remote.recipient import Once, recipient_at
    from ischio.store.completed_forms import Pushing

    settings = settings_of(file)
    kept_as = person_launched(settings, server, "").server
    with opened(settings.store) as store:
        knowledge = read_knowledge(overlay=settings.overlay)
        pushes = Pushes(store, Completed(store, Publication(knowledge.pathway, knowledge.bindings)))
        if show:
            _show(store, pushes.waiting(kept_as, again=again), as_json)
            return
        recipient = recipient_at(Backend(registration, guard), Once(once.value) if once else None)
        told = pushes.run(kept_as, recipient.keep, operator, again=again)
        nobody = not store.completed_forms.in_state(kept_as, *Pushing)
    if as_json:
        print_json(_data(told))
    else:
        _print(told, server, nobody=nobody)
    raise typer.Exit(bool(told.refused or told.failed or told.stopped))


def _show(store: "Store", forms: "Sequence[CompletedForm]", as_json: bool) -> None:
    from ischio.store.entries import Action, Outcome

    store.audit.write(operator(), Action.READ, "completed form", None, Outcome.SUCCESS, "list of those to push")
    if as_json:
        print_json({"waiting": [{"form": form.id, "patient": form.person.id} for form in forms]})
    else:
        _lines([f"{form.id} of {form.person.id}" for form in forms] or ["Nothing is to be pushed."])


def _data(told: "Run") -> dict[str, Any]:
    return {
        "pushed": [form.id for form in told.pushed],
        "refused": {form.id: form.why for form in told.refused},
        "failed": {form.id: form.why for form in told.failed},
        "waiting": told.waiting,
        "stopped": told.stopped,
    }


def _print(told: "Run", server: str, *, nobody: bool) -> None:
    lines = [f"Pushed: {len(told.pushed)}. Waiting: {told.waiting}."]
    if told.refused:
        lines += [f"Refused, and tried again with --again alone: {len(told.refused)}.", *_reasons(told.refused)]
    if told.failed:
        lines += [f"Not taken, to be tried again: {len(told.failed)}.", *_reasons(told.failed)]
    if told.stopped:
        lines.append(f"Stopped: {told.stopped}. What waits is pushed by the next run.")
    if nobody:
        lines.append(f"Nobody who is known from {server} has completed a form.")
    _lines(lines)


def _reasons(forms: "Sequence[CompletedForm]") -> list[str]:
    return [f"  {form.id} of {form.person.id}: {form.why}" for form in forms]


def _lines(lines: "Sequence[str]") -> None:
    for line in lines:
        console().print(Text(clean(line)), soft_wrap=True)
