"""Half of what the service can take, for as long as is asked, and what it holds in memory meanwhile.

    python tools/soak_hooks.py 30

First the most that it takes is measured for some seconds; then calls with 1 MB of prefetch come at half that rate.
Ends with 1 where memory grew by more than a twentieth between the first tenth of the time and the last.
"""

import asyncio
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import linear_regression, mean
from time import perf_counter

from hook_load import Caller, bodies, measured, megabytes, now, processes, service, warmed
from serving import Serving

MOST_SECONDS = 15
SAMPLES = 200
FLAT = 1.05

Memory = dict[int, list[tuple[float, float]]]
"""By process: after how many minutes it held how many megabytes."""


async def sampled(serving: Serving, load: asyncio.Task[list[float]], minutes: float) -> Memory:
    """The memory of each process until the load ends."""
    found: Memory = {process: [] for process in processes(serving)}
    begun = perf_counter()
    while not load.done():
        for process, seen in found.items():
            seen.append(((perf_counter() - begun) / 60, megabytes(process)))
        await asyncio.wait([load], timeout=minutes * 60 / SAMPLES)
    return found


async def soak(serving: Serving, caller: Caller, minutes: float) -> bool:
    """Tells what it saw. Whether memory stayed flat."""
    begun = now(serving)
    most = measured(serving, await caller.at_its_most(MOST_SECONDS), begun)
    rate = most.a_second / 2
    print(f"At most {most.a_second:.1f} calls a second; {rate:.1f} a second for {minutes:g} minutes.", flush=True)
    begun = now(serving)
    load = asyncio.create_task(caller.steadily(rate, minutes * 60))
    memory = await sampled(serving, load, minutes)
    done = measured(serving, await load, begun)
    print(f"{len(done.seconds):,} calls, p50 {done.slowest(50):.0f} ms, p99 {done.slowest(99):.0f} ms.")
    print("\n".join(table(memory)))
    return all(growth(seen) <= FLAT for seen in memory.values())


def growth(seen: Sequence[tuple[float, float]]) -> float:
    """How many times of its first tenth the last tenth is."""
    part = max(1, len(seen) // 10)
    held = [megabytes for _, megabytes in seen]
    return mean(held[-part:]) / mean(held[:part])


def table(memory: Memory) -> Iterator[str]:
    yield "| process | start | middle | end | most | slope |"
    yield "| --- | --- | --- | --- | --- | --- |"
    for number, seen in enumerate(memory.values(), 1):
        minutes, held = zip(*seen, strict=True)
        slope = linear_regression(minutes, held).slope * 60
        places = (held[0], held[len(held) // 2], held[-1], max(held))
        yield f"| {number} | {' | '.join(f'{one:.0f} MB' for one in places)} | {slope:+.1f} MB an hour |"


async def run(serving: Serving, minutes: float) -> bool:
    return await soak(serving, await warmed(serving.base, bodies()), minutes)


def main() -> None:
    minutes = float(sys.argv[1]) if sys.argv[1:] else 30.0
    with tempfile.TemporaryDirectory() as place, service(Path(place, "hooks")) as serving:
        flat = asyncio.run(run(serving, minutes))
    print("Memory is flat." if flat else "Memory grew.")
    raise SystemExit(0 if flat else 1)


if __name__ == "__main__":
    main()
