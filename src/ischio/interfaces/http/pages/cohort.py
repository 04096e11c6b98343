"""The registry at a glance: the newest results of `ischio cohort`, with what it hides, and never a person."""

from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from starlette.responses import Response

from ischio.clinic.access import May
from ischio.interfaces.cohort.reading import newest, passed_on, read_report
from ischio.interfaces.cohort.report import Report
from ischio.interfaces.http.pages.frame import page
from ischio.interfaces.http.pages.visit import Visit

_TYPES = {
    ".csv": "text/csv; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".json": "application/json",
    ".ndjson": "application/fhir+ndjson",
    ".parquet": "application/vnd.apache.parquet",
}


class Showing(Enum):
    """What there is to show."""

    NOT_NAMED = "the settings name no folder"
    NOTHING = "the folder holds no results"
    UNFINISHED = "the results are not finished"
    NOT_READ = "the results cannot be read by this release"
    SHOWN = "results"


@dataclass(frozen=True, slots=True)
class Shown:
    """showing: what there is; place: the folder of the settings. report, files: of the newest results, where they are
    read. newer: whether a run is under way, or was stopped.
    """

    showing: Showing
    place: Path | None
    report: Report | None = None
    files: tuple[str, ...] = ()
    newer: bool = False


def cohort(visit: Visit) -> Response:
    """GET /cohort."""
    return page(visit, "cohort", shown=shown(visit.service.settings.pages.cohort), of=Showing)


def file(visit: Visit) -> Response:
    """GET /cohort/files/{name}: a file of the newest results, to keep."""
    place, name = visit.service.settings.pages.cohort, visit.request.path_params["name"]
    folder = newest(place).folder if place else None
    if folder is None or name not in passed_on(folder):
        return page(visit, "cohort_nothing", 404)
    path = folder / name
    headers = {"content-disposition": f'attachment; filename="{path.name}"', "cache-control": "no-store"}
    return Response(path.read_bytes(), 200, headers, _TYPES.get(path.suffix, "application/octet-stream"))


def shown(place: Path | None) -> Shown:
    """What can be shown of the folder that the settings name."""
    if place is None:
        return Shown(Showing.NOT_NAMED, None)
    found = newest(place)
    if found.folder is None:
        return Shown(Showing.UNFINISHED if found.unfinished else Showing.NOTHING, place)
    report = read_report(found.folder)
    if report is None:
        return Shown(Showing.NOT_READ, place, newer=found.unfinished)
    return Shown(Showing.SHOWN, place, report, passed_on(found.folder), found.unfinished)


ROUTES = (
    ("/cohort", "GET", May.SEE_COHORT, cohort),
    ("/cohort/files/{name:path}", "GET", May.SEE_COHORT, file),
)
"""Address, method, who may, and what answers."""
