"""The data dictionary of tables: which column holds which concept, in which unit, of which side, on which date."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from ischio.language.units import UnitError, line
from ischio.loading.shapes import Entry, Id, Loose, Name, read
from ischio.loading.yaml_lines import Reading, Written, read_yaml
from ischio.model.mistake import PathwayError
from ischio.model.pathway import Pathway
from ischio.model.terminology import Concept
from ischio.record.events import Asserter, EventSide, Kind

if TYPE_CHECKING:
    Key = str  # of a mapping: looked up by any text
else:
    Key = Id  # checked when the file is read


@dataclass(frozen=True, slots=True, kw_only=True)
class Column(Entry):
    """What a cell of one column says.

    concept: id in terminology.yaml. unit: of its numbers, if not that of the concept. values: cell -> value of the
    concept, where the cells do not hold these themselves; a cell that stands for nothing is left out by `missing`.
    side: the same for each cell; side_from: the column that gives it, by the cells in `sides`.
    date, end: columns of its date and of the end of what lasts, if not those of all. kind, asserter: as in an event.
    qualifiers: name -> value.
    """

    KIND = "column"
    concept: Name
    unit: Loose | None = None
    values: Mapping[Key, str] = field(default_factory=dict)
    side: EventSide | None = None
    side_from: str | None = None
    date: str | None = None
    end: str | None = None
    kind: Kind = Kind.DONE
    asserter: Asserter = Asserter.CLINICIAN
    qualifiers: Mapping[Key, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Dictionary(Entry):
    """All of dictionary.yaml.

    person: the column that names the person. date: the column with the date of a row. sides: cell -> side.
    missing: cells that hold nothing, beside empty ones. columns: by their heads; others are not read.
    """

    person: str
    date: str | None = None
    sides: Mapping[Key, EventSide] = field(default_factory=dict)
    missing: tuple[Loose, ...] = ()
    columns: Mapping[Key, Column]


def load_dictionary(path: Path, pathway: Pathway) -> Dictionary:
    """Reads a data dictionary. Raises PathwayError, with file, line and mend, for every mistake in it."""
    reading = Reading(str(path))
    node = read_yaml(path, reading)
    found = None if node is None else read(Dictionary, node, reading)
    if found is None or reading.mistakes:
        raise PathwayError(*reading.mistakes)
    for name, column in found.columns.items():
        _check(column, pathway, reading.within(f"column {name}"))
    if reading.mistakes:
        raise PathwayError(*reading.mistakes)
    return found


def _check(column: Column, pathway: Pathway, reading: Reading) -> None:
    concept = pathway.concepts.get(column.concept)
    if concept is None:
        reading.mistake(column.at("concept"), f"`{column.concept}` is no concept.", "Take one of terminology.yaml.")
        return
    if column.unit is not None:
        _check_unit(column.unit, concept, column.at("unit"), reading)
    _check_values(column.values, concept, column.at("values"), reading)
    for name, value in column.qualifiers.items():
        _check_values({name: value}, pathway.concepts.get(name, concept), column.at("qualifiers"), reading)


def _check_unit(unit: Written, concept: Concept, at: int, reading: Reading) -> None:
    try:
        line(unit, concept.unit or "1", concept.id)
    except UnitError as error:
        reading.mistake(at, f"The unit {unit} is not one of {concept.id}.", error.mistakes[0].mend)


def _check_values(values: Mapping[Key, str], concept: Concept, at: int, reading: Reading) -> None:
    for cell, value in values.items():
        if concept.values and value not in concept.values:
            mend = f"Write one of {' | '.join(concept.values)}."
            reading.mistake(at, f"`{cell}` means `{value}`, which is no value of {concept.id}.", mend)
