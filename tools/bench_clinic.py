"""The section of `make bench` on the clinic's application with 10,000 people in the store.

    python tools/bench_clinic.py             the section: pages one at a time and five at once, by one and two processes
    python tools/bench_clinic.py 10 10       50 clinicians for 10 minutes with 10 seconds between two pages
    python tools/bench_clinic.py 2 3 1       the same for 2 minutes with 3 seconds, by one process

The last ends with 1 where anything was not answered as it should be. All of it by the wall, as a clinician waits.
"""

import asyncio
import os
import random
import sys
import tempfile
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from time import perf_counter

from clinic_load import Clinician, Took, at_work, clinic_service, clinicians
from clinic_store import CLINICIANS, PEOPLE
from hook_load import TICK, megabytes, processes, ticks
from serving import Serving

EACH = 40
"""Times that each page is asked for, by all together."""
TOGETHER = 5
ASKED_FAST = "requests = 1_000_000"
"""Who asks again at once, with no time to read, would else be refused."""
BAR_MILLISECONDS = 150
HELD_TO_IT = ("list", "pathway")

Page = Callable[[Clinician, str], Awaitable[object]]
PAGES: dict[str, Page] = {
    "list": lambda each, _: each.list(),
    "list, a filter": lambda each, _: each.filter(),
    "list, a search": lambda each, _: each.find(),
    "pathway": lambda each, person: each.look("pathway", person),
    "record": lambda each, person: each.look("record", f"{person}/record"),
    "follow-up": lambda each, person: each.look("follow-up", f"{person}/follow-up"),
    "surgery": lambda each, person: each.look("surgery", f"{person}/surgery"),
    "what if, sent": lambda each, person: each.suppose(person),
    "answer, kept": lambda each, person: each.answer(person),
}


# ---- page by page ---------------------------------------------------------------------------------------------------


async def page_by_page(base: str, together: int) -> Took:
    """Each page EACH times, each time of another person. together: so many clinicians, each of whom asks again once
    they are answered.
    """
    warm, took = Took(), Took()
    several = await clinicians(base, together, warm)
    for name in PAGES:
        await asyncio.gather(*(_again(each, name, EACH // together, warm, took) for each in several))
    for each in several:
        await each.leave()
    return took


async def _again(each: Clinician, name: str, times: int, warm: Took, took: Took) -> None:
    """The first two times do not count."""
    for number in range(-2, times):
        each.took = warm
        person = "" if name.startswith("list") else await each.find()
        each.took = took if number >= 0 else warm
        await PAGES[name](each, person)


def rows(workers: int, one: Took, five: Took) -> Iterator[str]:
    for name in PAGES:
        cells = [f"{took.slowest(name, percent):.0f}" for took in (one, five) for percent in (50, 95, 99)]
        met = ""
        if name in HELD_TO_IT:
            met = "yes" if one.slowest(name, 95) <= BAR_MILLISECONDS else "**no**"
        yield f"| {name}, {workers} | {' | '.join(cells)} | {met} |"


def section() -> Iterator[str]:
    yield from (
        "",
        f"The clinic's application: {PEOPLE:,} synthetic people, SQLite, by the wall in milliseconds, each page of",
        f"another person each time. Asked for by one clinician, and by {TOGETHER} who ask again as soon as they are",
        f"answered, on the same {os.cpu_count()} cores (load of the machine: {os.getloadavg()[0]:.1f}). The bar for",
        f"list and pathway, one at a time: p95 at most {BAR_MILLISECONDS} ms.",
        "",
        f"| page, processes | p50 | p95 | p99 | {TOGETHER} at once: p50 | p95 | p99 | within the bar |",
        "| --- | --- | --- | --- | --- | --- | --- | --- |",
    )
    for workers in (1, 2):
        with (
            tempfile.TemporaryDirectory() as place,
            clinic_service(Path(place, "clinic"), workers, ASKED_FAST) as serving,
        ):
            one, five = (asyncio.run(page_by_page(serving.base, together)) for together in (1, TOGETHER))
        yield from rows(workers, one, five)
        for wrong, count in (one.errors + five.errors).items():
            yield f"| **{wrong}** | {count} times |"


# ---- a clinic at work -----------------------------------------------------------------------------------------------


async def work(serving: Serving, minutes: float, think: float) -> tuple[Took, list[float]]:
    """What came of it, and the megabytes that the service held each tenth of the time, from when all had signed in."""
    took, chance = Took(), random.Random(0)
    several = await clinicians(serving.base, CLINICIANS, took)
    until, memory = perf_counter() + minutes * 60, [held(serving)]

    async def looked() -> None:
        for _ in range(10):
            await asyncio.sleep(minutes * 6)
            memory.append(held(serving))

    await asyncio.gather(looked(), *(at_work(each, think, until, chance) for each in several))
    for each in several:
        await each.leave()
    return took, memory


def soak(minutes: float, think: float, workers: int) -> bool:
    """Tells what it saw. Whether everything was answered as it should be."""
    with tempfile.TemporaryDirectory() as place, clinic_service(Path(place, "clinic"), workers) as serving:
        began, busy = perf_counter(), spent(serving)
        took, memory = asyncio.run(work(serving, minutes, think))
        seconds, busy = perf_counter() - began, spent(serving) - busy
        each = busy / took.count * 1000
        print(f"{CLINICIANS} clinicians for {minutes:g} minutes, {think:g} s between two pages, processes: {workers}.")
        print(f"{took.count:,} pages, {took.count / seconds:.1f} a second, {each:.0f} ms of processor for each;")
        print(f"memory in MB, each tenth of the time: {', '.join(f'{one:.0f}' for one in memory)};")
        print(f"load of the machine {os.getloadavg()[0]:.1f}.")
    print("\n| page | times | p50 | p95 | p99 | longest |\n| --- | --- | --- | --- | --- | --- |")
    for name, each in sorted(took.seconds.items()):
        cells = [f"{took.slowest(name, percent):.0f} ms" for percent in (50, 95, 99, 100)]
        print(f"| {name} | {len(each):,} | {' | '.join(cells)} |")
    print("\nErrors:", dict(took.errors) or "none")
    return not took.errors


def _answering(serving: Serving) -> list[int]:
    """One process serves by itself, several are children of one."""
    return processes(serving) or [serving.process.pid]


def held(serving: Serving) -> float:
    return sum(map(megabytes, _answering(serving)))


def spent(serving: Serving) -> float:
    return sum(map(ticks, _answering(serving))) / TICK


if __name__ == "__main__":
    if sys.argv[1:]:
        minutes, think, *workers = sys.argv[1:]
        raise SystemExit(0 if soak(float(minutes), float(think), int(*workers or ("2",))) else 1)
    for line in section():
        print(line, flush=True)
