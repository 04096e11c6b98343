"""Judges on Apache Spark: the same printed statements, on this machine or on a cluster.

Tried on this machine alone. A master's URL and the addresses of an object store are passed through as they are.
"""

import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ischio.backends.sql.text import quoted
from ischio.cohort.judging import Batch, IndexDates, dated, write_judged
from ischio.model.mistake import IschioError, Mistake
from ischio.model.pathway import Pathway

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection
    from pyspark.sql import SparkSession

HERE = "local[*]"
WRITTEN = ("ischio_answer", "ischio_facts")
SETTINGS: Mapping[str, str] = {
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    # Rows are wide: a sort keeps a page for each of many tables, and compiling takes longer than it saves.
    "spark.buffer.pageSize": "1m",
    "spark.sql.codegen.wholeStage": "false",
    # Gathering lists else falls back to sorting after 128 persons.
    "spark.sql.objectHashAggregate.sortBased.fallbackThreshold": "1000000",
    "spark.sql.adaptive.enabled": "false",
}
OF_THIS_MACHINE: Mapping[str, str] = {
    "spark.driver.host": "127.0.0.1",
    "spark.driver.memory": "4g",
    "spark.sql.shuffle.partitions": "4",
}
"""What a cluster has settings of its own for."""


def settings(master: str) -> dict[str, str]:
    """What a session is started with, for a master."""
    local = OF_THIS_MACHINE if master.startswith("local") else {}
    return {**SETTINGS, **local}


@contextmanager
def session(master: str | None) -> "Iterator[SparkSession]":
    """A session on a master (`local[4]`, `spark://host:7077`, `yarn` ...), on this machine if none is named.

    Raises IschioError where Java is missing.
    """
    from pyspark.sql import SparkSession

    named = master or HERE
    if named.startswith("local"):
        _require_java()
        os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
    builder = SparkSession.builder.master(named).appName("ischio")
    for name, value in settings(named).items():
        builder = builder.config(name, value)
    started = builder.getOrCreate()
    started.sparkContext.setLogLevel("ERROR")
    try:
        yield started
    finally:
        started.stop()


def _require_java() -> None:
    if not (os.environ.get("JAVA_HOME") or shutil.which("java")):
        mend = "Install Java 17 (Debian: openjdk-17-jre-headless), or set JAVA_HOME."
        raise IschioError(Mistake("Spark needs Java, and none was found.", mend))


@dataclass(frozen=True, slots=True)
class Places:
    """Where the workers find the event store and leave what they made.

    store: its folder on this machine. shared: the same folder as the workers see it, such as `s3a://bucket/registry`;
    none where they see it under the same name, as on this machine itself or on a shared disk.
    """

    store: Path
    shared: str | None = None

    def read(self, path: Path) -> str:
        """A file of the store, as the workers see it."""
        return str(path) if self.shared is None else f"{self.shared.rstrip('/')}/{path.relative_to(self.store)}"

    def left(self, to: Path) -> str:
        """The folder for what the workers leave of the batch that becomes this file."""
        return f"{to}.spark" if self.shared is None else f"{self.shared.rstrip('/')}/judged/{to.name}"

    def fetched(self, left: str) -> str:
        """That folder as DuckDB reads it, which calls Hadoop's `s3a` by its usual name."""
        return left.replace("s3a://", "s3://", 1)


class Spark:
    """Judges in Spark: the workers leave Parquet, which is put in order here."""

    rows_at_a_time = 100_000_000
    at_once = 1

    def __init__(
        self, started: "SparkSession", connection: "DuckDBPyConnection", pathway: Pathway, places: Places
    ) -> None:
        self._spark, self._connection, self._pathway, self._places = started, connection, pathway, places

    def judge(self, batch: Batch, dates: IndexDates, to: Path) -> None:
        from ischio.backends.sql.spark import run

        among = f"person between {quoted(batch.first)} and {quoted(batch.last)}"
        for name, path in (("events", batch.range.events), ("everyone", batch.range.people)):
            self._spark.read.parquet(self._places.read(path)).where(among).createOrReplaceTempView(name)
        self._spark.sql(dated("everyone", "events", dates, "explode(array({}))")).createOrReplaceTempView("people")
        run(self._spark, self._pathway)
        left = self._places.left(to)
        try:
            for table in WRITTEN:
                self._spark.table(table).write.mode("overwrite").parquet(f"{left}/{table}")
            answers, facts = (
                f"read_parquet({quoted(f'{self._places.fetched(left)}/{table}/*.parquet')})" for table in WRITTEN
            )
            write_judged(self._connection, answers, facts, dates.last, to)
        finally:
            shutil.rmtree(left, ignore_errors=True)
