"""`make release`: what a release needs to say and to hold, into dist/. Nothing is uploaded, tagged or signed.

    .venv/bin/python tools/release.py [OLD] [--new FOLDER] [--out DIR] [--dry-run]

OLD: the version before, as a folder of knowledge files or REVISION:FOLDER of git; else that of the newest tag.
It writes what differs between both pathways with the cases that are answered otherwise (pathway-changes.md), proves
the pathway anew (proofs.json), and asks whether it may be published; only then bill of materials and wheel are made.
With --dry-run nothing is proved or built: it prints the difference, and what a publication lacks.
"""

import argparse
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
ISCHIO = Path(sys.executable).with_name("ischio")
KNOWLEDGE = "src/ischio/knowledge/ischiofemoral"
FIRST = "There is no earlier release to compare with: every rule is new.\n"


def main(arguments: list[str] | None = None) -> int:
    asked = _asked(arguments)
    asked.out.mkdir(parents=True, exist_ok=True)
    notes = asked.out / "pathway-changes.md"
    if not written(notes, asked.old or newest_release(), asked.new):
        return 1
    print(notes.read_text(encoding="utf-8"))
    proofs = asked.out / "proofs.json"
    proved = asked.dry_run or saved(proofs, "verify", asked.new, "--json")
    named = [] if asked.dry_run else ["--proofs", str(proofs)]
    if not proved or ran("check", asked.new, "--publish", *named):
        print("No release is made: see what is missing above.", file=sys.stderr)
        return 0 if asked.dry_run else 1
    return 0 if asked.dry_run else built(asked.out)


def _asked(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="release", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("old", nargs="?", help="a folder, or REVISION:FOLDER; else that of the newest tag")
    parser.add_argument("--new", default=str(ROOT / KNOWLEDGE), help="the version to release; else the one shipped")
    parser.add_argument("--out", type=Path, default=ROOT / "dist")
    parser.add_argument("--dry-run", action="store_true", help="prove and build nothing")
    return parser.parse_args(arguments)


def newest_release() -> str | None:
    """The knowledge of the newest tag, for `ischio diff`; None before the first release."""
    command = ["git", "describe", "--tags", "--abbrev=0"]
    found = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    return f"{found.stdout.strip()}:{KNOWLEDGE}" if found.returncode == 0 else None


def written(notes: Path, old: str | None, new: str) -> bool:
    """What differs, as Markdown. Whether it could be told."""
    if old is None:
        notes.write_text(FIRST, encoding="utf-8")
        return True
    command = [str(ISCHIO), "diff", old, new, "--markdown", str(notes)]
    return subprocess.run(command, cwd=ROOT, stdout=subprocess.DEVNULL, check=False).returncode == 0


def saved(file: Path, *arguments: str) -> bool:
    """What a command of ischio prints, in a file. Whether all went well."""
    with file.open("wb") as place:
        return subprocess.run([str(ISCHIO), *arguments], cwd=ROOT, stdout=place, check=False).returncode == 0


def ran(*arguments: str) -> int:
    return subprocess.run([str(ISCHIO), *arguments], cwd=ROOT, check=False).returncode


def built(out: Path) -> int:
    """The bill of materials and the wheel."""
    wheel = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "-w", str(out), "."]
    return max(subprocess.run(command, cwd=ROOT, check=False).returncode for command in (["make", "sbom"], wheel))


if __name__ == "__main__":
    sys.exit(main())
