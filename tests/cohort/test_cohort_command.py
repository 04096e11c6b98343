"""`ischio cohort` as a person meets it: the same bytes again, stopped and gone on, what it says of what is wrong."""

import csv
import json
import re
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import duckdb
import pytest
from cohort.stores import ON, TINY, run, write_store
from generative.agreement import connection
from generative.registry import fill

from ischio.cohort import judging
from ischio.interfaces.cohort.reading import passed_on, read_report
from ischio.loading.pathway import load_pathway

PEOPLE = 240


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An event store of random people for the small pathway, in six ranges."""
    pathway, database, folder = load_pathway(TINY), connection(), tmp_path_factory.mktemp("registry") / "store"
    fill(database, pathway, PEOPLE, ON)
    for table in ("people", "events"):
        database.execute(f"update {table} set person = 'someone-' || person")
    write_store(database, pathway, folder, ranges=6)
    return folder


@pytest.fixture(scope="module")
def results(registry: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("results") / "out"
    assert run("cohort", registry, "--on", ON, "--out", out, "--pathway", TINY) == 0
    return out


@pytest.fixture(scope="module")
def shown_whole(registry: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same results with small counts too."""
    out = tmp_path_factory.mktemp("results") / "open"
    assert run("cohort", registry, "--on", ON, "--out", out, "--pathway", TINY, "--show-small-cells") == 0
    return out


def command_for(registry: Path, out: Path) -> list[str]:
    """The command for a process of its own."""
    start = [sys.executable, "-c", "from ischio.interfaces.cli.main import run; run()"]
    return [*start, "cohort", str(registry), "--on", ON, "--out", str(out), "--pathway", str(TINY)]


def digests(folder: Path) -> dict[str, str]:
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {path.relative_to(folder).as_posix(): sha256(path.read_bytes()).hexdigest() for path in files}


def rows(file: Path) -> Iterator[dict[str, str]]:
    with file.open(newline="", encoding="utf-8") as lines:
        yield from csv.DictReader(lines)


def judged(results: Path) -> list[dict[str, object]]:
    cursor = duckdb.connect().execute(
        f"select * from '{results}/persons/judged/*.parquet' order by person, index_date, hip"
    )
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


# ---- counts, once more ------------------------------------------------------------------------------------------


def test_where_hips_are_counted_again_in_plain_python(shown_whole: Path) -> None:
    end = [row for row in judged(shown_whole) if row["at_end"]]
    assert len(end) == 2 * PEOPLE
    stages = Counter(row["stage"] for row in end)
    gates = Counter((row["stage"], row["next_gate_truth"]) for row in end)
    for row in rows(shown_whole / "tables" / "positions.csv"):
        if row["stage"] == "all":
            assert int(row["hips"]) == 2 * PEOPLE
            continue
        if row["stage"] == "on_pathway":
            assert int(row["hips"]) == 2 * PEOPLE - stages["not_on_pathway"]
            continue
        assert int(row["hips"]) == stages[row["stage"]]
        if row["gate_unknown"]:
            told = int(row["gate_not_open"]), int(row["gate_unknown"])
            assert told == (gates[row["stage"], "false"], gates[row["stage"], "unknown"])
    diverted = Counter((row["stage"], row["diversion"] or "none") for row in end)
    for row in rows(shown_whole / "tables" / "diversions.csv"):
        if row["stage"] != "all":
            assert int(row["hips"]) == diverted[row["stage"], row["diversion"]]
    late = Counter(row["stage"] for row in end if row["review"] and str(row["review"]) < ON)
    for row in rows(shown_whole / "tables" / "reviews.csv"):
        assert int(row["overdue"]) == (sum(late.values()) if row["stage"] == "all" else late[row["stage"]])
    assert sum(late.values()) == len(list(rows(shown_whole / "persons" / "overdue.csv"))) > 0
    assert stages.total() == 2 * PEOPLE
    assert len(stages) > 3, "the people are not all alike"


