"""Spark gives what DuckDB gives, on a synthetic registry. `make fuzz` takes more people."""

import os
import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from generative.agreement import connection
from generative.registry import fill

from ischio.backends.sql import duck, spark
from ischio.loading.pathway import load_pathway

PEOPLE = int(os.environ.get("ISCHIO_SPARK_PEOPLE", "500"))
INDEX = date(2026, 6, 1)
SETTINGS = {
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.driver.memory": "4g",
    "spark.driver.host": "127.0.0.1",
    "spark.sql.shuffle.partitions": "2",
    "spark.sql.adaptive.enabled": "false",
    # Many tables of few rows: compiling each statement takes longer than it saves.
    "spark.buffer.pageSize": "1m",
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    "spark.sql.constraintPropagation.enabled": "false",
}


@pytest.fixture
def session(monkeypatch: pytest.MonkeyPatch) -> Iterator[object]:
    if not (os.environ.get("JAVA_HOME") or shutil.which("java")):
        pytest.fail("Spark needs Java 17: install it (Debian: openjdk-17-jre-headless) or set JAVA_HOME.")
    from pyspark.sql import SparkSession

    monkeypatch.setenv("SPARK_LOCAL_IP", "127.0.0.1")
    builder = SparkSession.builder.master("local[2]")
    for name, value in SETTINGS.items():
        builder = builder.config(name, value)
    started = builder.getOrCreate()
    started.sparkContext.setLogLevel("ERROR")
    yield started
    started.stop()


def test_spark_gives_what_duckdb_gives(session, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pathway, database = load_pathway(), connection()
    fill(database, pathway, PEOPLE, INDEX.isoformat())
    for table in ("people", "events"):
        database.execute(f"copy {table} to '{tmp_path}/{table}.parquet'")
        session.read.parquet(f"{tmp_path}/{table}.parquet").createOrReplaceTempView(table)
    duck.run(database, pathway, INDEX)
    spark.run(session, pathway, INDEX)
    for table in ("ischio_facts", "ischio_answer"):
        session.table(table).write.parquet(f"{tmp_path}/{table}")
        there = f"read_parquet('{tmp_path}/{table}/*.parquet')"
        rows, columns = (
            database.execute(f"select count(*) from {there}").fetchone()[0],
            len(database.table(table).columns),
        )
        assert rows == 2 * PEOPLE
        for one, other in ((table, there), (there, table)):
            differing = database.execute(f"select * from {one} except select * from {other} limit 3").fetchall()
            assert not differing, f"{table}: these rows are not in the other"
        with capsys.disabled():
            print(f"\nSpark and DuckDB: {table} of {rows} hips, {columns} columns, equal")
