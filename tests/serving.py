"""A service of its own process on this machine, for what only real connections show. Ended by its own process id."""

import os
import re
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

SOURCE = Path(__file__).parents[1] / "src"
READY_WITHIN = 180
"""Seconds. The demonstration is furnished first; other work beside it lengthens that."""
RUN = "from ischio.interfaces.cli.main import run; run()"


@dataclass
class Serving:
    """base: its address. ended: what it left with, once it is stopped."""

    base: str
    process: subprocess.Popen[str]
    log: Path
    ended: int | None = field(default=None)

    def stop(self) -> int:
        """Asks it to stop as a supervisor does, and waits for it."""
        self.process.send_signal(signal.SIGTERM)
        self.ended = self.process.wait(60)
        return self.ended

    def logged(self) -> str:
        return self.log.read_text("utf-8")


@contextmanager
def served(
    folder: Path, *options: str, run: str = RUN, port: int = 0, python: str = sys.executable, **variables: str
) -> Iterator[Serving]:
    """`ischio serve` in a folder of its own. run: what else serves in its place. port: 0 for any that is free; another
    one where the service is told another address than its own. python: that of another environment.
    """
    log = folder / "serve.log"
    environment = {key: value for key, value in os.environ.items() if not key.startswith("ISCHIO_")}
    environment |= {"PYTHONPATH": str(SOURCE), "PYTHONUNBUFFERED": "1", **variables}
    with log.open("w") as errors:
        process = subprocess.Popen(
            [python, "-c", run, "serve", "--port", str(port), *options],
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            env=environment,
            cwd=folder,
        )
    try:
        serving = Serving(_address(process, log, port), process, log)
        yield serving
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()


def _address(process: subprocess.Popen[str], log: Path, port: int) -> str:
    """The address that it prints, or that of its port, once it answers there."""
    import httpx

    assert process.stdout is not None
    until = time.monotonic() + READY_WITHIN
    ready, _, _ = select.select([process.stdout], [], [], READY_WITHIN)
    found = re.search(r"https?://\S+(?=\. )", process.stdout.readline() if ready else "")
    assert found, f"it did not say where it serves:\n{log.read_text('utf-8')}"
    address = f"http://127.0.0.1:{port}" if port else found[0]
    while time.monotonic() < until and process.poll() is None:
        try:
            httpx.get(f"{address}/health/live")
            return address
        except httpx.TransportError:
            time.sleep(0.1)
    raise AssertionError(f"it did not begin to answer:\n{log.read_text('utf-8')}")
