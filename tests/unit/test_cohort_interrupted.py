"""Runs that end in the middle: the same command again goes on, loses nothing, and ends with the very same bytes."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from cohort_folders import content, lines, packed, pain, person, rows, taken, written

from ischio.cohort.store import UNFINISHED, StoreError, open_store

TESTS = Path(__file__).parents[1]
START = f"""
import os, signal, sys
sys.path.insert(0, {str(TESTS)!r})
from pathlib import Path
from cohort_folders import BINDINGS_FILE, PATHWAY
from ischio.cohort.intake import run
run.RANGE_BYTES = 2_000
folder, into, processes, number = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
"""
KILLED_BEFORE_A_FILE_IS_PUBLISHED = (
    START
    + """
published = 0
replace = os.replace
def counted(*names):
    global published
    published += 1
    if published == number:
        os.kill(os.getpid(), signal.SIGKILL)
    replace(*names)
os.replace = counted
run.take_in(folder, into, PATHWAY, BINDINGS_FILE, processes)
print("published", published)
"""
)
KILLED_WHILE_READING = (
    START
    + """
def progress(what, done, total):
    if what == "reading" and done == number:
        os.kill(os.getpid(), signal.SIGKILL)
if __name__ == "__main__":
    run.take_in(folder, into, PATHWAY, BINDINGS_FILE, processes, progress)
"""
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    people = [one for number in range(40) for one in person(f"p{number}", pain(number % 10), pain(1))]
    medicine = {"resourceType": "Medication", "id": "m", "code": {"text": "Naproxen"}}
    files = {"a.ndjson": lines(*people[:60]), "b.ndjson.gz": packed(lines(*people[60:])), "M.ndjson": lines(medicine)}
    return written(tmp_path / "in", files)


@pytest.fixture
def undisturbed(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, bytes]:
    monkeypatch.setattr("ischio.cohort.intake.run.RANGE_BYTES", 2_000)
    return content(taken(folder, tmp_path / "undisturbed").folder)


def started(script: Path, *arguments: object) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, str(script), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, start_new_session=True, check=False)


def test_killed_before_any_file_it_goes_on_and_gives_the_same_bytes(
    folder: Path, undisturbed: dict[str, bytes], tmp_path: Path
) -> None:
    script = tmp_path / "run.py"
    script.write_text(KILLED_BEFORE_A_FILE_IS_PUBLISHED)
    whole = started(script, folder, tmp_path / "whole", 1, 0)
    count = int(whole.stdout.split()[-1])
    assert count > 20
    for number in (1, 5, count // 2, count):
        into = tmp_path / f"killed-{number}"
        assert started(script, folder, into, 1, number).returncode == -signal.SIGKILL
        with pytest.raises(StoreError, match=r"unfinished|missing"):
            open_store(into)
        assert content(taken(folder, into).folder) == undisturbed
        assert list(into.rglob(f"*{UNFINISHED}")) == []


def test_killed_while_it_brings_a_store_up_to_date_the_old_one_stays_whole(
    folder: Path, undisturbed: dict[str, bytes], tmp_path: Path
) -> None:
    into, script = tmp_path / "store", tmp_path / "run.py"
    script.write_text(KILLED_BEFORE_A_FILE_IS_PUBLISHED)
    assert content(taken(folder, into).folder) == undisturbed
    written(folder, {"c.ndjson": lines(*person("new", pain(2)), *person("p3", pain(5))[1:])})
    assert started(script, folder, into, 1, 6).returncode == -signal.SIGKILL
    old = open_store(into)
    assert old.manifest.persons == 40
    after = taken(folder, into)
    assert after.manifest.persons == 41
    everything = "select * from {} order by all"
    assert rows(after, everything) == rows(taken(folder, tmp_path / "fresh"), everything)


def test_killed_with_several_processes_none_of_them_stays(
    folder: Path, undisturbed: dict[str, bytes], tmp_path: Path
) -> None:
    into, script = tmp_path / "store", tmp_path / "run.py"
    script.write_text(KILLED_WHILE_READING)
    command = [sys.executable, str(script), str(folder), str(into), "2", "2"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
    assert process.wait() == -signal.SIGKILL
    assert ended(process.pid)
    assert content(taken(folder, into).folder) == undisturbed


def ended(group: int) -> bool:
    """Whether every process of a group ends within some seconds."""
    for _ in range(100):
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.1)
    return False


def test_a_second_run_into_the_same_store_is_refused_while_one_is_at_work(folder: Path, tmp_path: Path) -> None:
    import fcntl

    into = tmp_path / "store"
    taken(folder, into)
    with (into / "sifted" / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(StoreError, match="Another run is writing"):
            taken(folder, into)
    assert taken(folder, into).manifest.persons == 40


SMALL_DISK = """
mount -t tmpfs -o size={size} none {disk} && {python} {script} {folder} {disk}/store 1 0 > {disk}.out 2>&1
ls {disk}/store > {disk}.left
"""


@pytest.mark.skipif(
    shutil.which("unshare") is None or subprocess.run(["unshare", "-rm", "true"], check=False).returncode != 0,
    reason="a small disk needs a mount of its own (unshare), which is not allowed here",
)
@pytest.mark.parametrize("size", ["20k", "60k", "120k"])
def test_a_full_disk_is_told_and_leaves_nothing_that_looks_whole(folder: Path, tmp_path: Path, size: str) -> None:
    disk, script = tmp_path / "disk", tmp_path / "run.py"
    disk.mkdir()
    script.write_text(KILLED_BEFORE_A_FILE_IS_PUBLISHED)
    names = {"size": size, "disk": disk, "python": sys.executable, "script": script, "folder": folder}
    subprocess.run(["unshare", "-rm", "sh", "-c", SMALL_DISK.format(**names)], check=True)
    said = disk.with_suffix(".out").read_text()
    assert "The disk is full.\n" in said
    assert "Make room, then give the same command again" in said
    assert "manifest.json" not in disk.with_suffix(".left").read_text()
