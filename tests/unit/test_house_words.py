"""The project speaks of itself alone: no path of one machine, no workplace, in any file that is kept."""

import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]
# Written in pieces so that this file does not name them itself. One default in tests/conftest.py may name a folder beside.
FORBIDDEN = re.compile(
    "|".join(["/" + "work/", r"\.\./" + "shared", "/" + "root/", "/tmp/" + "brief", "/opt/" + "pypi"])
)
EXCEPTED = {Path("tests/conftest.py")}
TEXT = {".py", ".md", ".yaml", ".yml", ".toml", ".json", ".lark", ".sh", ".lock", ".txt", ""}


def kept_files() -> list[Path]:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [Path(line) for line in listed.splitlines() if (ROOT / line).is_file()]


def test_no_file_names_a_machine_or_a_workplace():
    found = {
        str(path): words
        for path in kept_files()
        if path.suffix in TEXT and path not in EXCEPTED
        for words in [FORBIDDEN.findall((ROOT / path).read_text(encoding="utf-8", errors="replace"))]
        if words
    }
    assert found == {}


def test_a_forbidden_word_would_be_seen():
    assert FORBIDDEN.search("see /" + "work/main")


def test_what_is_made_by_make_is_not_kept():
    made = {".venv", "node_modules", "__pycache__", ".hypothesis", ".cache"}
    assert [path for path in kept_files() if made & set(path.parts)] == []
