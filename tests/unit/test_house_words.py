"""The project speaks of itself alone: no path of one machine, no folder beside the repository, in any file kept."""

import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]
FORBIDDEN = re.compile(r"(?<![\w.:/-])/(?:work|root|home|Users|opt)/\w|\.\./" + "shared")
# Where the terminology and sample data that are not ours to ship may be looked for, if they are there at all.
EXCEPTED = {Path("tests/conftest.py")}
TEXT = {".py", ".md", ".yaml", ".yml", ".toml", ".json", ".lark", ".sh", ".lock", ".txt", ""}


def kept_files() -> list[Path]:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [Path(line) for line in listed.splitlines() if (ROOT / line).is_file()]


def test_no_file_names_a_machine_or_a_folder_beside():
    texts = {
        path: (ROOT / path).read_text(encoding="utf-8", errors="replace")
        for path in kept_files()
        if path.suffix in TEXT and path not in EXCEPTED
    }
    assert {str(path): found for path, text in texts.items() if (found := FORBIDDEN.findall(text))} == {}


def test_a_forbidden_word_would_be_seen():
    assert FORBIDDEN.search("see /" + "home/somebody/ischio")
    assert FORBIDDEN.search("read ../" + "shared/notes.md")
    assert not FORBIDDEN.search("https://w3id.org/ischio/opt/in")


def test_what_is_made_by_make_is_not_kept():
    made = {".venv", "node_modules", "__pycache__", ".hypothesis", ".cache"}
    assert [path for path in kept_files() if made & set(path.parts)] == []
