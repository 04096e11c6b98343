"""The README of a synthetic registry: that it is synthetic, how it was made, and what stands where."""

from importlib.metadata import version

from ischio.synthesis.registry import Order


def readme(order: Order) -> str:
    packed = " --gzip" if order.packed else ""
    command = f"ischio synthesize {order.people} --seed {order.seed} --on {order.on}{packed} --out DIR"
    return f"""# A synthetic registry: nobody in it exists

Every person here was made up by a program, and each Patient is tagged `HTEST` (test health data). No figure in it says
anything about real people, about how common a disease is, or about how a treatment works.

Made by ischio {version("ischio")}:

    {command}

The same command of the same version writes the same bytes.

The `.ndjson` files hold FHIR R4, one resource a line, as a bulk export does. `truth/` is no part of the record: it says
what truly was the matter with each of them. Whoever reads the registry in must not look at it before they compare.

| file in truth/ | one row for | columns |
| --- | --- | --- |
| people.csv | a person | what truly is the matter, sex, birth date, first visit, when they left care or died |
| hips.csv | a hip | its condition, stage and diversion on {order.on}, since when, its true spaces in mm |
| course.csv | a change | from which day on the hip was in which stage, under which diversion |
| events.csv | an event | decisions, treatments and scores with their true dates |
| flaws.csv | a flaw | what was left out, garbled, repeated or dated wrongly, and the resource in which it shows |

Stages and diversions bear the pathway's ids. A hip before its first row in course.csv was not on the pathway. The truth
is a story of care, told without asking any rule of the pathway, so that the two may differ: the page on how to make a
synthetic registry (docs/how-to/make-a-synthetic-registry.md) says how and why.
"""
