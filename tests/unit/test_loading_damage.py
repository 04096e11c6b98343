"""However a knowledge file is damaged, loading gives a pathway or says what is wrong; it never falls over."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ischio.loading.files import FILES
from ischio.loading.pathway import load_pathway
from ischio.model.mistake import PathwayError

TINY = Path(__file__).parent.parent / "knowledge" / "tiny"
SOUND = {name: (TINY / name).read_text("utf-8") for name in FILES}

WORDS = [
    "no",
    "null",
    "5",
    "15 mm",
    "6 weeks",
    "[]",
    "{}",
    "[a]",
    "{a: b}",
    "'",
    "*x",
    "&x y",
    "!x",
    "- a",
    "\t",
    "# a",
]
NAMES = ["pain_now", "gate_care", "space_cutoff", "spasm", "operated", "exercise_start", "space", "care", "diagnosis"]


def damaged(text, how, where, word):
    lines = text.splitlines()
    at = where % len(lines)
    line = lines[at]
    key = line.split(":")[0]
    match how:
        case "drop":
            lines[at : at + 1] = []
        case "repeat":
            lines[at : at + 1] = [line, line]
        case "value":
            lines[at] = f"{key}: {word}"
        case "word":
            words = line.split(" ")
            words[where % len(words)] = word
            lines[at] = " ".join(words)
        case "cut":
            lines[at] = line[: len(line) // 2]
        case _:
            lines[at] = f"  {line}"
    return "\n".join(lines) + "\n"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("damaged")


@given(
    st.sampled_from(list(FILES)),
    st.sampled_from(["drop", "repeat", "value", "word", "cut", "indent"]),
    st.integers(0, 400),
    st.sampled_from(WORDS + NAMES),
)
def test_a_damaged_file_is_read_or_told(folder, name, how, where, word):
    for file, text in SOUND.items():
        (folder / file).write_text(text, "utf-8")
    (folder / name).write_text(damaged(SOUND[name], how, where, word), "utf-8")
    told = mistakes(folder)
    assert all(mistake.what and mistake.mend and mistake.file for mistake in told)


def mistakes(folder):
    """The mistakes of the folder; none if it loads."""
    try:
        load_pathway(folder)
    except PathwayError as error:
        return error.mistakes or pytest.fail("refused without a word")
    return ()
