"""Events that come as tables: Parquet with the columns of the store, and CSV with a data dictionary."""

from pathlib import Path

from ischio.cohort.intake.sifted import SiftedWriter
from ischio.model.pathway import Pathway


def sift_rows(path: Path, pathway: Pathway, writer: SiftedWriter) -> None:
    raise NotImplementedError


def sift_table(path: Path, pathway: Pathway, writer: SiftedWriter) -> None:
    raise NotImplementedError
