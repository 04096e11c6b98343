"""Finding and reading two versions of a pathway: folders, a folder as git has it, an overlay, and the cases of both."""

import io
import subprocess
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from ischio.interfaces.inputs import fhir_reader
from ischio.loading.pathway import load_pathway
from ischio.model.mistake import IschioError, Mistake, PathwayError
from ischio.model.pathway import Pathway
from ischio.record.case_form import Case, ReadBundle, read_case


@dataclass(frozen=True, slots=True)
class Version:
    """A version of a pathway. name: as the person named it; folder: where its files are."""

    name: str
    folder: Path
    pathway: Pathway
    read_bundle: ReadBundle

    def file(self, name: str) -> bytes:
        """The bytes of one of its files; nothing if it is not there."""
        path = self.folder / name
        return path.read_bytes() if path.is_file() else b""

    @property
    def case_files(self) -> dict[str, Path]:
        return {path.name: path for path in sorted((self.folder / "cases").glob("*.yaml"))}

    def case(self, path: Path) -> Case:
        """A case as this version reads it. Raises IschioError where it cannot."""
        return read_case(path, self.pathway, self.read_bundle)


@contextmanager
def version(named: str, overlay: Path | None) -> Iterator[Version]:
    """A version by its folder, or as git has it: `REVISION:FOLDER`.

    Raises IschioError if there is none, PathwayError with the mistakes of its files, each with the version's name.
    """
    with _folder(named) as folder:
        try:
            pathway = load_pathway(folder, overlay)
        except PathwayError as error:
            places = (replace(each, file=f"{named}, {each.file}") for each in error.mistakes)
            raise PathwayError(*places) from None
        yield Version(named, folder, pathway, fhir_reader(pathway, folder))


@contextmanager
def _folder(named: str) -> Iterator[Path]:
    if Path(named).is_dir():
        yield Path(named)
    elif ":" in named:
        with TemporaryDirectory() as place:
            _take_from_git(named, Path(place))
            yield Path(place)
    else:
        mend = "Name a folder of knowledge files, or one that git has: REVISION:FOLDER, such as HEAD~1:knowledge."
        raise IschioError(Mistake(f"There is no folder {named!r}.", mend))


def _take_from_git(named: str, place: Path) -> None:
    mend = "Name a revision and a folder that `git show` knows, from within the repository: HEAD~1:knowledge."
    try:
        command = ["git", "archive", "--format=tar", "--end-of-options", named]
        archive = subprocess.run(command, capture_output=True, check=True).stdout
    except FileNotFoundError:
        raise IschioError(Mistake("git is not installed, so no earlier version can be read.", mend, named)) from None
    except subprocess.CalledProcessError as error:
        said = error.stderr.decode("utf-8", "replace").strip().splitlines() or ["it says nothing"]
        raise IschioError(Mistake(f"git does not find it: {said[0]}", mend, named)) from None
    with tarfile.open(fileobj=io.BytesIO(archive)) as files:
        files.extractall(place, filter="data")


@dataclass(frozen=True, slots=True)
class Cases:
    """The cases of two versions. both: each as the old and as the new version reads it, in the new one's words where
    both have it. added, removed, rewritten: file names. one_only: those that only one version can read."""

    both: tuple[tuple[Case, Case], ...]
    added: tuple[str, ...]
    removed: tuple[str, ...]
    rewritten: tuple[str, ...]
    one_only: tuple[str, ...]


def cases_of(old: Version, new: Version) -> Cases:
    """The cases of both versions, each read by both."""
    was, now = old.case_files, new.case_files
    both: list[tuple[Case, Case]] = []
    one_only: list[str] = []
    alike = _read_alike(old, new)
    for name, path in (was | now).items():
        try:
            case = new.case(path)
            both.append((case if alike else old.case(path), case))
        except IschioError:
            one_only.append(name)
    return Cases(
        both=tuple(both),
        added=tuple(name for name in now if name not in was),
        removed=tuple(name for name in was if name not in now),
        rewritten=tuple(name for name in now if name in was and was[name].read_bytes() != now[name].read_bytes()),
        one_only=tuple(one_only),
    )


def _read_alike(old: Version, new: Version) -> bool:
    """Whether both versions read every case alike, so that it need not be read twice."""
    ours, theirs = old.pathway, new.pathway
    types = [{name: (fact.type, fact.scope) for name, fact in each.facts.items()} for each in (ours, theirs)]
    bindings = old.file("bindings.yaml") == new.file("bindings.yaml")
    return bindings and types[0] == types[1] and dict(ours.concepts) == dict(theirs.concepts)
