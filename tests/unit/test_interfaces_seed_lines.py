"""The page of the seed lines is that of the knowledge files, and leaves no line without a rule, evidence or a gap."""

from pages import REFERENCE, tables

from ischio.interfaces.seed_lines import seed_page
from ischio.loading.pathway import load_pathway

REAL = load_pathway()
HEADS = ("line", "the seed says", "became", "evidence", "gap")
CLAIMS = ("claim", "says", "certainty", "verified in", "published in")


def test_the_page_is_not_stale():
    assert (REFERENCE / "seed-lines.md").read_text(encoding="utf-8") == seed_page(REAL), "run `make generated`"


def test_every_line_is_there_with_all_its_rules():
    rows = tables("seed-lines.md")[HEADS]
    assert [row[0] for row in rows] == [f"L{number:02}" for number in range(1, 48)]
    missing = {row[0]: [rule for rule in REAL.seed[row[0]].becomes if f"(`{rule}`, " not in row[2]] for row in rows}
    assert {line: rules for line, rules in missing.items() if rules} == {}


def test_every_line_has_evidence_or_says_that_it_has_none():
    assert [row[0] for row in tables("seed-lines.md")[HEADS] if not row[3]] == []


def test_each_claim_that_a_line_names_stands_below():
    page = tables("seed-lines.md")
    named = {part.split(" ")[0] for row in page[HEADS] for part in row[3].split("; ") if part != "none: convention"}
    assert {row[0] for row in page[CLAIMS]} == named


def test_no_unverified_claim_is_shown():
    unverified = [claim for claim in REAL.claims.values() if claim.verified == "unverified"]
    assert unverified
    assert [claim.id for claim in unverified if claim.statement in seed_page(REAL)] == []
