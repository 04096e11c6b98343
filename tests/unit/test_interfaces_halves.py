"""Work in halves: the same answer in the same order, whether a second process helps, may not, or dies."""

import subprocess
import sys
import textwrap

import pytest

from ischio.interfaces import halves

BOTH = """
    import os
    from ischio.interfaces.halves import in_halves
    here = os.getpid()
    parts = in_halves(lambda part: [(one, os.getpid() == here) for one in part], range(200))
    print(*(f"{part[0][0]}-{part[-1][0]} {'here' if all(own for _, own in part) else 'elsewhere'}" for part in parts))
"""
DYING = """
    import os
    from ischio.interfaces.halves import in_halves
    here = os.getpid()
    parts = in_halves(lambda part: sum(part) if os.getpid() == here else os._exit(1), range(200))
    print(sum(parts))
"""
BESIDE_A_THREAD = """
    import threading
    from ischio.interfaces.halves import in_halves
    over = threading.Event()
    threading.Thread(target=over.wait).start()
    print(in_halves(len, range(200)))
    over.set()
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="nothing is forked but on Linux")
@pytest.mark.parametrize(
    ("program", "printed"),
    [(BOTH, "0-99 here 100-199 elsewhere"), (DYING, "19900"), (BESIDE_A_THREAD, "[200]")],
    ids=["a second process helps", "the second process dies", "another thread runs"],
)
def test_the_answer_is_the_same(program: str, printed: str):
    words = [sys.executable, "-c", textwrap.dedent(program)]
    assert subprocess.run(words, capture_output=True, text=True, check=True).stdout.strip() == printed


def test_a_short_list_is_not_halved():
    assert halves.in_halves(list, range(halves.WORTH_IT - 1)) == [list(range(halves.WORTH_IT - 1))]
