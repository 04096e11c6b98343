"""Imports point down: each package may import only from those below it, and the model only the standard library."""

import ast
import re
import sys
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[2] / "src" / "ischio"
DOWNWARDS = (
    "interfaces",
    "clinic",
    "cohort",
    "remote",
    "store",
    "synthesis",
    "fhir",
    "backends",
    "engine",
    "record",
    "loading",
    "language",
    "model",
)
MODULES = sorted(SOURCE.rglob("*.py"))


def imported(module: Path) -> Iterator[str]:
    """The full names of the modules that a file imports, wherever in the file it does so."""
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module}, line {node.lineno}: write the full name, not a relative import"
            yield node.module
            yield from (f"{node.module}.{name.name}" for name in node.names)  # any of them may be a module


def package_of(module: Path) -> str:
    return module.relative_to(SOURCE).parts[0].removesuffix(".py")


def upward(module: Path) -> list[str]:
    """What the module imports from packages above its own."""
    own = DOWNWARDS.index(package_of(module))
    packages = {name.split(".")[1] for name in imported(module) if name.startswith("ischio.")}
    return sorted(packages - set(DOWNWARDS[own:]))


def name_of(module: Path) -> str:
    return ".".join(module.relative_to(SOURCE.parent).with_suffix("").parts).removesuffix(".__init__")


@pytest.mark.parametrize("module", MODULES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_imports_point_down(module: Path):
    if module.parent == SOURCE:
        assert list(imported(module)) == []
    else:
        assert upward(module) == []


@pytest.mark.parametrize("module", sorted((SOURCE / "model").glob("*.py")), ids=lambda path: path.name)
def test_the_model_imports_only_the_standard_library(module: Path):
    roots = {name.split(".")[0] for name in imported(module)}
    assert roots <= sys.stdlib_module_names | {"ischio"}


def test_each_folder_has_its_place_in_the_order():
    folders = {path.name for path in SOURCE.iterdir() if path.is_dir() and list(path.rglob("*.py"))}
    assert folders == set(DOWNWARDS)


def test_newcomers_are_told_of_each_folder_in_that_order():
    told = (SOURCE.parents[1] / "CONTRIBUTING.md").read_text(encoding="utf-8")
    assert tuple(re.findall(r"^\| `(\w+)` \|", told, re.MULTILINE)) == DOWNWARDS


def test_the_commands_are_a_face_that_nothing_else_leans_on():
    cli = SOURCE / "interfaces" / "cli"
    leaning = [
        f"{module.relative_to(SOURCE)} imports {name}"
        for module in MODULES
        if not module.is_relative_to(cli)
        for name in imported(module)
        if name.startswith("ischio.interfaces.cli")
    ]
    assert leaning == [], "what a page needs as well belongs beside the commands, not in them"


def test_no_modules_import_each_other_in_a_circle():
    house = {name_of(module): set(imported(module)) for module in MODULES}
    inside = {name: names & (house.keys() - {name}) for name, names in house.items()}
    try:
        TopologicalSorter(inside).prepare()
    except CycleError as circle:
        pytest.fail("in a circle: " + " <- ".join(circle.args[1]))
