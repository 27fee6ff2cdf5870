"""Accuracy: loads that record their own CPU use, compared with what the server shows for the same time."""

from __future__ import annotations

import json
import os
import struct
import subprocess
import time
from bisect import bisect_right
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from support import BenchError, compile_c, first_line, print_table, running, topserver

# struct entry of loads.c.
ENTRY = struct.Struct("=3q")
PARTS = ["processes", "ended_children", "kernel_threads", "interrupts", "steal", "unaccounted"]


@dataclass
class Load:
    """One run of loads.c; `columns` is the prefix of the two columns that should show its work."""

    name: str
    arguments: list[str]
    columns: str = ""


def groups(seconds: int) -> dict[str, list[Load]]:
    """A few at a time, so that they do not only wait for each other on a small machine."""
    last = str((os.cpu_count() or 1) - 1)
    part = str(max(1, seconds // 5))
    return {
        # Only what the machine does by itself: here ticks and rounding weigh most.
        "quiet": [],
        "burners": [Load("user burner, pinned", ["user", "0"]),
                    Load("system-call burner, pinned", ["system", last])],
        "cycles": [Load("10 % duty cycle", ["duty", "10"]), Load("50 % duty cycle", ["duty", "50"]),
                   Load("90 % duty cycle", ["duty", "90"]),
                   Load("stopped half of the time", ["stopped"])],
        "threads": [Load("two threads", ["threads"]),
                    Load(f"dies after {part} s, by its parent", ["young", part], "children_")],
        "storm": [Load("storm, first parent", ["storm"], "children_"),
                  Load("storm, second parent", ["storm"], "children_")],
        # Time that no process shows, for comparison: it belongs in the ledger's "unaccounted".
        "no wait(2)": [Load("storm without wait(2)", ["unwaited"], "children_")],
    }


class Record:
    """The values of a counter at many moments, and so, closely enough, at any moment."""

    def __init__(self, entries: list[tuple[float, ...]]):
        self.entries = sorted(entries)
        self.times = [entry[0] for entry in self.entries]

    def growth(self, start: float, end: float) -> list[float]:
        return [late - early for early, late in zip(self._at(start), self._at(end))]

    def _at(self, moment: float) -> list[float]:
        """Interpolates between the entries around the moment."""
        place = bisect_right(self.times, moment)
        if place == 0 or place == len(self.times):
            raise BenchError("the record does not cover the window")
        (before, *low), (after, *high) = self.entries[place - 1:place + 1]
        share = (moment - before) / (after - before)
        return [one + (other - one) * share for one, other in zip(low, high)]


@dataclass
class Snapshot:
    """One sweep of the server: its window on the wall clock, the rows by pid, and the ledger."""

    start: float
    end: float
    rows: dict[int, dict]
    ledger: dict

    @property
    def seconds(self) -> float:
        return self.end - self.start

    @classmethod
    def of(cls, server) -> Snapshot:
        """Both documents of the same sweep."""
        while True:
            system = json.loads(server.get("/system")[1])
            headers, body = server.get("/cpu_usage?fields=all")
            if int(dict(headers)["X-Sequence"]) == system["sequence"]:
                break
        end = datetime.fromisoformat(system["sampled_at"]).timestamp()
        return cls(end - (system["window_seconds"] or 0), end,
                   {row["pid"]: row for row in json.loads(body)}, system["ledger"]["window"])

    def rows_sum(self) -> float:
        return self.share(list(self.rows.values()), "user_avg", "sys_avg", "children_user_avg",
                          "children_sys_avg")

    def share(self, rows: list[dict], *columns: str) -> float:
        """Percent of one CPU over the window; a younger row counts only for its own time."""
        return sum(row[column] * row["window_seconds"] for row in rows if row["window_seconds"]
                   for column in columns) / self.seconds


def run(options) -> dict:
    program = compile_c("loads", "-pthread")
    seconds = options.accuracy_seconds
    results = {name: measure(str(program), loads, seconds)
               for name, loads in groups(seconds).items()}
    report(results, seconds)
    return {"seconds": seconds, "groups": results}


def measure(program: str, loads: list[Load], seconds: int) -> dict:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="topserver-bench-")))
        server = stack.enter_context(topserver("--window", str(seconds)))
        pids, files = [], []
        for number, load in enumerate(loads):
            files.append(folder / str(number))
            pids.append(stack.enter_context(working(program, files[-1], load)))
        snapshot, machine = watch(server, seconds)
        # The last entries of a load must be newer than the last sweep.
        time.sleep(1)
        records = [read_record(file) for file in files]
    return {"rows": [compare(load, snapshot.rows.get(pid), record, snapshot)
                     for load, pid, record in zip(loads, pids, records)],
            "ledger": compare_ledger(snapshot, machine)}


