"""What `ischio verify --json` wrote down: which properties were proved, and of which knowledge files."""

from dataclasses import dataclass
from datetime import date
from enum import Enum
from pathlib import Path

import msgspec

from ischio.backends.smt import Finding


@dataclass(frozen=True, slots=True)
class ProvedOf:
    """The knowledge that something was proved of. files: their SHA-256."""

    id: str
    version: str
    overlay: str | None
    files: str


@dataclass(frozen=True, slots=True)
class ProofFile:
    """What `ischio verify --json` writes."""

    pathway: ProvedOf
    made: date
    findings: tuple[Finding, ...]


class ProofStatus(Enum):
    """What is known of the proofs of these knowledge files."""

    NOT_NAMED = "the settings name no file"
    NOT_READ = "the file that the settings name cannot be read"
    OF_OTHERS = "the file speaks of other knowledge files"
    OF_THESE = "proved of these files"


@dataclass(frozen=True, slots=True)
class Proofs:
    """What came of the proofs. file: as the settings name it. version, made: of what, and when; None if not read.

    findings: empty unless they are of these files.
    """

    status: ProofStatus
    file: Path | None = None
    version: str = ""
    made: date | None = None
    findings: tuple[Finding, ...] = ()


def read_proofs(file: Path | None, files: str) -> Proofs:
    """What a file of proofs says, if it speaks of the knowledge files with this digest."""
    if file is None:
        return Proofs(ProofStatus.NOT_NAMED)
    try:
        found = msgspec.json.decode(file.read_bytes(), type=ProofFile)
    except (OSError, msgspec.MsgspecError):
        return Proofs(ProofStatus.NOT_READ, file)
    if found.pathway.files != files:
        return Proofs(ProofStatus.OF_OTHERS, file, found.pathway.version, found.made)
    return Proofs(ProofStatus.OF_THESE, file, found.pathway.version, found.made, found.findings)
