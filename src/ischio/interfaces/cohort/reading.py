"""Reads the results of a cohort again, as the command left them: what may be told is told, what is hidden stays so."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

import msgspec

from ischio.interfaces.cohort.files import PAGE, PERSONS, REPORT, RUN, UNFINISHED
from ischio.interfaces.cohort.report import Report

_DRAWN = {"svg", "title", "desc", "g", "rect", "path", "text", "line", "polyline", "polygon", "circle"}
"""The elements of our drawings; a file that holds others in their place was not written by the command."""


@dataclass(frozen=True, slots=True)
class _Run:
    """What run.json is read for. files: by name, their digests."""

    files: dict[str, str]


@dataclass(frozen=True, slots=True)
class Found:
    """Where results lie. folder: the newest finished ones; None if there are none. unfinished: others that are not."""

    folder: Path | None
    unfinished: bool


def newest(place: Path) -> Found:
    """The newest finished results in a folder: its own, or those of a folder in it."""
    try:
        folders = [place, *(path for path in place.iterdir() if path.is_dir() and path.name != PERSONS)]
    except OSError:
        folders = []
    running = [folder for folder in folders if (folder / UNFINISHED).exists()]
    whole = [folder for folder in folders if (folder / RUN).is_file() and folder not in running]
    found = max(whole, key=lambda folder: ((folder / RUN).stat().st_mtime_ns, folder.name), default=None)
    return Found(found, bool(running))


def read_report(folder: Path) -> Report | None:
    """The report of finished results; None where it cannot be read, as one that an earlier release has written."""
    try:
        report = msgspec.json.decode((folder / REPORT).read_bytes(), type=Report)
    except (OSError, msgspec.MsgspecError):
        return None
    return report if all(map(_is_drawing, _pictures(report))) else None


def passed_on(folder: Path) -> tuple[str, ...]:
    """The files that may be passed on: those that the command named, the page, and what says how it was made.

    Nothing that names persons, and nothing outside of the folder, whatever is written there.
    """
    try:
        named = sorted(msgspec.json.decode((folder / RUN).read_bytes(), type=_Run).files)
    except (OSError, msgspec.MsgspecError):
        named = []
    names = (PAGE, RUN, *named)
    return tuple(name for name in names if _within(folder, name))


def _within(folder: Path, name: str) -> bool:
    path = (folder / name).resolve()
    inside = path.is_file() and path.is_relative_to(folder.resolve())
    return inside and path.relative_to(folder.resolve()).parts[0] != PERSONS


def _pictures(report: Report) -> Iterator[str]:
    for section in report.sections:
        for block in section.blocks:
            yield block.picture
            yield from block.sheet.pictures if block.sheet else ()


def _is_drawing(picture: str) -> bool:
    """Whether it is nothing, or a drawing as ours are: known elements, and nothing that acts or leads elsewhere."""
    if not picture:
        return True
    try:
        elements = list(ElementTree.fromstring(picture).iter())
    except ElementTree.ParseError:
        return False
    named = ((str(each.tag).rpartition("}")[2], [name.rpartition("}")[2] for name in each.attrib]) for each in elements)
    return all(tag in _DRAWN and not any(_acts(name) for name in names) for tag, names in named)


def _acts(attribute: str) -> bool:
    return attribute.startswith("on") or attribute in ("href", "style")
