"""`make demo`: assesses each sample patient in examples/ at the command line, and says what to try next."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
ISCHIO = Path(sys.executable).with_name("ischio")
# Sample records have fixed dates, so the answer is asked for on a fixed date too; a case file brings its own.
INDEX_DATE_OF_BUNDLES = "2026-06-01"
ADDRESS = "http://127.0.0.1:8000"
"""Where `ischio serve` is reached by default."""

NEXT = """
That was: where each hip is, what is due, why, and what to ask. To go on:

  .venv/bin/ischio explain gate_injection           one rule: its sentence, condition, sources, cases and proofs
  .venv/bin/ischio assess {example} --json   the same answer for a program
  .venv/bin/ischio check                            the knowledge and all its cases, in two seconds
  .venv/bin/ischio verify                           the proofs for all patients
  make test                                         everything that is tested

The clinic's application, with forty synthetic people and an account of each role:

  .venv/bin/ischio serve --demo                     then open {address} and choose as whom to look around
"""


def main() -> int:
    samples = sorted(path for path in (ROOT / "examples").iterdir() if path.suffix in (".json", ".yaml"))
    failed = [sample.name for sample in samples if not shown(sample.relative_to(ROOT))]
    if failed or not samples:
        print(f"The demo failed on: {', '.join(failed) or 'examples/ (no sample patients there)'}", file=sys.stderr)
        return 1
    print(NEXT.format(example=samples[0].relative_to(ROOT), address=ADDRESS))
    return 0


def shown(sample: Path) -> bool:
    """Whether the sample was assessed. The command is printed as one would type it."""
    arguments = ["assess", str(sample), *(["--on", INDEX_DATE_OF_BUNDLES] if sample.suffix == ".json" else [])]
    print(f"\n$ .venv/bin/ischio {' '.join(arguments)}\n", flush=True)
    return subprocess.run([ISCHIO, *arguments], cwd=ROOT, check=False).returncode == 0


if __name__ == "__main__":
    sys.exit(main())
