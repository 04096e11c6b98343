"""`ischio handout`: what a clinician releases to a patient, on two sheets of paper."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ischio.interfaces.cli.assess import SideChoice
from ischio.interfaces.cli.options import Json, Overlay, PathwayFolder
from ischio.interfaces.cli.terminal import print_json
from ischio.model.mistake import IschioError, Mistake

if TYPE_CHECKING:
    from ischio.clinic.released import Released
    from ischio.interfaces.handout.content import Handout
    from ischio.model.assessment import Assessment
    from ischio.model.pathway import Pathway

PDF, HTML = ".pdf", ".html"


def add_to(app: typer.Typer) -> None:
    app.command(
        epilog="Example: ischio handout examples/after-osteotomy.case.yaml --side left "
        "--action protective_weight_bearing --language es -o plan.html"
    )(handout)


@dataclass(frozen=True, slots=True)
class Asked:
    """What the clinician released, as it was typed."""

    side: str
    actions: tuple[str, ...]
    exercises: tuple[str, ...]
    next_visit: date | None
    message: str
    numbers: bool


def handout(
    patient: Annotated[Path, typer.Argument(metavar="RECORD", help="A FHIR R4 Bundle (JSON) or a case file (YAML).")],
    side: Annotated[SideChoice, typer.Option(help="Which side the plan is for.")],
    out: Annotated[Path, typer.Option("--out", "-o", metavar="OUT", help="A file that ends in .pdf or .html.")],
    on: Annotated[
        datetime | None,
        typer.Option(metavar="DATE", formats=["%Y-%m-%d"], help="Index date; else the case file's own, or today."),
    ] = None,
    action: Annotated[
        list[str] | None, typer.Option(metavar="ID", help="An action that you release; once for each.")
    ] = None,
    exercise: Annotated[
        list[str] | None,
        typer.Option(metavar="ID=DOSE", help="An exercise with its dose in your own words; once for each."),
    ] = None,
    next_visit: Annotated[
        datetime | None, typer.Option(metavar="DATE", formats=["%Y-%m-%d"], help="The day of the next visit.")
    ] = None,
    message: Annotated[str, typer.Option(help="Your own words to the patient.")] = "",
    numbers: Annotated[bool, typer.Option("--numbers", help="Show the patient's own pain and scores.")] = False,
    name: Annotated[str, typer.Option(help="The patient's name, as it should stand there.")] = "",
    organisation: Annotated[str, typer.Option(help="The name of your organisation.")] = "",
    phone: Annotated[str, typer.Option(help="The number that the patient calls.")] = "",
    language: Annotated[str, typer.Option(help="en, es or de.")] = "en",
    pathway: PathwayFolder = None,
    overlay: Overlay = None,
    as_json: Json = False,
) -> None:
    """A plan to take home, on at most two pages: for a clinician to release.

    Patients see only what a clinician released. Whoever gives this command is that clinician: only the actions
    and exercises that are named here stand on the handout, and one that is not offered to this side now is refused.
    """
    from ischio.engine.assess import assess
    from ischio.interfaces.handout import content
    from ischio.interfaces.handout.numbers import own_numbers
    from ischio.interfaces.inputs import read_patient
    from ischio.loading.pathway import load_pathway

    if out.suffix.lower() not in (PDF, HTML):
        raise typer.BadParameter("Name a file that ends in .pdf or .html.", param_hint="--out")
    loaded = load_pathway(pathway, overlay)
    if language not in loaded.patient:
        known = ", ".join(loaded.patient) or "none: this pathway has no words for patients"
        raise typer.BadParameter(f"There are words for patients in: {known}.", param_hint="--language")
    record, case_date = read_patient(patient, loaded, pathway)
    index_date = on.date() if on else case_date or date.today()
    visit = next_visit.date() if next_visit else None
    asked = Asked(side.value, tuple(action or ()), tuple(exercise or ()), visit, message, numbers)
    released = release(asked, loaded, assess(loaded, record, index_date))
    own = tuple(own_numbers(loaded, record, released)) if numbers else ()
    made = content.handout(released, loaded, content.Whose(name, organisation, phone), own, language)
    write(made, out)
    if as_json:
        print_json(data(released, made, out))
    else:
        print(f"Written: {out}")


def release(asked: Asked, pathway: "Pathway", assessment: "Assessment") -> "Released":
    """What was released. Raises IschioError with everything in it that cannot be."""
    from ischio.clinic.released import Exercise, Released
    from ischio.interfaces.handout.content import may_be_released
    from ischio.model.about import Side

    doses = [text.partition("=") for text in asked.exercises]
    allowed = may_be_released(pathway, assessment, asked.side)
    named = (*asked.actions, *(id for id, _, _ in doses))
    if mistakes := (*_not_allowed(named, allowed, asked.side), *_without_dose(doses)):
        raise IschioError(*mistakes)
    return Released(
        side=Side(asked.side),
        stage=next(hip.stage.id for hip in assessment.hips if hip.side == asked.side),
        actions=asked.actions,
        exercises=tuple(Exercise(id, dose.strip()) for id, _, dose in doses),
        forms=(),
        next_visit=asked.next_visit,
        message=asked.message,
        numbers=asked.numbers,
        pathway_version=pathway.version,
        on=assessment.index_date,
    )


def _not_allowed(named: Sequence[str], allowed: Sequence[str], side: str) -> Iterator[Mistake]:
    for id in named:
        if id not in allowed:
            offered = ", ".join(allowed) or "nothing"
            mend = f"Leave it out, or settle first what stands against it (ischio assess). Offered now: {offered}."
            yield Mistake(f"`{id}` is not offered for the {side} side now, so it cannot be released.", mend)


def _without_dose(doses: Sequence[tuple[str, str, str]]) -> Iterator[Mistake]:
    for id, _, dose in doses:
        if not dose.strip():
            mend = f'Write how much and how often: --exercise "{id}=10 times, twice a day".'
            yield Mistake(f"The exercise `{id}` has no dose.", mend)


def write(made: "Handout", out: Path) -> None:
    """Raises IschioError if it cannot be made or written."""
    if out.suffix.lower() == PDF:
        from ischio.interfaces.handout.pdf import pdf

        content = pdf(made)
    else:
        from ischio.interfaces.handout.page import page

        content = page(made).encode()
    try:
        out.write_bytes(content)
    except OSError as error:
        mend = "Name a file in a folder that is there."
        raise IschioError(Mistake(f"It cannot be written: {error.strerror}.", mend, str(out))) from None


def data(released: "Released", made: "Handout", out: Path) -> dict[str, Any]:
    return {
        "written": str(out),
        "language": made.language,
        "side": released.side.value,
        "stage": released.stage,
        "actions": released.actions,
        "exercises": [{"id": one.component, "dose": one.dose} for one in released.exercises],
        "made_from": made.made_from,
    }
