"""CPU of the whole server per process and second while nobody asks, beside top(1) in the same minute."""

from __future__ import annotations

import os
import subprocess
import time
from contextlib import ExitStack, contextmanager

from support import BenchError, compile_c, cpu_seconds, first_line, print_table, running, topserver


def run(options) -> dict:
    program = compile_c("sleepers")
    results = [measure(str(program), count, options.sampling_seconds) for count in options.processes]
    report(results, options.sampling_seconds)
    return {"seconds": options.sampling_seconds, "processes": results}


def measure(program: str, sleepers: int, seconds: int) -> dict:
    """Both watch the same processes over the same time; their first sweeps are left out."""
    with ExitStack() as stack:
        stack.enter_context(sleeping(program, sleepers))
        ours = stack.enter_context(topserver())
        top = stack.enter_context(running(["top", "-b", "-d", "1"], stdout=subprocess.DEVNULL,
                                          env={**os.environ, "TERM": "dumb"}))
        settle(ours)
        processes = sum(name.isdigit() for name in os.listdir("/proc"))
        sequence = ours.sequence()
        start, ours_before, top_before = time.monotonic(), cpu_seconds(ours.pid), cpu_seconds(top.pid)
        time.sleep(seconds)
        elapsed = time.monotonic() - start
        ours_cpu = cpu_seconds(ours.pid) - ours_before
        top_cpu = cpu_seconds(top.pid) - top_before
        sweeps = ours.sequence() - sequence
    return {"sleepers": sleepers, "processes": processes, "elapsed_seconds": elapsed,
            "topserver_cpu_seconds": ours_cpu, "top_cpu_seconds": top_cpu, "sweeps": sweeps}


@contextmanager
def sleeping(program: str, count: int):
    with running([program, str(count)], ends_with_input=True, stdout=subprocess.PIPE) as process:
        if first_line(process) != "ready":
            raise BenchError(f"cannot start {count} processes")
        yield process


def settle(server, sweeps: int = 4, timeout: float = 60):
    """Returns once the server has done some sweeps, and top as many in the same time."""
    end = time.monotonic() + timeout
    first = server.sequence()
    while server.sequence() < first + sweeps:
        if time.monotonic() > end:
            raise BenchError("the server's sequence number stands still")
        time.sleep(0.25)


def report(results: list[dict], seconds: int):
    rows = []
    for one in results:
        per_process = one["processes"] * one["elapsed_seconds"] / 1e6
        ours, top = one["topserver_cpu_seconds"], one["top_cpu_seconds"]
        rows.append([f"{one['sleepers']:,}", f"{one['processes']:,}", f"{one['sweeps']}",
                     f"{ours / one['elapsed_seconds'] * 100:.2f}", f"{ours / per_process:.2f}",
                     f"{top / per_process:.2f}", f"{ours / top:.3f}"])
    print_table(f"Sampling: CPU over {seconds} s, HTTP idle, beside top -b -d 1",
                ["sleepers", "processes", "sweeps", "topserver % of a core",
                 "topserver µs/process/s", "top µs/process/s", "ratio"], rows)
