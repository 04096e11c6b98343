"""Load on the hook service for `bench_hooks.py` and `soak_hooks.py`: calls with a large prefetch, sent over loopback.

A call holds one person of the small record and a great many readings, problems and medicines that no fact looks at, as
a record of many years does. Each of some dozens of bodies is of another person: what is kept of one helps no other.
"""

import asyncio
import gzip
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from functools import cache
from itertools import cycle
from pathlib import Path
from time import perf_counter
from typing import Any
from urllib.parse import urlsplit

import msgspec

from ischio.interfaces.http.demo.people import Chart, charts

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tests" / "http")]

from hook_calls import SERVICES, call, prefetch  # noqa: E402  # found by the line above
from serving import RUN, Serving, served  # noqa: E402  # the same

HOOK = "patient-view"
PATH = f"/cds-services/{SERVICES[HOOK].id}"
BYTES = 1_000_000
PEOPLE = 40
WORKERS = 2
TOGETHER = 16
TICK = os.sysconf("SC_CLK_TCK")


# ---- what is sent -------------------------------------------------------------------------------------------------


def bodies() -> list[bytes]:
    """Calls of the hook, each of another person and of BYTES or a little more."""
    people = list(charts(date.today()).people.values())
    return [_body(f"person-{number}", people[number % len(people)]) for number in range(PEOPLE)]


def _body(person: str, chart: Chart) -> bytes:
    found = [*chart.resources]
    keys = {one[:1].upper() + one[1:] for one in prefetch(found)}
    size = sum(map(_size, found))
    for number, one in enumerate(cycle([one for one in _unrelated() if one["resourceType"] in keys])):
        if size >= BYTES:
            break
        found.append(one | {"id": f"unrelated-{number}", "subject": {"reference": f"Patient/{chart.id}"}})
        size += _size(found[-1])
    whole = msgspec.json.encode(call(HOOK, prefetch(found), chart.id))
    return whole.replace(f'"Patient/{chart.id}"'.encode(), f'"Patient/{person}"'.encode()).replace(
        f'"{chart.id}"'.encode(), f'"{person}"'.encode()
    )


def _size(resource: dict[str, Any]) -> int:
    return len(msgspec.json.encode(resource))


@cache
def _unrelated() -> tuple[dict[str, Any], ...]:
    files = sorted((ROOT / "tests" / "data" / "synthea").glob("*.gz"))
    bundles = [msgspec.json.decode(gzip.decompress(path.read_bytes())) for path in files]
    every = [entry["resource"] for bundle in bundles for entry in bundle["entry"]]
    return tuple(one for one in every if one["resourceType"] != "Patient")


# ---- how it is sent -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Load:
    """What came of it. seconds: of each request, its waiting included; wall: of all together."""

    seconds: Sequence[float]
    wall: float
    processor: float

    @property
    def a_second(self) -> float:
        return len(self.seconds) / self.wall

    @property
    def milliseconds_each(self) -> float:
        """Of the service's processor time."""
        return self.processor / len(self.seconds) * 1000

    def slowest(self, percent: int) -> float:
        """The milliseconds within which so many of a hundred were answered."""
        ordered = sorted(self.seconds)
        return ordered[min(len(ordered) - 1, len(ordered) * percent // 100)] * 1000


class Caller:
    """Each call has a connection of its own: whichever process of the service is idle takes it."""

    def __init__(self, base: str, sent: Sequence[bytes]) -> None:
        parts = urlsplit(base)
        self._host, self._port = str(parts.hostname), parts.port
        head = (
            f"POST {PATH} HTTP/1.1\r\nHost: {parts.netloc}\r\nContent-Type: application/json\r\nConnection: close\r\n"
        )
        self._sent = cycle([f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body for body in sent])

    async def call(self, due: float) -> float:
        """Seconds from when it was due until the answer was there. An answer that is no 200 ends the measurement."""
        reader, writer = await asyncio.open_connection(self._host, self._port)
        writer.write(next(self._sent))
        answer = await reader.read(-1)
        writer.close()
        if not answer.startswith(b"HTTP/1.1 200"):
            raise SystemExit(f"The service answered {answer[:300]!r}")
        return perf_counter() - due

    async def steadily(self, rate: float, seconds: float) -> list[float]:
        """So many a second, whether the earlier ones are answered or not."""
        begun, under_way = perf_counter(), []
        for number in range(round(rate * seconds)):
            due = begun + number / rate
            await asyncio.sleep(max(0.0, due - perf_counter()))
            under_way.append(asyncio.create_task(self.call(due)))
        return list(await asyncio.gather(*under_way))

    async def at_its_most(self, seconds: float) -> list[float]:
        """As many callers as TOGETHER, of which each calls again as soon as it is answered."""
        until, took = perf_counter() + seconds, list[float]()

        async def again() -> None:
            while (due := perf_counter()) < until:
                took.append(await self.call(due))

        await asyncio.gather(*(again() for _ in range(TOGETHER)))
        return took


async def warmed(base: str, sent: Sequence[bytes]) -> Caller:
    caller = Caller(base, sent)
    await caller.at_its_most(3)
    return caller


def measured(serving: Serving, took: list[float], begun: tuple[float, float]) -> Load:
    wall, processor = begun
    return Load(took, perf_counter() - wall, processor_seconds(serving) - processor)


def now(serving: Serving) -> tuple[float, float]:
    return perf_counter(), processor_seconds(serving)


# ---- the service under load -----------------------------------------------------------------------------------------


@contextmanager
def service(folder: Path, run: str = RUN) -> Iterator[Serving]:
    """The service with its store, in WORKERS processes of its own. run: what else is to be served instead."""
    folder.mkdir()
    path = os.pathsep.join((str(ROOT / "src"), str(ROOT / "tools")))
    many = {"ISCHIO_LIMITS_REQUESTS": "1000000", "ISCHIO_SERVER_WORKERS": str(WORKERS), "PYTHONPATH": path}
    with served(folder, run=run, **many) as serving:
        yield serving


def processes(serving: Serving) -> list[int]:
    """Those that answer: the children of the one that was started, and of those only Python's workers."""
    of = serving.process.pid
    children = [int(one) for one in Path(f"/proc/{of}/task/{of}/children").read_text().split()]
    return [one for one in children if b"spawn_main" in Path(f"/proc/{one}/cmdline").read_bytes()]


def processor_seconds(serving: Serving) -> float:
    return sum(ticks(one) for one in processes(serving)) / TICK


def ticks(process: int) -> int:
    """Of the processor, that it has used so far."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])


def megabytes(process: int) -> float:
    """What it holds in memory now."""
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) / 1024