def test_moves_and_stays_counted_again_in_plain_python(shown_whole: Path) -> None:
    dead = f"fact_{load_pathway(TINY).deceased_fact}"
    hips: dict[tuple[object, object], list[dict[str, object]]] = {}
    for row in judged(shown_whole):
        hips.setdefault((row["person"], row["hip"]), []).append(row)
    moves: Counter[tuple[str, str]] = Counter()
    stays: Counter[str] = Counter()
    for days in hips.values():
        before = None
        for row in days:
            if row[dead]:
                before = None
                continue
            if row["stage"] != before:
                stays[str(row["stage"])] += 1
                if before is not None:
                    moves[before, str(row["stage"])] += 1
            before = str(row["stage"])
    told = {(row["start"], row["to"]): int(row["moves"]) for row in rows(shown_whole / "tables" / "moves.csv")}
    assert {key: count for key, count in told.items() if count} == dict(moves)
    for row in rows(shown_whole / "tables" / "stays.csv"):
        assert int(row["stays"]) == stays[row["stage"]]
        assert int(row["moved"]) == sum(count for (start, _), count in moves.items() if start == row["stage"])
    assert moves.total() > 50


def test_what_is_not_recorded_counted_again_in_plain_python(shown_whole: Path) -> None:
    on = [row for row in judged(shown_whole) if row["at_end"] and row["stage"] != "not_on_pathway"]
    told = list(rows(shown_whole / "tables" / "recorded.csv"))
    for row in told:
        known = sum(hip[f"fact_{row['fact']}"] is not None for hip in on)
        assert (int(row["known"]), int(row["unknown"])) == (known, len(on) - known)
    assert len(told) > 5


# ---- what is hidden ---------------------------------------------------------------------------------------------


def test_what_is_hidden_stands_in_no_file_that_may_be_passed_on(results: Path, shown_whole: Path) -> None:
    """The same report with all counts: where it shows 1 to 4, this one shows nothing."""
    hid = 0
    for table in sorted((results / "tables").glob("*.csv")):
        pairs = zip(rows(table), rows(shown_whole / "tables" / table.name), strict=True)
        for covered, shown in pairs:
            names = set(covered["hidden"].split())
            assert shown["hidden"] == ""
            for name, cell in shown.items():
                if cell in {"1", "2", "3", "4"} and table.stem not in ("not_used", "sources"):
                    assert name in names or name.startswith("days"), (table.name, name)
                assert name == "hidden" or covered[name] == ("" if name in names else cell)
            hid += len(names)
    assert hid > 10
    page = (results / "report.html").read_text("utf-8")
    assert page.count(">hidden<") > 10
    assert "Hidden is not zero" in page
    assert "Small counts are shown" in (shown_whole / "report.html").read_text("utf-8")


def test_the_report_is_there_for_programs_too(results: Path) -> None:
    """It says what the page says, as the application shows it."""
    report = read_report(results)
    assert report is not None
    page = (results / "report.html").read_text("utf-8")
    assert [section.id for section in report.sections] == re.findall(r'<section id="([^"]+)"', page)
    assert all(block.picture in page for section in report.sections for block in section.blocks)
    assert "persons/overdue.csv" not in passed_on(results)
    assert set(passed_on(results)) == {
        "report.html",
        "run.json",
        *json.loads((results / "run.json").read_text("utf-8"))["files"],
    }


