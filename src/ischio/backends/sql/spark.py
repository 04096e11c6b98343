"""Runs the printed statements in Spark."""

from datetime import date
from typing import TYPE_CHECKING

from ischio.backends.sql.dialect import SPARK
from ischio.backends.sql.printer import ANSWER, statements
from ischio.model.pathway import Pathway

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession


def run(spark: "SparkSession", pathway: Pathway, index: date | None = None) -> "DataFrame":
    """The table `ischio_answer` for the persons of the views `people` and `events`, beside the view `ischio_facts`."""
    from pyspark.sql.functions import broadcast

    for statement in statements(pathway, SPARK, index):
        # Each table is worked out once: Spark would else plan all of them again for the last.
        filled = spark.sql(statement.sql).localCheckpoint()
        # What is the same for all persons is small, and goes to the events instead of them to it.
        (broadcast(filled) if statement.once else filled).createOrReplaceTempView(statement.name)
    return spark.table(ANSWER)
