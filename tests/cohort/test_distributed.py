"""Spark as the engine of `ischio cohort`: the same results on this machine, and what is passed through to a cluster.

Clusters and object stores were not tried: what is tested of them is that their addresses arrive as they were given.
"""

from pathlib import Path

import duckdb
import pytest
from cohort.stores import ON, TINY, random_store, run

from ischio.cohort.distributed import OF_THIS_MACHINE, Places, settings
from ischio.interfaces.cli import cohort


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return random_store(tmp_path_factory.mktemp("registry") / "store", people=60, ranges=1)


def test_spark_gives_the_results_of_duckdb(registry: Path, tmp_path: Path) -> None:
    """Every judged row, and every table to the byte."""
    there, here = tmp_path / "spark", tmp_path / "duckdb"
    common = ("cohort", registry, "--on", ON, "--pathway", TINY)
    assert run(*common, "--engine", "spark", "--master", "local[2]", "--out", there) == 0
    assert run(*common, "--out", here) == 0
    database = duckdb.connect()
    one, other = (f"read_parquet('{out}/persons/judged/*.parquet')" for out in (there, here))
    rows = database.execute(f"select count(*) from {one}").fetchone()
    assert rows is not None
    assert rows[0] > 1000
    for first, second in ((one, other), (other, one)):
        assert database.execute(f"select * from {first} except select * from {second}").fetchall() == []
    tables = sorted(path.name for path in (here / "tables").iterdir())
    assert tables == sorted(path.name for path in (there / "tables").iterdir())
    for name in tables:
        assert (here / "tables" / name).read_bytes() == (there / "tables" / name).read_bytes(), name
    assert "--engine spark --master" in (there / "report.html").read_text("utf-8")
    assert not list((there / "persons" / "judged").glob("*.spark")), "what the workers left is taken away"


@pytest.mark.parametrize("master", ["spark://head:7077", "yarn", "k8s://https://head:6443"])
def test_a_cluster_keeps_the_settings_that_are_its_own(master: str) -> None:
    assert not set(settings(master)) & set(OF_THIS_MACHINE)
    assert set(settings("local[4]")) >= set(OF_THIS_MACHINE)


def test_the_master_is_passed_through_as_it_was_given(monkeypatch: pytest.MonkeyPatch) -> None:
    from pyspark.sql import SparkSession

    from ischio.cohort.distributed import session

    asked: list[str] = []

    class Refusing(RuntimeError):
        pass

    def no_cluster(self: SparkSession.Builder) -> SparkSession:
        asked.append(self._options["spark.master"])
        raise Refusing

    monkeypatch.setattr(SparkSession.Builder, "getOrCreate", no_cluster)
    with pytest.raises(Refusing), session("spark://head:7077"):
        pass
    assert asked == ["spark://head:7077"]


def test_an_object_store_is_passed_through_as_it_was_given() -> None:
    places = Places(Path("/data/store"), "s3a://bucket/registry/")
    assert places.read(Path("/data/store/events/00001.parquet")) == "s3a://bucket/registry/events/00001.parquet"
    left = places.left(Path("/results/persons/judged/00001-0000.parquet.7.unfinished"))
    assert left == "s3a://bucket/registry/judged/00001-0000.parquet.7.unfinished"
    assert places.fetched(left).startswith("s3://bucket/")
    here = Places(Path("/data/store"))
    assert here.read(Path("/data/store/events/00001.parquet")) == "/data/store/events/00001.parquet"


def test_what_to_install_is_said(
    registry: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def without_spark(package: str, extra: str) -> None:
        if package == "pyspark":
            sound("no_such_package", extra)

    sound = cohort.require
    monkeypatch.setattr(cohort, "require", without_spark)
    assert run("cohort", registry, "--on", ON, "--out", tmp_path / "out", "--pathway", TINY, "--engine", "spark") == 1
    assert "pip install 'ischio[spark]'" in capsys.readouterr().err


def test_java_is_asked_for(
    registry: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert run("cohort", registry, "--on", ON, "--out", tmp_path / "out", "--pathway", TINY, "--engine", "spark") == 1
    assert "Install Java 17" in capsys.readouterr().err