def test_json_gives_null_for_what_is_hidden(registry: Path, results: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("cohort", registry, "--on", ON, "--out", results, "--pathway", TINY, "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert told["counts"]["persons"] == PEOPLE
    assert None in told["counts"].values()
    assert not {1, 2, 3, 4} & set(told["counts"].values())


# ---- the same bytes ---------------------------------------------------------------------------------------------


def test_the_same_records_give_the_same_bytes(registry: Path, results: Path, tmp_path: Path) -> None:
    again = tmp_path / "again"
    assert run("cohort", registry, "--on", ON, "--out", again, "--pathway", TINY) == 0
    assert digests(again) == digests(results)


def test_killed_in_the_middle_and_begun_again_gives_the_same_bytes(
    registry: Path, results: Path, tmp_path: Path
) -> None:
    out = tmp_path / "killed"
    command = command_for(registry, out)
    stopped = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    judged_files = out / "persons" / "judged"
    while stopped.poll() is None and len(list(judged_files.glob("*.parquet"))) < 2:
        time.sleep(0.005)
    stopped.send_signal(signal.SIGKILL)
    assert stopped.wait() == -signal.SIGKILL, "it was killed while it worked"
    assert 2 <= len(list(judged_files.glob("*.parquet"))) < 6
    assert not (out / "report.html").exists()
    assert "not finished" in (out / "unfinished.txt").read_text("utf-8")
    before = {path: path.stat().st_mtime_ns for path in judged_files.glob("*.parquet")}
    assert subprocess.run(command, capture_output=True, check=False).returncode == 0
    assert digests(out) == digests(results)
    assert all(path.stat().st_mtime_ns == when for path, when in before.items()), "what was judged is not judged again"


# ---- what is wrong ----------------------------------------------------------------------------------------------


def refused(capsys: pytest.CaptureFixture[str], *arguments: object) -> str:
    capsys.readouterr()
    assert run("cohort", *arguments, "--pathway", TINY) == 1
    told = capsys.readouterr().err
    assert "Traceback" not in told
    return told


def test_a_folder_with_other_things_is_left_alone(registry, tmp_path, capsys) -> None:
    out = tmp_path / "mine"
    out.mkdir()
    (out / "thesis.txt").write_text("precious")
    assert "something other than results" in refused(capsys, registry, "--on", ON, "--out", out)
    assert [path.name for path in out.iterdir()] == ["thesis.txt"]


def test_results_of_another_run_are_left_alone(registry, results, capsys) -> None:
    before = digests(results)
    assert "of another run" in refused(capsys, registry, "--on", "2025-01-01", "--out", results)
    assert digests(results) == before


def test_new_records_take_the_place_of_the_old_ones(tmp_path: Path) -> None:
    """The same command over a store to which people were added: as if it were the first run."""
    pathway, database, store = load_pathway(TINY), connection(), tmp_path / "store"
    for people in (30, 60):
        fill(database, pathway, people, ON)
        write_store(database, pathway, store)
        assert run("cohort", store, "--on", ON, "--out", tmp_path / "out", "--pathway", TINY) == 0
    assert run("cohort", store, "--on", ON, "--out", tmp_path / "fresh", "--pathway", TINY) == 0
    assert digests(tmp_path / "out") == digests(tmp_path / "fresh")


def test_a_store_that_lacks_a_file(registry, tmp_path, capsys) -> None:
    broken = tmp_path / "broken"
    shutil.copytree(registry, broken)
    (broken / "events-1.parquet").unlink()
    assert "file of the event store is missing" in refused(capsys, broken, "--on", ON, "--out", tmp_path / "out")


def test_a_store_with_a_damaged_file(registry, tmp_path, capsys) -> None:
    broken = tmp_path / "broken"
    shutil.copytree(registry, broken)
    (broken / "events-1.parquet").write_bytes(b"PAR1 and nothing else")
    told = refused(capsys, broken, "--on", ON, "--out", tmp_path / "out")
    assert "events-1.parquet" in told


def test_a_store_read_for_another_pathway(registry, tmp_path, capsys) -> None:
    assert run("cohort", registry, "--on", ON, "--out", tmp_path / "out") == 1
    assert "other columns" in capsys.readouterr().err


def test_a_disk_that_is_full(registry, tmp_path) -> None:
    """No file may grow past some bytes, as on a full disk: a message, and nothing that looks whole."""
    out = tmp_path / "out"
    done = subprocess.run(
        command_for(registry, out),
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=lambda: (
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN),
            resource.setrlimit(resource.RLIMIT_FSIZE, (4000, 4000)),
        ),
    )
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "Make room" in done.stderr
    assert not list((out / "persons" / "judged").glob("*.parquet"))
    assert not (out / "report.html").exists()


@pytest.mark.parametrize(
    "arguments",
    [("--on", ON, "--dates", ON), ("--dates", "yesterday"), ("--on", ON, "--master", "local[1]"), ("--on", "June")],
    ids=["date and dates", "no date", "a master without Spark", "a month"],
)
def test_a_command_that_is_not_understood(arguments, registry, tmp_path) -> None:
    assert run("cohort", registry, "--out", tmp_path / "out", *arguments) == 2
    assert not (tmp_path / "out").exists()


# ---- dates ------------------------------------------------------------------------------------------------------


def test_without_a_date_it_is_the_newest_day_of_the_records_and_the_page_says_so(registry, tmp_path) -> None:
    out = tmp_path / "out"
    assert run("cohort", registry, "--out", out, "--pathway", TINY) == 0
    told = json.loads((out / "run.json").read_text("utf-8"))
    newest = duckdb.connect().execute(
        f"select max(greatest(start_last, recorded_last)) from '{registry}/events-*.parquet' "
        "where kind in ('done', 'stated')"
    )
    assert told["dates"] == [str(newest.fetchone()[0])]
    assert told["date_given"] is False
    assert "the newest day on which" in (out / "report.html").read_text("utf-8")


def test_a_list_of_dates_follows_nobody(registry, tmp_path) -> None:
    out = tmp_path / "out"
    assert run("cohort", registry, "--dates", f"2026-01-01,{ON}", "--out", out, "--pathway", TINY) == 0
    assert {row["date"] for row in rows(out / "tables" / "positions.csv")} == {"2026-01-01", ON}
    assert not (out / "tables" / "stays.csv").exists()
    assert "From date to date" in (out / "report.html").read_text("utf-8")


def test_the_dictionary_tells_every_column_of_every_table(results: Path) -> None:
    told = {row["Field Annotation"] for row in rows(results / "dictionary.csv")}
    written = {
        f"tables/{table.name}: {name}"
        for table in (results / "tables").glob("*.csv")
        for name in next(csv.reader(table.open(newline="", encoding="utf-8")))
    }
    assert told - {""} >= written
    names = [row["Variable / Field Name"] for row in rows(results / "dictionary.csv")]
    assert len(names) == len(set(names))
    assert all(name == name.lower() and name.replace("_", "").isalnum() for name in names)


def test_the_files_named_in_run_json_are_those_that_are_there(results: Path) -> None:
    told = json.loads((results / "run.json").read_text("utf-8"))["files"]
    for name, digest in told.items():
        assert sha256((results / name).read_bytes()).hexdigest() == digest
    assert "tables/positions.parquet" in told
    assert not any(name.startswith("persons/") for name in told)


def test_batches_are_small_and_lose_nobody(registry: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The same answers when memory holds a few persons at a time."""
    wide, narrow = tmp_path / "wide", tmp_path / "narrow"
    assert run("cohort", registry, "--dates", ON, "--out", wide, "--pathway", TINY) == 0
    monkeypatch.setattr(judging.Duck, "rows_at_a_time", 300)
    assert run("cohort", registry, "--dates", ON, "--out", narrow, "--pathway", TINY) == 0
    assert len(list((narrow / "persons" / "judged").glob("*.parquet"))) > 6
    assert judged(narrow) == judged(wide)


def test_nothing_here_reads_a_clock() -> None:
    """So the same command gives the same bytes on any day."""
    source = Path(judging.__file__).parents[1]
    for folder in ("cohort", "interfaces/cohort"):
        for module in sorted((source / folder).rglob("*.py")):
            text = module.read_text("utf-8")
            assert "today(" not in text, module
            assert "now(" not in text, module


def test_nobody_is_named_outside_the_folder_of_persons(results: Path) -> None:
    named = [path for path in results.rglob("*") if path.is_file() and b"someone-" in path.read_bytes()]
    assert {path.relative_to(results).parts[0] for path in named} == {"persons"}
    assert {path.name for path in named} >= {"overdue.csv"}
    assert "name persons" in (results / "persons" / "README.txt").read_text("utf-8")
