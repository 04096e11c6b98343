"""The settings for editors name schemas that exist, and every knowledge file is as its schema says."""

import json
import re
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from unit.test_loading_schema import content

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "how-to" / "set-up-an-editor.md").read_text(encoding="utf-8")
FOLDERS = ("src/ischio/knowledge/ischiofemoral", "tests/knowledge/ankle", "src/ischio/interfaces/template")
FILES = sorted(path.relative_to(ROOT) for folder in FOLDERS for path in (ROOT / folder).rglob("*.yaml"))

Globs = Mapping[str, Sequence[str]]


def vs_code() -> Globs:
    return json.loads((ROOT / ".vscode" / "settings.json").read_text(encoding="utf-8"))["yaml.schemas"]


def helix() -> Globs:
    settings = tomllib.loads((ROOT / ".helix" / "languages.toml").read_text(encoding="utf-8"))
    return settings["language-server"]["yaml-language-server"]["config"]["yaml"]["schemas"]


def schemas_for(path: Path) -> list[str]:
    return [schema for schema, globs in vs_code().items() if any(fits(path, glob) for glob in globs)]


def fits(path: Path, glob: str) -> bool:
    """Whether a path fits a glob of the editor: `**/` is any folders or none, `*` anything within one."""
    pattern = re.escape(glob).replace(r"\*\*/", "(?:.*/)?").replace(r"\*", "[^/]*")
    return re.fullmatch(pattern, path.as_posix()) is not None


def test_both_editors_are_told_the_same() -> None:
    assert vs_code() == helix()


@pytest.mark.parametrize("schema", vs_code())
def test_a_setting_names_a_schema_that_exists_and_a_file_that_needs_it(schema: str) -> None:
    Draft202012Validator.check_schema(json.loads((ROOT / schema).read_text(encoding="utf-8")))
    others = (ROOT / "tests/knowledge/tiny-overlay.yaml",)
    assert any(schema in schemas_for(path) for path in (*FILES, *(other.relative_to(ROOT) for other in others)))


@pytest.mark.parametrize("path", FILES, ids=str)
def test_a_file_has_one_schema_and_is_as_it_says(path: Path) -> None:
    (schema,) = schemas_for(path)
    validator = Draft202012Validator(json.loads((ROOT / schema).read_text(encoding="utf-8")))
    assert [error.message for error in validator.iter_errors(content(ROOT / path))] == []


def test_the_schema_of_a_file_refuses_the_mistake_that_the_page_suggests() -> None:
    path = Path("src/ischio/knowledge/ischiofemoral/criteria.yaml")
    (schema,) = schemas_for(path)
    wrong = content(ROOT / path)
    name, criterion = next(iter(wrong.items()))
    wrong[name] = {("wen" if key == "when" else key): value for key, value in criterion.items()}
    errors = list(Draft202012Validator(json.loads((ROOT / schema).read_text(encoding="utf-8"))).iter_errors(wrong))
    assert len(errors) == 2
    assert "wen:" in PAGE


def test_the_page_quotes_the_settings() -> None:
    quoted = re.findall(r'"(\./\S+\.json)"(?::| =) (\[.*\])', PAGE)
    assert len(quoted) == 2
    assert all(vs_code()[schema] == json.loads(globs) for schema, globs in quoted)


def test_every_link_of_the_page_leads_to_a_file() -> None:
    links = re.findall(r"\]\(([^)#]+)\)", PAGE)
    assert links
    assert [link for link in links if not (ROOT / "docs" / "how-to" / link).exists()] == []
