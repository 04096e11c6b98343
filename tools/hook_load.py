"""Load on the hook service for `bench_hooks.py` and `soak_hooks.py`: calls with a large prefetch, sent over loopback.

A call holds one sample person and a great many readings, problems and medicines that no fact looks at, as a record of
many years does. Each of some dozens of bodies is of another person, so that nothing kept of one helps the next.
"""

import asyncio
import gzip
import json
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from time import perf_counter
from typing import Any
from urllib.parse import urlsplit

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tests" / "http")]

from hook_calls import SERVICES, call, prefetch  # noqa: E402
from serving import RUN, Serving, served  # noqa: E402

HOOK = "patient-view"
PATH = f"/cds-services/{SERVICES[HOOK].id}"
BYTES = 1_000_000
PEOPLE = 40
WORKERS = 2
CONNECTIONS = 16
TICK = os.sysconf("SC_CLK_TCK")


# ---- what is sent -------------------------------------------------------------------------------------------------


def bodies() -> list[bytes]:
    """Calls of the first hook, each of another person and of BYTES or a little more."""
    whole = json.dumps(call(HOOK, prefetch(_resources()), "PERSON"), separators=(",", ":"))
    return [whole.replace("PERSON", f"person-{number}").encode() for number in range(PEOPLE)]


def _resources() -> list[dict[str, Any]]:
    """A person of the examples, and what is read of Synthea's people under other ids, until it is enough."""
    sample = json.loads((ROOT / "examples" / "right-hip-week-8.json").read_bytes())
    found = [entry["resource"] for entry in sample["entry"]]
    read = {one["resourceType"] for one in found} | set(prefetch(found))
    patient = found[0]["id"]
    found = json.loads(json.dumps(found).replace(f'"Patient/{patient}"', '"Patient/PERSON"'))
    found[0]["id"] = "PERSON"
    others = [one for one in _unrelated() if one["resourceType"][0].lower() + one["resourceType"][1:] in read]
    size = len(json.dumps(found, separators=(",", ":")))
    for number, one in enumerate(cycle(others)):
        if size >= BYTES:
            return found
        found.append(one | {"id": f"unrelated-{number}", "subject": {"reference": "Patient/PERSON"}})
        size += len(json.dumps(found[-1], separators=(",", ":")))
    raise AssertionError("unreachable: the cycle has no end")


def _unrelated() -> Iterator[dict[str, Any]]:
    for path in sorted((ROOT / "tests" / "data" / "synthea").glob("*.gz")):
        for entry in json.loads(gzip.decompress(path.read_bytes()))["entry"]:
            if entry["resource"]["resourceType"] != "Patient":
                yield entry["resource"]


# ---- how it is sent -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Load:
    """What came of it. seconds: of each request, its waiting for a connection included; wall: of all together."""

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
    """Connections that stay open, and are taken in turn so that each process of the service gets its part."""

    def __init__(self, base: str, sent: Sequence[bytes]) -> None:
        parts = urlsplit(base)
        self._host, self._port = str(parts.hostname), parts.port
        head = f"POST {PATH} HTTP/1.1\r\nHost: {parts.netloc}\r\nContent-Type: application/json\r\nContent-Length: "
        self._sent = cycle([f"{head}{len(body)}\r\n\r\n".encode() + body for body in sent])
        self._free: asyncio.Queue[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = asyncio.Queue()

    async def open(self) -> None:
        for _ in range(CONNECTIONS):
            self._free.put_nowait(await asyncio.open_connection(self._host, self._port))

    async def call(self, due: float) -> float:
        """Seconds from when it was due until the answer was there. An answer that is no 200 ends the measurement."""
        reader, writer = connection = await self._free.get()
        writer.write(next(self._sent))
        await writer.drain()
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0])
        body = await reader.readexactly(length)
        if not head.startswith(b"HTTP/1.1 200"):
            raise SystemExit(f"The service answered {head[:40]!r} {body[:300]!r}")
        self._free.put_nowait(connection)
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
        """Each connection calls again as soon as it is answered."""
        until, took = perf_counter() + seconds, list[float]()

        async def again() -> None:
            while (due := perf_counter()) < until:
                took.append(await self.call(due))

        await asyncio.gather(*(again() for _ in range(CONNECTIONS)))
        return took


async def warmed(base: str, sent: Sequence[bytes]) -> Caller:
    caller = Caller(base, sent)
    await caller.open()
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
    return sum(_ticks(one) for one in processes(serving)) / TICK


def _ticks(process: int) -> int:
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])


def megabytes(process: int) -> float:
    """What it holds in memory now."""
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) / 1024
