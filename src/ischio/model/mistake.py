"""What is wrong with an input: what, where and the mend, as fields, so that each interface can show it its own way."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Mistake:
    """One mistake. file: as the person named it; line: from 1, None if the whole file; where: the entry it is in."""

    what: str
    mend: str
    file: str = ""
    line: int | None = None
    where: str = ""

    def __str__(self) -> str:
        place = self.file if self.line is None else f"{self.file}, line {self.line}"
        head = ", ".join(part for part in (place, self.where) if part)
        return f"{head}:\n  {self.what}\n  {self.mend}" if head else f"{self.what}\n{self.mend}"


class IschioError(Exception):
    """Base of all errors that a person can mend. mistakes: one or more."""

    def __init__(self, *mistakes: Mistake) -> None:
        super().__init__("\n".join(map(str, mistakes)))
        self.mistakes = mistakes

    def __reduce__(self) -> tuple[type["IschioError"], tuple[Mistake, ...]]:
        """Comes from another process as it was."""
        return type(self), self.mistakes


class PathwayError(IschioError):
    """The knowledge files, an overlay or a case file are at fault."""


class RecordError(IschioError):
    """The record given to us is at fault, as a whole."""
