"""The section of `make bench` on hook calls: how long they take at 20 a second, and how many a second there can be.

Run `python tools/bench_hooks.py` to see the section by itself. The same load goes, in the same run, to a handler of the
same server and of as many processes that decodes the body and answers with 2 KB: what is left of its throughput tells
what the pathway costs, whatever the machine.
"""

import asyncio
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from hook_load import BYTES, TOGETHER, WORKERS, Load, bodies, measured, now, service, warmed
from serving import Serving

RATE, STEADY_SECONDS, MOST_SECONDS = 20, 40, 20
BAR_MILLISECONDS, BAR_SHARE = 100, 0.4
PLAIN = "from plain_handler import serve; serve()"


# ---- the measurement --------------------------------------------------------------------------------------------


async def loads(serving: Serving, sent: list[bytes], seconds: float) -> tuple[Load, Load]:
    """At a steady rate, and at its most. seconds: as a share of the whole run."""
    caller = await warmed(serving.base, sent)
    begun = now(serving)
    steady = measured(serving, await caller.steadily(RATE, STEADY_SECONDS * seconds), begun)
    begun = now(serving)
    most = measured(serving, await caller.at_its_most(MOST_SECONDS * seconds), begun)
    return steady, most


def row(name: str, steady: Load, most: Load) -> str:
    slow = " | ".join(f"{steady.slowest(percent):.0f} ms" for percent in (50, 95, 99))
    return f"| {name} | {slow} | {most.a_second:.1f} | {most.milliseconds_each:.1f} ms |"


def verdict(met: bool) -> str:
    return "yes" if met else "**no**"


def section(seconds: float = 1.0) -> Iterator[str]:
    sent = bodies()
    with tempfile.TemporaryDirectory() as place:
        with service(Path(place, "plain"), PLAIN) as serving:
            plain_loads = asyncio.run(loads(serving, sent, seconds))
        with service(Path(place, "hooks")) as serving:
            steady, most = asyncio.run(loads(serving, sent, seconds))
    count, late, share = len(steady.seconds), steady.slowest(99), most.a_second / plain_loads[1].a_second
    spent = plain_loads[1].milliseconds_each / most.milliseconds_each
    yield from (
        "",
        f"Hook calls: patient-view with {BYTES / 1e6:g} MB of prefetch, {WORKERS} processes with their store on",
        "loopback, beside a handler of the same server that decodes the body and answers with 2 KB.",
        f"{RATE} calls a second are sent, whether or not the earlier ones are answered, {count} in all; then",
        f"{TOGETHER} callers call again at once. Each call has its own connection. The sender runs on the same",
        f"{os.cpu_count()} cores (load of the machine: {os.getloadavg()[0]:.1f}).",
        "",
        "| what | p50 | p95 | p99 | at most a second | processor time of a call |",
        "| --- | --- | --- | --- | --- | --- |",
        row("decode and answer 2 KB", *plain_loads),
        row("patient-view", steady, most),
        "",
        f"p99 at most {BAR_MILLISECONDS} ms: {verdict(late <= BAR_MILLISECONDS)}. At least {BAR_SHARE:.0%} of the",
        f"throughput of the handler: {verdict(share >= BAR_SHARE)}, {share:.0%} (by processor time {spent:.0%}).",
    )


if __name__ == "__main__":
    print("\n".join(section(float(sys.argv[1]) if sys.argv[1:] else 1.0)))