@contextmanager
def working(program: str, file: Path, load: Load):
    with running([program, str(file), *load.arguments], stdout=subprocess.PIPE) as process:
        yield int(first_line(process))


def watch(server, seconds: int) -> tuple[Snapshot, Record]:
    """Waits until the window holds only the loads' time, and reads /proc/stat meanwhile."""
    begin = time.time()
    entries = []
    while True:
        end = time.monotonic() + 1
        while time.monotonic() < end:
            entries.append((time.time(), *busy_ticks()))
            time.sleep(0.04)
        if time.time() > begin + seconds + 1:
            snapshot = Snapshot.of(server)
            if snapshot.start > begin + 0.5:
                entries.append((time.time(), *busy_ticks()))
                return snapshot, Record(entries)
        if time.time() > begin + 2 * seconds + 30:
            raise BenchError("the server's window does not change")


def busy_ticks() -> tuple[float, int]:
    """What was not idle, and the sampled busy modes of /proc/stat; guests are in user and nice already."""
    with open("/proc/stat") as file:
        counters = [int(word) for word in file.readline().split()[1:]]
    elapsed = time.monotonic() * os.cpu_count() * os.sysconf("SC_CLK_TCK")
    return elapsed - counters[3] - counters[4], sum(counters[index] for index in (0, 1, 2, 5, 6, 7))


def read_record(file: Path) -> Record:
    whole = file.read_bytes()
    whole = whole[:len(whole) // ENTRY.size * ENTRY.size]
    return Record([(wall / 1e9, user / 1e9, system / 1e9)
                   for wall, user, system in ENTRY.iter_unpack(whole)])


def compare(load: Load, row: dict | None, record: Record, snapshot: Snapshot) -> dict:
    if row is None:
        raise BenchError(f"{load.name}: its process is not listed")
    # A row that is younger than the window has its own window.
    start = max(snapshot.start, snapshot.end - row["window_seconds"])
    expected = [used / (snapshot.end - start) * 100 for used in record.growth(start, snapshot.end)]
    return {"load": load.name, "expected": expected,
            "reported": [row[f"{load.columns}{mode}_avg"] for mode in ("user", "sys")]}


def compare_ledger(snapshot: Snapshot, machine: Record) -> dict:
    kernel, sampled = (ticks / os.sysconf("SC_CLK_TCK") / snapshot.seconds * 100
                       for ticks in machine.growth(snapshot.start, snapshot.end))
    return {"window_seconds": snapshot.seconds, "kernel_busy_percent": kernel, "sampled_busy_percent": sampled,
            "rows_percent": snapshot.rows_sum(), **snapshot.ledger}


def report(results: dict, seconds: int):
    rows = []
    for group in results.values():
        for one in group["rows"]:
            (user, system), (our_user, our_system) = one["expected"], one["reported"]
            rows.append([one["load"], f"{user:.2f}", f"{our_user:.2f}", f"{our_user - user:+.2f}",
                         f"{system:.2f}", f"{our_system:.2f}", f"{our_system - system:+.2f}",
                         f"{our_user + our_system - user - system:+.2f}"])
    print_table(f"Accuracy: percent of one CPU over {seconds} s, by getrusage(2) and by the server "
                "(to reach: 0.5 points)",
                ["load", "user", "ours", "differ", "system", "ours", "differ", "sum differs"], rows)
    print_ledgers({name: group["ledger"] for name, group in results.items()})


def print_ledgers(ledgers: dict[str, dict]):
    """Shared with compile_bench."""

    def line(name: str, value) -> list[str]:
        return [name, *(value(ledger) for ledger in ledgers.values())]

    def percent(name: str):
        return lambda ledger: f"{ledger[name]:.2f}"

    def explained(ledger: dict) -> float:
        """Before the parts were reduced to the busy time."""
        return sum(ledger[f"{part}_percent"] for part in PARTS[:-1]) + ledger["excess_percent"]

    print_table(
        "Ledger: percent of one CPU over the window (targets: within 1 % of busy, coverage of the storm 98 %)",
        ["", *ledgers],
        [line("busy, sampled modes of /proc/stat", percent("sampled_busy_percent")),
         line("busy, what was not idle", percent("kernel_busy_percent")),
         line("busy, the server", percent("busy_percent")),
         *(line(f"  {part.replace('_', ' ')}", percent(f"{part}_percent")) for part in PARTS),
         line("excess, before the reduction", percent("excess_percent")),
         line("  of busy", lambda ledger: f"{ledger['excess_percent'] / ledger['busy_percent'] * 100:.2f} %"),
         line("explained before the reduction, of busy",
              lambda ledger: f"{explained(ledger) / ledger['kernel_busy_percent'] * 100:.2f} %"),
         line("sum of all rows and their children", percent("rows_percent")),
         line("coverage %", percent("coverage_percent"))])
