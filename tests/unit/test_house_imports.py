"""Imports point down: each package may import only from those below it, and the model only the standard library."""

import ast
import sys
from collections.abc import Iterator
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
            # `from ischio import model` imports ischio.model
            yield from (f"ischio.{name.name}" for name in node.names) if node.module == "ischio" else (node.module,)


def package_of(module: Path) -> str:
    return module.relative_to(SOURCE).parts[0].removesuffix(".py")


def upward(module: Path) -> list[str]:
    """What the module imports from packages above its own."""
    own = DOWNWARDS.index(package_of(module))
    packages = {name.split(".")[1] for name in imported(module) if name.startswith("ischio.")}
    return sorted(name for name in packages if name not in DOWNWARDS[own:])


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
