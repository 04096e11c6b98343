"""One folder of tests/broken for each mistake an author can make, with the words we owe them in expected.txt.

A folder holds the files that it puts in the place of those of `_sound`; `overlay.yaml` is a site's overlay. A file that
holds only the line `(missing)` is left out.
"""

import shutil
from pathlib import Path

import pytest

from ischio.loading.pathway import load_pathway
from ischio.model.mistake import PathwayError

BROKEN = Path(__file__).parent.parent / "broken"
SOUND = BROKEN / "_sound"
MISTAKES = sorted(path for path in BROKEN.iterdir() if path != SOUND)


def test_the_folder_that_the_mistakes_are_put_into_is_sound():
    assert load_pathway(SOUND).id == "smallest"


@pytest.mark.parametrize("folder", MISTAKES, ids=lambda folder: folder.name)
def test_a_mistake_is_told_with_file_line_what_and_mend(folder, tmp_path):
    assert told(folder, tmp_path) == (folder / "expected.txt").read_text("utf-8")


def told(folder, tmp_path):
    """The words for the mistakes of a folder, one paragraph each."""
    shutil.copytree(SOUND, tmp_path, dirs_exist_ok=True)
    for file in folder.glob("*.yaml"):
        shutil.copy(file, tmp_path)
        if file.read_bytes() == b"(missing)\n":
            (tmp_path / file.name).unlink()
    overlay = tmp_path / "overlay.yaml"
    with pytest.raises(PathwayError) as error:
        load_pathway(tmp_path, overlay if overlay.exists() else None)
    return str(error.value).replace(f"{tmp_path}/", "") + "\n"
