"""Measure one side of a comparison in a process of its own: seconds inside, peak memory of the process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
WORK = ROOT / "var" / "bench"


@dataclass(frozen=True)
class Side:
    """One side: the seconds of its best run, and the peak resident memory in MiB."""

    seconds: float
    peak_mib: float


@dataclass(frozen=True)
class Comparison:
    """ours / peer must stay at or below `at_most` (for speeds: seconds ratio)."""

    name: str
    ours: float
    peer: float
    at_most: float
    unit: str = "s"
    note: str = ""

    @property
    def ratio(self) -> float:
        return self.ours / self.peer if self.peer else float("inf")

    @property
    def met(self) -> bool:
        return self.ratio <= self.at_most


def side(module: str, function: str, *arguments: str, runs: int = 1, most: int = 1200) -> Side:
    """Run `benchmarks.<module>.<function>(*arguments)` in a fresh Python; it prints its own seconds. most: seconds
    after which it is given up."""
    best = float("inf")
    peak = 0.0
    for _ in range(runs):
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks.measure", module, function, *arguments],
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=most,
        )
        if done.returncode:
            raise RuntimeError(f"{module}.{function}: {done.stderr[-2000:]}")
        answer = json.loads(done.stdout.strip().splitlines()[-1])
        best = min(best, answer["seconds"])
        peak = max(peak, answer["peak_mib"])
    return Side(best, peak)


def program(command: list[str], runs: int = 1) -> Side:
    """The wall time and peak memory of another program."""
    best = float("inf")
    peak = 0.0
    for _ in range(runs):
        begun = time.perf_counter()
        child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        _, status, usage = os.wait4(child.pid, 0)
        best = min(best, time.perf_counter() - begun)
        peak = max(peak, usage.ru_maxrss / 1024)
        if status:
            message = child.stderr.read().decode(errors="replace") if child.stderr else ""
            raise RuntimeError(f"{command[0]} failed: {message[-2000:]}")
    return Side(best, peak)


def report(title: str, comparisons: list[Comparison]) -> list[dict[str, object]]:
    """Print the table and answer its rows."""
    print(f"\n{title}")
    rows = []
    for c in comparisons:
        print(
            f"  {'met ' if c.met else 'MISS'}  {c.name}: {c.ours:.3g} {c.unit} against {c.peer:.3g} {c.unit}"
            f" = {c.ratio:.2f} (at most {c.at_most:g}){'; ' + c.note if c.note else ''}"
        )
        rows.append({**c.__dict__, "ratio": round(c.ratio, 3), "met": c.met})
    return rows


def _child() -> None:
    import importlib

    module, function, *arguments = sys.argv[1:]
    work: Callable[..., float | None] = getattr(importlib.import_module(f"benchmarks.{module}"), function)
    begun = time.perf_counter()
    told = work(*arguments)
    seconds = told if told is not None else time.perf_counter() - begun
    # Not ru_maxrss: that one remembers the size of the process that started this one.
    status = Path("/proc/self/status").read_text()
    peak = int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM"))) / 1024
    kept = {"seconds": seconds, "peak_mib": peak}
    print(json.dumps(kept))


if __name__ == "__main__":
    _child()
