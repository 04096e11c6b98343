"""The command line: translate the question, ask the engine, translate the answer back.

Exit codes: 0 fine, 1 the input or the pathway is at fault, 2 the command was not understood.
"""

import gc
import os
import sys
from collections.abc import Sequence
from errno import ENOSPC

import typer

from ischio.interfaces.cli import (
    account,
    assess,
    audit,
    check,
    cohort,
    diff,
    doctor,
    explain,
    export,
    handout,
    new,
    person,
    pull,
    push,
    remind,
    serve,
    store,
    synthesize,
    timeline,
    verify,
    what_if,
)
from ischio.interfaces.cli.terminal import let_odd_letters_through, print_mistakes
from ischio.model.mistake import IschioError, Mistake

app = typer.Typer(
    help="Where somebody is on a clinical pathway, what is due next, why, and what cannot be told. The pathway that is "
    "shipped is for ischiofemoral impingement of the hip.\n\nNot a medical device: it lists options with reasons for a "
    "health professional who can review the basis.",
    epilog="Try: ischio assess examples/after-osteotomy.case.yaml",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback()
def options(
    debug: bool = typer.Option(
        False, "--debug", help="Show where an unexpected error came from (or set ISCHIO_DEBUG)."
    ),
) -> None:
    if debug:
        os.environ["ISCHIO_DEBUG"] = "1"


assess.add_to(app)
timeline.add_to(app)
what_if.add_to(app)
explain.add_to(app)
check.add_to(app)
verify.add_to(app)
diff.add_to(app)
cohort.add_to(app)
export.add_to(app)
handout.add_to(app)
new.add_to(app)
synthesize.add_to(app)
pull.add_to(app)
push.add_to(app)
serve.add_to(app)
remind.add_to(app)
store.add_to(app)
audit.add_to(app)
account.add_to(app)
person.add_to(app)
doctor.add_to(app)


def run(arguments: Sequence[str] | None = None) -> None:
    """Runs one command and leaves by SystemExit. No traceback is shown unless it was asked for."""
    let_odd_letters_through()
    if arguments is None:
        # A command is over in seconds: looking for garbage cycles took a third of the time of `ischio check`.
        gc.disable()
    words = list(sys.argv[1:] if arguments is None else arguments)
    try:
        app(words, prog_name="ischio")
    except IschioError as error:
        print_mistakes(error.mistakes, as_json="--json" in words)
    except BrokenPipeError:
        # Whoever read the output has gone (`| head`).
        _hold_nothing_back()
    except Exception as error:
        if os.environ.get("ISCHIO_DEBUG"):
            raise
        if isinstance(error, OSError) and error.errno == ENOSPC:
            _hold_nothing_back()
            mend = "Make room there, and give the command again."
            print_mistakes([Mistake("What was to be written has no room on the disk, and is not whole.", mend)])
            raise SystemExit(1) from None
        report_unexpected(error)
    raise SystemExit(1)


def _hold_nothing_back() -> None:
    """What was printed and is not written yet has nowhere to go."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def report_unexpected(error: Exception) -> None:
    """One plain line: a fault of ours, and how to report it."""
    what = " ".join(f"{type(error).__name__}: {error}".split())[:300]
    print(
        f"ischio stopped on an error of its own ({what}). Please report it with the output of the same command "
        "under `ischio --debug`, without patient data.",
        file=sys.stderr,
    )
