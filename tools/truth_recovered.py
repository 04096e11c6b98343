"""Holds the stages of a judged synthetic registry against its truth, for docs/how-to/make-a-synthetic-registry.md.

Run it as `python tools/truth_recovered.py REGISTRY RESULTS`: the folder that `ischio synthesize` wrote, and what
`ischio cohort REGISTRY --dates DATE --out RESULTS` made of it on the registry's date.
"""

import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import duckdb

from ischio.cohort.tabulated import NO_DIVERSION, stage_titles
from ischio.loading.pathway import load_pathway
from ischio.synthesis.truth import truth_table

PAGE = Path(__file__).parents[1] / "docs" / "how-to" / "make-a-synthetic-registry.md"
BEGIN, END = "<!-- recovered: begin (written by tools/truth_recovered.py) -->\n", "<!-- recovered: end -->\n"
Pairs = Counter[tuple[str, str]]
"""How many hips truly stood in the first and were judged to stand in the second."""


def pairs(registry: Path, results: Path) -> tuple[Pairs, Pairs]:
    """Stages and diversions. Raises KeyError for a hip of the truth that was not judged."""
    found = duckdb.sql(
        f"select person, hip, stage, coalesce(diversion, '{NO_DIVERSION}') "
        f"from read_parquet('{results}/persons/judged/*.parquet') where at_end"
    ).fetchall()
    judged = {(person, hip): answer for person, hip, *answer in found}
    stages, diversions = Pairs(), Pairs()
    for hip in truth_table(registry):
        stage, diversion = judged[hip.person, hip.side]
        stages[hip.stage, stage] += 1
        diversions[hip.diversion or NO_DIVERSION, diversion] += 1
    return stages, diversions


def table(counted: Pairs, words: Sequence[str]) -> Iterator[str]:
    yield f"| truth, then cohort | {' | '.join(words)} | all | the same |"
    yield f"| --- |{' --- |' * (len(words) + 2)}"
    for truth in words:
        numbers = [counted[truth, judged] for judged in words]
        cells = [
            f"**{each:,}**" if judged == truth else f"{each:,}" for judged, each in zip(words, numbers, strict=True)
        ]
        same = f"{counted[truth, truth] / sum(numbers):.1%}" if any(numbers) else "-"
        yield f"| {truth} | {' | '.join(cells)} | {sum(numbers):,} | {same} |"


def section(registry: Path, results: Path) -> str:
    pathway = load_pathway()
    stages, diversions = pairs(registry, results)
    same, hips = sum(n for (truth, judged), n in stages.items() if truth == judged), stages.total()
    lines = (
        f"`ischio cohort` puts {same:,} of {hips:,} hips ({same / hips:.1%}) in the stage in which they truly stood:",
        "",
        *table(stages, list(stage_titles(pathway))),
        "",
        *table(diversions, [NO_DIVERSION, *(each.id for each in pathway.diversions)]),
    )
    return "\n".join(lines) + "\n"


def main() -> None:
    before, _, rest = PAGE.read_text("utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    PAGE.write_text(before + BEGIN + section(*map(Path, sys.argv[1:3])) + END + after, "utf-8")


if __name__ == "__main__":
    main()
