"""A real build, and for the same minute the server's rows, its ledger, and the output of top(1)."""

from __future__ import annotations

import math
import os
import re
import subprocess
import time
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

from accuracy_bench import compare_ledger, print_ledgers, watch
from support import BenchError, print_table, run_tool, running, topserver

FOLDERS = 20
FUNCTIONS = 60
# The columns of top: PID, USER, … %CPU is the ninth.
TOP_CPU = 8


def run(options) -> dict:
    seconds = options.accuracy_seconds
    jobs = os.cpu_count() or 1
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="topserver-bench-")))
        files = write_project(folder, seconds, jobs)
        server = stack.enter_context(topserver("--window", str(seconds)))
        with running(["make", "-s", f"-j{jobs}", "-C", str(folder)],
                     stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as make:
            tops = [Top(stack, 1, seconds), Top(stack, seconds, 1)]
            snapshot, machine = watch(server, seconds)
            if make.poll() is not None:
                raise BenchError("the build ended before the end of the window")
            family = descendants(snapshot, make.pid)
            for top in tops:
                top.finish()
    result = {"files": files, "jobs": jobs, "ledger": compare_ledger(snapshot, machine),
              "make_percent": snapshot.share(family[:1], "children_user_avg", "children_sys_avg"),
              "family_children_percent": snapshot.share(family[1:], "children_user_avg",
                                                        "children_sys_avg"),
              "family_own_percent": snapshot.share(family, "user_avg", "sys_avg"),
              "top_each_second_percent": tops[0].percent(), "top_once_percent": tops[1].percent()}
    report(result, seconds)
    return result


def write_project(folder: Path, seconds: int, jobs: int) -> int:
    """Folders with a makefile each, and a makefile that calls make for each; enough of them to outlast the window."""
    sample = folder / "sample.c"
    sample.write_text(source(0))
    start = time.monotonic()
    run_tool(["gcc", "-O1", "-c", "-o", str(folder / "sample.o"), str(sample)])
    one = time.monotonic() - start
    each = math.ceil(2 * (seconds + 20) * jobs / one / FOLDERS)
    for number in range(FOLDERS):
        place = folder / f"part{number}"
        place.mkdir()
        for file in range(each):
            (place / f"unit{file}.c").write_text(source(number * each + file))
        (place / "Makefile").write_text("all: $(patsubst %.c,%.o,$(wildcard *.c))\n"
                                        "%.o: %.c\n\tgcc -O1 -c -o $@ $<\n")
    parts = " ".join(f"part{number}" for number in range(FOLDERS))
    (folder / "Makefile").write_text(f"all: {parts}\n.PHONY: all {parts}\n{parts}:\n"
                                     "\t+$(MAKE) -s -C $@\n")
    return FOLDERS * each


def source(seed: int) -> str:
    functions = "".join(
        f"int work{seed}_{number}(const char *text, int size) {{\n"
        f"  int sum = {seed + number};\n"
        "  for (int at = 0; at < size; at++) {\n"
        f"    if (text[at] == {number % 90 + 32}) sum = sum * {number + 3} + (int)strlen(text);\n"
        f"    else sum ^= text[at] << (at % {number % 7 + 2});\n"
        "  }\n  return sum;\n}\n" for number in range(FUNCTIONS))
    return f"#include <stdio.h>\n#include <stdlib.h>\n#include <string.h>\n{functions}"


class Top:
    """top(1) over the same time, without its first screen, which covers the time since boot."""

    def __init__(self, stack: ExitStack, interval: int, screens: int):
        self.process = stack.enter_context(running(
            ["top", "-b", "-w", "200", "-d", str(interval), "-n", str(screens + 1)],
            stdout=subprocess.PIPE, env={**os.environ, "TERM": "dumb", "LC_ALL": "C"}))
        self.text = ""

    def finish(self):
        self.text = self.process.stdout.read().decode(errors="replace")

    def percent(self) -> float:
        """The sum of its rows, averaged over its screens."""
        sums = []
        for screen in self.text.split("\ntop - ")[1:]:
            table = screen.partition("%CPU")[2].splitlines()[1:]
            cells = [line.split() for line in table if re.match(r"\s*\d+ ", line)]
            sums.append(sum(float(row[TOP_CPU]) for row in cells))
        if not sums:
            raise BenchError("top printed only one screen")
        return sum(sums) / len(sums)


def descendants(snapshot, pid: int) -> list[dict]:
    """The row of a process, then those of all its descendants that still live at the end of the window."""
    found = [snapshot.rows[pid]]
    for row in found:
        found += [child for child in snapshot.rows.values() if child["ppid"] == row["pid"]]
    return found


def report(result: dict, seconds: int):
    ledger = result["ledger"]
    busy = ledger["kernel_busy_percent"]

    def line(name: str, value: float) -> list[str]:
        return [name, f"{value:.2f}", f"{value / busy * 100:.1f} %"]

    print_table(
        f"Build: make -j{result['jobs']} of {result['files']} C files, percent of one CPU over {seconds} s",
        ["", "percent", "of busy"],
        [line("busy, /proc/stat", busy),
         line("top -d 1: sum of its rows, mean of its screens", result["top_each_second_percent"]),
         line(f"top -d {seconds}: sum of its rows", result["top_once_percent"]),
         line("ours: sum of all rows and their children", ledger["rows_percent"]),
         line("  the ended children of make", result["make_percent"]),
         line("  those of the makes that it started", result["family_children_percent"]),
         line("  those makes and live compilers themselves", result["family_own_percent"]),
         line("ours: the ledger without its unaccounted part",
              ledger["busy_percent"] - ledger["unaccounted_percent"])])
    print_ledgers({"build": ledger})
