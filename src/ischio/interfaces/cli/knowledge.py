"""Reads the cases that stand beside a pathway."""

from pathlib import Path
from typing import TYPE_CHECKING

from ischio.model.mistake import IschioError, Mistake

if TYPE_CHECKING:
    from ischio.model.pathway import Pathway
    from ischio.record.case_form import Case


def cases_folder(folder: Path | None) -> Path:
    """The cases of a knowledge folder, or of the one that is shipped."""
    import ischio

    shipped = Path(ischio.__file__).parent / "knowledge" / "ischiofemoral"
    return (folder or shipped) / "cases"


def read_cases(pathway: "Pathway", folder: Path | None) -> "tuple[tuple[Case, ...], tuple[Mistake, ...]]":
    """Every case that can be read, and what is wrong with the others: one bad file never hides the rest."""
    from ischio.interfaces.cli.assess import read_case_file

    cases, mistakes = [], []
    for path in sorted(cases_folder(folder).glob("*.yaml")):
        try:
            cases.append(read_case_file(path, pathway))
        except IschioError as error:
            mistakes += error.mistakes
    return tuple(cases), tuple(mistakes)
