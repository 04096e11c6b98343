"""The manual page of the seed lines: what each line of the text that the pathway grew from became or leaves open."""

from collections.abc import Iterable, Iterator

from ischio.engine.explain import ClaimShown, Explanation, explain
from ischio.model.pathway import Pathway
from ischio.model.sources import SeedLine

HEAD = """# Seed lines

This page is made from the knowledge files (`make generated`); do not edit it.

The pathway grew from one text: a machine-written answer of a question-answering site, marked there as waiting for
review. It is no guideline. Here is each of its {lines} lines with the rules and texts it became, and the evidence of
these rules or the gap that remains. A label says on what a rule rests: *supported* (measured in this disease),
*extrapolated* (measured in something near), *convention* (no primary source found; the seed or ordinary practice). The
claims stand below; one that could not be verified is named and not shown. `ischio explain ID` shows any rule in full.
"""


def seed_page(pathway: Pathway) -> str:
    """The whole page, in Markdown."""
    rules = {line.id: tuple(_rules(pathway, line)) for line in pathway.seed.values()}
    claims = {claim.id: claim for found in rules.values() for rule in found for claim in rule.claims}
    return "\n".join(
        (
            HEAD.format(lines=len(pathway.seed)),
            *_table(
                ("line", "the seed says", "became", "evidence", "gap"),
                (_row(line, rules[line.id], pathway) for line in pathway.seed.values()),
            ),
            "",
            "## The claims",
            "",
            "Certainty is our own judgement in the manner of GRADE; no paper was read in full.",
            "",
            *_table(
                ("claim", "says", "certainty", "verified in", "published in"),
                (_claim_row(claims[name], pathway) for name in sorted(claims)),
            ),
            "",
        )
    )


def _rules(pathway: Pathway, line: SeedLine) -> Iterator[Explanation]:
    for rule in line.becomes:
        found = explain(pathway, rule)
        if found is not None:
            yield found


def _row(line: SeedLine, rules: tuple[Explanation, ...], pathway: Pathway) -> tuple[str, ...]:
    became = "<br>".join(_rule(rule, pathway) for rule in rules)
    claims = dict.fromkeys(_claim_name(claim) for rule in rules for claim in rule.claims)
    return line.id, line.text, became, "; ".join(claims) or "none: convention", line.gap or "-"


def _rule(rule: Explanation, pathway: Pathway) -> str:
    """A rule by its title, id and label; an action also by the texts that it shows."""
    action = pathway.actions.get(rule.id)
    texts = f"; texts: {', '.join(action.texts)}" if action and action.texts else ""
    only = "; seed text only" if rule.seed_text_only else ""
    return f"{rule.about.title} (`{rule.id}`, {rule.kind}, {rule.about.label.value}{only}{texts})"


def _claim_name(claim: ClaimShown) -> str:
    return f"{claim.id} ({claim.certainty if claim.statement else 'unverified'})"


def _claim_row(claim: ClaimShown, pathway: Pathway) -> tuple[str, ...]:
    sources = [pathway.sources[name] for name in claim.sources if name in pathway.sources]
    published = "<br>".join(f"{source.citation}{f' doi:{source.doi}' if source.doi else ''}" for source in sources)
    verified = f"{claim.verified}{', second-hand' if claim.secondhand else ''}"
    return (
        claim.id,
        claim.statement or "not verified, so not shown as fact",
        claim.certainty,
        verified,
        published or "-",
    )


def _table(heads: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    yield _line(heads)
    yield _line(("---",) * len(heads))
    yield from map(_line, rows)


def _line(cells: tuple[str, ...]) -> str:
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"
